import { sql } from 'kysely'
import type { DomainContext } from '../platform/context.js'
import { InputError } from '../platform/errors.js'
import type { Run } from './run.js'
import { toRun } from './run-row.js'
import type { RunStatus } from './tables.js'

export interface RunFilter {
  readonly list?: string
  readonly status?: RunStatus
  /** Only runs that come after this one, which was created later. */
  readonly before?: { readonly createdAt: Date; readonly id: string }
  readonly limit?: number
}

/** Runs, newest first. */
export async function findRuns(ctx: DomainContext, filter: RunFilter = {}): Promise<Run[]> {
  let query = ctx.db.selectFrom('restock.runs').selectAll().orderBy('created_at', 'desc').orderBy('id', 'desc')
  if (filter.list !== undefined) query = query.where('list', '=', filter.list)
  if (filter.status !== undefined) query = query.where('status', '=', filter.status)
  const { before } = filter
  if (before !== undefined) query = query.where(sql<boolean>`(created_at, id) < (${before.createdAt}, ${before.id})`)
  const rows = await query.limit(filter.limit ?? 50).execute()
  return rows.map(toRun)
}

/** One run by its id; `latest` stands for the newest. Throws InputError when there is none. */
export async function getRun(ctx: DomainContext, id: string): Promise<Run> {
  if (id === 'latest') {
    const [newest] = await findRuns(ctx, { limit: 1 })
    if (newest === undefined) throw new InputError('There are no runs yet; `restock run` starts one.', 'run_not_found')
    return newest
  }
  const row = await ctx.db.selectFrom('restock.runs').selectAll().where('id', '=', id).executeTakeFirst()
  if (row === undefined) throw new InputError(`There is no run "${id}"; \`restock runs\` lists them.`, 'run_not_found')
  return toRun(row)
}
