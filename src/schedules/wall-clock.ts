import { nextSlot } from './slots.js'

const formatters = new Map<string, Intl.DateTimeFormat>()

/** What the clock on the wall of a time zone shows: `2026-03-02T06:00:00`. */
export function wallTime(instant: Date, timeZone: string): string {
  let formatter = formatters.get(timeZone)
  if (formatter === undefined) {
    // Swedish writes dates as ISO 8601 does.
    formatter = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' })
    formatters.set(timeZone, formatter)
  }
  return formatter.format(instant).replace(' ', 'T')
}

/** Where a schedule stands, as it is stored: the slot, what the wall shows then, and which time zone data says so. */
export interface StoredSlot {
  readonly next_slot: Date | null
  readonly next_wall: string | null
  readonly zone_data: string | null
}

export function storedSlot(slot: Date | null, timeZone: string): StoredSlot {
  if (slot === null) return { next_slot: null, next_wall: null, zone_data: null }
  return { next_slot: slot, next_wall: wallTime(slot, timeZone), zone_data: zoneData }
}

/** The version of the time zone database that this Node has: countries change their clocks, and new versions say so. */
export const zoneData: string = process.versions.tz ?? 'unknown'

export interface WaitingSlot {
  readonly cron: string
  readonly timeZone: string
  readonly nextSlot: Date
  /** What the wall was to show at that instant, by the data of back then. */
  readonly nextWall: string
  readonly lastSlot: Date | null
}

/**
 * The same slot by the time zone data of today: what a schedule asked for is a time on the wall, and the wall may show it at
 * another instant now. Never a slot that has been taken already.
 */
export function slotByTodaysData(waiting: WaitingSlot): Date | null {
  const { cron, timeZone, lastSlot } = waiting
  if (wallTime(waiting.nextSlot, timeZone) === waiting.nextWall) return waiting.nextSlot
  const moved = nextSlot(cron, timeZone, new Date(instantOf(waiting.nextWall, timeZone).getTime() - 1_000))
  if (moved === null || lastSlot === null || moved > lastSlot) return moved
  return nextSlot(cron, timeZone, lastSlot)
}

const minuteMs = 60_000
const dayMs = 86_400_000

/** The first instant at which the wall shows this; when its clock jumps over it, the first one after the gap. */
function instantOf(wall: string, timeZone: string): Date {
  const asUtc = Date.parse(`${wall}Z`)
  const offsetAt = (instant: number) => Date.parse(`${wallTime(new Date(instant), timeZone)}Z`) - instant
  const earlier = asUtc - Math.max(offsetAt(asUtc - dayMs), offsetAt(asUtc + dayMs))
  // No zone has ever jumped over more than a day.
  for (let instant = earlier; instant <= earlier + dayMs; instant += minuteMs) {
    if (wallTime(new Date(instant), timeZone) >= wall) return new Date(instant)
  }
  return new Date(earlier)
}
