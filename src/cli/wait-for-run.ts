import { setTimeout as sleep } from 'node:timers/promises'
import type { DomainContext } from '../platform/context.js'
import { findOrders } from '../purchasing/orders/find-orders.js'
import type { Run } from '../runs/run.js'
import { describeStep, type FollowOptions, followRun, type RunListener } from './follow-run.js'

export { withLiveOrders } from '../runs/live-orders.js'

export interface WaitOptions extends FollowOptions {
  readonly looked?: RunListener['looked']
}

/** Waits until a run has ended, telling about each step that it takes. Throws UnavailableError when that takes too long. */
export function waitForRun(
  ctx: DomainContext,
  runId: string,
  tell: (line: string) => void,
  { looked, ...options }: WaitOptions = {},
): Promise<Run> {
  return followRun(
    ctx,
    runId,
    {
      ...(looked === undefined ? {} : { looked }),
      step: (step) => {
        if (step.kind !== 'snapshot') tell(describeStep(step))
      },
    },
    options,
  )
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
