import { sql } from 'kysely'
import { wasImported } from './imported.js'
import type { Invariant } from './invariant.js'

/** Goods that came in, on both sides. */
export const deliveryInvariants: readonly Invariant[] = [
  {
    name: 'received_sums',
    rule: 'What a line has received is the sum of its deliveries, each of its own order.',
    find: () => sql`
      select line.id as subject, format('received %s, deliveries of %s', line.received_quantity, coalesce(delivered.quantity, 0)) as detail
      from purchasing.order_lines line
      left join (
        select delivery.line_id, sum(delivery.quantity) as quantity, bool_or(delivery.order_id <> own.order_id) as is_stray
        from purchasing.deliveries delivery join purchasing.order_lines own on own.id = delivery.line_id
        group by delivery.line_id
      ) delivered on delivered.line_id = line.id
      where (line.received_quantity <> coalesce(delivered.quantity, 0) and not ${wasImported('line.order_id')})
        or delivered.is_stray`,
  },
  {
    name: 'received_whole',
    rule: 'An order is received when all of it has come in, and nothing comes in of one that was never sent.',
    find: () => sql`
      select "order".id as subject, format('%s with %s of %s on line %s', "order".status, line.received_quantity, line.quantity,
        line.id) as detail
      from purchasing.orders "order" join purchasing.order_lines line on line.order_id = "order".id
      where not ${wasImported('order.id')} and (
        ("order".status = 'received' and line.received_quantity < line.quantity and "order".original_total_minor is null)
        or ("order".status in ('awaiting_approval', 'approved', 'declined', 'expired') and line.received_quantity > 0))`,
  },
  {
    name: 'delivery_counted_once',
    rule: 'The list counts each delivery that it was told of once, with its quantity, for its item.',
    find: () => sql`
      select delivery.id as subject, format('%s of item %s were delivered, %s movements count %s of it', delivery.quantity,
        line.item_id, counted.movements, counted.quantity) as detail
      from purchasing.deliveries delivery
      join purchasing.order_lines line on line.id = delivery.line_id
      join purchasing.orders "order" on "order".id = delivery.order_id
      join stock.items item on item.id = line.item_id and item.list = "order".list
      join purchasing.events event on event.type = 'delivery' and event.order_id = delivery.order_id
        and event.payload ->> 'deliveryId' = delivery.id
      join stock.applied_events applied on applied.event_id = event.event_id
      cross join lateral (
        select count(*) as movements, coalesce(sum(movement.quantity), 0) as quantity
        from stock.movements movement
        where movement.delivery_id = delivery.id and movement.item_id = line.item_id
      ) counted
      where counted.movements <> 1 or counted.quantity <> delivery.quantity`,
  },
  {
    // A list that follows other programs' orders knows deliveries that are not here.
    name: 'delivery_known',
    rule: 'The list counts no delivery twice and none that ordering does not know.',
    find: () => sql`
      select coalesce(movement.delivery_id, 'movement ' || min(movement.id)) as subject,
        format('%s movements of item %s', count(*), min(movement.item_id)) as detail
      from stock.movements movement
      join stock.items item on item.id = movement.item_id
      where movement.kind = 'delivery' or movement.delivery_id is not null
      group by movement.delivery_id, item.list
      having movement.delivery_id is null or count(*) > 1
        or (exists (select from purchasing.run_lists run where run.list = item.list)
          and not exists (select from purchasing.deliveries delivery where delivery.id = movement.delivery_id))`,
  },
]
