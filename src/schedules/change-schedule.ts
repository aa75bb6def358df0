import type { DomainContext } from '../platform/context.js'
import { InputError } from '../platform/errors.js'
import { type Schedule, toSchedule } from './schedule.js'
import { nextSlot } from './slots.js'
import { type StoredSlot, storedSlot } from './wall-clock.js'

/** Every schedule that is not archived, by name. */
export async function findSchedules(ctx: DomainContext): Promise<Schedule[]> {
  const rows = await ctx.db
    .selectFrom('restock.schedules')
    .selectAll()
    .where('archived_at', 'is', null)
    .orderBy('name')
    .execute()
  return rows.map(toSchedule)
}

/** One schedule by its name. Throws InputError that names the known ones. */
export async function getSchedule(ctx: DomainContext, name: string): Promise<Schedule> {
  const row = await ctx.db
    .selectFrom('restock.schedules')
    .selectAll()
    .where('name', '=', name)
    .where('archived_at', 'is', null)
    .executeTakeFirst()
  if (row !== undefined) return toSchedule(row)
  const known = (await findSchedules(ctx)).map((schedule) => schedule.name)
  const there = known.length > 20 ? `${known.slice(0, 20).join(', ')}, …` : known.join(', ')
  throw new InputError(
    `There is no schedule "${name}"${there === '' ? '; `restock schedule add` makes one' : ` (there: ${there})`}.`,
    'unknown_schedule',
  )
}

/** Stops a schedule until it is resumed. Runs that have started go on. */
export async function pauseSchedule(ctx: DomainContext, name: string): Promise<Schedule> {
  const schedule = await getSchedule(ctx, name)
  if (schedule.pausedAt !== null) return schedule
  return update(ctx, schedule.id, {
    paused_at: ctx.clock.now(),
    paused_reason: null,
    ...storedSlot(null, schedule.timeZone),
  })
}

/** Goes on from the next slot after now; slots that went by during the pause are not made up for, and failures are forgiven. */
export async function resumeSchedule(ctx: DomainContext, name: string): Promise<Schedule> {
  const schedule = await getSchedule(ctx, name)
  if (schedule.pausedAt === null) return schedule
  const now = ctx.clock.now()
  return update(ctx, schedule.id, {
    paused_at: null,
    paused_reason: null,
    resumed_at: now,
    ...storedSlot(nextSlot(schedule.cron, schedule.timeZone, now), schedule.timeZone),
  })
}

/** Archives a schedule; its runs stay. Throws InputError for one that comes from the configuration file. */
export async function removeSchedule(ctx: DomainContext, name: string): Promise<void> {
  const schedule = await getSchedule(ctx, name)
  if (schedule.source === 'file') {
    throw new InputError(`The schedule "${name}" comes from the configuration file; take it out there, or pause it.`)
  }
  await update(ctx, schedule.id, { archived_at: ctx.clock.now(), ...storedSlot(null, schedule.timeZone) })
}

async function update(
  ctx: DomainContext,
  id: string,
  values: StoredSlot & {
    paused_at?: Date | null
    paused_reason?: string | null
    resumed_at?: Date
    archived_at?: Date
  },
): Promise<Schedule> {
  const row = await ctx.db
    .updateTable('restock.schedules')
    .set({ ...values, updated_at: ctx.clock.now() })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow()
  return toSchedule(row)
}
