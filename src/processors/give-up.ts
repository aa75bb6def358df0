import { findRunOrders } from '../agent/needs.js'
import { workerTools } from '../agent/run-tools.js'
import { isExpectedError } from '../platform/errors.js'
import { failRun } from '../runs/finish-run.js'
import type { Run, RunSnapshot } from '../runs/run.js'
import { type Attempt, isTakenOver } from './attempt.js'
import { concludeRun } from './conclude-run.js'

/**
 * The last attempt failed: the run ends as failed, with whatever can still be found out about each item. False: somebody else
 * has taken it over, and it is for that one to end.
 */
export async function giveUp(attempt: Attempt, error: unknown): Promise<boolean> {
  const { ctx, run, identity } = attempt
  const held = { runId: run.id, epoch: run.epoch }
  const reason = isExpectedError(error) ? error.message : 'an unexpected error; the log has the details'
  ctx.log.error({ err: error, run: run.id, list: run.list }, 'the last attempt at a run failed')
  try {
    const current = await ctx.db
      .selectFrom('restock.runs')
      .select('snapshot')
      .where('id', '=', run.id)
      .executeTakeFirst()
    // Not recorded as steps: where the recording is what failed, the question must still be asked.
    const orders = await ctx.mcp
      .open()
      .then((connections) => findRunOrders(workerTools(connections, identity, null), identity))
      .catch(() => null)
    const outcome = await concludeRun(ctx, run, {
      snapshot: (current?.snapshot as RunSnapshot | null) ?? emptySnapshot(run),
      stillDue: null,
      isFenced: false,
      orders,
      model: run.model ?? ctx.config.model.name,
      result: null,
      ended: 'failed',
      error: reason,
      notes: orders === null ? ['The ordering server could not be asked which orders this run has made.'] : [],
    })
    await failRun(ctx, { ...held, error: reason, outcome })
  } catch (failure) {
    if (isTakenOver(failure)) return false
    ctx.log.error({ err: failure, run: run.id }, 'the outcome of a failed run could not be recorded')
    await failRun(ctx, { ...held, error: reason })
  }
  return true
}

function emptySnapshot(run: Run): RunSnapshot {
  return { list: run.list, currency: '', timeZone: '', asOf: '', items: [] }
}
