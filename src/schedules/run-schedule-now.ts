import type { DomainContext } from '../platform/context.js'
import { inTransaction } from '../platform/database.js'
import { InputError } from '../platform/errors.js'
import { getSchedule } from './change-schedule.js'
import { findUnfinishedRuns, insertRun } from './insert-run.js'
import { toSchedule } from './schedule.js'
import { nextSlot } from './slots.js'
import { storedSlot } from './wall-clock.js'

export interface RunNow {
  readonly name: string
  /** The run stands for the next slot, which is taken by it; otherwise it comes beside the slots, and they stay as they are. */
  readonly insteadOfNext: boolean
}

export interface StartedRun {
  readonly runId: string
  /** false: a run of this schedule was waiting or at work already, and this is that one. */
  readonly isNew: boolean
  /** The slot that it stands for; null: none. */
  readonly slot: Date | null
}

/**
 * A run of a schedule because a person wants it now: with the schedule's list and instructions, counted among its runs (for
 * overlap and failures), also while it is paused. With `overlap: skip`, asking twice gives one run. The caller enqueues it.
 */
export async function runScheduleNow(ctx: DomainContext, input: RunNow): Promise<StartedRun> {
  const { id } = await getSchedule(ctx, input.name)
  return inTransaction(ctx, async (tx) => {
    const row = await tx.db
      .selectFrom('restock.schedules')
      .selectAll()
      .where('id', '=', id)
      .forUpdate()
      .executeTakeFirstOrThrow()
    const schedule = toSchedule(row)
    const [atWork] = await findUnfinishedRuns(tx, id)
    if (schedule.overlap === 'skip' && atWork !== undefined) return { runId: atWork, isNew: false, slot: null }
    const slot = input.insteadOfNext ? schedule.nextSlot : null
    if (input.insteadOfNext && slot === null) {
      throw new InputError(
        `The schedule "${schedule.name}" is paused, so there is no next slot to take; leave out --instead-of-next, or resume it first.`,
        'no_next_slot',
      )
    }
    const runId = await insertRun(tx, schedule, { slot, trigger: 'manual', skippedBecause: null })
    if (slot !== null) {
      await tx.db
        .updateTable('restock.schedules')
        .set({
          ...storedSlot(nextSlot(schedule.cron, schedule.timeZone, slot), schedule.timeZone),
          last_slot: slot,
          updated_at: tx.clock.now(),
        })
        .where('id', '=', id)
        .execute()
    }
    // A slot that had its run while the clock was wrong: that one is the answer.
    return { runId: runId ?? (await runOfSlot(tx, id, slot)), isNew: runId !== null, slot }
  })
}

async function runOfSlot(tx: DomainContext, scheduleId: string, slot: Date | null): Promise<string> {
  const row = await tx.db
    .selectFrom('restock.runs')
    .select('id')
    .where('schedule_id', '=', scheduleId)
    .where('slot', '=', slot)
    .executeTakeFirstOrThrow()
  return row.id
}
