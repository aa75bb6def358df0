import type { DomainContext } from '../platform/context.js'
import { toSchedule } from './schedule.js'
import { nextSlot } from './slots.js'
import { slotByTodaysData, storedSlot, wallTime, zoneData } from './wall-clock.js'

const pageSize = 500

/**
 * Brings waiting slots in line with the time zone data of this Node, which may be newer than the one that they were computed
 * with: a slot keeps the time on the wall that its schedule asked for. Returns how many moved.
 */
export async function refreshSlots(ctx: DomainContext): Promise<number> {
  let moved = 0
  for (let after = ''; ; ) {
    const rows = await ctx.db
      .selectFrom('restock.schedules')
      .selectAll()
      .where('next_slot', 'is not', null)
      .where('zone_data', 'is distinct from', zoneData)
      .where('id', '>', after)
      .orderBy('id')
      .limit(pageSize)
      .execute()
    for (const row of rows) {
      const { next_slot: slot, next_wall: wall } = row
      if (slot === null) continue
      const schedule = toSchedule(row)
      const fresh = readable(() =>
        slotByTodaysData({ ...schedule, nextSlot: slot, nextWall: wall ?? wallTime(slot, schedule.timeZone) }),
      )
      // What can't be read is paused, and told about, when its slot comes.
      if (fresh === undefined) continue
      await ctx.db
        .updateTable('restock.schedules')
        .set(storedSlot(fresh, schedule.timeZone))
        .where('id', '=', schedule.id)
        .where('next_slot', '=', slot)
        .execute()
      if (fresh?.getTime() === slot.getTime()) continue
      moved += 1
      ctx.log.warn(
        { schedule: schedule.name, from: slot.toISOString(), to: fresh?.toISOString() ?? null, zoneData },
        'the clocks of its time zone have changed: the next slot moved with them',
      )
    }
    if (rows.length < pageSize) return moved
    after = rows.at(-1)?.id ?? after
  }
}

/** A clock this far behind what it said before was set back; less is a difference between machines. */
const setBackMs = 15 * 60_000

/**
 * After the clock was ahead and was set right, schedules would wait for slots that lie that far ahead. Those wait for their
 * next slot from now on instead; a slot that had its run while the clock was wrong doesn't get another one. Returns their number.
 */
export async function rewindSlots(ctx: DomainContext, now: Date): Promise<number> {
  const rows = await ctx.db
    .selectFrom('restock.schedules')
    .selectAll()
    .where('next_slot', 'is not', null)
    .where('updated_at', '>', new Date(now.getTime() + setBackMs))
    .limit(pageSize)
    .execute()
  let rewound = 0
  for (const row of rows) {
    const schedule = toSchedule(row)
    const fresh = readable(() => nextSlot(schedule.cron, schedule.timeZone, now))
    if (fresh === undefined) continue
    await ctx.db
      .updateTable('restock.schedules')
      .set({
        ...storedSlot(fresh, schedule.timeZone),
        last_slot: schedule.lastSlot !== null && schedule.lastSlot > now ? null : schedule.lastSlot,
        updated_at: now,
      })
      .where('id', '=', schedule.id)
      .where('next_slot', '=', row.next_slot)
      .execute()
    rewound += 1
  }
  if (rewound > 0)
    ctx.log.warn({ schedules: rewound }, 'the clock was set back: schedules wait for their next slot from now on')
  return rewound
}

function readable<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch {
    return undefined
  }
}
