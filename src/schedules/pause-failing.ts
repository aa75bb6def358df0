import { sql } from 'kysely'
import type { DomainContext } from '../platform/context.js'

/** How far back a look at all schedules asks for failures: a slot that comes asks about its own schedule again. */
const recentMs = 3_600_000

/**
 * Pauses schedules whose newest runs all failed, as many as each allows; a failure before it was resumed is forgiven, and runs
 * that were skipped say nothing. One schedule by its id, or all that failed lately. Returns the names of those it paused.
 */
export async function pauseFailingSchedules(ctx: DomainContext, scheduleId?: string): Promise<string[]> {
  const now = ctx.clock.now()
  const which =
    scheduleId === undefined
      ? sql`s.id in (
          select r.schedule_id from restock.runs r
          where r.status = 'failed' and r.finished_at > ${new Date(now.getTime() - recentMs)}
        )`
      : sql`s.id = ${scheduleId}`
  const { rows } = await sql<{ name: string; list: string; failures: number }>`
    update restock.schedules s
    set paused_at = ${now}, next_slot = null, next_wall = null, zone_data = null, updated_at = ${now},
      paused_reason = 'its last ' || s.pause_after_failures || case s.pause_after_failures when 1 then ' run' else ' runs' end || ' failed'
    where ${which} and s.pause_after_failures is not null and s.paused_at is null and s.archived_at is null
      and s.pause_after_failures <= (
        select count(*) filter (where newest.status = 'failed') from (
          select r.status from restock.runs r
          where r.schedule_id = s.id and r.status in ('completed', 'failed')
            and r.finished_at > coalesce(s.resumed_at, '-infinity')
          order by r.finished_at desc
          limit s.pause_after_failures
        ) newest
      )
    returning s.name, s.list, s.pause_after_failures as failures`.execute(ctx.db)
  for (const { name, list, failures } of rows) {
    ctx.log.error(
      { schedule: name, list, failures },
      `the schedule is paused because its last runs failed; go on with: restock schedule resume ${name}`,
    )
  }
  return rows.map(({ name }) => name)
}
