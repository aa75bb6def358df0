import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { McpConnection } from '../../agent/mcp-connection.js'
import type { McpServerConfig } from '../../agent/mcp-servers.js'
import type { Config } from '../../config/config.js'
import { isCron, isTimeZone } from '../../config/config-file.js'
import { serverEntry } from '../../config/paths.js'
import type { Logger } from '../../platform/context.js'
import { readSchemaState } from '../../platform/schema-state.js'
import { findSchedules } from '../../schedules/change-schedule.js'
import { type App, openApp } from '../open-app.js'
import { mcpServers } from '../worker-context.js'
import { type Check, checking, ok, problem } from './check.js'
import { checkBooks } from './check-books.js'
import { checkBuying, checkLimits } from './check-buying.js'
import { checkRestores } from './check-restores.js'
import { checkWeb } from './check-web.js'

/**
 * Opens the database as every command does, but changes nothing in it, and checks all that lives in it or needs it: the
 * dashboard too, since tokens let others in.
 */
export async function checkApp(
  config: Config,
  log: Logger,
  isDeep = false,
  tell: (what: string) => void = () => undefined,
): Promise<Check[]> {
  const isNew = config.databaseUrl === null && !existsSync(join(config.dataDir, 'postgres.json'))
  // A data folder that isn't there yet stays so: the embedded database is tried in a throw-away one.
  const dataDir = isNew ? await mkdtemp(join(tmpdir(), 'restock-doctor-')) : config.dataDir
  // No secret of ours is signed with here, so none is made.
  const secret = config.secret ?? randomBytes(32).toString('base64url')
  const checks: Check[] = []
  try {
    const opened = await openChecked({ ...config, dataDir, secret }, log, isNew)
    if ('check' in opened) return [opened.check, await checkWeb(config.web, null)]
    const { app } = opened
    try {
      if (isDeep) tell('the database and the books')
      checks.push(...(await checkDatabase(app, isNew, isDeep)))
      for (const server of mcpServers(app)) {
        tell(`the MCP server ${server.name}`)
        checks.push(await checkMcpServer(server, log))
      }
      tell('the port of the dashboard')
      const hasTables = !isNew && !checks.some(({ name, isOk }) => name === 'schema' && !isOk)
      checks.push(await checkWeb(config.web, hasTables ? app.ctx : null))
    } finally {
      await app.close()
    }
  } finally {
    if (isNew) await rm(dataDir, { recursive: true, force: true })
  }
  return checks
}

async function openChecked(config: Config, log: Logger, ephemeral: boolean): Promise<{ app: App } | { check: Check }> {
  let app: App | undefined
  const check = await checking('database', async () => {
    app = await openApp(config, { log, name: 'restock-doctor', ephemeral, skipMigrations: true })
    return ok('database', '')
  })
  return app === undefined ? { check } : { app }
}

async function checkDatabase(app: App, isNew: boolean, isDeep: boolean): Promise<Check[]> {
  const { serverVersion, pending, unknown } = await readSchemaState(app.database)
  const { config } = app
  const oldest = 14
  const kind = config.databaseUrl === null ? 'embedded PostgreSQL' : `PostgreSQL at ${new URL(config.databaseUrl).host}`
  const tried = isNew ? ', tried in a throw-away folder' : ''
  const database =
    Number.parseInt(serverVersion, 10) >= oldest
      ? ok('database', `${kind}, version ${serverVersion}${tried}`)
      : problem('database', `${kind} has version ${serverVersion}; use ${oldest} or newer`)
  if (isNew) return [database, ok('schema', 'made on the first start'), await checkQueue(app, false)]
  if (unknown.length > 0) {
    return [database, problem('schema', `a newer Restock was here (${unknown.join(', ')}); update this one`)]
  }
  if (pending.length > 0) {
    const waiting = `${pending.length} ${pending.length === 1 ? 'migration waits' : 'migrations wait'}`
    return [
      database,
      problem('schema', `${waiting} (${pending.join(', ')}); bring it up to date with: restock migrate`),
    ]
  }
  return [
    database,
    ok('schema', 'up to date'),
    await checkQueue(app, true),
    await checkSchedules(app),
    await checkBuying(app),
    await checkLimits(app),
    ...(await checkRestores(app)),
    ...(isDeep ? await checkBooks(app) : []),
  ]
}

function checkQueue(app: App, hasSchema: boolean): Promise<Check> {
  return checking('queue', async () => {
    const queue = app.queue()
    await queue.check()
    if (queue.backend === 'postgres' && hasSchema) await queue.queues.replenish.getJobCounts()
    return ok('queue', queue.backend === 'redis' ? 'on Redis, reachable' : 'in the database, reachable')
  })
}

function checkSchedules(app: App): Promise<Check> {
  return checking('schedules', async () => {
    const schedules = await findSchedules(app.ctx)
    const wrong = schedules.flatMap(({ name, cron, timeZone }) => [
      ...(isCron(cron) ? [] : [`${name}: "${cron}" is not a cron expression`]),
      ...(isTimeZone(timeZone) ? [] : [`${name}: "${timeZone}" is not a time zone here`]),
    ])
    if (wrong.length > 0)
      return problem('schedules', `${wrong.join('; ')}; remove and add again with: restock schedule`)
    return ok('schedules', schedules.length === 1 ? '1 is sound' : `${schedules.length} are sound`)
  })
}

const timeouts = { connectMs: 15_000, callMs: 15_000, closeMs: 3_000 }

/** Starts or reaches an MCP server just as a worker does, and lists its tools. */
function checkMcpServer(server: McpServerConfig, log: Logger): Promise<Check> {
  const name = `MCP server ${server.name}`
  return checking(name, async () => {
    const entry = 'command' in server ? server.args[0] : undefined
    const isOwn = entry === serverEntry('list') || entry === serverEntry('ordering')
    if (isOwn && entry !== undefined && !existsSync(entry)) {
      return problem(name, `${entry} is not there; build it with: npm run build`)
    }
    const connection = new McpConnection(server, timeouts, log)
    try {
      const tools = await connection.open()
      return ok(name, `answers, ${tools.length} tools`)
    } finally {
      await connection.close()
    }
  })
}
