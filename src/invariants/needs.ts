import { sql } from 'kysely'
import { wasImported } from './imported.js'
import type { Invariant } from './invariant.js'

/** Nothing is bought that nobody needs, and nothing twice. */
export const needInvariants: readonly Invariant[] = [
  {
    name: 'line_needed',
    rule: 'Every order line was placed for a need that its run had registered.',
    find: () => sql`
      select line.id as subject, format('item %s of order %s', line.item_id, line.order_id) as detail
      from purchasing.order_lines line 
      where (line.need is null or not (line.need ? 'quantity')) and not ${wasImported('line.order_id')}`,
  },
  {
    // What was open when a quote was placed can only have shrunk since, so what is still open of it is a lower bound.
    name: 'need_not_exceeded',
    rule: 'What is on order of an item never goes beyond what was on order when its need was worked out plus that need, rounded up to whole packs.',
    find: () => sql`
      with line as (
        select "order".quote_id, "order".list, line.item_id, "order".status, line.need,
          coalesce((line.original ->> 'packs')::bigint, line.packs) as packs,
          coalesce((line.original ->> 'packQuantity')::numeric, line.pack_quantity) as pack_quantity,
          coalesce((line.original ->> 'quantity')::numeric, line.quantity) as quantity,
          greatest(least(line.quantity, coalesce((line.original ->> 'quantity')::numeric, line.quantity))
            - line.received_quantity, 0) as open,
          first.seq
        from purchasing.order_lines line
        join purchasing.orders "order" on "order".id = line.order_id
        cross join lateral (
          select min(event.seq) as seq from purchasing.events event
          join purchasing.orders sibling on sibling.id = event.order_id
          where sibling.quote_id = "order".quote_id
        ) first
      ), bought as (
        select quote_id, list, item_id, seq, sum(quantity) as quantity,
          max((need ->> 'quantity')::numeric) as need, max((need ->> 'onOrderSeen')::numeric) as seen,
          min(case when packs > (need ->> 'minimumPacks')::bigint then pack_quantity else quantity end) as rounding
        from line where need is not null group by quote_id, list, item_id, seq
      ), earlier as (
        -- Joined, not asked for each line anew: that would read every line as often as there are lines.
        select bought.quote_id, bought.list, bought.item_id, bought.seq, sum(line.open) as open
        from bought join line on line.list = bought.list and line.item_id = bought.item_id
          and line.quote_id <> bought.quote_id and line.seq < bought.seq
        where line.status not in ('received', 'closed_short', 'rejected', 'declined', 'expired', 'cancelled')
        group by bought.quote_id, bought.list, bought.item_id, bought.seq
      )
      select bought.item_id as subject,
        format('quote %s bought %s for a need of %s while %s seen and at least %s more were on order', bought.quote_id,
          bought.quantity, bought.need, bought.seen, coalesce(earlier.open, 0)) as detail
      from bought
      left join earlier on earlier.quote_id = bought.quote_id and earlier.list = bought.list
        and earlier.item_id = bought.item_id and earlier.seq = bought.seq
      where coalesce(earlier.open, 0) + bought.quantity - bought.seen - bought.need >= bought.rounding`,
  },
  {
    name: 'commitment_row',
    rule: 'Every item that was ordered has the row that placing locks.',
    find: () => sql`
      select line.item_id as subject, format('list %s, order %s', "order".list, "order".id) as detail
      from purchasing.order_lines line join purchasing.orders "order" on "order".id = line.order_id
      where not exists (
        select from purchasing.item_commitments commitment
        where commitment.list = "order".list and commitment.item_id = line.item_id) and not ${wasImported('order.id')}`,
  },
]
