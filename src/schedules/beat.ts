import { createTask } from 'node-cron'
import type { DomainContext } from '../platform/context.js'
import type { JobQueue } from '../platform/queue.js'
import { forgetOld, type Retention } from './forget-old.js'
import { jitterOf } from './jitter.js'
import { pauseFailingSchedules } from './pause-failing.js'
import { refreshSlots, rewindSlots } from './refresh-slots.js'
import { enqueueRun, sweepRuns } from './sweep-runs.js'
import { schedulesATime, type TakenSlot, takeDueSlots } from './take-due-slots.js'

export interface BeatOptions {
  /** Runs that are waiting although their job is gone are looked for this often. */
  readonly sweepEveryMs: number
  /** Orders to send and deliveries to book are looked for this often. */
  readonly trackEveryMs: number
  /** Ids of orders that wait to be sent to their supplier. */
  readonly dueSubmissions: () => Promise<readonly string[]>
  /** How long what may be forgotten is kept; left out: for good. */
  readonly retention?: Retention
}

/**
 * One look at everything that time brings. Harmless to repeat and to do in several processes at once. Each part is tried
 * whatever became of the others; the first failure is thrown in the end.
 */
export async function beat(ctx: DomainContext, queue: JobQueue, options: BeatOptions, state: BeatState): Promise<void> {
  const now = ctx.clock.now()
  const parts = [startDueRuns(ctx, queue, now)]
  const lookAheadMs = state.swept === 0 ? longestLeaseMs : 0
  if (isDue(state, 'swept', now, options.sweepEveryMs)) {
    parts.push(sweepRuns(ctx, queue, { lookAheadMs }), pauseFailing(ctx), rewind(ctx, now))
  }
  if (isDue(state, 'tracked', now, options.trackEveryMs)) parts.push(trackOrders(queue, options))
  const { retention } = options
  if (retention !== undefined && isDue(state, 'pruned', now, state.hasMoreToForget ? forgetMoreMs : forgetEveryMs)) {
    parts.push(forget(ctx, retention, state))
  }
  const failed = (await Promise.allSettled(parts)).find((part) => part.status === 'rejected')
  if (failed !== undefined) throw failed.reason
}

/**
 * A process that starts mostly does so where another one has died: the first sweep queues what that one was working on for the
 * moment at which its lease ends, instead of finding it some time after.
 */
const longestLeaseMs = 60 * 60_000

const forgetEveryMs = 60 * 60_000
/** Where one look was not enough. */
const forgetMoreMs = 60_000

async function forget(ctx: DomainContext, retention: Retention, state: BeatState): Promise<void> {
  state.hasMoreToForget = await forgetOld(ctx, retention)
}

/** Takes so many schedules in one beat at most; the rest is due in the next one. */
const maxRounds = 20

async function startDueRuns(ctx: DomainContext, queue: JobQueue, now: Date): Promise<void> {
  // A queue that doesn't answer must not keep slots from being taken: the sweep brings their runs when it is back.
  let failure: unknown
  const enqueue = async ({ runId, schedule, slot, isSkipped }: TakenSlot) => {
    const fields = { run: runId, schedule: schedule.name, list: schedule.list, slot: slot.toISOString() }
    if (isSkipped) {
      ctx.log.warn(fields, 'slot skipped: the run before it is not done')
      return
    }
    ctx.log.info(fields, 'run due')
    if (failure !== undefined) return
    try {
      await enqueueRun(queue, { id: runId, epoch: 0 }, jitterOf(schedule.jitterMs, runId))
    } catch (error) {
      failure = error
    }
  }
  for (let round = 0; round < maxRounds; round++) {
    const { schedules, taken } = await takeDueSlots(ctx, now)
    for (const slot of taken) await enqueue(slot)
    if (schedules < schedulesATime) break
  }
  if (failure !== undefined) throw failure
}

async function pauseFailing(ctx: DomainContext): Promise<void> {
  await pauseFailingSchedules(ctx)
}

async function rewind(ctx: DomainContext, now: Date): Promise<void> {
  await rewindSlots(ctx, now)
}

/** One job of each kind waits at most, however long nobody works: one look at the suppliers makes up for all that were missed. */
async function trackOrders(queue: JobQueue, options: BeatOptions): Promise<void> {
  for (const orderId of await options.dueSubmissions()) {
    await queue.enqueue('submit-order', { orderId }, { jobId: `submit-${orderId}`, reviveEnded: true })
  }
  await queue.enqueue('track-orders', {}, { jobId: 'track-orders', reviveEnded: true })
  await queue.enqueue('sync-stock', {}, { jobId: 'sync-stock', reviveEnded: true })
}

/** When the rarer looks were last taken; owned by whoever beats. */
export interface BeatState {
  swept: number
  tracked: number
  pruned?: number
  hasMoreToForget?: boolean
}

function isDue(state: BeatState, what: 'swept' | 'tracked' | 'pruned', now: Date, everyMs: number): boolean {
  // Less than nothing: the clock was set back, and nothing shall wait until it gets there again.
  const passedMs = now.getTime() - (state[what] ?? 0)
  if (passedMs >= 0 && passedMs < everyMs) return false
  state[what] = now.getTime()
  return true
}

export interface Scheduler {
  stop(): Promise<void>
}

/** Beats once a second. node-cron keeps no state that matters: what is due is in the database. */
export function startScheduler(ctx: DomainContext, queue: JobQueue, options: BeatOptions): Scheduler {
  const state: BeatState = { swept: 0, tracked: 0 }
  let isRefreshed = false
  const round = async () => {
    // First, so that no slot is taken by clocks that are no more.
    if (!isRefreshed) await refreshSlots(ctx)
    isRefreshed = true
    await beat(ctx, queue, options, state)
  }
  let current: Promise<void> = Promise.resolve()
  let isFailing = false
  const task = createTask(
    '* * * * * *',
    () => {
      current = round().then(
        () => {
          if (isFailing) ctx.log.info({}, 'the scheduler works again')
          isFailing = false
        },
        (error: unknown) => {
          // The database or the queue is away: what is due stays due, and one line says so.
          if (!isFailing)
            ctx.log.error({ err: error }, 'the scheduler could not do its round; trying again every second')
          isFailing = true
        },
      )
      return current
    },
    { name: 'restock-beat', noOverlap: true, suppressMissedWarning: true },
  )
  task.start()
  return {
    stop: async () => {
      await task.stop()
      await current
      await task.destroy()
    },
  }
}
