import { type JobName, jobNames } from '../../jobs/index.js'
import type { JobQueue, StoppableWorker } from '../platform/queue.js'
import { releaseRunsOf } from '../runs/release-runs.js'
import { announceWorker } from '../runs/workers.js'
import type { Processor, WorkerContext } from './context.js'
import { processors } from './index.js'

/** Runs are worked on side by side; the other jobs are quick and take turns. */
function concurrencyOf(name: JobName, ctx: WorkerContext): number {
  return name === 'replenish' ? ctx.config.worker.concurrency : 1
}

/** Starts a worker for every job and makes it known. Closing waits for work in hand until the deadline. */
export async function startWorkers(ctx: WorkerContext, queue: JobQueue): Promise<StoppableWorker> {
  const announcement = await announceWorker(ctx, ctx.workerId)
  const workers = await Promise.all(jobNames.map((name) => start(ctx, queue, name)))
  return {
    close: async (deadlineMs) => {
      await Promise.all(workers.map((worker) => worker.close(deadlineMs)))
      await releaseRunsOf(ctx, ctx.workerId)
      await announcement.withdraw()
    },
  }
}

function start<Name extends JobName>(ctx: WorkerContext, queue: JobQueue, name: Name): Promise<StoppableWorker> {
  const processor: Processor<Name> = processors[name]
  return queue.startWorker(name, (payload, attempt) => processor(ctx, payload, attempt), {
    concurrency: concurrencyOf(name, ctx),
    // A job is only a trigger, so it may come back early; what may go on is for the run's claim to say. A job that died with
    // its worker keeps others like it waiting for so long.
    lockMs: Math.min(30_000, Math.max(5_000, ctx.config.worker.leaseMs)),
  })
}
