import { Cron } from 'croner'

/** The instant after `after` that a schedule asks for next; null when there is none (a date that never comes). */
export function nextSlot(cron: string, timeZone: string, after: Date): Date | null {
  return new Cron(cron, { timezone: timeZone, paused: true }).nextRun(after)
}

/** The next `count` slots, soonest first. */
export function nextSlots(cron: string, timeZone: string, after: Date, count: number): Date[] {
  return new Cron(cron, { timezone: timeZone, paused: true }).nextRuns(count, after)
}

export interface PlannedSchedule {
  readonly cron: string
  readonly timeZone: string
  /** The slot it waits for. */
  readonly nextSlot: Date
  readonly misfire: 'skip' | 'run_once' | 'run_all'
  /** A slot found later than this is missed for good. */
  readonly catchUpWindowMs: number
  /** Most slots that `run_all` makes up for. */
  readonly maxCatchUp: number
}

export interface BeatPlan {
  /** Slots to run now, oldest first. */
  readonly slots: readonly Date[]
  /** Slots that went by and won't be run. Of very many, at least so many. */
  readonly missed: number
  /** The newest slot that has come; null: none has. */
  readonly lastSlot: Date | null
  /** null: the schedule has no slots left. */
  readonly nextSlot: Date | null
}

/** A slot found this late is still on time: beats take turns, machines pause. */
export const onTimeMs = 60_000

// Counting every minute of a year away, or of a clock that was set a year ahead, would hold up all other schedules.
const maxCounted = 1_000

/**
 * What a beat does with a schedule whose next slot has come. The newest slot runs if it is on time. Slots found late follow
 * the misfire rule: `skip` drops them, `run_once` runs the newest alone, `run_all` runs the newest few, all within the
 * catch-up window. The work is bounded however long nobody was there.
 */
export function planBeat(schedule: PlannedSchedule, now: Date): BeatPlan {
  const cron = new Cron(schedule.cron, { timezone: schedule.timeZone, paused: true })
  const due = newestDue(cron, schedule.nextSlot, now, schedule.maxCatchUp)
  const last = due.at(-1) ?? null
  const age = (slot: Date) => now.getTime() - slot.getTime()
  const inWindow = due.filter((slot) => age(slot) <= Math.max(schedule.catchUpWindowMs, onTimeMs))
  const slots = {
    skip: inWindow.slice(-1).filter((slot) => age(slot) <= onTimeMs),
    run_once: inWindow.slice(-1),
    run_all: inWindow.slice(-schedule.maxCatchUp),
  }[schedule.misfire]
  return {
    slots,
    missed: countDue(cron, schedule.nextSlot, now) - slots.length,
    lastSlot: last,
    nextSlot: cron.nextRun(now),
  }
}

/** The newest `count` slots from `first` to `now`, oldest first: looked for ever further back, so that years cost no more than days. */
function newestDue(cron: Cron, first: Date, now: Date, count: number): Date[] {
  if (first > now) return []
  for (let backMs = 3_600_000; ; backMs *= 4) {
    const from = now.getTime() - backMs
    const isWhole = from < first.getTime()
    const slots = isWhole ? [first] : []
    let slot = cron.nextRun(isWhole ? first : new Date(from))
    while (slot !== null && slot <= now) {
      slots.push(slot)
      // A cron of seconds: only the newest matter.
      if (slots.length > maxCounted) slots.shift()
      slot = cron.nextRun(slot)
    }
    if (isWhole || slots.length >= count) return slots.slice(-count)
  }
}

function countDue(cron: Cron, first: Date, now: Date): number {
  let count = 0
  for (let slot: Date | null = first; slot !== null && slot <= now && count < maxCounted; slot = cron.nextRun(slot)) {
    count += 1
  }
  return count
}
