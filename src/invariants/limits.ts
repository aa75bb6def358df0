import { type RawBuilder, sql } from 'kysely'
import { minorUnits } from '../platform/decimal.js'
import { wasImported } from './imported.js'
import type { Finding, Invariant } from './invariant.js'

const unusualDecimals = JSON.stringify(
  Object.fromEntries(
    Intl.supportedValuesOf('currency').flatMap((code) => (minorUnits(code) === 2 ? [] : [[code, minorUnits(code)]])),
  ),
)

/** What an amount in major units is multiplied with. */
export function minorFactor(currency: RawBuilder<unknown> | ReturnType<typeof sql.ref>): RawBuilder<number> {
  return sql<number>`power(10::numeric, coalesce((${unusualDecimals}::jsonb ->> ${currency})::int, 2))`
}

/**
 * The limits as they are. Whether an order broke them can be told only of orders that were placed (or took their budget)
 * under this version: what has been lowered since held nobody back then. As each placing saw all that was before it, one
 * such order in a period means that the whole period was within the limit when that order was placed.
 */
export const currentLimits = sql`purchasing.list_limits limits`

/** What counts against budgets, at most what was agreed to be spent: what a supplier asks beyond it is judged apart. */
const spending = sql`(
  select reservation.order_id, reservation.list, reservation.supplier_id, reservation.currency, reservation.local_date,
    quote.run_id, limits.settings, 
    reservation.taken_under = limits.version and not ${wasImported('reservation.order_id')} as is_current,
    least(reservation.amount_minor, coalesce("order".original_total_minor, reservation.amount_minor)) as amount,
    ${minorFactor(sql.ref('reservation.currency'))} as factor
  from purchasing.reservations reservation
  join purchasing.orders "order" on "order".id = reservation.order_id
  join purchasing.quotes quote on quote.id = "order".quote_id
  join ${currentLimits} on limits.list = reservation.list
  where reservation.state <> 'released'
) spending`

function budget(key: 'per_day' | 'per_week' | 'per_month', period: 'day' | 'week' | 'month'): Invariant {
  return {
    name: `limit_${key}`,
    rule: `What a list spends in a local ${period} stays within its ${key}.`,
    find: () => sql<Finding>`
      select list as subject, format('%s of %s spent in the ${sql.raw(period)} from %s (%s)', sum(amount),
        floor((settings ->> ${key})::numeric * factor), period, currency) as detail
      from (select *, date_trunc(${period}, local_date)::date as period from ${spending}) spending
      group by list, currency, period, settings, factor
      having bool_or(is_current) and sum(amount) > floor((settings ->> ${key})::numeric * factor)`,
  }
}

/** No limit is passed, whoever races, repeats or cuts orders into pieces. */
export const limitInvariants: readonly Invariant[] = [
  budget('per_day', 'day'),
  budget('per_week', 'week'),
  budget('per_month', 'month'),
  {
    name: 'limit_per_order',
    rule: 'What one run orders from one supplier stays within per_order and within the supplier’s own.',
    find: () => sql`
      select min(order_id) as subject, format('%s from %s in run %s', sum(amount), supplier_id, run_id) as detail
      from ${spending}
      group by list, supplier_id, run_id, settings, factor
      having bool_or(is_current) and sum(amount) > floor(factor * least((settings ->> 'per_order')::numeric,
        (settings #>> array['per_supplier', supplier_id, 'per_order'])::numeric))`,
  },
  {
    name: 'limit_per_supplier',
    rule: 'What a list spends with a supplier in a local month stays within that supplier’s per_month.',
    find: () => sql`
      select list as subject, format('%s with %s in the month from %s', sum(amount), supplier_id, period) as detail
      from (select *, date_trunc('month', local_date)::date as period from ${spending}) spending
      group by list, supplier_id, currency, period, settings, factor
      having bool_or(is_current)
        and sum(amount) > floor(factor * (settings #>> array['per_supplier', supplier_id, 'per_month'])::numeric)`,
  },
  {
    name: 'limit_max_line_amount',
    rule: 'What one run spends on one item with one supplier stays within max_line_amount.',
    find: () => sql`
      select line.item_id as subject, format('%s from %s in run %s', sum(line.net), supplier_id, run_id) as detail
      from ${spending}
      cross join lateral (
        select item_id, least(line_total_minor, coalesce((original ->> 'lineTotalMinor')::bigint, line_total_minor)) as net
        from purchasing.order_lines where order_lines.order_id = spending.order_id
      ) line
      group by list, supplier_id, run_id, line.item_id, settings, factor
      having bool_or(is_current) and sum(line.net) > floor((settings ->> 'max_line_amount')::numeric * factor)`,
  },
  {
    name: 'limit_orders_per_day',
    rule: 'A list places no more orders in a local day than orders_per_day, whatever becomes of them.',
    find: () => sql`
      select reservation.list as subject, format('%s orders on %s', count(*), reservation.placed_on) as detail
      from purchasing.reservations reservation join ${currentLimits} on limits.list = reservation.list
      group by reservation.list, reservation.placed_on, limits.settings
      having bool_or(reservation.placed_under = limits.version and not ${wasImported('reservation.order_id')})
        and count(*) > (limits.settings ->> 'orders_per_day')::numeric`,
  },
  {
    name: 'limit_orders_per_run',
    rule: 'A run places no more orders with one supplier than orders_per_run, whatever becomes of them.',
    find: () => sql`
      select quote.run_id as subject, format('%s orders with %s', count(*), reservation.supplier_id) as detail
      from purchasing.reservations reservation
      join purchasing.orders "order" on "order".id = reservation.order_id
      join purchasing.quotes quote on quote.id = "order".quote_id
      join ${currentLimits} on limits.list = reservation.list
      group by quote.run_id, reservation.list, reservation.supplier_id, limits.settings
      having bool_or(reservation.placed_under = limits.version and not ${wasImported('reservation.order_id')})
        and count(*) > (limits.settings ->> 'orders_per_run')::numeric`,
  },
  {
    name: 'approval_asked',
    rule: 'An order above approve_above, and one of a person’s client where that is asked for, waits for a person.',
    find: () => sql`
      select "order".id as subject, format('%s by %s, approve_above %s', "order".total_minor, "order".placed_by,
        limits.settings ->> 'approve_above') as detail
      from purchasing.orders "order"
      join purchasing.reservations reservation on reservation.order_id = "order".id
      join ${currentLimits} on limits.list = "order".list and limits.version = reservation.placed_under
      where jsonb_array_length("order".approval_reasons) = 0 and not ${wasImported('order.id')}
        and (coalesce("order".original_total_minor, "order".total_minor) >
            floor((limits.settings ->> 'approve_above')::numeric * ${minorFactor(sql.ref('order.currency'))})
          or ("order".placed_by = 'person' and coalesce((limits.settings ->> 'person_orders_need_approval')::boolean, true)))`,
  },
]
