import { sql } from 'kysely'
import type { DomainContext } from '../platform/context.js'
import { appendMovements } from './append-movement.js'
import type { OrderEvent } from './apply-order-events.js'

/** Ends the cause of a movement that takes off a delivery which a later count holds already. */
export const countedSince = ': in the count that followed'

/**
 * Puts what came in on the shelf; a delivery id counts once, whichever event brings it. Goods that came before the last
 * count were on the shelf when it was counted: they are written down, and taken off again at once. The caller has locked
 * the items.
 */
export async function applyDeliveries(tx: DomainContext, events: readonly OrderEvent[]): Promise<void> {
  const deliveries = events.flatMap((event) =>
    event.deliveryId === null || !event.deliveredQuantity
      ? []
      : [{ ...event, deliveryId: event.deliveryId, deliveredQuantity: event.deliveredQuantity }],
  )
  if (deliveries.length === 0) return
  const common = { counted: null, actor: 'ordering', undoes: null }
  const written = await tx.db
    .insertInto('stock.movements')
    .values(
      deliveries.map((delivery) => ({
        ...common,
        item_id: delivery.itemId,
        kind: 'delivery' as const,
        quantity: delivery.deliveredQuantity,
        at: delivery.at,
        cause: `delivery of order ${delivery.orderId}`,
        delivery_id: delivery.deliveryId,
      })),
    )
    .onConflict((conflict) => conflict.column('delivery_id').doNothing())
    .returning(['item_id', 'quantity', 'at', 'cause'])
    .execute()

  const counted = await lastCounts(
    tx,
    written.map((movement) => movement.item_id),
  )
  await appendMovements(
    tx,
    written
      .filter((movement) => movement.at < (counted.get(movement.item_id) ?? movement.at))
      .map((movement) => ({
        ...common,
        item_id: movement.item_id,
        kind: 'adjustment' as const,
        quantity: -movement.quantity,
        at: movement.at,
        cause: `${movement.cause}${countedSince}`,
        delivery_id: null,
      })),
  )
}

async function lastCounts(tx: DomainContext, itemIds: readonly string[]): Promise<ReadonlyMap<string, Date>> {
  const { rows } = await sql<{ item_id: string; at: Date }>`
    select item_id, max(at) as at from stock.movements
    where kind = 'count' and item_id = any(${[...itemIds]})
      and not exists (select from stock.movements undo where undo.undoes = movements.id)
    group by item_id`.execute(tx.db)
  return new Map(rows.map((row) => [row.item_id, row.at]))
}
