import type { Config } from '../config/config.js'
import { loadBackup } from '../platform/backup/load-backup.js'
import { readBackup } from '../platform/backup/read-backup.js'
import {
  createDraft,
  type DatabaseServer,
  dropDatabase,
  swapIn,
  whoIsConnected,
  withRestoreLock,
} from '../platform/backup/swap-database.js'
import { createClock, type DomainContext, type Logger } from '../platform/context.js'
import { inTransaction, openDatabase } from '../platform/database.js'
import { InputError } from '../platform/errors.js'
import { failpoint } from '../platform/failpoints.js'
import { newRandomId } from '../platform/ids.js'
import { settleRestoredOrders } from '../purchasing/orders/settle-restored.js'
import { abandonRuns } from '../runs/abandon-runs.js'
import { restartSchedules } from '../schedules/restart-schedules.js'
import { closeAllFences } from '../stock/close-fences.js'
import { adminUrlFor, type OpenServer } from './open-server.js'

export interface RestoreOptions {
  readonly config: Config
  readonly log: Logger
  readonly server: OpenServer
  /** Absolute. */
  readonly file: string
  /** What is there may be put aside. */
  readonly mayReplace: boolean
}

export interface RestoredBackup {
  readonly file: string
  readonly backupAt: string
  readonly rows: number
  readonly ordersInDoubt: number
  readonly ordersAwaitingApproval: number
  readonly runsEnded: number
  /** The database that holds what was there before; null: nothing was. */
  readonly keptAs: string | null
}

/**
 * Puts a backup in the place of the database. Until the very last step nothing of what is there changes, and that step is one:
 * a file that can't be used, a full disk or a kill leave everything as it was.
 */
export async function restoreBackup(options: RestoreOptions): Promise<RestoredBackup> {
  const { file } = options
  let backupAt = new Date(0)
  // Once for itself: a file that breaks off in the middle shall not even begin.
  await readBackup(file, {
    header: async ({ createdAt }) => {
      backupAt = new Date(createdAt)
    },
  })
  const server: DatabaseServer = {
    databaseUrl: options.server.databaseUrl,
    adminUrl: options.server.adminUrl ?? adminUrlFor(options.server.databaseUrl),
    owner: options.server.owner,
  }
  return withRestoreLock(server, () => restoreInto(server, backupAt, options))
}

async function restoreInto(server: DatabaseServer, backupAt: Date, options: RestoreOptions): Promise<RestoredBackup> {
  const { file, config, log } = options
  const connected = await whoIsConnected(server)
  if (connected !== null) {
    throw new InputError(
      `The database is in use by ${connected}. Nothing was changed; stop what runs (\`restock up\`, its workers, MCP clients) and restore again.`,
      'database_in_use',
    )
  }
  const isEmpty = await holdsNothing(server.databaseUrl, log)
  if (!isEmpty && !options.mayReplace) {
    throw new InputError(
      'There is data here already. Nothing was changed; restore into a new data folder (--data-dir), or add --replace: what is here is then kept aside.',
      'not_empty',
    )
  }
  await failpoint('draft.before')
  const draft = await createDraft(server)
  await failpoint('draft.after')
  try {
    const queueOnPostgres = config.redisUrl === null
    const { rows } = await loadBackup({ databaseUrl: draft.url, file, queueOnPostgres, log })
    await failpoint('settle.before')
    const settled = await settle(draft.url, backupAt, config, log)
    await failpoint('settle.after')
    const kept = await swapIn(server, draft.name, new Date())
    if (isEmpty) await dropDatabase(server, kept)
    return { file, backupAt: backupAt.toISOString(), rows, ...settled, keptAs: isEmpty ? null : kept }
  } catch (error) {
    await dropDatabase(server, draft.name).catch((failure: unknown) => {
      log.warn(
        { err: failure, database: draft.name },
        'what was restored halfway could not be removed; the next restore will',
      )
    })
    throw error
  }
}

/** What a backup can't know has to be assumed: see the functions. All of it or nothing. */
async function settle(
  databaseUrl: string,
  backupAt: Date,
  config: Config,
  log: Logger,
): Promise<Pick<RestoredBackup, 'ordersInDoubt' | 'ordersAwaitingApproval' | 'runsEnded'>> {
  const database = openDatabase({
    url: databaseUrl,
    applicationName: 'restock-restore',
    maxConnections: 2,
    timeoutMs: 'none',
    log,
  })
  const clock = createClock(config.clockOffsetMs)
  const ctx: DomainContext = { db: database.db, clock, newId: newRandomId, log, secret: '' }
  try {
    return await inTransaction(ctx, async (tx) => {
      const runsEnded = await abandonRuns(
        tx,
        `Ended because the backup of ${backupAt.toISOString()} was restored; the next run looks at everything anew.`,
      )
      await closeAllFences(tx)
      await restartSchedules(tx)
      // Last, as it appends to the events.
      const orders = await settleRestoredOrders(tx, backupAt)
      return { runsEnded, ordersInDoubt: orders.inDoubt, ordersAwaitingApproval: orders.awaiting }
    })
  } finally {
    await database.close()
  }
}

/** New, or never used: no list has anything in it, and nothing was ever bought. */
async function holdsNothing(databaseUrl: string, log: Logger): Promise<boolean> {
  const database = openDatabase({ url: databaseUrl, applicationName: 'restock-restore', maxConnections: 1, log })
  try {
    const telling = ['stock.lists', 'stock.items', 'purchasing.suppliers', 'purchasing.orders', 'restock.runs']
    for (const table of telling) {
      const { rows } = await database.pool.query<{ is_there: boolean }>(
        'select to_regclass($1) is not null as is_there',
        [table],
      )
      if (rows[0]?.is_there !== true) continue
      const { rowCount } = await database.pool.query(`select from ${table} limit 1`)
      if (rowCount !== 0) return false
    }
    return true
  } finally {
    await database.close()
  }
}
