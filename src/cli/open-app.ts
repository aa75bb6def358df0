import type { Config } from '../config/config.js'
import { createClock, type DomainContext, type Logger } from '../platform/context.js'
import { type OpenDatabase, openDatabase, sqlState } from '../platform/database.js'
import { openEmbeddedPostgres } from '../platform/embedded-postgres/embedded-postgres.js'
import { InputError, UnavailableError } from '../platform/errors.js'
import { armFailpoints } from '../platform/failpoints.js'
import { newRandomId } from '../platform/ids.js'
import { createLifecycle, type Lifecycle } from '../platform/lifecycle.js'
import { migrateDatabase } from '../platform/migrate.js'
import { type JobQueue, openQueue } from '../platform/queue.js'
import { readOrMakeSecret } from '../platform/secret.js'
import { followConfig } from './config/follow-config.js'

/** Everything a command or role works with, opened in order and closed in reverse. */
export interface App {
  readonly config: Config
  readonly ctx: DomainContext
  readonly log: Logger
  readonly databaseUrl: string
  readonly database: OpenDatabase
  readonly lifecycle: Lifecycle
  /** Why the configuration file that was found is not in force, in a sentence; null: it is, or there is none. */
  readonly configKept: string | null
  /** Opened on first use: most commands never need the queue. */
  queue(): JobQueue
  close(): Promise<void>
}

export interface OpenAppOptions {
  readonly log: Logger
  /** Shown in pg_stat_activity. */
  readonly name: string
  /** A database that is deleted at the end. */
  readonly ephemeral?: boolean
  /** Leave the schema as it is; for `migrate` and `doctor`, which look at it themselves. */
  readonly skipMigrations?: boolean
  /**
   * When the database follows another configuration file than the one found: go on with what the database has (the
   * default), refuse, or leave the file alone because the command sees to it itself.
   */
  readonly whenNotInForce?: 'go on' | 'refuse' | 'leave'
  /** For what stays: an embedded database that goes away is started again, and this hears of it when that fails for good. */
  readonly onDatabaseGone?: (error: Error) => void
}

/**
 * Opens the database (starting the embedded one if it is ours to start), brings its schema up to date and applies the
 * configuration file if the database follows it. Throws InputError or UnavailableError with one sentence; whatever was opened by then is closed again.
 */
export async function openApp(config: Config, options: OpenAppOptions): Promise<App> {
  const { log } = options
  const lifecycle = createLifecycle(log, config.shutdownMs)
  if (config.failpoints !== null) {
    armFailpoints(config.failpoints)
    log.warn({ failpoints: config.failpoints.spec }, 'failpoints are armed: this process fails on purpose')
  }
  try {
    const databaseUrl = await openDatabaseServer(config, options, lifecycle)
    const secret = await readOrMakeSecret(config.secret, config.dataDir)
    const timeoutMs = config.databaseTimeoutMs
    const database = openDatabase({ url: databaseUrl, applicationName: options.name, timeoutMs, log })
    lifecycle.own('database', () => database.close())
    await checkDatabase(database, databaseUrl)
    const ctx: DomainContext = {
      db: database.db,
      clock: createClock(config.clockOffsetMs),
      newId: newRandomId,
      log,
      secret,
      canMail: config.channels.smtpUrl !== null,
    }
    let kept: string | null = null
    if (options.skipMigrations !== true) {
      const applied = await migrateDatabase(database, { queueOnPostgres: config.redisUrl === null })
      if (applied.length > 0) log.info({ migrations: applied.length }, 'database schema brought up to date')
      kept = await follow(ctx, config, options.whenNotInForce ?? 'go on')
    }
    let queue: JobQueue | undefined
    return {
      config,
      ctx,
      log,
      databaseUrl,
      database,
      lifecycle,
      configKept: kept,
      queue: () => {
        if (queue === undefined) {
          const opened = openQueue({
            databaseUrl,
            databaseTimeoutMs: timeoutMs,
            redisUrl: config.redisUrl,
            prefix: config.queuePrefix,
            log,
          })
          lifecycle.own('queue', () => opened.close())
          queue = opened
        }
        return queue
      },
      close: () => lifecycle.close(),
    }
  } catch (error) {
    await lifecycle.close()
    throw error
  }
}

async function follow(
  ctx: DomainContext,
  config: Config,
  whenNotInForce: 'go on' | 'refuse' | 'leave',
): Promise<string | null> {
  if (whenNotInForce === 'leave') return null
  const { imported, kept } = await followConfig(ctx, config)
  for (const list of imported) ctx.log.info({ list }, 'new list imported')
  if (kept === null) return null
  if (whenNotInForce === 'refuse' && kept.inForce !== null) throw new InputError(kept.text, 'other_configuration')
  if (!config.isExampleFile) return kept.text
  // Nobody chose the example: that it isn't wanted here is no news to anyone.
  ctx.log.info({}, kept.text)
  return null
}

async function openDatabaseServer(config: Config, options: OpenAppOptions, lifecycle: Lifecycle): Promise<string> {
  if (config.databaseUrl !== null) return config.databaseUrl
  const postgres = await openEmbeddedPostgres({
    dataDir: config.dataDir,
    ephemeral: options.ephemeral ?? false,
    log: options.log,
    ...(options.onDatabaseGone === undefined ? {} : { onGone: options.onDatabaseGone }),
  })
  lifecycle.own('embedded database', () => postgres.release())
  return postgres.databaseUrl
}

async function checkDatabase(database: OpenDatabase, url: string): Promise<void> {
  try {
    await database.pool.query('select 1')
  } catch (error) {
    const address = new URL(url)
    const where = `${address.hostname}:${address.port || '5432'}${address.pathname}`
    throw new UnavailableError(
      `The database at ${where} can't be used (${whyDatabase(error)}); correct DATABASE_URL, or unset it to use the embedded database.`,
      'database_unavailable',
      { cause: error },
    )
  }
}

function whyDatabase(error: unknown): string {
  if (sqlState(error) === '28P01') return 'the password is wrong'
  if (sqlState(error) === '3D000') return 'there is no such database'
  if (error instanceof AggregateError && error.errors[0] instanceof Error) return error.errors[0].message
  if (!(error instanceof Error) || error.message === '') return 'no answer'
  const isSilent =
    /timeout exceeded|due to connection timeout/.test(error.message) || sqlState(error) === 'DATABASE_SILENT'
  return isSilent ? 'no answer' : error.message
}
