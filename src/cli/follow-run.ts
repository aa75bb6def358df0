import { setTimeout as sleep } from 'node:timers/promises'
import type { DomainContext } from '../platform/context.js'
import { UnavailableError } from '../platform/errors.js'
import { findOrders } from '../purchasing/orders/find-orders.js'
import type { Order } from '../purchasing/orders/order-view.js'
import { getRun } from '../runs/find-runs.js'
import type { Run } from '../runs/run.js'
import { isInDoubt, type RunStep, readSteps } from '../runs/run-steps.js'

/** Who wants to hear what of a run, as it happens. */
export interface RunListener {
  /** Each time that it was looked at. */
  readonly looked?: (run: Run, steps: readonly RunStep[]) => void
  /** A model call or tool call is over, or what was due has been read. */
  readonly step?: (step: RunStep) => void
  /** It was placed, or its status is another one now. */
  readonly order?: (order: Order) => void
}

export interface FollowOptions {
  /** Done again and again meanwhile. */
  readonly look?: () => Promise<void>
  /** Longest to wait; without it, as long as it takes. */
  readonly timeoutMs?: number
  /** Ends the following, and nothing else: it throws then. */
  readonly signal?: AbortSignal
}

const lookEveryMs = 100

/**
 * Follows a run until it has ended, from its first step on whenever that was. Throws UnavailableError when that takes too
 * long. Nothing of the run depends on being followed.
 */
export async function followRun(
  ctx: DomainContext,
  runId: string,
  listener: RunListener,
  { look, timeoutMs = Number.POSITIVE_INFINITY, signal }: FollowOptions = {},
): Promise<Run> {
  const deadline = performance.now() + timeoutMs
  let told = 0
  const orders = new Map<string, string>()
  for (;;) {
    const run = await getRun(ctx, runId)
    const steps = await readSteps(ctx, runId)
    const isOver = run.status !== 'pending' && run.status !== 'running'
    listener.looked?.(run, steps)
    const before = told
    for (const step of steps.slice(told)) {
      // It is being done right now; told when it is known what came of it.
      if (isInDoubt(step) && !isOver) break
      listener.step?.(step)
      told += 1
    }
    if (listener.order !== undefined && (told > before || isOver)) {
      for (const order of (await findOrders(ctx, { runId })).reverse()) {
        if (orders.get(order.orderId) !== order.status) listener.order(order)
        orders.set(order.orderId, order.status)
      }
    }
    if (isOver) return run
    if (performance.now() > deadline) {
      throw new UnavailableError(
        `Run ${runId} is still ${run.status} after ${Math.round(timeoutMs / 6_000) / 10} minutes; it goes on where a worker is at work (\`restock up\`), and \`restock runs show ${runId}\` tells how it ended.`,
        'run_not_ended',
      )
    }
    await look?.()
    await sleep(lookEveryMs, undefined, signal === undefined ? {} : { signal })
  }
}

/** A step in a few words. */
export function describeStep(step: RunStep): string {
  const what = step.kind === 'model' ? `the model answered` : step.name
  if (isInDoubt(step)) return `${what}: no answer`
  return `${what} (${Math.round(step.durationMs)} ms)${step.error === null ? '' : `: ${step.error}`}`
}
