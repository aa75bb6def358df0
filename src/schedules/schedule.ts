import type { Selectable } from 'kysely'
import type { SchedulesTable } from '../runs/tables.js'

/** A cron expression and time zone for a list, and what to do about slots that come late or while a run is at work. */
export interface Schedule {
  readonly id: string
  readonly name: string
  readonly list: string
  readonly cron: string
  readonly timeZone: string
  readonly instructions: string | null
  readonly misfire: 'skip' | 'run_once' | 'run_all'
  readonly overlap: 'skip' | 'queue'
  readonly catchUpWindowMs: number
  /** Most slots that `run_all` makes up for. */
  readonly maxCatchUp: number
  readonly jitterMs: number
  /** So many failed runs in a row pause it; null: none do. */
  readonly pauseAfterFailures: number | null
  readonly pausedAt: Date | null
  /** Why it was paused, where that was not a person. */
  readonly pausedReason: string | null
  /** `file`: from restock.yaml and changed only there, pausing apart. */
  readonly source: 'file' | 'person'
  readonly nextSlot: Date | null
  readonly lastSlot: Date | null
  readonly missedSlots: number
}

export const defaultCatchUpWindowMs = 24 * 60 * 60 * 1_000
export const defaultMaxCatchUp = 10

export function toSchedule(row: Selectable<SchedulesTable>): Schedule {
  return {
    id: row.id,
    name: row.name,
    list: row.list,
    cron: row.cron,
    timeZone: row.time_zone,
    instructions: row.instructions,
    misfire: row.misfire,
    overlap: row.overlap,
    catchUpWindowMs: row.catch_up_window_ms,
    maxCatchUp: row.max_catch_up,
    jitterMs: row.jitter_ms,
    pauseAfterFailures: row.pause_after_failures,
    pausedAt: row.paused_at,
    pausedReason: row.paused_reason,
    source: row.source,
    nextSlot: row.next_slot,
    lastSlot: row.last_slot,
    missedSlots: row.missed_slots,
  }
}
