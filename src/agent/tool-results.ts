import { z } from 'zod'

/**
 * What the worker reads from tool results. Only the fields that it uses, so that another MCP server may answer with more;
 * `snake_case` as on the wire.
 */

export const messagesSchema = z
  .array(
    z.object({
      code: z.string(),
      severity: z.enum(['recoverable', 'needs_human', 'final']).catch('final'),
      text: z.string(),
      path: z.string().optional(),
    }),
  )
  .default([])

const linkSchema = z.object({ product_id: z.string(), status: z.enum(['confirmed', 'proposed']) })

const substituteSchema = z.object({
  sku: z.string().optional(),
  gtin: z.string().optional(),
  product_id: z.string().optional(),
})

export const needItemSchema = z.object({
  item_id: z.string(),
  name: z.string(),
  kind: z.enum(['stock', 'standing', 'one_off']),
  unit: z.string(),
  category: z.string().nullish(),
  notes: z.string().nullish(),
  sku: z.string().nullish(),
  gtin: z.string().nullish(),
  max_unit_price: z.string().nullish(),
  on_hand: z.number(),
  on_order: z.number(),
  position: z.number(),
  reorder_point: z.number().nullish(),
  order_up_to: z.number().nullish(),
  need: z.number(),
  steps: z.array(z.object({ rule: z.string(), from: z.number(), to: z.number() })).default([]),
  links: z.array(linkSchema).default([]),
  origin: z.enum(['person', 'agent']),
  attention: z.string().nullish(),
  use_basis: z.string().nullish(),
  days_left: z.number().nullish(),
  substitutes: z.array(substituteSchema).default([]),
  needed_by: z.string().nullish(),
  urgency: z.int().min(1).max(100).optional(),
  top_up: z.number().default(0),
  top_up_portions: z
    .object({ least: z.number(), multiple: z.number().nullable(), most: z.number().nullable() })
    .nullish(),
  version: z.string().nullish(),
})

export const beginRunSchema = z.object({
  list: z.string(),
  currency: z.string(),
  time_zone: z.string(),
  as_of: z.string(),
  items: z.array(needItemSchema),
  top_ups: z.array(needItemSchema).default([]),
})

export const registerNeedsSchema = z.object({ messages: messagesSchema })

const quoteLineSchema = z.object({
  item_id: z.string(),
  product: z.string(),
  packs: z.number(),
  pack_quantity: z.number(),
  quantity: z.number(),
  unit: z.string(),
  pack_price_minor: z.number(),
  line_total_minor: z.number(),
})

export const quoteSchema = z.object({
  quote_id: z.string().nullish(),
  orders: z
    .array(
      z.object({
        supplier_id: z.string(),
        supplier: z.string(),
        currency: z.string(),
        lines: z.array(quoteLineSchema),
        approval_reasons: z.array(z.string()).default([]),
      }),
    )
    .default([]),
  unmet: z.array(z.object({ item_id: z.string(), code: z.string(), text: z.string() })).default([]),
  messages: messagesSchema,
})

export const placementSchema = z.object({
  results: z
    .array(
      z.object({
        supplier_id: z.string(),
        order_id: z.string().nullish(),
        outcome: z.enum(['accepted', 'pending_approval', 'refused']),
        item_ids: z.array(z.string()).default([]),
        messages: messagesSchema,
      }),
    )
    .default([]),
  receipt: z.string().nullish(),
  dry_run: z.boolean().default(false),
  messages: messagesSchema,
})

export const refusalSchema = z.object({ messages: messagesSchema })

const orderSchema = z.object({
  order_id: z.string(),
  supplier: z.string(),
  status: z.string(),
  currency: z.string(),
  subtotal_minor: z.number(),
  shipping_minor: z.number(),
  tax_minor: z.number(),
  discount_minor: z.number(),
  total_minor: z.number(),
  approval_reasons: z.array(z.string()).default([]),
  status_reason: z.string().nullish(),
  attention: z.string().nullish(),
  lines: z.array(quoteLineSchema.extend({ tax_minor: z.number() })),
})

export const ordersSchema = z.object({ orders: z.array(orderSchema) })

export const searchResultsSchema = z.object({
  results: z.array(
    z.object({
      query: z.string(),
      products: z.array(
        z.object({
          product_id: z.string(),
          name: z.string(),
          score: z.number(),
          offers: z.array(z.object({ unit: z.string() })).default([]),
        }),
      ),
    }),
  ),
})

/** Events travel through the worker unread; the list knows what they mean. */
export const orderEventsSchema = z.object({
  events: z.array(z.looseObject({ event_id: z.string(), seq: z.number() })),
  next: z.number(),
  has_more: z.boolean(),
})

export const endRunSchema = z.object({ messages: messagesSchema })

export const appliedEventsSchema = z.object({ applied: z.number(), skipped: z.number() })

export type NeedItem = z.infer<typeof needItemSchema>
export type BeginRun = z.infer<typeof beginRunSchema>
export type Quote = z.infer<typeof quoteSchema>
export type Placement = z.infer<typeof placementSchema>
export type ListedOrder = z.infer<typeof orderSchema>
export type SearchResults = z.infer<typeof searchResultsSchema>
