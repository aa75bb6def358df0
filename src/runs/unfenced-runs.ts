import type { DomainContext } from '../platform/context.js'
import type { Run } from './run.js'
import { toRun } from './run-row.js'

/** Runs that have ended and that the servers have not been told of, oldest first. */
export async function findUnfencedRuns(ctx: DomainContext, options: { readonly limit: number }): Promise<Run[]> {
  const rows = await ctx.db
    .selectFrom('restock.runs')
    .selectAll()
    .where('status', 'in', ['completed', 'failed'])
    .where('fenced_at', 'is', null)
    .orderBy('finished_at')
    .limit(options.limit)
    .execute()
  return rows.map(toRun)
}

/** Both servers know that the run is over. */
export async function saveFenced(ctx: DomainContext, runId: string): Promise<void> {
  await ctx.db
    .updateTable('restock.runs')
    .set({ fenced_at: ctx.clock.now() })
    .where('id', '=', runId)
    .where('status', 'in', ['completed', 'failed'])
    .execute()
}
