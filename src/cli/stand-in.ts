import { directAttempt, processors } from '../processors/index.js'
import { startWorkers } from '../processors/start-workers.js'
import { dueSubmissions } from '../purchasing/sending/due-submissions.js'
import { trackOrders } from '../purchasing/sending/track-orders.js'
import { countWorkers } from '../runs/workers.js'
import { sweepRuns } from '../schedules/sweep-runs.js'
import type { App } from './open-app.js'
import { createWorkerContext } from './worker-context.js'

/** Does the worker's and the scheduler's part for a command that waits for a run, where nobody else does. */
export interface StandIn {
  readonly isAtWork: () => boolean
  /** Called again and again while the command waits: becomes a worker once none is left, and brings stranded runs back. */
  look(): Promise<void>
  /** Brings what came of the run to the list, if this was the worker. */
  settle(): Promise<void>
}

const lookEveryMs = 1_000
/** As often as a scheduler does; doing it beside one is harmless. */
const sweepEveryMs = 5_000

/** `tell` hears when this process becomes the worker only later, because the one it relied on went away. */
export function createStandIn(app: App, tell: (line: string) => void): StandIn {
  let worker: ReturnType<typeof createWorkerContext> | undefined
  let looked = Number.NEGATIVE_INFINITY
  let swept = Number.NEGATIVE_INFINITY

  const becomeWorker = async (): Promise<void> => {
    // Nobody else asks the suppliers in between: what was delivered since last time must count before anything is bought.
    worker = createWorkerContext(app)
    await trackOrders(app.ctx, worker.channels)
    // And nobody else sends what a person has approved since.
    for (const orderId of await dueSubmissions(app.ctx, { limit: 500 })) {
      await app.queue().enqueue('submit-order', { orderId }, { jobId: `submit-${orderId}`, reviveEnded: true })
    }
    const workers = await startWorkers(worker, app.queue())
    app.lifecycle.own('workers', () => workers.close(app.config.shutdownMs))
  }

  return {
    isAtWork: () => worker !== undefined,
    look: async () => {
      const now = performance.now()
      if (now - looked < lookEveryMs) return
      const isFirst = looked === Number.NEGATIVE_INFINITY
      looked = now
      if (worker === undefined && (await countWorkers(app.ctx)) === 0) {
        if (!isFirst) tell('No worker is left; this command goes on by itself.')
        await becomeWorker()
      }
      // Without a scheduler nobody else would find a run whose job is lost, nor one whose worker died and that holds its list.
      if (now - swept < sweepEveryMs) return
      swept = now
      await sweepRuns(app.ctx, app.queue())
    },
    settle: async () => {
      if (worker !== undefined) await processors['sync-stock'](worker, {}, directAttempt)
    },
  }
}
