import { StepRecorder } from '../agent/recorder.js'
import type { RunIdentity } from '../agent/run-tools.js'
import { RefusalError } from '../platform/errors.js'
import { LostClaimError } from '../runs/finish-run.js'
import type { Run } from '../runs/run.js'
import { finishStep, recordStep } from '../runs/run-steps.js'
import type { WorkerContext } from './context.js'
import type { HeldLease } from './hold-lease.js'

/** One claim's work on a run: who it is to the servers, where its steps go, and what ends it. */
export interface Attempt {
  readonly ctx: WorkerContext
  readonly run: Run
  readonly identity: RunIdentity
  readonly recorder: StepRecorder
  readonly signal: AbortSignal
}

export function beginAttempt(ctx: WorkerContext, run: Run, lease: HeldLease): Attempt {
  const { id: runId, list, epoch, dryRun } = run
  const held = { runId, epoch }
  return {
    ctx,
    run,
    identity: { context: { run: runId, list, epoch, dryRun }, secret: ctx.secret, clock: ctx.clock },
    recorder: new StepRecorder({
      clock: ctx.clock,
      recordStep: (step) => recordStep(ctx, { ...held, ...step }),
      finishStep: (which, result) => finishStep(ctx, held, { epoch: which.epoch ?? epoch, step: which.step }, result),
      assertHeld: () => lease.assertHeld(),
      signal: lease.signal,
    }),
    signal: lease.signal,
  }
}

/** Our epoch is no longer the newest, whether the ledger says so or one of the servers. */
export function isTakenOver(error: unknown): boolean {
  return error instanceof LostClaimError || (error instanceof RefusalError && error.refusal.code === 'fenced')
}
