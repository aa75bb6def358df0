import type { DomainContext } from '../platform/context.js'
import { inTransaction } from '../platform/database.js'
import { findUnfinishedRuns, insertRun } from './insert-run.js'
import { pauseFailingSchedules } from './pause-failing.js'
import { type Schedule, toSchedule } from './schedule.js'
import { type BeatPlan, planBeat } from './slots.js'
import { storedSlot } from './wall-clock.js'

export interface TakenSlot {
  readonly runId: string
  readonly schedule: Schedule
  readonly slot: Date
  /** A run that was not started because the one before it is not done (overlap: skip). */
  readonly isSkipped: boolean
}

/** Schedules taken in one transaction: few enough that other schedulers get their share of many that are due at once. */
export const schedulesATime = 100

/** With `overlap: queue`, no more runs of one schedule than this wait: nobody has been working for long. */
const maxWaitingRuns = 100

/**
 * Takes slots that have come, of at most a hundred schedules: inserts their runs and moves the schedules on, in one
 * transaction that locks each schedule and skips those that another scheduler holds. `runs UNIQUE (schedule_id, slot)` is the
 * last word on one run a slot. Returns also how many schedules it dealt with: a full hundred means that there may be more.
 */
export async function takeDueSlots(
  ctx: DomainContext,
  now: Date,
): Promise<{ readonly schedules: number; readonly taken: readonly TakenSlot[] }> {
  return inTransaction(ctx, async (tx) => {
    const rows = await tx.db
      .selectFrom('restock.schedules')
      .selectAll()
      .where('next_slot', '<=', now)
      .where('archived_at', 'is', null)
      .where('paused_at', 'is', null)
      .orderBy('next_slot')
      .limit(schedulesATime)
      .forUpdate()
      .skipLocked()
      .execute()
    const taken: TakenSlot[] = []
    for (const row of rows) taken.push(...(await takeSlots(tx, toSchedule(row), now)))
    return { schedules: rows.length, taken }
  })
}

/** The slots of one schedule that have come. The transaction holds its row locked. */
export async function takeSlots(tx: DomainContext, schedule: Schedule, now: Date): Promise<TakenSlot[]> {
  if (schedule.nextSlot === null || schedule.nextSlot > now) return []
  // Its last failure may be younger than the last look at failures.
  if (schedule.pauseAfterFailures !== null && (await pauseFailingSchedules(tx, schedule.id)).length > 0) return []
  const plan = await planOrPause(tx, schedule, schedule.nextSlot, now)
  if (plan === null) return []
  const taken: TakenSlot[] = []
  // Slots that are made up for together don't overlap: the list takes one run after the other.
  const waiting = (await findUnfinishedRuns(tx, schedule.id)).length
  for (const slot of plan.slots) {
    const skippedBecause = whySkipped(schedule, waiting)
    const runId = await insertRun(tx, schedule, { slot, trigger: 'schedule', skippedBecause })
    if (runId !== null) taken.push({ runId, schedule, slot, isSkipped: skippedBecause !== null })
  }
  await tx.db
    .updateTable('restock.schedules')
    .set((eb) => ({
      ...storedSlot(plan.nextSlot, schedule.timeZone),
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

function whySkipped(schedule: Schedule, waiting: number): string | null {
  if (schedule.overlap === 'skip' && waiting > 0) return 'The run before it was not done yet.'
  if (waiting >= maxWaitingRuns) return `${waiting} runs of this schedule are waiting already.`
  return null
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
      .set({
        paused_at: now,
        paused_reason: `its cron expression "${schedule.cron}" or its time zone ${schedule.timeZone} can't be read any more`,
        ...storedSlot(null, schedule.timeZone),
        updated_at: now,
      })
      .where('id', '=', schedule.id)
      .execute()
    return null
  }
}
