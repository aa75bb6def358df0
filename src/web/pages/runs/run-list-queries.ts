import { sql } from 'kysely'
import type { DomainContext } from '../../../platform/context.js'
import type { OrderStatus } from '../../../purchasing/tables.js'
import type { Decision } from '../../../runs/run.js'
import type { RunStatus, RunTrigger } from '../../../runs/tables.js'
import type { After } from '../paging.js'

/** A run in a listing: counts in place of items, totals in place of lines. */
export interface RunSummary {
  readonly id: string
  readonly list: string
  readonly status: RunStatus
  readonly trigger: RunTrigger
  readonly schedule: string | null
  readonly slot: Date | null
  readonly dryRun: boolean
  readonly createdAt: Date
  readonly startedAt: Date | null
  readonly finishedAt: Date | null
  readonly error: string | null
  /** null: the run left no outcome (yet). */
  readonly decisions: readonly { readonly decision: Decision }[] | null
  readonly tokens: number
  readonly orders: readonly RunOrder[]
}

export interface RunOrder {
  readonly id: string
  readonly supplier: string
  readonly status: string
  readonly totalMinor: number
  readonly currency: string
}

export interface RunChoice {
  readonly list: string | null
  readonly status: RunStatus | null
  readonly schedule: string | null
  readonly after: After | null
}

export const runsPerPage = 25

/** One page of runs, the newest first, and where the next one begins. */
export async function findRunPage(
  ctx: DomainContext,
  choice: RunChoice,
): Promise<{ readonly runs: readonly RunSummary[]; readonly next: After | null }> {
  const { list, status, schedule, after } = choice
  const rows = await ctx.db
    .selectFrom('restock.runs as run')
    .leftJoin('restock.schedules as schedule', 'schedule.id', 'run.schedule_id')
    .select([
      'run.id',
      'run.list',
      'run.status',
      'run.trigger',
      'run.slot',
      'run.dry_run',
      'run.created_at',
      'run.started_at',
      'run.finished_at',
      'run.error',
      'schedule.name as schedule',
      sql<
        readonly { readonly decision: Decision }[] | null
      >`(select json_agg(json_build_object('decision', item -> 'decision')) from jsonb_array_elements(run.outcome -> 'items') item)`.as(
        'decisions',
      ),
      sql<boolean>`run.outcome is not null`.as('has_outcome'),
      sql<number>`coalesce((run.outcome -> 'usage' ->> 'inputTokens')::bigint + (run.outcome -> 'usage' ->> 'outputTokens')::bigint, 0)`.as(
        'tokens',
      ),
      sql<
        readonly RunOrder[] | null
      >`(select json_agg(json_build_object('id', placed -> 'id', 'supplier', placed -> 'supplier', 'status', placed -> 'status',
          'totalMinor', placed -> 'totalMinor', 'currency', placed -> 'currency')) from jsonb_array_elements(run.outcome -> 'orders') placed)`.as(
        'orders',
      ),
    ])
    .$if(list !== null, (query) => query.where('run.list', '=', list ?? ''))
    .$if(status !== null, (query) => query.where('run.status', '=', status ?? 'failed'))
    .$if(schedule !== null, (query) =>
      query.where('run.schedule_id', '=', (select) =>
        select
          .selectFrom('restock.schedules')
          .select('id')
          .where('name', '=', schedule ?? ''),
      ),
    )
    .$if(after !== null, (query) =>
      query.where(sql<boolean>`(run.created_at, run.id) < (${after?.at ?? null}, ${after?.id ?? ''})`),
    )
    .orderBy('run.created_at', 'desc')
    .orderBy('run.id', 'desc')
    .limit(runsPerPage + 1)
    .execute()
  const shown = rows.slice(0, runsPerPage)
  const last = rows.length > runsPerPage ? shown.at(-1) : undefined
  return {
    runs: shown.map((row) => ({
      id: row.id,
      list: row.list,
      status: row.status,
      trigger: row.trigger,
      schedule: row.schedule,
      slot: row.slot,
      dryRun: row.dry_run,
      createdAt: row.created_at,
      startedAt: row.started_at,
      finishedAt: row.finished_at,
      error: row.error,
      decisions: row.has_outcome ? (row.decisions ?? []) : null,
      tokens: row.tokens,
      orders: row.orders ?? [],
    })),
    next: last === undefined ? null : { at: last.created_at, id: last.id },
  }
}

/** What became of orders since their run ended, by order id. */
export async function findOrderStatuses(
  ctx: DomainContext,
  runs: readonly RunSummary[],
): Promise<Map<string, OrderStatus>> {
  const ids = runs.filter(({ orders }) => orders.length > 0).map(({ id }) => id)
  if (ids.length === 0) return new Map()
  const rows = await ctx.db
    .selectFrom('purchasing.orders')
    .select(['id', 'status'])
    .where('run_id', 'in', ids)
    .execute()
  return new Map(rows.map(({ id, status }) => [id, status]))
}
