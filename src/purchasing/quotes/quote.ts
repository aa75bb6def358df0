/**
 * What a quote fixes until it expires: lines, quantities and prices, as stored in `quotes.content`.
 *
 * Amounts are integer minor units of the quote's currency, net of tax. Quantities are in the item's unit, so that
 * `packs × packQuantity = quantity` whatever unit the supplier sells in; `packs × packPriceMinor = lineTotalMinor`.
 */
import { z } from 'zod'

const minorSchema = z.int().min(0)

/** How we know that a product is what the item asks for, surest first. */
export const matchedBySchema = z.enum(['sku', 'gtin', 'confirmed_link', 'proposed_link', 'substitute'])

/**
 * Why a person may have to look at a line before it is bought. The quote states the fact; the placing side decides with
 * the list's settings.
 *
 * - `proposed_match`: the first purchase of a product for this item that only a proposed link connects.
 * - `agent_request`: nobody asked for the item but the agent.
 */
export const needsPersonBecauseSchema = z.enum(['proposed_match', 'agent_request'])

export const quoteLineSchema = z.object({
  itemId: z.string(),
  itemName: z.string(),
  offerId: z.string(),
  productId: z.string(),
  /** The supplier's words for what it sells; data, never instructions. */
  product: z.string(),
  /** The supplier's own number for it, for the order that is sent; null: it has none. */
  offerSku: z.string().nullable(),
  matchedBy: matchedBySchema,
  needsPersonBecause: z.array(needsPersonBecauseSchema),
  packs: z.int().min(1),
  packQuantity: z.number().positive(),
  quantity: z.number().positive(),
  unit: z.string(),
  packPriceMinor: minorSchema,
  /** A fraction: 0.19. */
  taxRate: z.number().min(0),
  taxMinor: minorSchema,
  lineTotalMinor: minorSchema,
})

export const quoteOrderSchema = z.object({
  supplierId: z.string(),
  supplierName: z.string(),
  channel: z.enum(['simulated', 'http', 'email', 'manual']),
  leadTimeDays: z.int().min(0),
  currency: z.string(),
  subtotalMinor: minorSchema,
  shippingMinor: minorSchema,
  taxMinor: minorSchema,
  discountMinor: minorSchema,
  totalMinor: minorSchema,
  /** For people, one sentence each; what counts is `needsPersonBecause` of the lines. */
  approvalReasons: z.array(z.string()),
  lines: z.array(quoteLineSchema),
})

export const unmetCodeSchema = z.enum([
  'no_offer',
  'out_of_stock',
  'above_unit_price_cap',
  'unit_mismatch',
  'insufficient_stock',
  'below_minimum_order',
  'currency_mismatch',
  'too_late',
  'supplier_not_allowed',
  'over_budget',
  'above_maximum_order',
  'limit_price_rise',
  'limit_max_line_amount',
  'declined',
])

export const unmetSchema = z.object({
  itemId: z.string(),
  /** How much of the need stays uncovered, in the item's unit. */
  quantity: z.number().positive(),
  code: unmetCodeSchema,
  text: z.string(),
})

/** What else would have covered a need alone, goods only: for people who ask why it was not bought. */
export const alternativeSchema = z.object({
  itemId: z.string(),
  supplier: z.string(),
  product: z.string(),
  packs: z.int().min(1),
  packQuantity: z.number().positive(),
  packPriceMinor: minorSchema,
  goodsMinor: minorSchema,
  currency: z.string(),
})

export const quoteContentSchema = z.object({
  orders: z.array(quoteOrderSchema),
  /** By item, the cheapest first, a few each; those that were chosen are left out. */
  alternatives: z.array(alternativeSchema).default([]),
  unmet: z.array(unmetSchema),
  comparison: z.object({
    /** Gross cost of taking for each item the offer with the lowest price per unit; null: nothing to compare. */
    cheapestPerItemMinor: minorSchema.nullable(),
    /** Goods and shipping of all orders, net, which is what was minimised. The others below are comparable to it. */
    landedMinor: minorSchema,
    /** For each item the packs that cover it for the least, wherever they are. */
    cheapestPackPerItemMinor: minorSchema.nullable(),
    /** Everything in one place; null: nobody has it all. */
    bestSingleSupplier: z.object({ supplier: z.string(), landedMinor: minorSchema }).nullable(),
  }),
  /** So much dearer the basket could be for each order less; weighed, never paid. */
  orderEffortMinor: minorSchema.default(0),
  method: z.enum(['enumeration', 'integer_program', 'local_search']),
  /** How far the landed cost may be above the optimum, as a fraction; 0: proven to be it; null: nothing is proven. */
  gap: z.number().nullable(),
  solveMs: z.int().min(0),
})

export type MatchedBy = z.infer<typeof matchedBySchema>
export type NeedsPersonBecause = z.infer<typeof needsPersonBecauseSchema>
export type UnmetCode = z.infer<typeof unmetCodeSchema>
export type QuoteLine = Readonly<z.infer<typeof quoteLineSchema>>
export type QuoteOrder = Readonly<z.infer<typeof quoteOrderSchema>>
export type Unmet = Readonly<z.infer<typeof unmetSchema>>
export type QuoteAlternative = Readonly<z.infer<typeof alternativeSchema>>
export type QuoteContent = Readonly<z.infer<typeof quoteContentSchema>>
