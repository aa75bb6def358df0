/** An order with its lines, as everybody outside of purchasing sees it. */
import { z } from 'zod'
import type { DomainContext } from '../../platform/context.js'
import type { OrderLinesTable, OrderStatus, OrdersTable } from '../tables.js'
import { attentionByCommand } from './attention-by-command.js'
import { type AttentionReason, findAttention } from './order-attention.js'
import type { OrderLineRow, OrderRow } from './order-rows.js'

export interface OrderLine {
  readonly lineId: string
  readonly itemId: string
  readonly offerId: string
  readonly productId: string
  readonly product: string
  readonly sku: string | null
  readonly packs: number
  /** In the item's unit, as all quantities here. */
  readonly packQuantity: number
  readonly quantity: number
  readonly unit: string
  readonly packPriceMinor: number
  readonly taxMinor: number
  /** Net. */
  readonly lineTotalMinor: number
  readonly receivedQuantity: number
  readonly matchedBy: OrderLinesTable['matched_by']
  /** What was ordered, where the supplier changed it; null: nothing has changed. */
  readonly original: OriginalLine | null
}

/** What was ordered of a line that the supplier has changed since. */
export const originalLineSchema = z.object({
  product: z.string(),
  sku: z.string().nullable(),
  packs: z.number(),
  packQuantity: z.number(),
  quantity: z.number(),
  packPriceMinor: z.number(),
  taxMinor: z.number(),
  lineTotalMinor: z.number(),
})

export type OriginalLine = z.infer<typeof originalLineSchema>

export interface Order {
  readonly orderId: string
  readonly list: string
  readonly quoteId: string
  /** null: a person's client placed it. */
  readonly runId: string | null
  readonly placedBy: 'run' | 'person'
  readonly supplierId: string
  readonly supplier: string
  readonly channel: OrdersTable['channel']
  readonly status: OrderStatus
  readonly statusReason: string | null
  readonly currency: string
  readonly subtotalMinor: number
  readonly shippingMinor: number
  readonly taxMinor: number
  readonly discountMinor: number
  readonly totalMinor: number
  readonly rationale: string
  readonly approvalReasons: readonly string[]
  readonly approvalExpiresAt: Date | null
  readonly approvedBy: string | null
  readonly placedAt: Date
  readonly updatedAt: Date
  readonly submittedAt: Date | null
  readonly expectedAt: Date | null
  readonly supplierReference: string | null
  /** What it was to cost when it was placed; null: its supplier hasn't changed that. */
  readonly originalTotalMinor: number | null
  /** Who has asked the supplier to cancel it; null: nobody, or it has answered. */
  readonly cancelRequestedBy: string | null
  /** Why a person is needed, and the commands that help; null: nobody is. */
  readonly attention: string | null
  /** The same by itself, for faces that name the remedy in words of their own; empty: nobody is needed. */
  readonly attentionReasons: readonly AttentionReason[]
  readonly lines: readonly OrderLine[]
}

/** Adds the lines to orders, in the order given. */
export async function toOrders(ctx: DomainContext, rows: readonly OrderRow[]): Promise<Order[]> {
  if (rows.length === 0) return []
  const lines = await ctx.db
    .selectFrom('purchasing.order_lines')
    .selectAll()
    .where(
      'order_id',
      'in',
      rows.map((row) => row.id),
    )
    .orderBy('line_number')
    .execute()
  const byOrder = new Map<string, OrderLine[]>()
  for (const line of lines) byOrder.set(line.order_id, [...(byOrder.get(line.order_id) ?? []), toLine(line)])
  const attention = await findAttention(ctx, rows)
  return rows.map((row) => toOrder(row, byOrder.get(row.id) ?? [], attention.get(row.id) ?? []))
}

function toOrder(row: OrderRow, lines: readonly OrderLine[], attentionReasons: readonly AttentionReason[]): Order {
  return {
    orderId: row.id,
    list: row.list,
    quoteId: row.quote_id,
    runId: row.run_id,
    placedBy: row.placed_by,
    supplierId: row.supplier_id,
    supplier: row.supplier_name,
    channel: row.channel,
    status: row.status,
    statusReason: row.status_reason,
    currency: row.currency,
    subtotalMinor: row.subtotal_minor,
    shippingMinor: row.shipping_minor,
    taxMinor: row.tax_minor,
    discountMinor: row.discount_minor,
    totalMinor: row.total_minor,
    rationale: row.rationale,
    approvalReasons: row.approval_reasons,
    approvalExpiresAt: row.approval_expires_at,
    approvedBy: row.approved_by,
    placedAt: row.placed_at,
    updatedAt: row.updated_at,
    submittedAt: row.submitted_at,
    expectedAt: row.expected_at,
    supplierReference: row.supplier_reference,
    originalTotalMinor: row.original_total_minor,
    cancelRequestedBy: row.cancel_requested_by,
    attention: attentionByCommand(row, attentionReasons),
    attentionReasons,
    lines,
  }
}

function toLine(row: OrderLineRow): OrderLine {
  return {
    lineId: row.id,
    itemId: row.item_id,
    offerId: row.offer_id,
    productId: row.product_id,
    product: row.product,
    sku: row.sku,
    packs: row.packs,
    packQuantity: row.pack_quantity,
    quantity: row.quantity,
    unit: row.unit,
    packPriceMinor: row.pack_price_minor,
    taxMinor: row.tax_minor,
    lineTotalMinor: row.line_total_minor,
    receivedQuantity: row.received_quantity,
    matchedBy: row.matched_by,
    original: row.original === null ? null : originalLineSchema.parse(row.original),
  }
}
