import { createTask } from 'node-cron'
import type { DomainContext } from '../platform/context.js'
import type { JobQueue } from '../platform/queue.js'
import { enqueueRun, sweepRuns } from './sweep-runs.js'
import { takeDueSlots } from './take-due-slots.js'

export interface BeatOptions {
  /** Runs that are waiting although their job is gone are looked for this often. */
  readonly sweepEveryMs: number
  /** Orders to send and deliveries to book are looked for this often. */
  readonly trackEveryMs: number
  /** Ids of orders that wait to be sent to their supplier. */
  readonly dueSubmissions: () => Promise<readonly string[]>
}

/**
 * One look at everything that time brings. Harmless to repeat and to do in several processes at once. Each part is tried
 * whatever became of the others; the first failure is thrown in the end.
 */
export async function beat(ctx: DomainContext, queue: JobQueue, options: BeatOptions, state: BeatState): Promise<void> {
  const now = ctx.clock.now()
  const parts = [startDueRuns(ctx, queue, now)]
  if (isDue(state, 'swept', now, options.sweepEveryMs)) parts.push(sweepRuns(ctx, queue))
  if (isDue(state, 'tracked', now, options.trackEveryMs)) parts.push(trackOrders(queue, options))
  const failed = (await Promise.allSettled(parts)).find((part) => part.status === 'rejected')
  if (failed !== undefined) throw failed.reason
}

async function startDueRuns(ctx: DomainContext, queue: JobQueue, now: Date): Promise<void> {
  for (const { runId, schedule, slot, isSkipped } of await takeDueSlots(ctx, now)) {
    const fields = { run: runId, schedule: schedule.name, list: schedule.list, slot: slot.toISOString() }
    if (isSkipped) {
      ctx.log.warn(fields, 'slot skipped: the run before it is not done')
      continue
    }
    await enqueueRun(queue, { id: runId, epoch: 0 }, jitter(schedule.jitterMs, runId))
    ctx.log.info(fields, 'run due')
  }
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
}

function isDue(state: BeatState, what: keyof BeatState, now: Date, everyMs: number): boolean {
  if (now.getTime() - state[what] < everyMs) return false
  state[what] = now.getTime()
  return true
}

/** Spreads runs over the jitter by their id: the same run always gets the same delay. */
function jitter(jitterMs: number, runId: string): number {
  if (jitterMs === 0) return 0
  let hash = 0
  for (const character of runId) hash = (hash * 31 + character.charCodeAt(0)) % 1_000_003
  return hash % jitterMs
}

export interface Scheduler {
  stop(): Promise<void>
}

/** Beats once a second. node-cron keeps no state that matters: what is due is in the database. */
export function startScheduler(ctx: DomainContext, queue: JobQueue, options: BeatOptions): Scheduler {
  const state: BeatState = { swept: 0, tracked: 0 }
  let current: Promise<void> = Promise.resolve()
  let isFailing = false
  const task = createTask(
    '* * * * * *',
    () => {
      current = beat(ctx, queue, options, state).then(
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
