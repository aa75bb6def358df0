import { z } from '@hono/zod-openapi'
import { channels } from '../../../purchasing/catalog/supplier-terms.js'
import { remedies } from '../../../purchasing/orders/order-attention.js'
import { orderStatuses } from '../../../purchasing/orders/order-status.js'
import { instant, minor, quantity } from './shared.js'

export const orderStatusSchema = z.enum(orderStatuses).openapi('OrderStatus')

const originalLineSchema = z.object({
  product: z.string(),
  sku: z.string().nullable(),
  packs: z.number(),
  packQuantity: z.number(),
  quantity: z.number(),
  packPriceMinor: z.number(),
  taxMinor: z.number(),
  lineTotalMinor: z.number(),
})

const orderLineSchema = z
  .object({
    lineId: z.string(),
    itemId: z.string(),
    offerId: z.string(),
    productId: z.string(),
    product: z.string(),
    sku: z.string().nullable(),
    packs: z.number(),
    packQuantity: quantity,
    quantity,
    unit: z.string(),
    packPriceMinor: minor,
    taxMinor: minor,
    lineTotalMinor: minor.openapi({ description: 'Net.' }),
    receivedQuantity: quantity,
    matchedBy: z.enum(['sku', 'gtin', 'confirmed_link', 'proposed_link', 'substitute']),
    original: originalLineSchema
      .nullable()
      .openapi({ description: 'What was ordered, where the supplier changed it.' }),
  })
  .openapi('OrderLine')

export const orderSchema = z
  .object({
    orderId: z.string(),
    list: z.string(),
    quoteId: z.string(),
    runId: z.string().nullable(),
    placedBy: z.enum(['run', 'person']),
    supplierId: z.string(),
    supplier: z.string(),
    channel: z.enum(channels),
    status: orderStatusSchema,
    statusReason: z.string().nullable(),
    currency: z.string(),
    subtotalMinor: minor,
    shippingMinor: minor,
    taxMinor: minor,
    discountMinor: minor,
    totalMinor: minor,
    rationale: z.string(),
    approvalReasons: z.array(z.string()),
    approvalExpiresAt: instant.nullable(),
    approvedBy: z.string().nullable(),
    placedAt: instant,
    updatedAt: instant,
    submittedAt: instant.nullable(),
    expectedAt: instant.nullable(),
    supplierReference: z.string().nullable(),
    originalTotalMinor: minor.nullable(),
    cancelRequestedBy: z.string().nullable(),
    attention: z.string().nullable().openapi({ description: 'Why a person is needed, and what they can do.' }),
    attentionReasons: z
      .array(z.object({ remedy: z.enum(remedies), text: z.string() }))
      .openapi({ description: 'The same, each reason with a code for what can be done.' }),
    lines: z.array(orderLineSchema),
  })
  .openapi('Order')

export const orderHistorySchema = z
  .object({ at: instant, kind: z.string(), actor: z.string(), details: z.unknown() })
  .openapi('OrderStep')
