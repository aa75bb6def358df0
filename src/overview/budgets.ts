import { sql } from 'kysely'
import type { DomainContext } from '../platform/context.js'
import { minorUnits, toMinor } from '../platform/decimal.js'
import { localDate } from '../platform/local-date.js'
import { type BudgetPeriodKind, budgetPeriod } from '../purchasing/limits/budget-period.js'
import type { ListView } from '../stock/lists.js'

/** What a list has spent in its day, week and month of now. */
export interface Budget {
  readonly list: ListView
  readonly day: BudgetUse
  readonly week: BudgetUse
  readonly month: BudgetUse
  /** By the list's own switch. */
  readonly isPaused: boolean
}

/** Of one period, in the list's currency. */
export interface BudgetUse {
  readonly usedMinor: number
  /** null: no limit is set for such a period. */
  readonly limitMinor: number | null
  readonly leftMinor: number | null
  /** The first date after it, on the list's calendar. */
  readonly until: string
}

interface SpentRow {
  readonly list: string
  readonly day: number
  readonly week: number
  readonly month: number
}

/** In two queries whatever the number of lists. */
export async function findBudgets(ctx: DomainContext, lists: readonly ListView[]): Promise<Budget[]> {
  const now = ctx.clock.now()
  const today = lists.map(({ timeZone }) => localDate(now, timeZone))
  const periods = today.map((date) => ({
    day: budgetPeriod('day', date),
    week: budgetPeriod('week', date),
    month: budgetPeriod('month', date),
  }))
  const dates = (kind: BudgetPeriodKind, end: 'from' | 'until') =>
    sql`${periods.map((each) => each[kind][end])}::date[]`
  const { rows } = await sql<SpentRow>`
    select asked.list, coalesce(spent.day, 0)::bigint as day, coalesce(spent.week, 0)::bigint as week,
      coalesce(spent.month, 0)::bigint as month
    from unnest(${lists.map(({ id }) => id)}::text[], ${lists.map(({ currency }) => currency)}::text[],
      ${dates('day', 'from')}, ${dates('day', 'until')}, ${dates('week', 'from')}, ${dates('week', 'until')},
      ${dates('month', 'from')}, ${dates('month', 'until')})
      as asked(list, currency, day, day_end, week, week_end, month, month_end)
    cross join lateral (
      select
        sum(held.amount_minor) filter (where held.local_date >= asked.day and held.local_date < asked.day_end) as day,
        sum(held.amount_minor) filter (where held.local_date >= asked.week and held.local_date < asked.week_end) as week,
        sum(held.amount_minor) filter (where held.local_date >= asked.month and held.local_date < asked.month_end) as month
      from purchasing.reservations held
      where held.list = asked.list and held.currency = asked.currency and held.state <> 'released'
        and held.local_date >= least(asked.week, asked.month) and held.local_date < greatest(asked.week_end, asked.month_end)
    ) as spent`.execute(ctx.db)
  const spentOf = new Map(rows.map((row) => [row.list, row]))
  const limits = await ctx.db.selectFrom('purchasing.list_limits').select(['list', 'settings', 'paused_at']).execute()
  const limitsOf = new Map(limits.map((row) => [row.list, row]))
  return lists.map((list, at) => {
    const row = limitsOf.get(list.id)
    const settings = (row?.settings ?? {}) as Readonly<Record<string, unknown>>
    const use = (kind: BudgetPeriodKind): BudgetUse => {
      const usedMinor = Number(spentOf.get(list.id)?.[kind] ?? 0)
      const limitMinor = amountOf(settings[`per_${kind}`], list.currency)
      const leftMinor = limitMinor === null ? null : Math.max(0, limitMinor - usedMinor)
      return { usedMinor, limitMinor, leftMinor, until: periods[at]?.[kind].until ?? '' }
    }
    return {
      list,
      day: use('day'),
      week: use('week'),
      month: use('month'),
      isPaused: row !== undefined && (row.paused_at !== null || settings.paused === true),
    }
  })
}

function amountOf(written: unknown, currency: string): number | null {
  if (written === undefined || written === null) return null
  try {
    return toMinor(String(written), minorUnits(currency))
  } catch {
    // Set before the currency was known, and finer than it: `limits show` and the page of limits say what is enforced.
    return null
  }
}
