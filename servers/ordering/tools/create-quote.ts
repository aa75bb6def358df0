import { z } from 'zod'
import { createQuote } from '../../../src/purchasing/quotes/create-quote.js'
import { type QuoteOrder, unmetCodeSchema } from '../../../src/purchasing/quotes/quote.js'
import type { BasketSolver } from '../../../src/purchasing/solver/solve-basket.js'
import { defineTool, idSchema, messagesSchema, quantitySchema } from '../../tool.js'
import { amountsShape, lineShape } from './order-output.js'

const itemSchema = z.object({
  item_id: idSchema,
  quantity: quantitySchema.optional().describe('In the item’s unit, at most the need; left out: all of the need.'),
  product_ids: z
    .array(idSchema)
    .max(10)
    .optional()
    .describe('Products from search_catalog that are this item; only for items not linked to a product yet.'),
  unit: z.string().trim().min(1).max(20).optional().describe('Only where no run registered the need.'),
  name: z.string().trim().min(1).max(200).optional().describe('Only where no run registered the need.'),
})

const orderSchema = z.object({
  ...amountsShape,
  lines: z.array(z.object(lineShape)),
  approval_reasons: z.array(z.string()).describe('Why a person may have to approve this order.'),
})

export type Solver = Pick<BasketSolver, 'solve'>

export const createQuoteTool = (solver: Solver) =>
  defineTool({
    name: 'create_quote',
    title: 'Create a quote',
    description:
      'Works out what to buy from whom so that everything together, shipping included, costs the least: whole packs, ' +
      'stock, price breaks, price caps, minimum orders, delivery in time, what the limits leave. Without items it ' +
      'quotes everything that is due. Buys nothing; give the quote_id to place_order within 30 minutes. What can’t be bought is in unmet with the reason. A quote_id of null means that nothing can be bought.',
    audience: 'agent',
    input: z.object({
      items: z
        .preprocess((value) => {
          if (value === null) return undefined
          return typeof value === 'object' && !Array.isArray(value) ? [value] : value
        }, z.array(itemSchema).max(500).optional())
        .describe('Only these items; none: all that are due.'),
      list: idSchema.optional().describe('Only where no run is calling and there are several lists.'),
    }),
    output: z.object({
      quote_id: z.string().nullable(),
      expires_at: z.string().nullable(),
      list: z.string(),
      currency: z.string(),
      total_minor: z.number(),
      orders: z.array(orderSchema),
      unmet: z.array(z.object({ item_id: z.string(), quantity: z.number(), code: unmetCodeSchema, text: z.string() })),
      comparison: z.object({
        cheapest_per_item_minor: z
          .number()
          .nullable()
          .describe('What it would cost to take each item where its unit is cheapest, shipping and tax included.'),
        landed_minor: z.number().describe('Goods and shipping of this quote, without tax; the next two compare to it.'),
        cheapest_pack_per_item_minor: z.number().nullable().describe('With each item where its packs cost the least.'),
        best_single_supplier: z
          .object({ supplier: z.string(), landed_minor: z.number() })
          .nullable()
          .describe('With everything from one supplier; null: nobody has it all.'),
      }),
      method: z.string(),
      gap: z.number().nullable().describe('How far above the lowest cost it may be, as a fraction; 0: proven lowest.'),
      solve_ms: z.number(),
      messages: messagesSchema,
    }),
    // Each call makes another quote; none of them changes anything that lasts.
    annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false },
    handle: async (ctx, input) => {
      const quote = await createQuote(
        ctx,
        {
          list: input.list,
          items: input.items?.map((item) => ({
            itemId: item.item_id,
            quantity: item.quantity,
            productIds: item.product_ids,
            unit: item.unit,
            name: item.name,
          })),
        },
        solver,
      )
      const { content } = quote
      const { comparison } = content
      return {
        quote_id: quote.quoteId,
        expires_at: quote.expiresAt?.toISOString() ?? null,
        list: quote.list,
        currency: quote.currency,
        total_minor: quote.totalMinor,
        orders: content.orders.map(toOrderOutput),
        unmet: content.unmet.map(({ itemId, quantity, code, text }) => ({ item_id: itemId, quantity, code, text })),
        comparison: {
          cheapest_per_item_minor: comparison.cheapestPerItemMinor,
          landed_minor: comparison.landedMinor,
          cheapest_pack_per_item_minor: comparison.cheapestPackPerItemMinor,
          best_single_supplier: comparison.bestSingleSupplier && {
            supplier: comparison.bestSingleSupplier.supplier,
            landed_minor: comparison.bestSingleSupplier.landedMinor,
          },
        },
        method: content.method,
        gap: content.gap,
        solve_ms: content.solveMs,
        messages: [...quote.messages],
      }
    },
  })

function toOrderOutput(order: QuoteOrder): z.infer<typeof orderSchema> {
  return {
    supplier_id: order.supplierId,
    supplier: order.supplierName,
    subtotal_minor: order.subtotalMinor,
    shipping_minor: order.shippingMinor,
    tax_minor: order.taxMinor,
    discount_minor: order.discountMinor,
    total_minor: order.totalMinor,
    currency: order.currency,
    lines: order.lines.map((line) => ({
      item_id: line.itemId,
      product_id: line.productId,
      product: line.product,
      packs: line.packs,
      pack_quantity: line.packQuantity,
      quantity: line.quantity,
      unit: line.unit,
      pack_price_minor: line.packPriceMinor,
      line_total_minor: line.lineTotalMinor,
      matched_by: line.matchedBy,
    })),
    approval_reasons: [...order.approvalReasons],
  }
}
