import { hostname } from 'node:os'
import { sql } from 'kysely'
import type { DomainContext } from '../platform/context.js'
import type { AtWorkRole } from './tables.js'

const beatMs = 2_000
/** One that has not been seen for this long is gone. */
const aliveMs = 10_000

const now = sql<Date>`clock_timestamp()`

/** Makes it known that a worker is there, until it is withdrawn or dies. */
export function announceWorker(ctx: DomainContext, workerId: string): Promise<Announcement> {
  return announce(ctx, workerId, 'worker')
}

/** The same of a scheduler. */
export function announceScheduler(ctx: DomainContext, schedulerId: string): Promise<Announcement> {
  return announce(ctx, schedulerId, 'scheduler')
}

export interface Announcement {
  withdraw(): Promise<void>
}

async function announce(ctx: DomainContext, id: string, role: AtWorkRole): Promise<Announcement> {
  await ctx.db
    .insertInto('restock.workers')
    .values({ id, role, host: hostname(), pid: process.pid, started_at: now, seen_at: now })
    .execute()
  await ctx.db
    .deleteFrom('restock.workers')
    .where('seen_at', '<', sql<Date>`clock_timestamp() - interval '1 day'`)
    .execute()
  let isSaying = false
  const timer = setInterval(() => {
    // While a database doesn't answer, one connection that waits for it is enough.
    if (isSaying) return
    isSaying = true
    void ctx.db
      .updateTable('restock.workers')
      .set({ seen_at: now })
      .where('id', '=', id)
      .execute()
      // The database is away; the next beat tries again, and until then nobody can ask who is here.
      .catch(() => undefined)
      .finally(() => {
        isSaying = false
      })
  }, beatMs)
  timer.unref()
  return {
    withdraw: async () => {
      clearInterval(timer)
      await ctx.db.deleteFrom('restock.workers').where('id', '=', id).execute()
    },
  }
}

/** How many workers are at work, on any machine. */
export async function countWorkers(ctx: DomainContext): Promise<number> {
  return (await countAtWork(ctx)).workers
}

export interface AtWork {
  readonly workers: number
  readonly schedulers: number
}

/** Who is at work, on any machine. */
export async function countAtWork(ctx: DomainContext): Promise<AtWork> {
  const rows = await ctx.db
    .selectFrom('restock.workers')
    .select((eb) => ['role', eb.fn.countAll<number>().as('count')])
    .where('seen_at', '>', sql<Date>`clock_timestamp() - ${aliveMs} * interval '1 millisecond'`)
    .groupBy('role')
    .execute()
  const countOf = (role: AtWorkRole) => rows.find((row) => row.role === role)?.count ?? 0
  return { workers: countOf('worker'), schedulers: countOf('scheduler') }
}
