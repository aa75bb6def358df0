import type { DomainContext } from '../platform/context.js'
import { toSchedule } from './schedule.js'
import { planBeat } from './slots.js'
import { storedSlot } from './wall-clock.js'

/**
 * Lets every schedule wait for its next slot from now on. Slots that went by since a backup was written count as missed, whatever
 * the misfire rule: they may have had their run, which the backup knows nothing of. The misfire rule holds again from now on.
 */
export async function restartSchedules(tx: DomainContext): Promise<void> {
  const now = tx.clock.now()
  const rows = await tx.db
    .selectFrom('restock.schedules')
    .selectAll()
    .where('next_slot', 'is not', null)
    .forUpdate()
    .execute()
  for (const row of rows) {
    const { next_slot: waiting } = row
    const schedule = toSchedule(row)
    if (waiting === null) continue
    try {
      const plan = planBeat({ ...schedule, nextSlot: waiting, misfire: 'skip' }, now)
      await tx.db
        .updateTable('restock.schedules')
        .set((eb) => ({
          ...storedSlot(plan.nextSlot, schedule.timeZone),
          missed_slots: eb('missed_slots', '+', plan.missed + plan.slots.length),
          updated_at: now,
        }))
        .where('id', '=', schedule.id)
        .execute()
    } catch (error) {
      // A time zone that this Node doesn't know: the beat pauses it and says so.
      tx.log.warn({ err: error, schedule: schedule.name }, 'the schedule could not be read')
    }
  }
}
