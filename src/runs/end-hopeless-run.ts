import { sql } from 'kysely'
import type { DomainContext } from '../platform/context.js'
import type { RunOutcome, RunSnapshot } from './run.js'

/**
 * Ends a run of which every attempt died, winding it up included, and which nobody is working on. What it has ordered can't be
 * found out from here, so that is what each of its items says. False: somebody has it after all.
 */
export async function endHopelessRun(
  ctx: DomainContext,
  run: { readonly id: string; readonly epoch: number },
): Promise<boolean> {
  const error = `Given up after ${run.epoch} attempts that ended without an answer.`
  const row = await ctx.db
    .selectFrom('restock.runs')
    .select(['snapshot', 'model'])
    .where('id', '=', run.id)
    .executeTakeFirstOrThrow()
  // Written by us in exactly this shape.
  const snapshot = row.snapshot as RunSnapshot | null
  const { numUpdatedRows } = await ctx.db
    .updateTable('restock.runs')
    .set({
      status: 'failed',
      error,
      finished_at: ctx.clock.now(),
      outcome: JSON.stringify(outcomeOf(run.id, snapshot, row.model ?? '', error)),
    })
    .where('id', '=', run.id)
    .where('epoch', '=', run.epoch)
    .where('status', '=', 'running')
    .where('lease_until', '<=', sql<Date>`clock_timestamp()`)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

function outcomeOf(runId: string, snapshot: RunSnapshot | null, model: string, error: string): RunOutcome {
  const reason = `the run was given up before anybody noted what became of this; see restock orders list for what run ${runId} has ordered`
  return {
    model,
    usage: { modelCalls: 0, inputTokens: 0, outputTokens: 0 },
    items: (snapshot?.items ?? []).map((item) => ({
      itemId: item.itemId,
      name: item.name,
      decision: 'unknown',
      reason,
      needQuantity: item.need,
      orderedQuantity: 0,
      unit: item.unit,
    })),
    orders: [],
    summary: error,
  }
}
