import type { ColumnType, Generated } from 'kysely'

/** jsonb: read as a value, written as JSON text (pg would turn an array into a Postgres array). */
type Json<T> = ColumnType<T, string, string>

export type RunStatus = 'pending' | 'running' | 'completed' | 'failed' | 'skipped'
export type RunTrigger = 'schedule' | 'manual'

export interface SchedulesTable {
  id: string
  name: string
  list: string
  cron: string
  time_zone: string
  instructions: string | null
  misfire: 'skip' | 'run_once' | 'run_all'
  overlap: 'skip' | 'queue'
  /** A slot older than this when it is found is missed for good. */
  catch_up_window_ms: number
  /** Most slots that `run_all` makes up for. */
  max_catch_up: Generated<number>
  jitter_ms: number
  /** So many failed runs in a row pause the schedule; null: none do. */
  pause_after_failures: number | null
  paused_at: Date | null
  /** Why it was paused, where that was not a person. */
  paused_reason: string | null
  /** Failures before then are forgiven. */
  resumed_at: Date | null
  source: 'file' | 'person'
  /** null: paused or archived. */
  next_slot: Date | null
  /** What the clock on the wall shows at next_slot (2026-03-02T06:00:00), and by which time zone data: those change. */
  next_wall: string | null
  zone_data: string | null
  last_slot: Date | null
  missed_slots: Generated<number>
  created_at: Date
  updated_at: Date
  archived_at: Date | null
}

export interface RunsTable {
  id: string
  list: string
  status: RunStatus
  trigger: RunTrigger
  schedule_id: string | null
  /** The instant the schedule asked for; null for runs started by hand, also where they are a schedule's. */
  slot: Date | null
  instructions: string | null
  dry_run: boolean
  /** Model named for this run; null: the configured one. */
  model: string | null
  /** Counts the claims; a write under an older one is refused. */
  epoch: Generated<number>
  /** Who works on it, and until when that is believed. */
  claimed_by: string | null
  lease_until: Date | null
  created_at: Date
  started_at: Date | null
  finished_at: Date | null
  /** Due needs as the first attempt saw them (RunSnapshot); later attempts add what became due. */
  snapshot: Json<unknown> | null
  /** Decisions, orders, usage and summary (RunOutcome) once finished. */
  outcome: Json<unknown> | null
  error: string | null
}

/** What a run did, step by step: one row a model call or tool call. */
export interface RunStepsTable {
  run_id: string
  epoch: number
  step: number
  kind: 'model' | 'tool'
  name: string
  request: Json<unknown>
  response: Json<unknown> | null
  error: string | null
  input_tokens: number
  output_tokens: number
  started_at: Date
  duration_ms: number
}

/** How far the list has followed ordering's events. */
export interface SyncCursorsTable {
  name: string
  seq: number
  updated_at: Date
}

/** Processes at work, so that a command knows whether somebody will do what it queues. */
export interface WorkersTable {
  id: string
  host: string
  pid: number
  started_at: Date
  seen_at: Date
}

/** Which configuration file lists, limits and schedules came from last: one row, or none. */
export interface AppliedConfigsTable {
  id: Generated<boolean>
  /** Absolute, or relative to the data folder when that holds the database: the two may be moved together. */
  path: string
  /** Of what the file said about lists and schedules. */
  hash: string
  applied_at: Date
}

export interface RestockTables {
  'restock.schedules': SchedulesTable
  'restock.runs': RunsTable
  'restock.run_steps': RunStepsTable
  'restock.sync_cursors': SyncCursorsTable
  'restock.workers': WorkersTable
  'restock.applied_configs': AppliedConfigsTable
}
