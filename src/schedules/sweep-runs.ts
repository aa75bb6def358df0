import { sql } from 'kysely'
import type { DomainContext } from '../platform/context.js'
import type { JobQueue } from '../platform/queue.js'
import { maxEpochs } from '../runs/claim-run.js'
import { endHopelessRun } from '../runs/end-hopeless-run.js'
import { jitterOf } from './jitter.js'

/** Queues the job for the next attempt at a run. The id holds the epoch, so each attempt is queued once. */
export async function enqueueRun(queue: JobQueue, run: { id: string; epoch: number }, delayMs = 0): Promise<void> {
  const jobId = `run-${run.id}-${run.epoch + 1}`
  await queue.enqueue('replenish', { runId: run.id }, { jobId, reviveEnded: true, ...(delayMs > 0 ? { delayMs } : {}) })
}

/** When winding up (see maxEpochs) fails as well: the run is ended as it stands, since nothing may wait for ever. */
const hopelessEpochs = 2 * maxEpochs

/**
 * Finds runs that nobody works on: pending ones whose job was never queued (a crash between commit and enqueue) or is lost
 * with the queue, and running ones whose worker is gone. Queues them again. `lookAheadMs`: also those whose lease ends so
 * soon, for that moment; a run whose worker is well is found held then.
 */
export async function sweepRuns(
  ctx: DomainContext,
  queue: JobQueue,
  { lookAheadMs = 0 }: { readonly lookAheadMs?: number } = {},
): Promise<void> {
  const now = ctx.clock.now()
  const rows = await ctx.db
    .selectFrom('restock.runs')
    .select(['id', 'epoch', 'schedule_id', 'slot', 'created_at'])
    .select(
      sql<number>`greatest(0, extract(epoch from lease_until - clock_timestamp()) * 1000)::float`.as('lease_left_ms'),
    )
    .where((eb) =>
      eb.or([
        eb('status', '=', 'pending'),
        eb.and([
          eb('status', '=', 'running'),
          eb('lease_until', '<=', sql<Date>`clock_timestamp() + ${lookAheadMs} * interval '1 millisecond'`),
        ]),
      ]),
    )
    .orderBy('created_at')
    .limit(1_000)
    .execute()
  const jitters = await findJitters(
    ctx,
    rows.flatMap(({ schedule_id, epoch }) => (schedule_id === null || epoch > 0 ? [] : [schedule_id])),
  )
  for (const run of rows) {
    // null for a pending run.
    const leaseLeftMs = run.lease_left_ms ?? 0
    if (leaseLeftMs > 0 || run.epoch < hopelessEpochs) {
      // A job that is queued keeps the delay it has; one that is lost gets what is left of it.
      const isFirst = run.slot !== null && run.epoch === 0
      const jitterMs = isFirst ? jitterOf(jitters.get(run.schedule_id ?? '') ?? 0, run.id) : 0
      const leftMs = run.created_at.getTime() + jitterMs - now.getTime()
      await enqueueRun(queue, run, Math.max(Math.ceil(leaseLeftMs), Math.min(jitterMs, leftMs), 0))
      continue
    }
    if (!(await endHopelessRun(ctx, run))) continue
    ctx.log.error({ run: run.id, attempts: run.epoch }, 'run given up')
  }
}

async function findJitters(ctx: DomainContext, scheduleIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
  if (scheduleIds.length === 0) return new Map()
  const rows = await ctx.db
    .selectFrom('restock.schedules')
    .select(['id', 'jitter_ms'])
    .where('id', 'in', [...new Set(scheduleIds)])
    .where('jitter_ms', '>', 0)
    .execute()
  return new Map(rows.map((row) => [row.id, row.jitter_ms]))
}
