/**
 * What goes over the wire between us and a supplier of the `http` channel. `docs/supplier-http.schema.json` is made from
 * these schemas; fields may be added, never changed. Money is in minor units of the order's currency, times are ISO 8601
 * in UTC, packs are whole.
 */
import { z } from 'zod'

const moneySchema = z.int().min(0).max(100_000_000_000)
const text = (max: number) => z.string().trim().min(1).max(max)
const timeSchema = z.iso.datetime({ offset: true })
const lineNumberSchema = z.int().min(1).describe('`line` of the order that was sent.')
const packsSchema = z.int().min(0).max(1_000_000_000)

/** We send this: `POST <url>`. */
export const orderRequestSchema = z
  .object({
    version: z.literal(1),
    idempotency_key: z
      .string()
      .describe('The same in the header Idempotency-Key. One key is one order, however often it is sent.'),
    order_id: z.string(),
    placed_at: timeSchema,
    expected_at: timeSchema.nullable().describe('By when it should come.'),
    currency: z.string().describe('ISO 4217.'),
    lines: z.array(
      z.object({
        line: z.int().min(1),
        sku: z.string().nullable().describe('Your own number for it; null: you gave none.'),
        product: z.string(),
        packs: packsSchema,
        pack_quantity: z.number().describe('How much is in a pack, in `unit`.'),
        unit: z.string(),
        quantity: z.number().describe('packs × pack_quantity.'),
        pack_price_minor: moneySchema.describe('Net.'),
        line_total_minor: moneySchema.describe('Net: packs × pack_price_minor.'),
      }),
    ),
    subtotal_minor: moneySchema,
    shipping_minor: moneySchema,
    tax_minor: moneySchema,
    discount_minor: z.int().describe('Below 0: a surcharge.'),
    total_minor: moneySchema.describe('subtotal + shipping + tax − discount.'),
  })
  .meta({ title: 'Order', description: 'POST <url>' })

const answerLineSchema = z.object({
  line: lineNumberSchema,
  packs: packsSchema.optional().describe('How many you will deliver in all; absent: as ordered; 0: none.'),
  pack_price_minor: moneySchema.optional().describe('Net; absent: as ordered.'),
  substitute: z
    .object({
      sku: z.string().max(100).nullable().default(null),
      product: text(300),
      pack_quantity: z
        .number()
        .positive()
        .max(1_000_000_000)
        .multipleOf(0.001)
        .optional()
        .describe('In the line’s unit; absent: as ordered.'),
    })
    .optional()
    .describe('Another product in place of the one ordered.'),
  back_ordered_until: timeSchema.optional().describe('Not before then.'),
})

const deliverySchema = z.object({
  id: text(200).describe('The same each time you report it; one id for each parcel.'),
  at: timeSchema,
  lines: z
    .array(z.object({ line: lineNumberSchema, packs: z.int().min(1).max(1_000_000_000) }))
    .min(1)
    .max(1_000),
})

/** They answer this to every request but a look-up of an order that they don't have. */
export const orderAnswerSchema = z
  .object({
    status: z
      .enum(['accepted', 'confirmed', 'rejected', 'cancelled'])
      .describe('accepted: we have it and have not said yes yet; the other three are your word.'),
    reference: text(200).nullish().describe('Your name for the order; it is how we ask for it from then on.'),
    reason: text(500).nullish().describe('For people.'),
    expected_at: timeSchema.nullish(),
    lines: z
      .array(answerLineSchema)
      .max(1_000)
      .nullish()
      .describe(
        'Lines that differ from what was ordered. Absolute: say the same each time, and what isn’t said stays.',
      ),
    shipping_minor: moneySchema.nullish().describe('Absent: as ordered.'),
    total_minor: moneySchema
      .nullish()
      .describe('All that you will charge, tax included; absent: what the lines come to.'),
    deliveries: z
      .array(deliverySchema)
      .max(1_000)
      .nullish()
      .describe('All so far, those that you reported before included.'),
  })
  .meta({
    title: 'OrderAnswer',
    description:
      'Answer to POST <url>, GET <url>/by-key/<key>, GET <url>/<reference> and POST <url>/<reference>/cancel',
  })

export type OrderRequest = z.infer<typeof orderRequestSchema>
export type OrderAnswer = z.infer<typeof orderAnswerSchema>

/** Both schemas as JSON Schema (draft 2020-12), as suppliers get them. */
export function supplierJsonSchema(): object {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Restock: orders over HTTP',
    description: 'See docs/channels.md. Fields may be added; ignore those that you don’t know.',
    $defs: {
      Order: definition(z.toJSONSchema(orderRequestSchema, { io: 'input' })),
      OrderAnswer: definition(z.toJSONSchema(orderAnswerSchema, { io: 'input' })),
    },
  }
}

function definition({ $schema: _, ...schema }: Readonly<Record<string, unknown>>): object {
  return schema
}
