/**
 * The outbox towards the list: every transaction that changes open quantities appends what the lines look like now.
 */
import { type Selectable, sql } from 'kysely'
import type { DomainContext } from '../../platform/context.js'
import type { EventsTable, OrderLinesTable, OrderStatus, OrdersTable } from '../tables.js'
import { isFinalStatus } from './order-status.js'

export type OrderEventType = EventsTable['type']

/** The state of one line after a change, whole, so that the newest event of a line is all that anybody needs. */
export interface OrderEvent {
  readonly eventId: string
  readonly type: OrderEventType
  readonly list: string
  readonly orderId: string
  readonly lineId: string
  readonly itemId: string
  readonly supplierId: string
  readonly status: OrderStatus
  /** Ordered, in the item's unit. */
  readonly quantity: number
  /** Received so far, deliveries of this event included. */
  readonly receivedQuantity: number
  readonly isFinal: boolean
  readonly expectedAt: string | null
  readonly at: string
  /** Only with type `delivery`. */
  readonly deliveryId: string | null
  readonly deliveredQuantity: number | null
}

export interface LineDelivery {
  readonly id: string
  readonly lineId: string
  readonly quantity: number
  readonly at: Date
}

type Order = Selectable<OrdersTable>
type Line = Selectable<OrderLinesTable>

export function lineEvent(
  ctx: DomainContext,
  order: Order,
  line: Line,
  type: OrderEventType,
  delivery?: LineDelivery,
): OrderEvent {
  return {
    eventId: ctx.newId('evt'),
    type,
    list: order.list,
    orderId: order.id,
    lineId: line.id,
    itemId: line.item_id,
    supplierId: order.supplier_id,
    status: order.status,
    quantity: line.quantity,
    receivedQuantity: line.received_quantity,
    isFinal: isFinalStatus(order.status),
    expectedAt: order.expected_at?.toISOString() ?? null,
    at: (delivery?.at ?? ctx.clock.now()).toISOString(),
    deliveryId: delivery?.id ?? null,
    deliveredQuantity: delivery?.quantity ?? null,
  }
}

/** What a change of status means for each line. */
export function statusEvents(ctx: DomainContext, order: Order, lines: readonly Line[]): OrderEvent[] {
  const type = isFinalStatus(order.status) ? 'line_closed' : 'line_changed'
  return lines.map((line) => lineEvent(ctx, order, line, type))
}

// Arbitrary and ours.
const outboxLock = 7_243_812

/**
 * Appends events. Numbers are given out under a lock that is held until the commit, so that their order is the order of
 * the commits and a reader that follows them never skips one. It has to be the last lock that a transaction takes: call
 * it at the end.
 */
export async function appendOrderEvents(tx: DomainContext, events: readonly OrderEvent[]): Promise<void> {
  if (events.length === 0) return
  if (!tx.db.isTransaction) throw new Error('order events are appended in the transaction that makes them true')
  await sql`select pg_advisory_xact_lock(${outboxLock})`.execute(tx.db)
  await tx.db
    .insertInto('purchasing.events')
    .values(
      events.map((event) => ({
        event_id: event.eventId,
        list: event.list,
        order_id: event.orderId,
        line_id: event.lineId,
        item_id: event.itemId,
        type: event.type,
        payload: JSON.stringify(event),
        at: new Date(event.at),
      })),
    )
    .execute()
}
