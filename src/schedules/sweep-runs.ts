import { sql } from 'kysely'
import type { DomainContext } from '../platform/context.js'
import type { JobQueue } from '../platform/queue.js'
import { maxEpochs } from '../runs/claim-run.js'

/** Queues the job for the next attempt at a run. The id holds the epoch, so each attempt is queued once. */
export async function enqueueRun(queue: JobQueue, run: { id: string; epoch: number }, delayMs = 0): Promise<void> {
  const jobId = `run-${run.id}-${run.epoch + 1}`
  await queue.enqueue('replenish', { runId: run.id }, { jobId, reviveEnded: true, ...(delayMs > 0 ? { delayMs } : {}) })
}

/** When winding up (see maxEpochs) fails as well: the run is ended as it stands, since nothing may wait for ever. */
const hopelessEpochs = 2 * maxEpochs

/**
 * Finds runs that nobody works on: pending ones whose job was never queued (a crash between commit and enqueue) or is lost
 * with the queue, and running ones whose worker is gone. Queues them again.
 */
export async function sweepRuns(ctx: DomainContext, queue: JobQueue): Promise<void> {
  const now = ctx.clock.now()
  const rows = await ctx.db
    .selectFrom('restock.runs')
    .select(['id', 'epoch'])
    .where((eb) =>
      eb.or([
        eb('status', '=', 'pending'),
        eb.and([eb('status', '=', 'running'), eb('lease_until', '<=', sql<Date>`clock_timestamp()`)]),
      ]),
    )
    .orderBy('created_at')
    .limit(1_000)
    .execute()
  for (const run of rows) {
    if (run.epoch < hopelessEpochs) {
      await enqueueRun(queue, run)
      continue
    }
    await ctx.db
      .updateTable('restock.runs')
      .set({
        status: 'failed',
        error: `Given up after ${run.epoch} attempts that ended without an answer.`,
        finished_at: now,
      })
      .where('id', '=', run.id)
      .where('epoch', '=', run.epoch)
      .where('status', '=', 'running')
      .where('lease_until', '<=', sql<Date>`clock_timestamp()`)
      .execute()
    ctx.log.error({ run: run.id, attempts: run.epoch }, 'run given up')
  }
}
