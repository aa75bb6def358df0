import type { Selectable } from 'kysely'
import type { Run, RunOutcome, RunSnapshot } from './run.js'
import type { RunsTable } from './tables.js'

/** A row as the rest of the program knows it. Snapshot and outcome were written by us in exactly these shapes. */
export function toRun(row: Selectable<RunsTable>): Run {
  return {
    id: row.id,
    list: row.list,
    status: row.status,
    trigger: row.trigger,
    scheduleId: row.schedule_id,
    slot: row.slot,
    instructions: row.instructions,
    dryRun: row.dry_run,
    model: row.model,
    epoch: row.epoch,
    claimedBy: row.claimed_by,
    leaseUntil: row.lease_until,
    createdAt: row.created_at,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    snapshot: row.snapshot as RunSnapshot | null,
    outcome: row.outcome as RunOutcome | null,
    error: row.error,
  }
}
