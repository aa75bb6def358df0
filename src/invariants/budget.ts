import { sql } from 'kysely'
import { wasImported } from './imported.js'
import type { Invariant } from './invariant.js'
import { finalStatuses } from './statuses.js'

/** The budget that orders hold. */
export const budgetInvariants: readonly Invariant[] = [
  {
    name: 'budget_reserved',
    rule: 'Every order has its reservation, for its own list, supplier and currency.',
    find: () => sql`
      select "order".id as subject, case when reservation.order_id is null then 'nothing is reserved'
        else format('reserved for %s with %s in %s', reservation.list, reservation.supplier_id, reservation.currency) end as detail
      from purchasing.orders "order" left join purchasing.reservations reservation on reservation.order_id = "order".id
      where (reservation.order_id is null and not ("order".status in (${finalStatuses}) and ${wasImported('order.id')}))
        or reservation.list <> "order".list
        or reservation.supplier_id <> "order".supplier_id or reservation.currency <> "order".currency`,
  },
  {
    name: 'budget_state',
    rule: 'Budget is reserved until the supplier has confirmed (on doubt as well), and settled from then on.',
    find: () => sql`
      select "order".id as subject, format('%s, its budget is %s', "order".status, reservation.state) as detail
      from purchasing.orders "order" join purchasing.reservations reservation on reservation.order_id = "order".id
      where case
        when "order".status in ('awaiting_approval', 'approved', 'submitting', 'submitted', 'unknown') then reservation.state <> 'reserved'
        when "order".status in ('confirmed', 'partially_received', 'received', 'closed_short') then reservation.state <> 'settled'
        else false
      end`,
  },
  {
    name: 'budget_released',
    rule: 'An order of which nothing was bought holds no budget.',
    find: () => sql`
      select "order".id as subject, format('%s, its budget of %s is %s', "order".status, reservation.amount_minor,
        reservation.state) as detail
      from purchasing.orders "order" join purchasing.reservations reservation on reservation.order_id = "order".id
      where "order".status in ('rejected', 'declined', 'expired', 'cancelled') and reservation.state <> 'released'`,
  },
  {
    name: 'budget_amount',
    rule: 'The budget of an order is its total; of one that was closed short, at most that.',
    find: () => sql`
      select "order".id as subject, format('%s for a total of %s (%s)', reservation.amount_minor, "order".total_minor,
        "order".status) as detail
      from purchasing.orders "order" join purchasing.reservations reservation on reservation.order_id = "order".id
      where reservation.state <> 'released' and case "order".status
        when 'closed_short' then reservation.amount_minor > "order".total_minor
        else reservation.amount_minor <> "order".total_minor
      end`,
  },
]
