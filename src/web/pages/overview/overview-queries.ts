import { sql } from 'kysely'
import type { DomainContext } from '../../../platform/context.js'
import { minorUnits, toMinor } from '../../../platform/decimal.js'
import { localDate } from '../../../platform/local-date.js'
import { budgetPeriod } from '../../../purchasing/limits/budget-period.js'
import { findOrders } from '../../../purchasing/orders/find-orders.js'
import { type Order, toOrders } from '../../../purchasing/orders/order-view.js'
import type { Run } from '../../../runs/run.js'
import { toRun } from '../../../runs/run-row.js'
import type { RunsTable } from '../../../runs/tables.js'
import { findSchedules } from '../../../schedules/change-schedule.js'
import type { Schedule } from '../../../schedules/schedule.js'
import type { ListView } from '../../../stock/lists.js'

export interface Budget {
  readonly list: ListView
  readonly usedMinor: number
  /** null: no limit a month is set. */
  readonly limitMinor: number | null
  readonly isPaused: boolean
}

export interface Coming {
  readonly count: number
  readonly next: readonly Order[]
}

export interface OverviewFacts {
  /** The first few of them. */
  readonly waiting: readonly Order[]
  readonly waitingCount: number
  readonly attention: readonly Order[]
  readonly coming: Coming
  readonly schedules: readonly Schedule[]
  /** The newest run of each list that has ended. */
  readonly last: readonly Run[]
  readonly atWork: readonly Run[]
  readonly budgets: readonly Budget[]
}

const shown = 5

export async function readOverview(ctx: DomainContext, lists: readonly ListView[]): Promise<OverviewFacts> {
  const [waiting, waitingCount, attention, coming, schedules, last, atWork, budgets] = await Promise.all([
    findOrders(ctx, { status: 'awaiting_approval', limit: shown }),
    countWaiting(ctx),
    findTroubled(ctx),
    findComing(ctx),
    findSchedules(ctx),
    findLastRuns(ctx, lists),
    findUnfinished(ctx),
    findBudgets(ctx, lists),
  ])
  return { waiting, waitingCount, attention, coming, schedules, last, atWork, budgets }
}

/** Those that a person is needed for, and before them those of which nobody knows whether their supplier has them. */
async function findTroubled(ctx: DomainContext): Promise<Order[]> {
  const [unknown, attention] = await Promise.all([
    findOrders(ctx, { status: 'unknown', limit: shown }),
    findOrders(ctx, { attention: true, limit: shown }),
  ])
  const ids = new Set(unknown.map(({ orderId }) => orderId))
  return [...unknown, ...attention.filter(({ orderId }) => !ids.has(orderId))]
}

async function countWaiting(ctx: DomainContext): Promise<number> {
  const { count } = await ctx.db
    .selectFrom('purchasing.orders')
    .select(sql<number>`count(*)`.as('count'))
    .where('status', '=', 'awaiting_approval')
    .executeTakeFirstOrThrow()
  return count
}

async function findComing(ctx: DomainContext): Promise<Coming> {
  const open = ctx.db
    .selectFrom('purchasing.orders')
    .where('status', 'in', ['approved', 'submitting', 'submitted', 'confirmed', 'partially_received'])
  const rows = await open
    .selectAll()
    .orderBy('expected_at', (order) => order.asc().nullsLast())
    .orderBy('id')
    .limit(shown)
    .execute()
  const { count } = await open.select(sql<number>`count(*)`.as('count')).executeTakeFirstOrThrow()
  return { count, next: await toOrders(ctx, rows) }
}

async function findLastRuns(ctx: DomainContext, lists: readonly ListView[]): Promise<Run[]> {
  const ids = lists.map(({ id }) => id)
  const { rows } = await sql<RunsTable & { epoch: number }>`
    select run.* from unnest(${ids}::text[]) as list(id)
    cross join lateral (
      select * from restock.runs
      where runs.list = list.id and runs.status in ('completed', 'failed') order by created_at desc limit 1
    ) run
    order by run.created_at desc`.execute(ctx.db)
  return rows.map((row) => toRun({ ...row, fenced_at: null }))
}

async function findUnfinished(ctx: DomainContext): Promise<Run[]> {
  const rows = await ctx.db
    .selectFrom('restock.runs')
    .selectAll()
    .where('status', 'in', ['pending', 'running'])
    .orderBy('created_at')
    .limit(shown)
    .execute()
  return rows.map(toRun)
}

/** What each list has spent in its month of now, in one query whatever the number of lists. */
async function findBudgets(ctx: DomainContext, lists: readonly ListView[]): Promise<Budget[]> {
  const now = ctx.clock.now()
  const months = lists.map(({ timeZone }) => budgetPeriod('month', localDate(now, timeZone)))
  const { rows } = await sql<{ list: string; used: number }>`
    select asked.list, coalesce(spent.used, 0)::bigint as used
    from unnest(${lists.map(({ id }) => id)}::text[], ${lists.map(({ currency }) => currency)}::text[],
      ${months.map(({ from }) => from)}::date[], ${months.map(({ until }) => until)}::date[]) as asked(list, currency, since, until)
    cross join lateral (
      select sum(held.amount_minor) as used from purchasing.reservations held
      where held.list = asked.list and held.currency = asked.currency
        and held.local_date >= asked.since and held.local_date < asked.until and held.state <> 'released'
    ) as spent`.execute(ctx.db)
  const used = new Map(rows.map((row) => [row.list, Number(row.used)]))
  const limits = await ctx.db.selectFrom('purchasing.list_limits').select(['list', 'settings', 'paused_at']).execute()
  const limitOf = new Map(limits.map((row) => [row.list, row]))
  return lists.map((list) => {
    const row = limitOf.get(list.id)
    const settings = (row?.settings ?? {}) as Readonly<Record<string, unknown>>
    const perMonth = settings.per_month
    return {
      list,
      usedMinor: used.get(list.id) ?? 0,
      limitMinor: perMonth === undefined ? null : amountOf(String(perMonth), list.currency),
      isPaused: row !== undefined && (row.paused_at !== null || settings.paused === true),
    }
  })
}

function amountOf(text: string, currency: string): number | null {
  try {
    return toMinor(text, minorUnits(currency))
  } catch {
    // Set before the currency was known, and finer than it: the page of limits says what is enforced.
    return null
  }
}
