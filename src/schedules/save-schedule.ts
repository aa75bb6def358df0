import type { DomainContext } from '../platform/context.js'
import { inTransaction } from '../platform/database.js'
import { InputError } from '../platform/errors.js'
import { getSchedule } from './change-schedule.js'
import { defaultCatchUpWindowMs, defaultMaxCatchUp, type Schedule, toSchedule } from './schedule.js'
import { nextSlot } from './slots.js'
import { takeSlots } from './take-due-slots.js'
import { type StoredSlot, storedSlot } from './wall-clock.js'

export interface ScheduleDefinition {
  readonly name: string
  readonly list: string
  /** Checked by the caller (`cronSchema`). */
  readonly cron: string
  readonly timeZone: string
  readonly misfire: Schedule['misfire']
  readonly overlap: Schedule['overlap']
  /** Slots older than this are not made up for; a day unless said otherwise. */
  readonly catchUpWindowMs?: number | undefined
  /** Most slots that `run_all` makes up for, up to 100; 10 unless said otherwise. */
  readonly maxCatchUp?: number | undefined
  /** Runs start up to so much later than their slot; at once unless said otherwise. */
  readonly jitterMs?: number | undefined
  /** So many failed runs in a row pause it; none do unless said otherwise. */
  readonly pauseAfterFailures?: number | null | undefined
  readonly instructions: string | null
  readonly isPaused: boolean
}

/** Adds a schedule that a person made. Throws InputError when its name is taken. */
export async function addSchedule(ctx: DomainContext, definition: ScheduleDefinition): Promise<Schedule> {
  return inTransaction(ctx, async (tx) => {
    const taken = await tx.db
      .selectFrom('restock.schedules')
      .select('name')
      .where('name', '=', definition.name)
      .where('archived_at', 'is', null)
      .executeTakeFirst()
    if (taken !== undefined) {
      throw new InputError(
        `There is a schedule "${definition.name}" already; choose another name or remove that one first.`,
      )
    }
    return upsert(tx, definition, 'person')
  })
}

/** What of a schedule a person may change. */
export type ScheduleChange = Partial<Omit<ScheduleDefinition, 'name' | 'isPaused'>>

/**
 * Changes a schedule that a person made; what isn't given stays. A slot that has come by now is dealt with as it was asked
 * for, and another clock counts from now on. Throws InputError for one that comes from the configuration file.
 */
export async function changeSchedule(ctx: DomainContext, name: string, change: ScheduleChange): Promise<Schedule> {
  return inTransaction(ctx, async (tx) => {
    const schedule = await getSchedule(tx, name)
    if (schedule.source === 'file') {
      throw new InputError(`The schedule "${name}" comes from the configuration file; change it there.`)
    }
    const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined))
    return upsert(tx, { ...schedule, ...given, isPaused: schedule.pausedAt !== null }, 'person')
  })
}

/**
 * Makes the schedules of the configuration file what the file says: new ones are added, changed ones changed, and those that
 * left it are archived with their history. One that a person paused stays paused.
 */
export async function applySchedules(ctx: DomainContext, definitions: readonly ScheduleDefinition[]): Promise<void> {
  await inTransaction(ctx, async (tx) => {
    for (const definition of definitions) {
      const existing = await tx.db
        .selectFrom('restock.schedules')
        .select(['source', 'archived_at'])
        .where('name', '=', definition.name)
        .executeTakeFirst()
      if (existing?.source === 'person' && existing.archived_at === null) {
        throw new InputError(
          `The schedule "${definition.name}" in the configuration file has the name of one that was added by hand; rename one of them, or remove the other with \`restock schedule remove ${definition.name}\`.`,
        )
      }
      await upsert(tx, definition, 'file')
    }
    await tx.db
      .updateTable('restock.schedules')
      .set({ archived_at: tx.clock.now(), ...storedSlot(null, 'UTC'), updated_at: tx.clock.now() })
      .where('source', '=', 'file')
      .where('archived_at', 'is', null)
      .$if(definitions.length > 0, (query) =>
        query.where(
          'name',
          'not in',
          definitions.map((definition) => definition.name),
        ),
      )
      .execute()
  })
}

async function upsert(
  tx: DomainContext,
  definition: ScheduleDefinition,
  source: Schedule['source'],
): Promise<Schedule> {
  const now = tx.clock.now()
  const existing = await tx.db
    .selectFrom('restock.schedules')
    .selectAll()
    .where('name', '=', definition.name)
    .forUpdate()
    .executeTakeFirst()
  const isRevived = existing !== undefined && existing.archived_at !== null
  const pausedAt = definition.isPaused ? (existing?.paused_at ?? now) : isRevived ? null : (existing?.paused_at ?? null)
  const isSameClock =
    existing !== undefined && existing.cron === definition.cron && existing.time_zone === definition.timeZone
  // What came under the old clock is dealt with as it was asked for; the sweep queues its run.
  if (existing !== undefined && !isSameClock && !isRevived && pausedAt === null) {
    await takeSlots(tx, toSchedule(existing), now)
  }
  const values = {
    list: definition.list,
    cron: definition.cron,
    time_zone: definition.timeZone,
    instructions: definition.instructions,
    misfire: definition.misfire,
    overlap: definition.overlap,
    catch_up_window_ms: definition.catchUpWindowMs ?? defaultCatchUpWindowMs,
    max_catch_up: definition.maxCatchUp ?? defaultMaxCatchUp,
    jitter_ms: definition.jitterMs ?? 0,
    pause_after_failures: definition.pauseAfterFailures ?? null,
    paused_at: pausedAt,
    paused_reason: pausedAt === null ? null : (existing?.paused_reason ?? null),
    source,
    ...(pausedAt !== null
      ? storedSlot(null, definition.timeZone)
      : nextStoredSlot(definition, isSameClock ? existing : undefined, now)),
    archived_at: null,
    updated_at: now,
  }
  const row = await tx.db
    .insertInto('restock.schedules')
    .values({
      id: tx.newId('sch'),
      name: definition.name,
      last_slot: null,
      resumed_at: null,
      created_at: now,
      ...values,
    })
    .onConflict((conflict) => conflict.column('name').doUpdateSet(values))
    .returningAll()
    .executeTakeFirstOrThrow()
  return toSchedule(row)
}

/** A slot that waits goes on waiting, also one that has come and was not taken yet; another clock starts from now. */
function nextStoredSlot(definition: ScheduleDefinition, waiting: StoredSlot | undefined, now: Date): StoredSlot {
  if (waiting !== undefined && waiting.next_slot !== null) {
    const { next_slot, next_wall, zone_data } = waiting
    return { next_slot, next_wall, zone_data }
  }
  return storedSlot(nextSlot(definition.cron, definition.timeZone, now), definition.timeZone)
}
