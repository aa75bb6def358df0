import { hostname } from 'node:os'
import { sql } from 'kysely'
import type { DomainContext } from '../platform/context.js'

const beatMs = 2_000
/** A worker that has not been seen for this long is gone. */
const aliveMs = 10_000

const now = sql<Date>`clock_timestamp()`

/** Makes it known that a worker is there, until it is withdrawn or dies. */
export async function announceWorker(ctx: DomainContext, workerId: string): Promise<{ withdraw(): Promise<void> }> {
  await ctx.db
    .insertInto('restock.workers')
    .values({ id: workerId, host: hostname(), pid: process.pid, started_at: now, seen_at: now })
    .execute()
  await ctx.db
    .deleteFrom('restock.workers')
    .where('seen_at', '<', sql<Date>`clock_timestamp() - interval '1 day'`)
    .execute()
  const timer = setInterval(() => {
    ctx.db
      .updateTable('restock.workers')
      .set({ seen_at: now })
      .where('id', '=', workerId)
      .execute()
      // The database is away; the next beat tries again, and until then nobody can ask who is here.
      .catch(() => undefined)
  }, beatMs)
  timer.unref()
  return {
    withdraw: async () => {
      clearInterval(timer)
      await ctx.db.deleteFrom('restock.workers').where('id', '=', workerId).execute()
    },
  }
}

/** How many workers are at work, on any machine. */
export async function countWorkers(ctx: DomainContext): Promise<number> {
  const row = await ctx.db
    .selectFrom('restock.workers')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('seen_at', '>', sql<Date>`clock_timestamp() - ${aliveMs} * interval '1 millisecond'`)
    .executeTakeFirstOrThrow()
  return row.count
}
