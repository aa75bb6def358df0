import { sql } from 'kysely'
import type { DomainContext } from '../platform/context.js'

/**
 * Gives back every run that a worker which is about to end still holds, so that the next start need not wait for leases to end.
 * A step that hangs in that worker can do no harm: the next claim raises the fence before anything else.
 */
export async function releaseRunsOf(ctx: DomainContext, workerId: string): Promise<void> {
  await ctx.db
    .updateTable('restock.runs')
    .set({ lease_until: sql<Date>`clock_timestamp()` })
    .where('claimed_by', '=', workerId)
    .where('status', '=', 'running')
    .execute()
}
