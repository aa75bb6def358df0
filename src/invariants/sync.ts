import { type Kysely, sql } from 'kysely'
import type { Database } from '../platform/database.js'
import { wasImported } from './imported.js'
import type { Invariant } from './invariant.js'
import { finalStatuses } from './statuses.js'

/** Two servers, one truth: what ordering tells, and what the list has made of it. */
export const syncInvariants: readonly Invariant[] = [
  {
    name: 'events_complete',
    rule: 'The last event of every order line tells the line as it is, the first one that it was opened.',
    find: () => sql`
      select line.id as subject, format('%s: %s of %s received; told: %s', "order".status, line.received_quantity, line.quantity,
        coalesce(format('%s: %s of %s', last.payload ->> 'status', last.payload ->> 'receivedQuantity',
          last.payload ->> 'quantity'), 'nothing')) as detail
      from purchasing.order_lines line
      join purchasing.orders "order" on "order".id = line.order_id
      left join lateral (
        select payload, item_id, list from purchasing.events event
        where event.order_id = "order".id and event.line_id = line.id order by seq desc limit 1
      ) last on true
      left join lateral (
        select type from purchasing.events event
        where event.order_id = "order".id and event.line_id = line.id order by seq limit 1
      ) first on true
      where last.payload is null or (first.type <> 'line_opened' and not ${wasImported('order.id')})
        or last.item_id <> line.item_id or last.list <> "order".list
        or last.payload ->> 'status' <> "order".status
        or (last.payload ->> 'quantity')::numeric <> line.quantity
        or (last.payload ->> 'receivedQuantity')::numeric <> line.received_quantity
        or (last.payload ->> 'isFinal')::boolean <> ("order".status in (${finalStatuses}))`,
  },
  {
    name: 'event_ids',
    rule: 'Every event has an id of its own, and every delivery one event.',
    find: () => sql`
      select event_id as subject, format('%s events', count(*)) as detail
      from purchasing.events group by event_id having count(*) > 1
      union all
      select delivery.id, format('%s events tell of it', count(event.seq))
      from purchasing.deliveries delivery
      left join purchasing.events event on event.order_id = delivery.order_id and event.payload ->> 'deliveryId' = delivery.id
      group by delivery.id having count(event.seq) <> 1`,
  },
  {
    name: 'cursor_applied',
    rule: 'Whatever lies behind the cursor has been applied to the list.',
    find: () => sql`
      select event.event_id as subject, format('event %s of order %s, the cursor stands at %s', event.seq, event.order_id,
        cursor.seq) as detail
      from purchasing.events event
      join restock.sync_cursors cursor on cursor.name = 'stock' and cursor.seq >= event.seq
      join stock.lists list on list.id = event.list
      where not exists (select from stock.applied_events applied where applied.event_id = event.event_id)`,
  },
  {
    name: 'list_follows',
    rule: 'The list knows each order line as the newest event that it has applied told it.',
    find: () => sql`
      select told.line_id as subject, format('told %s: %s of %s; known: %s', told.payload ->> 'status',
        told.payload ->> 'receivedQuantity', told.payload ->> 'quantity',
        coalesce(format('%s: %s of %s', known.status, known.received, known.ordered), 'nothing')) as detail
      from (
        select distinct on (event.line_id) event.line_id, event.item_id, event.list, event.seq, event.payload
        from purchasing.events event join stock.applied_events applied on applied.event_id = event.event_id
        order by event.line_id, event.seq desc
      ) told
      join stock.items item on item.id = told.item_id and item.list = told.list
      left join stock.expected_receipts known on known.line_id = told.line_id
      where known.line_id is null or known.item_id <> told.item_id or known.list <> told.list
        or known.status <> told.payload ->> 'status'
        or known.ordered <> (told.payload ->> 'quantity')::numeric
        or known.received <> (told.payload ->> 'receivedQuantity')::numeric
        or known.is_final <> (told.payload ->> 'isFinal')::boolean`,
  },
  {
    name: 'list_on_order',
    rule: 'What the list has on order of an item is what ordering has open of it, once all its events are applied.',
    find: () => sql`
      select item.id as subject, format('the list has %s on order, ordering %s', list_side.open, ordering_side.open) as detail
      from stock.items item
      cross join lateral (
        select coalesce(sum(greatest(ordered - received, 0)) filter (where not is_final), 0) as open
        from stock.expected_receipts where item_id = item.id
      ) list_side
      cross join lateral (
        select coalesce(sum(greatest(line.quantity - line.received_quantity, 0)), 0) as open
        from purchasing.order_lines line join purchasing.orders "order" on "order".id = line.order_id
        where line.item_id = item.id and "order".list = item.list and "order".status not in (${finalStatuses})
      ) ordering_side
      where list_side.open <> ordering_side.open
        and exists (select from purchasing.run_lists run where run.list = item.list)
        and not exists (
          select from purchasing.order_lines line
          join purchasing.events event on event.order_id = line.order_id and event.line_id = line.id
          where line.item_id = item.id
            and not exists (select from stock.applied_events applied where applied.event_id = event.event_id))`,
  },
  {
    // Of a list that orders elsewhere as well, nothing can be said.
    name: 'receipts_known',
    rule: 'The list expects nothing that ordering has not on its books, line by line and item by item.',
    find: () => sql`
      select expected.line_id as subject, format('%s of item %s', expected.ordered, expected.item_id) as detail
      from stock.expected_receipts expected
      left join purchasing.order_lines line on line.id = expected.line_id
      where exists (select from purchasing.run_lists run where run.list = expected.list)
        and (line.id is null or line.item_id <> expected.item_id or line.order_id <> expected.order_id)`,
  },
]

/** How many events the list has yet to hear of. That is no fault: the next sync brings them. */
export async function countUnappliedEvents(db: Kysely<Database>): Promise<number> {
  const { rows } = await sql<{ events: number }>`
    select count(*) as events from purchasing.events event
    join stock.lists list on list.id = event.list
    where not exists (select from stock.applied_events applied where applied.event_id = event.event_id)`.execute(db)
  return rows[0]?.events ?? 0
}
