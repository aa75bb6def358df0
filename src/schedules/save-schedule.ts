import type { DomainContext } from '../platform/context.js'
import { inTransaction } from '../platform/database.js'
import { InputError } from '../platform/errors.js'
import { defaultCatchUpWindowMs, type Schedule, toSchedule } from './schedule.js'
import { nextSlot } from './slots.js'

export interface ScheduleDefinition {
  readonly name: string
  readonly list: string
  /** Checked by the caller (`cronSchema`). */
  readonly cron: string
  readonly timeZone: string
  readonly misfire: Schedule['misfire']
  readonly overlap: Schedule['overlap']
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
      .set({ archived_at: tx.clock.now(), next_slot: null, updated_at: tx.clock.now() })
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
  // A slot that is due and not yet taken stays due; a changed clock starts from now.
  const next =
    pausedAt !== null
      ? null
      : isSameClock && existing.next_slot !== null
        ? existing.next_slot
        : nextSlot(definition.cron, definition.timeZone, now)
  const values = {
    list: definition.list,
    cron: definition.cron,
    time_zone: definition.timeZone,
    instructions: definition.instructions,
    misfire: definition.misfire,
    overlap: definition.overlap,
    catch_up_window_ms: defaultCatchUpWindowMs,
    paused_at: pausedAt,
    source,
    next_slot: next,
    archived_at: null,
    updated_at: now,
  }
  const row = await tx.db
    .insertInto('restock.schedules')
    .values({ id: tx.newId('sch'), name: definition.name, jitter_ms: 0, last_slot: null, created_at: now, ...values })
    .onConflict((conflict) => conflict.column('name').doUpdateSet(values))
    .returningAll()
    .executeTakeFirstOrThrow()
  return toSchedule(row)
}
