import { sql } from 'kysely'
import type { DomainContext } from '../platform/context.js'
import { inTransaction } from '../platform/database.js'
import type { Message } from '../platform/errors.js'
import { applyDeliveries } from './apply-deliveries.js'

/** What ordering says of one order line: its state as a whole, and what came in, if anything did. */
export interface OrderEvent {
  readonly eventId: string
  /** Ordering's count: a higher one knows better. */
  readonly seq: number
  readonly type: 'line_opened' | 'line_changed' | 'line_closed' | 'delivery'
  readonly list: string
  readonly orderId: string
  readonly lineId: string
  readonly itemId: string
  readonly supplierId: string
  /** Of the order. */
  readonly status: string
  /** Ordered, in the item's unit. */
  readonly quantity: number
  /** Received so far, in all. */
  readonly receivedQuantity: number
  readonly isFinal: boolean
  readonly expectedAt: Date | null
  readonly at: Date
  readonly deliveryId: string | null
  readonly deliveredQuantity: number | null
}

export interface AppliedEvents {
  readonly applied: number
  /** Applied before, or about items that this list never had. */
  readonly skipped: number
  readonly messages: readonly Message[]
}

/**
 * Brings the list up to what ordering says. The same event again changes nothing, and since each carries the line's whole
 * state, one that comes late never overwrites what a newer one said; only its delivery is still counted.
 */
export async function applyOrderEvents(
  ctx: DomainContext,
  input: { readonly events: readonly OrderEvent[] },
): Promise<AppliedEvents> {
  if (input.events.length === 0) return { applied: 0, skipped: 0, messages: [] }
  return inTransaction(ctx, async (tx) => {
    const fresh = await claimEvents(tx, input.events)
    const known = await lockItemsOf(tx, fresh)
    const ours = fresh.filter((event) => known.get(event.itemId) === event.list)
    await writeLines(tx, ours)
    await applyDeliveries(tx, ours)
    await archiveReceived(tx, ours)
    return {
      applied: ours.length,
      skipped: input.events.length - ours.length,
      messages: foreignItems(fresh.filter((event) => known.get(event.itemId) !== event.list)),
    }
  })
}

/** The events that nobody has applied yet, in ordering's order. They are ours from here on. */
async function claimEvents(tx: DomainContext, events: readonly OrderEvent[]): Promise<OrderEvent[]> {
  const at = tx.clock.now()
  const byId = new Map(events.map((event) => [event.eventId, event]))
  const claimed = await tx.db
    .insertInto('stock.applied_events')
    // In id order, so that two appliers of the same events can't deadlock.
    .values([...byId.keys()].sort().map((eventId) => ({ event_id: eventId, at })))
    .onConflict((conflict) => conflict.column('event_id').doNothing())
    .returning('event_id')
    .execute()
  return claimed.flatMap(({ event_id }) => byId.get(event_id) ?? []).sort((a, b) => a.seq - b.seq)
}

/** Item id → list, of the items that exist or once did: a removed item's orders still come to their end. */
async function lockItemsOf(tx: DomainContext, events: readonly OrderEvent[]): Promise<ReadonlyMap<string, string>> {
  if (events.length === 0) return new Map()
  const items = await tx.db
    .selectFrom('stock.items')
    .select(['id', 'list'])
    .where('id', 'in', [...new Set(events.map((event) => event.itemId))])
    .orderBy('id')
    .forUpdate()
    .execute()
  return new Map(items.map((item) => [item.id, item.list]))
}

async function writeLines(tx: DomainContext, events: readonly OrderEvent[]): Promise<void> {
  const newest = new Map(events.map((event) => [event.lineId, event]))
  if (newest.size === 0) return
  const firstReceivedAt = (lineId: string) => {
    const arrivals = events.filter((event) => event.lineId === lineId && (event.deliveredQuantity ?? 0) > 0)
    return arrivals.length === 0 ? null : new Date(Math.min(...arrivals.map((event) => event.at.getTime())))
  }
  const orderedAt = (lineId: string) =>
    new Date(Math.min(...events.filter((event) => event.lineId === lineId).map((event) => event.at.getTime())))
  await tx.db
    .insertInto('stock.expected_receipts')
    .values(
      [...newest.values()]
        .sort((a, b) => (a.lineId < b.lineId ? -1 : 1))
        .map((event) => ({
          line_id: event.lineId,
          order_id: event.orderId,
          item_id: event.itemId,
          list: event.list,
          supplier_id: event.supplierId,
          ordered: event.quantity,
          received: event.receivedQuantity,
          status: event.status,
          is_final: event.isFinal,
          expected_at: event.expectedAt,
          ordered_at: orderedAt(event.lineId),
          first_received_at: firstReceivedAt(event.lineId),
          last_seq: event.seq,
        })),
    )
    .onConflict((conflict) =>
      conflict
        .column('line_id')
        .doUpdateSet((set) => ({
          item_id: set.ref('excluded.item_id'),
          list: set.ref('excluded.list'),
          order_id: set.ref('excluded.order_id'),
          supplier_id: set.ref('excluded.supplier_id'),
          ordered: set.ref('excluded.ordered'),
          received: set.ref('excluded.received'),
          status: set.ref('excluded.status'),
          is_final: set.ref('excluded.is_final'),
          expected_at: set.ref('excluded.expected_at'),
          ordered_at: sql<Date>`least(stock.expected_receipts.ordered_at, excluded.ordered_at)`,
          // null where nothing has come: least() passes over it.
          first_received_at: sql<Date>`least(stock.expected_receipts.first_received_at, excluded.first_received_at)`,
          last_seq: set.ref('excluded.last_seq'),
        }))
        .whereRef('stock.expected_receipts.last_seq', '<', 'excluded.last_seq'),
    )
    .execute()
}

/** A one-off that has come in whole is done. */
async function archiveReceived(tx: DomainContext, events: readonly OrderEvent[]): Promise<void> {
  if (events.length === 0) return
  const now = tx.clock.now()
  await tx.db
    .updateTable('stock.items as item')
    .set({ archived_at: now, updated_at: now })
    .where('item.id', 'in', [...new Set(events.map((event) => event.itemId))])
    .where('item.kind', '=', 'one_off')
    .where('item.archived_at', 'is', null)
    .where(
      (where) =>
        where
          .selectFrom('stock.expected_receipts as line')
          .select((query) => query.fn.coalesce(query.fn.sum('line.received'), query.lit(0)).as('received'))
          .whereRef('line.item_id', '=', 'item.id'),
      '>=',
      sql.ref<number>('item.requested_quantity'),
    )
    .execute()
}

function foreignItems(events: readonly OrderEvent[]): Message[] {
  return [...new Map(events.map((event) => [event.itemId, event])).values()].map((event) => ({
    code: 'unknown_item',
    severity: 'needs_human',
    text: `Order ${event.orderId} is for item ${event.itemId}, which list ${event.list} doesn't have; it was left out.`,
  }))
}
