import { findAttentionNotes } from '../agent/attention.js'
import { findRunOrders } from '../agent/needs.js'
import { workerTools } from '../agent/run-tools.js'
import { UnavailableError } from '../platform/errors.js'
import { failpoint } from '../platform/failpoints.js'
import { claimRun, maxEpochs, releaseRun } from '../runs/claim-run.js'
import { finishRun } from '../runs/finish-run.js'
import { type Attempt, beginAttempt, isTakenOver } from './attempt.js'
import { closeRun } from './close-runs.js'
import { concludeRun } from './conclude-run.js'
import type { Processor } from './context.js'
import { giveUp } from './give-up.js'
import { holdLease } from './hold-lease.js'
import { leadLegs } from './lead-legs.js'
import { syncStockNow } from './sync-stock.js'

/**
 * Carries out one run: claim it, read and register what is due, let the agent order, bring what came of it to the list, and
 * record a decision for every item. Safe to start any number of times and to die anywhere: only the claim makes a run ours,
 * and each attempt goes on from what the one before it recorded.
 */
export const replenish: Processor<'replenish'> = async (ctx, { runId }, job) => {
  const { leaseMs } = ctx.config.worker
  await failpoint('claim.before')
  const claim = await claimRun(ctx, { runId, workerId: ctx.workerId, leaseMs })
  if (claim.kind === 'finished') return undefined
  if (claim.kind === 'held') return { retryAt: claim.until }

  const held = { runId, epoch: claim.run.epoch }
  const lease = holdLease(ctx, held, leaseMs, job.signal)
  const attempt = beginAttempt(ctx, claim.run, lease)
  try {
    await failpoint('claim.after')
    if (held.epoch > maxEpochs) {
      const error = new UnavailableError(`Given up after ${held.epoch - 1} attempts that ended without an answer.`)
      if (await giveUp(attempt, error)) await closeRun(ctx, claim.run)
    } else {
      await work(attempt)
      await closeRun(ctx, claim.run)
    }
  } catch (error) {
    await attempt.recorder.settled()
    const isLost = isTakenOver(error) || isTakenOver(lease.signal.reason)
    if (!isLost && job.isLast && !job.signal.aborted) {
      // Closing the run of somebody who has only just taken it over would shut that one out.
      if (await giveUp(attempt, error)) await closeRun(ctx, claim.run)
      throw error
    }
    // Told to stop, not failed: the run stays as it is for the next start. Who slept through the lease may hear from the queue
    // that the job is gone before hearing from the ledger that the run is.
    if (!isLost && (await releaseRun(ctx, held))) throw error
    ctx.log.warn({ run: runId, epoch: held.epoch }, 'another worker took this run over; leaving it to that one')
    return undefined
  } finally {
    lease.stop()
  }
  return undefined
}

async function work(attempt: Attempt): Promise<void> {
  const { ctx, run, identity, recorder, signal } = attempt
  const tools = workerTools(await ctx.mcp.open(), identity, recorder, signal)
  // Deliveries and rejections that the list hasn't heard of would make it ask for too little or too much.
  await syncStockNow(ctx, signal)
  const { answersFor, due, model, result, notes } = await leadLegs(attempt, tools)

  const orders = await findRunOrders(tools, identity)
  const isIgnored = run.instructions !== null && run.instructions !== '' && !model.followsInstructions
  const outcome = await concludeRun(ctx, run, {
    snapshot: answersFor,
    stillDue: new Set(due.items.map(({ itemId }) => itemId)),
    isFenced: true,
    orders,
    model: model.name,
    result,
    ended: result?.ended ?? 'not_needed',
    error: result?.error ?? null,
    notes: [
      ...notes,
      ...(isIgnored
        ? [`The instructions of this run were not used: the model "${model.name}" works by fixed rules.`]
        : []),
      ...(await attentionNotes(attempt)),
    ],
  })
  signal.throwIfAborted()
  await failpoint('outcome.before')
  await finishRun(ctx, { runId: run.id, epoch: run.epoch, outcome })
  await failpoint('outcome.after')
  ctx.log.info(
    { run: run.id, list: run.list, model: outcome.model, ...outcome.usage },
    `run finished\n${outcome.summary}`,
  )
  for (const order of orders.filter(({ status }) => status === 'approved')) {
    // The beat's sweep finds it as well; this is only sooner.
    await ctx.enqueue('submit-order', { orderId: order.id }).catch((error: unknown) => {
      ctx.log.warn({ err: error, order: order.id }, 'submitting an order could not be queued; the sweep will')
    })
  }
}

/** What else a person must know of this list. Without it the run is as good as with it. */
async function attentionNotes({ ctx, run, identity, signal }: Attempt): Promise<string[]> {
  try {
    // No step of this run: it is about orders of others as well.
    return await findAttentionNotes(workerTools(await ctx.mcp.open(), identity, null, signal), identity)
  } catch (error) {
    ctx.log.warn({ err: error, run: run.id, list: run.list }, 'orders that need attention could not be listed')
    return []
  }
}
