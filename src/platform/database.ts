import { Kysely, PostgresDialect, type Transaction } from 'kysely'
import pg from 'pg'
import type { AccessTables } from '../access/tables.js'
import type { PurchasingTables } from '../purchasing/tables.js'
import type { RestockTables } from '../runs/tables.js'
import type { StockTables } from '../stock/tables.js'
import type { DomainContext, Logger } from './context.js'
import { clientThatGivesUp, databasePatience, patientConnection } from './database-patience.js'

/** Every table of the three schemas, by its qualified name. */
export type Database = StockTables & PurchasingTables & RestockTables & AccessTables

export interface DatabaseOptions {
  readonly url: string
  /** Shown in pg_stat_activity, so that a person can see who holds a lock. */
  readonly applicationName: string
  readonly maxConnections?: number
  /** For one statement; a minute if not said. 'none': for what reads or changes everything, and takes as long as it takes. */
  readonly timeoutMs?: number | 'none' | undefined
  readonly log: Logger
}

export interface OpenDatabase {
  readonly db: Kysely<Database>
  readonly pool: pg.Pool
  close(): Promise<void>
}

// Quantities have at most 3 decimals below 1e12 and amounts fit 2^53, so plain numbers hold both exactly.
const parsers: Readonly<Record<number, (text: string) => unknown>> = {
  [pg.types.builtins.NUMERIC]: Number,
  [pg.types.builtins.INT8]: Number,
  [pg.types.builtins.DATE]: String,
}

/** Opens a pool; nothing is connected before the first query. The caller closes it. */
export function openDatabase(options: DatabaseOptions): OpenDatabase {
  const pool = new pg.Pool({
    ...patienceOf(options.timeoutMs),
    connectionString: options.url,
    application_name: options.applicationName,
    max: options.maxConnections ?? 10,
    keepAlive: true,
    types: {
      getTypeParser: (oid: number, format?: string) =>
        (format === 'binary' ? undefined : parsers[oid]) ?? pg.types.getTypeParser(oid, format as 'text'),
    },
  })
  // The pool listens only to connections that lie idle. One that is cut within a transaction fails its next query, and would
  // end the process besides if nobody heard its error.
  pool.on('connect', (client) => {
    client.on('error', () => undefined)
  })
  const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool }) })
  let closing: Promise<void> | undefined
  // Without a listener an idle connection that the server drops would end the process. The pool says it has ended before its
  // connections have: a server that stops right after may still cut one, and that is no loss.
  pool.on('error', (error) => {
    if (closing === undefined) options.log.warn({ err: error }, 'a database connection was lost')
  })
  return {
    db,
    pool,
    close: () => {
      closing ??= closeBoth(db, pool)
      return closing
    },
  }
}

function patienceOf(timeoutMs: DatabaseOptions['timeoutMs']): pg.PoolConfig {
  if (timeoutMs === 'none') return { ...patientConnection, connectionTimeoutMillis: 10_000, idleTimeoutMillis: 30_000 }
  const { silenceMs, ...limits } = databasePatience(timeoutMs)
  return { ...limits, Client: clientThatGivesUp(silenceMs), idleTimeoutMillis: Math.min(30_000, silenceMs / 2) }
}

/** Kysely ends the pool only if it has used it itself. */
async function closeBoth(db: Kysely<Database>, pool: pg.Pool): Promise<void> {
  await db.destroy()
  if (!pool.ending) await pool.end()
}

const retryable = new Set(['40001', '40P01'])

/**
 * Runs `work` in one transaction, with a context whose `db` is that transaction. Inside a transaction already, it joins it.
 * Serialization failures and deadlocks are tried again, five times in all; everything else is thrown as it is.
 */
export async function inTransaction<T, C extends DomainContext>(ctx: C, work: (tx: C) => Promise<T>): Promise<T> {
  if (ctx.db.isTransaction) return work(ctx)
  for (let attempt = 1; ; attempt++) {
    try {
      return await ctx.db.transaction().execute((trx: Transaction<Database>) => work({ ...ctx, db: trx }))
    } catch (error) {
      if (attempt === 5 || !retryable.has(sqlState(error))) throw error
    }
  }
}

/** The SQLSTATE of an error from Postgres, or '' for anything else. */
export function sqlState(error: unknown): string {
  if (!(error instanceof Error) || !('code' in error)) return ''
  return typeof error.code === 'string' ? error.code : ''
}
