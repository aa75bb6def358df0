import type { DomainContext } from '../platform/context.js'
import type { Run } from './run.js'
import { toRun } from './run-row.js'

export interface NewRun {
  readonly list: string
  readonly instructions?: string | null
  readonly dryRun?: boolean
  readonly model?: string | null
}

/** Records a run that a person asked for. It waits as `pending` until a worker claims it; the caller (or the beat's sweep) enqueues it. */
export async function createRun(ctx: DomainContext, run: NewRun): Promise<Run> {
  const row = await ctx.db
    .insertInto('restock.runs')
    .values({
      id: ctx.newId('run'),
      list: run.list,
      status: 'pending',
      trigger: 'manual',
      schedule_id: null,
      slot: null,
      instructions: run.instructions ?? null,
      dry_run: run.dryRun ?? false,
      model: run.model ?? null,
      claimed_by: null,
      lease_until: null,
      created_at: ctx.clock.now(),
      started_at: null,
      finished_at: null,
      snapshot: null,
      outcome: null,
      error: null,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
  return toRun(row)
}
