import { setTimeout as sleep } from 'node:timers/promises'
import type { DomainContext } from '../platform/context.js'
import { UnavailableError } from '../platform/errors.js'
import { findOrders } from '../purchasing/orders/find-orders.js'
import { getRun } from '../runs/find-runs.js'
import type { Run } from '../runs/run.js'
import { isInDoubt, type RunStep, readSteps } from '../runs/run-steps.js'

export { withLiveOrders } from '../runs/live-orders.js'

export interface WaitOptions {
  /** Done again and again while waiting. */
  readonly look?: () => Promise<void>
  /** Longest to wait; without it, as long as it takes. */
  readonly timeoutMs?: number
}

/** Waits until a run has ended, telling about each step that it takes. Throws UnavailableError when that takes too long. */
export async function waitForRun(
  ctx: DomainContext,
  runId: string,
  tell: (line: string) => void,
  { look, timeoutMs = Number.POSITIVE_INFINITY }: WaitOptions = {},
): Promise<Run> {
  const deadline = performance.now() + timeoutMs
  let told = 0
  for (;;) {
    const run = await getRun(ctx, runId)
    const steps = await readSteps(ctx, runId)
    const isOver = run.status !== 'pending' && run.status !== 'running'
    for (const step of steps.slice(told)) {
      // It is being done right now; told when it is known what came of it.
      if (isInDoubt(step) && !isOver) break
      if (step.kind !== 'snapshot') tell(describeStep(step))
      told += 1
    }
    if (isOver) return run
    if (performance.now() > deadline) {
      throw new UnavailableError(
        `Run ${runId} is still ${run.status} after ${Math.round(timeoutMs / 6_000) / 10} minutes; it goes on where a worker is at work (\`restock up\`), and \`restock runs show ${runId}\` tells how it ended.`,
        'run_not_ended',
      )
    }
    await look?.()
    await sleep(100)
  }
}

function describeStep(step: RunStep): string {
  const what = step.kind === 'model' ? `the model answered` : step.name
  if (isInDoubt(step)) return `${what}: no answer`
  return `${what} (${Math.round(step.durationMs)} ms)${step.error === null ? '' : `: ${step.error}`}`
}

/** Waits until a run's approved orders have gone to their suppliers, but not longer than the deadline. */
export async function waitForSubmissions(ctx: DomainContext, runId: string, deadlineMs: number): Promise<void> {
  const deadline = performance.now() + deadlineMs
  for (;;) {
    const orders = await findOrders(ctx, { runId })
    if (!orders.some((order) => order.status === 'approved' || order.status === 'submitting')) return
    if (performance.now() > deadline) return
    await sleep(100)
  }
}
