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
  readonly jitterMs: number
  readonly pausedAt: Date | null
  /** `file`: from restock.yaml and changed only there, pausing apart. */
  readonly source: 'file' | 'person'
  readonly nextSlot: Date | null
  readonly lastSlot: Date | null
  readonly missedSlots: number
}

export const defaultCatchUpWindowMs = 24 * 60 * 60 * 1_000

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
    jitterMs: row.jitter_ms,
    pausedAt: row.paused_at,
    source: row.source,
    nextSlot: row.next_slot,
    lastSlot: row.last_slot,
    missedSlots: row.missed_slots,
  }
}
