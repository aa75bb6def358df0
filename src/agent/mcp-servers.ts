import type { MCPServer } from '@openai/agents'
import type { Logger } from '../platform/context.js'
import { InputError } from '../platform/errors.js'
import { rehearsesKey } from '../platform/run-context.js'
import { McpConnection, type McpTimeouts } from './mcp-connection.js'

/** A tool as a server lists it. The SDK hands the annotations on, but its type leaves them out. */
export type McpTool = Awaited<ReturnType<MCPServer['listTools']>>[number] & {
  readonly annotations?: { readonly readOnlyHint?: boolean; readonly idempotentHint?: boolean }
  readonly _meta?: Readonly<Record<string, unknown>>
}

/** An MCP server as people configure it. `tools`: the only ones the agent may use; without it, those below or all. */
export type McpServerConfig = {
  readonly name: string
  readonly tools?: readonly string[] | undefined
} & (
  | { readonly command: string; readonly args: readonly string[]; readonly env: Readonly<Record<string, string>> }
  | { readonly url: string; readonly headers: Readonly<Record<string, string>> }
)

/** The two servers every run needs; they alone are told which run is calling. */
export const listServer = 'list'
export const orderingServer = 'ordering'

/** What the agent may touch. Everything else these servers offer is for people or for the worker itself. */
const agentTools: Readonly<Record<string, readonly string[]>> = {
  [listServer]: ['list_items', 'mark_ordered', 'snooze_item', 'link_product', 'request_item'],
  [orderingServer]: ['search_catalog', 'create_quote', 'place_order', 'get_order', 'list_orders', 'get_limits'],
}

/** Our tools that change what people care about; a dry run goes without all that can't rehearse. A quote binds nobody, so `create_quote` stays. */
const writeTools: ReadonlySet<string> = new Set([
  'place_order',
  'mark_ordered',
  'link_product',
  'snooze_item',
  'request_item',
  'cancel_order',
])

/** Whether a call may have changed something when no answer came. Tools that we don't know must say that they only read. */
export function isWriteTool(server: string, tool: McpTool): boolean {
  if (server === listServer || server === orderingServer) return writeTools.has(tool.name)
  return tool.annotations?.readOnlyHint !== true
}

/**
 * Whether a write of which nobody knows whether it was made may be sent again. Only the two servers of our own are believed:
 * a quote is placed once, whoever asks how often. What others say of their tools is a hint, and no basis for spending twice.
 */
export function isRepeatableTool(server: string, tool: McpTool): boolean {
  return (server === listServer || server === orderingServer) && tool.annotations?.idempotentHint === true
}

/**
 * Whether a dry run may place orders there: the server says that it judges them and writes nothing. Another program that stands
 * in for ordering, and doesn't know what a dry run is, would buy in earnest.
 */
export function mayRehearse(server: string, tool: McpTool): boolean {
  return server === orderingServer && tool.name === 'place_order' && tool._meta?.[rehearsesKey] === true
}

/** The tools of a server that the agent gets to see. */
export function allowedTools(
  config: Pick<McpServerConfig, 'name' | 'tools'>,
  tools: readonly McpTool[],
  options: { readonly dryRun: boolean },
): McpTool[] {
  const allowed = config.tools ?? agentTools[config.name]
  return tools.filter(
    (tool) =>
      (allowed === undefined || allowed.includes(tool.name)) &&
      (!options.dryRun || !isWriteTool(config.name, tool) || mayRehearse(config.name, tool)),
  )
}

export interface McpPoolOptions {
  readonly servers: readonly McpServerConfig[]
  readonly log: Logger
  readonly timeouts?: Partial<McpTimeouts>
}

/** A worker's connections to its MCP servers, made when the first run needs them and used by all later ones. */
export interface McpPool {
  /** Every server's connection, alive. Throws UnavailableError naming the first server that can't be reached: a run needs them all. */
  open(): Promise<readonly McpConnection[]>
  /** Ends all connections and server processes within the time allowed. Closing twice is harmless. */
  close(): Promise<void>
}

const defaultTimeouts: McpTimeouts = { connectMs: 15_000, callMs: 30_000, closeMs: 5_000 }

export function createMcpPool(options: McpPoolOptions): McpPool {
  for (const needed of [listServer, orderingServer]) {
    if (!options.servers.some(({ name }) => name === needed)) {
      throw new InputError(`The MCP server "${needed}" is not configured; a run needs it.`, 'mcp_server_missing')
    }
  }
  const timeouts = { ...defaultTimeouts, ...options.timeouts }
  const connections = options.servers.map((config) => new McpConnection(config, timeouts, options.log))
  return {
    async open() {
      const opened = await Promise.allSettled(connections.map((connection) => connection.open()))
      const failed = opened.find((result) => result.status === 'rejected')
      if (failed !== undefined) throw failed.reason
      return connections
    },
    async close() {
      await Promise.all(connections.map((connection) => connection.close()))
    },
  }
}
