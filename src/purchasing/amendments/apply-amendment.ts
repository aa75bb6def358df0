import type { DomainContext } from '../../platform/context.js'
import { reviseBudget } from '../limits/reservations.js'
import { moveOrder, recordHistory } from '../orders/move-order.js'
import { appendOrderEvents, statusEvents } from '../orders/order-events.js'
import { findLines, type OrderLineRow, type OrderRow } from '../orders/order-rows.js'
import type { OriginalLine } from '../orders/order-view.js'
import type { Amendment } from './amendment.js'

/**
 * Makes an order what its supplier said it will be: lines, totals, budget, and the list hears of the new quantities. What
 * was ordered at first stays with each line that changed. The transaction has locked the order.
 */
export async function applyAmendment(
  tx: DomainContext,
  order: OrderRow,
  amendment: Amendment,
  story: { readonly kind: 'amended' | 'amendment_accepted'; readonly actor: string; readonly details: object },
): Promise<OrderRow> {
  const before = await findLines(tx, order.id)
  for (const line of before) {
    const after = amendment.lines.find(({ lineId }) => lineId === line.id)
    if (after === undefined) throw new Error(`an amendment of order ${order.id} knows nothing of its line ${line.id}`)
    await tx.db
      .updateTable('purchasing.order_lines')
      .set({
        product: after.product,
        sku: after.sku,
        packs: after.packs,
        pack_quantity: after.packQuantity,
        quantity: after.quantity,
        pack_price_minor: after.packPriceMinor,
        line_total_minor: after.lineTotalMinor,
        tax_minor: after.taxMinor,
        ...(line.original === null && !isSame(line, after) ? { original: JSON.stringify(originalOf(line)) } : {}),
      })
      .where('id', '=', line.id)
      .execute()
  }
  const amended = await tx.db
    .updateTable('purchasing.orders')
    .set({
      subtotal_minor: amendment.subtotalMinor,
      shipping_minor: amendment.shippingMinor,
      tax_minor: amendment.taxMinor,
      discount_minor: amendment.discountMinor,
      total_minor: amendment.totalMinor,
      expected_at: amendment.expectedAt,
      original_total_minor: order.original_total_minor ?? order.total_minor,
      updated_at: tx.clock.now(),
    })
    .where('id', '=', order.id)
    .returningAll()
    .executeTakeFirstOrThrow()
  await recordHistory(tx, order.id, story.kind, story.actor, story.details)
  await reviseBudget(tx, order.id, amendment.totalMinor)
  const lines = await findLines(tx, order.id)
  // What is still missing may have been all that the supplier takes back.
  const isComplete = lines.every((line) => line.received_quantity >= line.quantity)
  if (amended.status === 'partially_received' && isComplete) {
    return moveOrder(tx, amended, { to: 'received', actor: story.actor, reason: null })
  }
  await appendOrderEvents(tx, statusEvents(tx, amended, lines))
  return amended
}

function isSame(line: OrderLineRow, after: Amendment['lines'][number]): boolean {
  return (
    line.product === after.product &&
    line.sku === after.sku &&
    line.packs === after.packs &&
    line.pack_quantity === after.packQuantity &&
    line.pack_price_minor === after.packPriceMinor
  )
}

function originalOf(line: OrderLineRow): OriginalLine {
  return {
    product: line.product,
    sku: line.sku,
    packs: line.packs,
    packQuantity: line.pack_quantity,
    quantity: line.quantity,
    packPriceMinor: line.pack_price_minor,
    taxMinor: line.tax_minor,
    lineTotalMinor: line.line_total_minor,
  }
}
