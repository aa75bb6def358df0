import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { createMcpPool, listServer, type McpServerConfig, orderingServer } from '../agent/mcp-servers.js'
import { createModelFactory } from '../agent/models/index.js'
import type { FileMcpServer } from '../config/config-file.js'
import { serverEntry } from '../config/paths.js'
import type { WorkerContext } from '../processors/context.js'
import { createChannels } from '../purchasing/channels/index.js'
import type { App } from './open-app.js'

/** Builds what processors work with. The MCP connections are closed with the app. */
export function createWorkerContext(app: App): WorkerContext {
  const { config, log } = app
  const mcp = createMcpPool({ servers: mcpServers(app), log })
  app.lifecycle.own('MCP servers', () => mcp.close())
  return {
    ...app.ctx,
    config,
    channels: createChannels(config.channels),
    workerId: `${hostname()}-${process.pid}-${randomBytes(3).toString('hex')}`,
    mcp,
    models: createModelFactory({
      name: config.model.name,
      apiKey: config.model.apiKey,
      baseUrl: config.model.baseUrl,
      api: config.model.api,
      timeoutMs: config.model.timeoutMs,
    }),
    enqueue: (name, payload, options) => app.queue().enqueue(name, payload, options),
  }
}

/** The two servers of our own, unless the configuration replaces them, and whatever it adds. */
export function mcpServers(app: App): McpServerConfig[] {
  const configured = app.config.file.mcpServers
  const own = [listServer, orderingServer] as const
  return [
    ...own.map((name): McpServerConfig => {
      const replacement = configured[name]
      return replacement === undefined ? builtIn(app, name) : fromFile(name, replacement)
    }),
    ...Object.entries(configured)
      .filter(([name]) => name !== listServer && name !== orderingServer)
      .map(([name, server]) => fromFile(name, server)),
  ]
}

/** A server of ours as a child process that gets what it needs and no more: never the model's key. */
function builtIn(app: App, name: 'list' | 'ordering'): McpServerConfig {
  return {
    name,
    command: process.execPath,
    args: [serverEntry(name)],
    env: {
      DATABASE_URL: app.databaseUrl,
      RESTOCK_SECRET: app.ctx.secret,
      RESTOCK_CLOCK_OFFSET_MS: String(app.config.clockOffsetMs),
      RESTOCK_DATABASE_TIMEOUT_MS: String(app.config.databaseTimeoutMs),
      // Whether, and not how: orders are sent from here.
      RESTOCK_CAN_MAIL: app.ctx.canMail === true ? '1' : '',
      ...failpointEnv(app),
    },
  }
}

/** Some of the places where tests make things fail lie in the servers. */
function failpointEnv({ config: { failpoints } }: App): Record<string, string> {
  if (failpoints === null) return {}
  return { RESTOCK_FAILPOINTS: failpoints.spec, RESTOCK_FAILPOINTS_LOG: failpoints.logFile ?? '' }
}

function fromFile(name: string, server: FileMcpServer): McpServerConfig {
  const tools = server.tools === undefined ? {} : { tools: server.tools }
  if (server.url !== undefined) return { name, url: server.url, headers: server.headers ?? {}, ...tools }
  return { name, command: server.command ?? '', args: server.args ?? [], env: server.env ?? {}, ...tools }
}
