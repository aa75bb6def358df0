import type { DomainContext } from '../platform/context.js'
import { inTransaction } from '../platform/database.js'
import { type Schedule, toSchedule } from './schedule.js'
import { type BeatPlan, planBeat } from './slots.js'

export interface TakenSlot {
  readonly runId: string
  readonly schedule: Schedule
  readonly slot: Date
  /** A run that was not started because the one before it is not done (overlap: skip). */
  readonly isSkipped: boolean
}

/**
 * Takes every slot that has come: inserts its run and moves the schedule on, in one transaction that locks the schedule and
 * skips those that another scheduler holds. `runs UNIQUE (schedule_id, slot)` is the last word on one run a slot.
 */
export async function takeDueSlots(ctx: DomainContext, now: Date): Promise<TakenSlot[]> {
  return inTransaction(ctx, async (tx) => {
    const rows = await tx.db
      .selectFrom('restock.schedules')
      .selectAll()
      .where('next_slot', '<=', now)
      .where('archived_at', 'is', null)
      .where('paused_at', 'is', null)
      .orderBy('next_slot')
      .limit(100)
      .forUpdate()
      .skipLocked()
      .execute()
    const taken: TakenSlot[] = []
    for (const row of rows) taken.push(...(await takeSlots(tx, toSchedule(row), now)))
    return taken
  })
}

async function takeSlots(tx: DomainContext, schedule: Schedule, now: Date): Promise<TakenSlot[]> {
  if (schedule.nextSlot === null) return []
  const plan = await planOrPause(tx, schedule, schedule.nextSlot, now)
  if (plan === null) return []
  const taken: TakenSlot[] = []
  for (const slot of plan.slots) {
    const isSkipped = schedule.overlap === 'skip' && (await hasUnfinishedRun(tx, schedule.id))
    const row = await tx.db
      .insertInto('restock.runs')
      .values({
        id: tx.newId('run'),
        list: schedule.list,
        status: isSkipped ? 'skipped' : 'pending',
        trigger: 'schedule',
        schedule_id: schedule.id,
        slot,
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
        error: isSkipped ? 'The run before it was not done yet.' : null,
      })
      .onConflict((conflict) => conflict.columns(['schedule_id', 'slot']).doNothing())
      .returning('id')
      .executeTakeFirst()
    if (row !== undefined) taken.push({ runId: row.id, schedule, slot, isSkipped })
  }
  await tx.db
    .updateTable('restock.schedules')
    .set((eb) => ({
      next_slot: plan.nextSlot,
      last_slot: plan.lastSlot ?? schedule.lastSlot,
      missed_slots: eb('missed_slots', '+', plan.missed),
      updated_at: now,
    }))
    .where('id', '=', schedule.id)
    .execute()
  if (plan.missed > 0) {
    tx.log.warn(
      { schedule: schedule.name, list: schedule.list, missed: plan.missed },
      'slots went by while nobody was there',
    )
  }
  return taken
}

/** A schedule whose cron or zone can't be read any more (a time zone that was renamed) is paused, and the others go on. */
async function planOrPause(tx: DomainContext, schedule: Schedule, slot: Date, now: Date): Promise<BeatPlan | null> {
  try {
    return planBeat({ ...schedule, nextSlot: slot }, now)
  } catch (error) {
    tx.log.error(
      { err: error, schedule: schedule.name },
      'the schedule could not be read and is paused; correct it and resume it',
    )
    await tx.db
      .updateTable('restock.schedules')
      .set({ paused_at: now, next_slot: null, updated_at: now })
      .where('id', '=', schedule.id)
      .execute()
    return null
  }
}

async function hasUnfinishedRun(tx: DomainContext, scheduleId: string): Promise<boolean> {
  const row = await tx.db
    .selectFrom('restock.runs')
    .select('id')
    .where('schedule_id', '=', scheduleId)
    .where('status', 'in', ['pending', 'running'])
    .executeTakeFirst()
  return row !== undefined
}
