import { sql } from 'kysely'
import type { DomainContext } from '../platform/context.js'
import type { JobQueue } from '../platform/queue.js'

/** Queues the job for the next attempt at a run. The id holds the epoch, so each attempt is queued once. */
export async function enqueueRun(queue: JobQueue, run: { id: string; epoch: number }, delayMs = 0): Promise<void> {
  const jobId = `run-${run.id}-${run.epoch + 1}`
  await queue.enqueue('replenish', { runId: run.id }, { jobId, reviveEnded: true, ...(delayMs > 0 ? { delayMs } : {}) })
}

/** A run that its workers died over this often is not tried again. */
export const maxEpochs = 10

/**
 * Finds runs that nobody works on: pending ones whose job was never queued (a crash between commit and enqueue) or is lost
 * with the queue, and running ones whose worker is gone. Queues them again, and ends those that failed too often.
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
    if (run.epoch < maxEpochs) {
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
      .execute()
    ctx.log.error({ run: run.id, attempts: run.epoch }, 'run given up')
  }
}
