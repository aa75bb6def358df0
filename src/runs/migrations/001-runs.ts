import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    create table restock.schedules (
      id text primary key,
      name text not null unique,
      list text not null,
      cron text not null,
      time_zone text not null,
      instructions text,
      misfire text not null check (misfire in ('skip', 'run_once', 'run_all')),
      overlap text not null check (overlap in ('skip', 'queue')),
      catch_up_window_ms bigint not null check (catch_up_window_ms >= 0),
      max_catch_up integer not null default 10 check (max_catch_up between 1 and 100),
      jitter_ms bigint not null default 0 check (jitter_ms >= 0),
      pause_after_failures integer check (pause_after_failures >= 1),
      paused_at timestamptz,
      paused_reason text,
      resumed_at timestamptz,
      source text not null check (source in ('file', 'person')),
      next_slot timestamptz,
      next_wall text,
      zone_data text,
      last_slot timestamptz,
      missed_slots bigint not null default 0,
      created_at timestamptz not null,
      updated_at timestamptz not null,
      archived_at timestamptz
    )`.execute(db)
  await sql`create index schedules_due on restock.schedules (next_slot) where next_slot is not null`.execute(db)
  await sql`
    create table restock.runs (
      id text primary key,
      list text not null,
      status text not null check (status in ('pending', 'running', 'completed', 'failed', 'skipped')),
      trigger text not null check (trigger in ('schedule', 'manual')),
      schedule_id text references restock.schedules,
      slot timestamptz,
      instructions text,
      dry_run boolean not null default false,
      model text,
      epoch bigint not null default 0,
      claimed_by text,
      lease_until timestamptz,
      created_at timestamptz not null,
      started_at timestamptz,
      finished_at timestamptz,
      fenced_at timestamptz,
      snapshot jsonb,
      outcome jsonb,
      error text,
      unique (schedule_id, slot),
      check (slot is null or schedule_id is not null),
      check (trigger = 'manual' or slot is not null)
    )`.execute(db)
  // Two runs at work on one list would see the same needs: the database makes that impossible, later runs wait.
  await sql`create unique index runs_one_at_work on restock.runs (list) where status = 'running'`.execute(db)
  await sql`create index runs_unfinished on restock.runs (created_at) where status in ('pending', 'running')`.execute(
    db,
  )
  await sql`create index runs_unfenced on restock.runs (finished_at) where fenced_at is null and status in ('completed', 'failed')`.execute(
    db,
  )
  await sql`create index runs_newest on restock.runs (created_at desc)`.execute(db)
  await sql`create index runs_of_list on restock.runs (list, created_at desc)`.execute(db)
  await sql`create index runs_status on restock.runs (status, created_at desc)`.execute(db)
  await sql`create index runs_ended on restock.runs (finished_at) where status not in ('pending', 'running')`.execute(
    db,
  )
  await sql`create index runs_failed on restock.runs (finished_at) where status = 'failed'`.execute(db)
  // json, not jsonb: a later attempt at the run must give the model the very same text, its keys in the same order.
  await sql`
    create table restock.run_steps (
      run_id text not null references restock.runs,
      epoch bigint not null,
      step integer not null,
      kind text not null check (kind in ('snapshot', 'model', 'tool')),
      name text not null,
      leg integer,
      position integer,
      fingerprint text,
      is_write boolean not null default false,
      request json not null,
      response json,
      error text,
      input_tokens bigint not null default 0,
      output_tokens bigint not null default 0,
      started_at timestamptz not null,
      duration_ms double precision not null,
      primary key (run_id, epoch, step),
      check ((leg is null) = (position is null))
    )`.execute(db)
  await sql`create table restock.sync_cursors (name text primary key, seq bigint not null, updated_at timestamptz not null)`.execute(
    db,
  )
  await sql`
    create table restock.workers (
      id text primary key,
      role text not null check (role in ('worker', 'scheduler')),
      host text not null,
      pid integer not null,
      started_at timestamptz not null,
      seen_at timestamptz not null
    )`.execute(db)
  // One row at most: lists, limits and schedules of one database follow one file.
  await sql`
    create table restock.applied_configs (
      id boolean primary key default true check (id),
      path text not null,
      hash text not null,
      applied_at timestamptz not null
    )`.execute(db)
}
