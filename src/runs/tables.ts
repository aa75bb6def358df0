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
  /** When both servers were told that nothing more comes of this run; null: not yet. */
  fenced_at: Generated<Date | null>
  /** Due needs as the first attempt saw them (RunSnapshot); later attempts add what became due. */
  snapshot: Json<unknown> | null
  /** Decisions, orders, usage and summary (RunOutcome) once finished. */
  outcome: Json<unknown> | null
  error: string | null
}

/**
 * What a run did, step by step: one row a model call or tool call, and one for what was due when a model began. The rows with
 * a leg are the run's journal: what a later attempt is answered from instead of asking again.
 */
export interface RunStepsTable {
  run_id: string
  /** The claim under which it was recorded. */
  epoch: number
  step: number
  kind: 'snapshot' | 'model' | 'tool'
  /** Of the model or the tool. */
  name: string
  /** Which conversation of the run: each model of the chain begins one of its own. null: the worker's own call. */
  leg: Generated<number | null>
  /** Place in its conversation, 0 for the snapshot. A row of a later claim stands for all rows at or after its place. */
  position: Generated<number | null>
  /** Of what was asked; the same again is answered from here. */
  fingerprint: Generated<string | null>
  /** The call may change something. Such a row is there before the call is made: without response and error, nobody knows. */
  is_write: Generated<boolean>
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

export type AtWorkRole = 'worker' | 'scheduler'

/** Workers and schedulers, so that a command knows whether somebody will do what it queues, and start what is due. */
export interface WorkersTable {
  id: string
  role: AtWorkRole
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
