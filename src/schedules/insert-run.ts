import type { DomainContext } from '../platform/context.js'
import type { RunTrigger } from '../runs/tables.js'
import type { Schedule } from './schedule.js'

export interface ScheduledRun {
  /** null: beside the slots. */
  readonly slot: Date | null
  readonly trigger: RunTrigger
  /** Why it is recorded but not carried out; null: it waits for a worker. */
  readonly skippedBecause: string | null
}

/** Records a run of a schedule and returns its id; null when that slot has had its run already. */
export async function insertRun(tx: DomainContext, schedule: Schedule, run: ScheduledRun): Promise<string | null> {
  const now = tx.clock.now()
  const isSkipped = run.skippedBecause !== null
  const row = await tx.db
    .insertInto('restock.runs')
    .values({
      id: tx.newId('run'),
      list: schedule.list,
      status: isSkipped ? 'skipped' : 'pending',
      trigger: run.trigger,
      schedule_id: schedule.id,
      slot: run.slot,
      instructions: schedule.instructions,
      dry_run: false,
      model: null,
      claimed_by: null,
      lease_until: null,
      created_at: now,
      started_at: null,
      finished_at: isSkipped ? now : null,
      snapshot: null,
      outcome: null,
      error: run.skippedBecause,
    })
    .onConflict((conflict) => conflict.columns(['schedule_id', 'slot']).doNothing())
    .returning('id')
    .executeTakeFirst()
  return row?.id ?? null
}

/** Runs of the schedule that wait or are at work, oldest first. */
export async function findUnfinishedRuns(tx: DomainContext, scheduleId: string): Promise<string[]> {
  const rows = await tx.db
    .selectFrom('restock.runs')
    .select('id')
    .where('schedule_id', '=', scheduleId)
    .where('status', 'in', ['pending', 'running'])
    .orderBy('created_at')
    .execute()
  return rows.map((row) => row.id)
}
