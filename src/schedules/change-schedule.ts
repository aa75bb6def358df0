import type { DomainContext } from '../platform/context.js'
import { InputError } from '../platform/errors.js'
import { type Schedule, toSchedule } from './schedule.js'
import { nextSlot } from './slots.js'

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
  const all = await findSchedules(ctx)
  const found = all.find((schedule) => schedule.name === name)
  if (found === undefined) {
    const known = all.map((schedule) => schedule.name).join(', ')
    throw new InputError(
      `There is no schedule "${name}"${known === '' ? '; `restock schedule add` makes one' : ` (there: ${known})`}.`,
    )
  }
  return found
}

/** Stops a schedule until it is resumed. Runs that have started go on. */
export async function pauseSchedule(ctx: DomainContext, name: string): Promise<Schedule> {
  const schedule = await getSchedule(ctx, name)
  return update(ctx, schedule.id, { paused_at: schedule.pausedAt ?? ctx.clock.now(), next_slot: null })
}

/** Goes on from the next slot after now; slots that went by during the pause are not made up for. */
export async function resumeSchedule(ctx: DomainContext, name: string): Promise<Schedule> {
  const schedule = await getSchedule(ctx, name)
  if (schedule.pausedAt === null) return schedule
  return update(ctx, schedule.id, {
    paused_at: null,
    next_slot: nextSlot(schedule.cron, schedule.timeZone, ctx.clock.now()),
  })
}

/** Archives a schedule; its runs stay. Throws InputError for one that comes from the configuration file. */
export async function removeSchedule(ctx: DomainContext, name: string): Promise<void> {
  const schedule = await getSchedule(ctx, name)
  if (schedule.source === 'file') {
    throw new InputError(`The schedule "${name}" comes from the configuration file; take it out there, or pause it.`)
  }
  await update(ctx, schedule.id, { archived_at: ctx.clock.now(), next_slot: null })
}

async function update(
  ctx: DomainContext,
  id: string,
  values: { paused_at?: Date | null; next_slot?: Date | null; archived_at?: Date },
): Promise<Schedule> {
  const row = await ctx.db
    .updateTable('restock.schedules')
    .set({ ...values, updated_at: ctx.clock.now() })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow()
  return toSchedule(row)
}
