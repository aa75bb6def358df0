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
}

export interface BeatPlan {
  /** Slots to run now, oldest first. */
  readonly slots: readonly Date[]
  /** Slots that went by and won't be run. */
  readonly missed: number
  /** The newest slot that has come; null: none has. */
  readonly lastSlot: Date | null
  /** null: the schedule has no slots left. */
  readonly nextSlot: Date | null
}

/** A slot found this late is still on time: beats take turns, machines pause. */
export const onTimeMs = 60_000

/** Most slots that `run_all` makes up for after downtime. */
export const maxCatchUpRuns = 10

// Enumerating a cron of seconds over months of downtime would take for ever; only the newest can still matter.
const maxEnumerated = 5_000

/**
 * What a beat does with a schedule whose next slot has come. The newest slot runs if it is on time. Slots found late follow
 * the misfire rule: `skip` drops them, `run_once` runs the newest alone, `run_all` runs up to ten, all within the catch-up window.
 */
export function planBeat(schedule: PlannedSchedule, now: Date): BeatPlan {
  const due = dueSlots(schedule, now)
  const last = due.at(-1) ?? null
  const age = (slot: Date) => now.getTime() - slot.getTime()
  const inWindow = due.filter((slot) => age(slot) <= Math.max(schedule.catchUpWindowMs, onTimeMs))
  const slots = {
    skip: inWindow.filter((slot) => slot === last && age(slot) <= onTimeMs),
    run_once: inWindow.slice(-1),
    run_all: inWindow.slice(-maxCatchUpRuns),
  }[schedule.misfire]
  return {
    slots,
    missed: due.length - slots.length,
    lastSlot: last,
    nextSlot: nextSlot(schedule.cron, schedule.timeZone, now),
  }
}

function dueSlots(schedule: PlannedSchedule, now: Date): Date[] {
  const due: Date[] = []
  let slot: Date | null = schedule.nextSlot
  while (slot !== null && slot <= now) {
    due.push(slot)
    if (due.length === maxEnumerated) {
      const rest = new Date(
        Math.max(slot.getTime(), now.getTime() - schedule.catchUpWindowMs, now.getTime() - 3_600_000),
      )
      slot = nextSlot(schedule.cron, schedule.timeZone, rest)
      while (slot !== null && slot <= now && due.length < 2 * maxEnumerated) {
        due.push(slot)
        slot = nextSlot(schedule.cron, schedule.timeZone, slot)
      }
      return due
    }
    slot = nextSlot(schedule.cron, schedule.timeZone, slot)
  }
  return due
}
