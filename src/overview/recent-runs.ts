import { sql } from 'kysely'
import type { DomainContext } from '../platform/context.js'
import type { Run } from '../runs/run.js'
import { toRun } from '../runs/run-row.js'
import type { RunsTable } from '../runs/tables.js'
import type { ListView } from '../stock/lists.js'

/** The newest run of each list that has ended, the newest first; `isReal`: dry runs, which change nothing, are passed over. */
export async function findLastRuns(ctx: DomainContext, lists: readonly ListView[], isReal = false): Promise<Run[]> {
  const ids = lists.map(({ id }) => id)
  const { rows } = await sql<RunsTable & { epoch: number }>`
    select run.* from unnest(${ids}::text[]) as list(id)
    cross join lateral (
      select * from restock.runs
      where runs.list = list.id and runs.status in ('completed', 'failed')
        and not (${isReal} and runs.dry_run)
      order by created_at desc limit 1
    ) run
    order by run.created_at desc`.execute(ctx.db)
  return rows.map((row) => toRun({ ...row, fenced_at: null }))
}

/** What is at work or waits for a worker, the oldest first. */
export async function findUnfinishedRuns(ctx: DomainContext, limit: number): Promise<Run[]> {
  const rows = await ctx.db
    .selectFrom('restock.runs')
    .selectAll()
    .where('status', 'in', ['pending', 'running'])
    .orderBy('created_at')
    .limit(limit)
    .execute()
  return rows.map(toRun)
}
