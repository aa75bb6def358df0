import type { DomainContext } from '../platform/context.js'
import { renewLease } from '../runs/claim-run.js'
import { type HeldRun, LostClaimError } from '../runs/finish-run.js'

export interface HeldLease {
  /** Aborted with a LostClaimError when the run is no longer ours, or with the job's own reason when that is told to stop. */
  readonly signal: AbortSignal
  /** Stops renewing. The lease itself runs on until the run is finished or released. */
  stop(): void
}

/**
 * Keeps a claim alive while work goes on, by renewing its lease at a third of its length. When the database can't be asked
 * for a whole lease, the claim counts as lost: by then somebody else may have taken it.
 */
export function holdLease(ctx: DomainContext, held: HeldRun, leaseMs: number, jobSignal: AbortSignal): HeldLease {
  const lost = new AbortController()
  let renewedAt = performance.now()
  const renew = async () => {
    const asked = performance.now()
    try {
      if (await renewLease(ctx, { ...held, leaseMs })) renewedAt = asked
      else lost.abort(new LostClaimError(held))
    } catch (error) {
      ctx.log.warn({ err: error, run: held.runId }, 'the lease of a run could not be renewed')
      if (performance.now() - renewedAt >= leaseMs) lost.abort(new LostClaimError(held))
    }
  }
  const timer = setInterval(() => void renew(), leaseMs / 3)
  return {
    signal: AbortSignal.any([lost.signal, jobSignal]),
    stop: () => clearInterval(timer),
  }
}
