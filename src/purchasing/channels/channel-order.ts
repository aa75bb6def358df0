import type { OrderLineRow, OrderRow } from '../orders/order-rows.js'
import type { ChannelOrder } from './channel.js'

/** What a channel gets to see of an order. */
export function toChannelOrder(order: OrderRow, lines: readonly OrderLineRow[]): ChannelOrder {
  return {
    orderId: order.id,
    idempotencyKey: order.idempotency_key,
    supplierId: order.supplier_id,
    reference: order.supplier_reference,
    currency: order.currency,
    subtotalMinor: order.subtotal_minor,
    shippingMinor: order.shipping_minor,
    taxMinor: order.tax_minor,
    discountMinor: order.discount_minor,
    totalMinor: order.total_minor,
    placedAt: order.placed_at,
    expectedAt: order.expected_at,
    lines: lines.map((line) => ({
      lineId: line.id,
      lineNumber: line.line_number,
      sku: line.sku,
      product: line.product,
      packs: line.packs,
      packPriceMinor: line.pack_price_minor,
      lineTotalMinor: line.line_total_minor,
      packQuantity: line.pack_quantity,
      quantity: line.quantity,
      unit: line.unit,
    })),
  }
}
