import type { DomainContext } from '../platform/context.js'
import { renewLease } from '../runs/claim-run.js'
import { type HeldRun, LostClaimError } from '../runs/finish-run.js'

export interface HeldLease {
  /** Aborted with a LostClaimError when the run is no longer ours, or with the job's own reason when that is told to stop. */
  readonly signal: AbortSignal
  /**
   * Called before each step. As long as the lease was renewed lately, nobody else can have the run, and nothing is asked. A
   * process that was stopped, or whose event loop was blocked, comes back here before its timers do: it asks the database
   * first. Throws LostClaimError when the run is somebody else's.
   */
  assertHeld(): Promise<void>
  /** Stops renewing. The lease itself runs on until the run is finished or released. */
  stop(): void
}

/**
 * Keeps a claim alive while work goes on, by renewing its lease at a third of its length. When the database can't be asked
 * for a whole lease, the claim counts as lost: by then somebody else may have taken it.
 */
export function holdLease(ctx: DomainContext, held: HeldRun, leaseMs: number, jobSignal: AbortSignal): HeldLease {
  const lost = new AbortController()
  const signal = AbortSignal.any([lost.signal, jobSignal])
  let renewedAt = performance.now()
  const sinceRenewed = () => performance.now() - renewedAt
  const renew = async () => {
    const asked = performance.now()
    try {
      // A database that doesn't answer may take longer to say so than the lease lasts.
      const patienceMs = Math.max(leaseMs / 3, leaseMs - sinceRenewed())
      if (await inTime(renewLease(ctx, { ...held, leaseMs }), patienceMs)) renewedAt = Math.max(renewedAt, asked)
      else lost.abort(new LostClaimError(held))
    } catch (error) {
      if (signal.aborted) return
      ctx.log.warn({ err: error, run: held.runId }, 'the lease of a run could not be renewed')
      if (sinceRenewed() >= leaseMs) lost.abort(new LostClaimError(held))
    }
  }
  const timer = setInterval(() => void renew(), leaseMs / 3)
  return {
    signal,
    assertHeld: async () => {
      signal.throwIfAborted()
      // Two renewals are overdue: something held us up.
      if (sinceRenewed() < (leaseMs * 2) / 3) return
      ctx.log.warn(
        { run: held.runId, epoch: held.epoch, pausedMs: Math.round(sinceRenewed()) },
        'this worker was held up for most of its lease; asking whether the run is still its own',
      )
      await renew()
      signal.throwIfAborted()
    },
    stop: () => clearInterval(timer),
  }
}

async function inTime<T>(work: Promise<T>, patienceMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('the database has not answered in time')), patienceMs)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
