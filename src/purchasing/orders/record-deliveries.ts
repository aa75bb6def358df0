import type { DomainContext } from '../../platform/context.js'
import { subtractQuantity } from '../../platform/decimal.js'
import { failpoint } from '../../platform/failpoints.js'
import { changeStatus, recordHistory } from './move-order.js'
import { appendOrderEvents, type LineDelivery, lineEvent, statusEvents } from './order-events.js'
import { findLines, type OrderLineRow, type OrderRow } from './order-rows.js'

/**
 * Books goods that came in for an order that the transaction has locked, and moves it to partially received or received.
 * A delivery id that is known already counts for nothing, so a supplier may report the same delivery as often as it
 * likes. More than was ordered is taken as it is: the goods are there. Returns how many deliveries were new.
 */
export async function recordDeliveries(
  tx: DomainContext,
  order: OrderRow,
  deliveries: readonly LineDelivery[],
  by: { readonly actor: string; readonly source: string },
): Promise<number> {
  await assertOwnLines(tx, order, deliveries)
  const fresh = await insertNew(tx, order, deliveries, by.source)
  if (fresh.length === 0) return 0
  for (const delivery of fresh) {
    await tx.db
      .updateTable('purchasing.order_lines')
      .set((set) => ({ received_quantity: set('received_quantity', '+', delivery.quantity) }))
      .where('id', '=', delivery.lineId)
      .where('order_id', '=', order.id)
      .execute()
  }
  const lines = await findLines(tx, order.id)
  await failpoint('delivery.before')
  const details = {
    deliveries: fresh.map(({ id, lineId, quantity }) => ({ id, lineId, quantity })),
    ...overReceipts(lines),
  }
  const status = lines.every((line) => line.received_quantity >= line.quantity) ? 'received' : 'partially_received'
  if (status === order.status) {
    await recordHistory(tx, order.id, 'delivery', by.actor, details)
    await appendOrderEvents(tx, deliveryEvents(tx, order, lines, fresh))
    return fresh.length
  }
  const moved = await changeStatus(tx, order, { to: status, actor: by.actor, reason: null, details })
  await appendOrderEvents(tx, [...deliveryEvents(tx, moved, lines, fresh), ...statusEvents(tx, moved, lines)])
  return fresh.length
}

/** A supplier that mixes up its orders must not put goods on the wrong shelf. */
async function assertOwnLines(tx: DomainContext, order: OrderRow, deliveries: readonly LineDelivery[]): Promise<void> {
  const own = new Set((await findLines(tx, order.id)).map((line) => line.id))
  const stray = deliveries.find((delivery) => !own.has(delivery.lineId))
  if (stray !== undefined) {
    throw new Error(
      `delivery ${stray.id} is for line ${stray.lineId}, which is not of order ${order.id}; nothing of it was booked`,
    )
  }
}

async function insertNew(
  tx: DomainContext,
  order: OrderRow,
  reported: readonly LineDelivery[],
  source: string,
): Promise<LineDelivery[]> {
  const deliveries = [...new Map(reported.map((delivery) => [delivery.id, delivery])).values()]
  if (deliveries.length === 0) return []
  const rows = await tx.db
    .insertInto('purchasing.deliveries')
    .values(
      deliveries.map((delivery) => ({
        id: delivery.id,
        order_id: order.id,
        line_id: delivery.lineId,
        quantity: delivery.quantity,
        at: delivery.at,
        recorded_at: tx.clock.now(),
        source,
      })),
    )
    .onConflict((conflict) => conflict.column('id').doNothing())
    .returning('id')
    .execute()
  const inserted = new Set(rows.map((row) => row.id))
  return deliveries.filter((delivery) => inserted.has(delivery.id))
}

function deliveryEvents(
  ctx: DomainContext,
  order: OrderRow,
  lines: readonly OrderLineRow[],
  deliveries: readonly LineDelivery[],
) {
  return deliveries.flatMap((delivery) =>
    lines
      .filter((line) => line.id === delivery.lineId)
      .map((line) => lineEvent(ctx, order, line, 'delivery', delivery)),
  )
}

function overReceipts(lines: readonly OrderLineRow[]): object {
  const over = lines
    .filter((line) => line.received_quantity > line.quantity)
    .map((line) => ({ lineId: line.id, quantity: subtractQuantity(line.received_quantity, line.quantity) }))
  return over.length === 0 ? {} : { receivedTooMuch: over }
}
