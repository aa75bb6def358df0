import { findAttentionNotes } from '../agent/attention.js'
import { findRunOrders, mergeSnapshots, takeNeeds } from '../agent/needs.js'
import { StepRecorder } from '../agent/recorder.js'
import { type AgentResult, runAgent } from '../agent/run-agent.js'
import { agentServers, type RunIdentity, type WorkerTools, workerTools } from '../agent/run-tools.js'
import { isExpectedError, RefusalError, UnavailableError } from '../platform/errors.js'
import { claimRun, maxEpochs, releaseRun } from '../runs/claim-run.js'
import { failRun, finishRun, LostClaimError, saveSnapshot } from '../runs/finish-run.js'
import type { Run, RunSnapshot } from '../runs/run.js'
import { recordStep } from '../runs/run-steps.js'
import { concludeRun } from './conclude-run.js'
import type { Processor, WorkerContext } from './context.js'
import { holdLease } from './hold-lease.js'
import { readSyncCursor, syncStockNow } from './sync-stock.js'

const maxTurns = 12

/**
 * Carries out one run: claim it, read and register what is due, let the agent order, bring what came of it to the list, and
 * record a decision for every item. Safe to start any number of times and to die anywhere: only the claim makes a run ours,
 * and each attempt begins from what is still due.
 */
export const replenish: Processor<'replenish'> = async (ctx, { runId }, job) => {
  const { leaseMs } = ctx.config.worker
  const claim = await claimRun(ctx, { runId, workerId: ctx.workerId, leaseMs })
  if (claim.kind === 'finished') return undefined
  if (claim.kind === 'held') return { retryAt: claim.until }

  const held = { runId, epoch: claim.run.epoch }
  const lease = holdLease(ctx, held, leaseMs, job.signal)
  const attempt = beginAttempt(ctx, claim.run, lease.signal)
  try {
    if (held.epoch > maxEpochs) {
      await giveUp(
        attempt,
        new UnavailableError(`Given up after ${held.epoch - 1} attempts that ended without an answer.`),
      )
      return undefined
    }
    await work(attempt)
  } catch (error) {
    await attempt.recorder.settled()
    if (isTakenOver(error) || isTakenOver(lease.signal.reason)) {
      ctx.log.warn({ run: runId, epoch: held.epoch }, 'another worker took this run over; leaving it to that one')
      return undefined
    }
    // Told to stop, not failed: the run stays as it is for the next start.
    if (job.isLast && !job.signal.aborted) await giveUp(attempt, error)
    else await releaseRun(ctx, held)
    throw error
  } finally {
    lease.stop()
  }
  return undefined
}

interface Attempt {
  readonly ctx: WorkerContext
  readonly run: Run
  readonly identity: RunIdentity
  readonly recorder: StepRecorder
  readonly signal: AbortSignal
}

function beginAttempt(ctx: WorkerContext, run: Run, signal: AbortSignal): Attempt {
  const { id: runId, list, epoch, dryRun } = run
  return {
    ctx,
    run,
    identity: { context: { run: runId, list, epoch, dryRun }, secret: ctx.secret, clock: ctx.clock },
    recorder: new StepRecorder({
      clock: ctx.clock,
      recordStep: (step) => recordStep(ctx, { runId, epoch, ...step }),
    }),
    signal,
  }
}

async function work(attempt: Attempt): Promise<void> {
  const { ctx, run, signal } = attempt
  const tools = await connectTools(attempt)
  // Deliveries and rejections that the list hasn't heard of would make it ask for too little or too much.
  await syncStockNow(ctx, signal)
  let snapshot = await takeNeeds(tools, await readSyncCursor(ctx))
  let answersFor = mergeSnapshots(run.snapshot, snapshot)
  await saveSnapshot(ctx, { runId: run.id, epoch: run.epoch, snapshot: answersFor })

  const chain = ctx.models.choose(run.model)
  let [model] = chain
  let result: AgentResult | null = null
  const notes: string[] = []
  for (const candidate of chain) {
    if (!isAgentNeeded(snapshot, run, candidate.followsInstructions)) break
    model = candidate
    result = await letAgentOrder(attempt, candidate, snapshot)
    await syncStockNow(ctx, signal)
    if (result.ended !== 'model_error') break
    notes.push(`The model ${candidate.name} failed: ${result.error ?? 'no reason given'}`)
    ctx.log.warn({ run: run.id, list: run.list, model: candidate.name, reason: result.error }, 'the model failed')
    // The next one starts afresh, on what is still needed after what this one may have ordered.
    snapshot = await takeNeeds(tools, await readSyncCursor(ctx))
    answersFor = mergeSnapshots(answersFor, snapshot)
    await saveSnapshot(ctx, { runId: run.id, epoch: run.epoch, snapshot: answersFor })
  }
  if (run.instructions && !model.followsInstructions) {
    notes.push(`The instructions of this run were not used: the model "${model.name}" works by fixed rules.`)
  }

  const orders = await findRunOrders(tools, attempt.identity)
  notes.push(...(await attentionNotes(attempt)))
  const outcome = await concludeRun(ctx, run, {
    snapshot: answersFor,
    stillDue: new Set(snapshot.items.map(({ itemId }) => itemId)),
    orders,
    model: model.name,
    result,
    ended: result?.ended ?? 'not_needed',
    error: result?.error ?? null,
    notes,
  })
  signal.throwIfAborted()
  await finishRun(ctx, { runId: run.id, epoch: run.epoch, outcome })
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

async function connectTools({ ctx, identity, recorder, signal }: Attempt): Promise<WorkerTools> {
  return workerTools(await ctx.mcp.open(), identity, recorder, signal)
}

/** Instructions may ask for more than what is due, but only a model that reads them can tell. */
function isAgentNeeded(snapshot: RunSnapshot, run: Run, followsInstructions: boolean): boolean {
  return snapshot.items.some((item) => item.need > 0) || (followsInstructions && !!run.instructions)
}

async function letAgentOrder(
  attempt: Attempt,
  model: Parameters<typeof runAgent>[0]['model'],
  snapshot: RunSnapshot,
): Promise<AgentResult> {
  const { ctx, run, identity, recorder, signal } = attempt
  const { config } = ctx
  return runAgent({
    model,
    servers: await agentServers(await ctx.mcp.open(), identity, recorder),
    snapshot,
    instructions: model.followsInstructions ? run.instructions : null,
    dryRun: run.dryRun,
    limits: {
      maxTurns,
      maxTokens: config.model.maxTokens,
      timeoutMs: config.worker.runTimeoutMs,
      modelTimeoutMs: config.model.timeoutMs,
    },
    recorder,
    signal,
  })
}

/** The last attempt failed: the run ends as failed, with whatever can still be found out about each item. */
async function giveUp(attempt: Attempt, error: unknown): Promise<void> {
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
      orders,
      model: run.model ?? ctx.config.model.name,
      result: null,
      ended: 'failed',
      error: reason,
      notes: orders === null ? ['The ordering server could not be asked which orders this run has made.'] : [],
    })
    await failRun(ctx, { ...held, error: reason, outcome })
  } catch (failure) {
    if (isTakenOver(failure)) return
    ctx.log.error({ err: failure, run: run.id }, 'the outcome of a failed run could not be recorded')
    await failRun(ctx, { ...held, error: reason })
  }
}

function emptySnapshot(run: Run): RunSnapshot {
  return { list: run.list, currency: '', timeZone: '', asOf: '', items: [] }
}

/** Our epoch is no longer the newest, whether the ledger says so or one of the servers. */
function isTakenOver(error: unknown): boolean {
  return error instanceof LostClaimError || (error instanceof RefusalError && error.refusal.code === 'fenced')
}
