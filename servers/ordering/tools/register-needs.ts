import { z } from 'zod'
import { registerNeeds } from '../../../src/purchasing/needs/register-needs.js'
import { defineTool, idSchema, messagesSchema, noMessages, quantitySchema, writesOnce } from '../../tool.js'

const needSchema = z.object({
  item_id: idSchema,
  name: z.string().max(200),
  quantity: quantitySchema,
  unit: z.string().trim().min(1).max(32),
  sku: z.string().max(64).nullish(),
  gtin: z.string().max(20).nullish(),
  max_unit_price: z.string().max(30).nullish().describe('Most that one unit may cost, in major units: "1.25".'),
  on_order_seen: z.coerce.number().min(0).describe('What was on order when the need was worked out.'),
  origin: z.enum(['person', 'agent']),
  version: z.string().max(64).nullish().describe('Changes whenever a person changes the item.'),
  links: z
    .array(z.object({ product_id: idSchema, status: z.enum(['confirmed', 'proposed']) }))
    .max(50)
    .default([]),
  substitutes: z
    .array(
      z.object({
        sku: z.string().max(64).optional(),
        gtin: z.string().max(20).optional(),
        product_id: idSchema.optional(),
      }),
    )
    .max(20)
    .default([])
    .describe("What a person allows where the item's own products can't cover the need, the first first."),
  needed_by: z
    .string()
    .max(40)
    .nullish()
    .describe("When it must be there at the latest: a day in the list's time zone, or an instant."),
  priority: z
    .int()
    .min(0)
    .max(100)
    .nullish()
    .describe('Counts where not everything can be bought: 1 is ordinary, 0 only where it makes the rest cheaper.'),
  portions: z
    .object({
      least: z.coerce.number().min(0),
      multiple: z.coerce.number().positive().nullish(),
      most: z.coerce.number().min(0).nullish(),
    })
    .nullish()
    .describe('Of priority 0 alone: which parts of the quantity may be bought, in its unit; left out: any.'),
})

export const registerNeedsTool = defineTool({
  name: 'register_needs',
  title: 'Register needs',
  description:
    'For the worker: what this run may buy, and nothing else. Replaces what the run registered before and fences off ' +
    'earlier claims of the run.',
  audience: 'worker',
  input: z.object({
    list: idSchema,
    currency: z.string().trim().length(3),
    time_zone: z.string().trim().min(1).max(64),
    events_seen: z
      .int()
      .min(0)
      .nullish()
      .describe('Last order event that the list had taken before it worked out the needs.'),
    needs: z.array(needSchema).max(5000),
  }),
  output: z.object({ registered: z.number(), messages: messagesSchema }),
  annotations: writesOnce,
  handle: async (ctx, input) => {
    const { registered } = await registerNeeds(ctx, {
      list: input.list,
      currency: input.currency,
      timeZone: input.time_zone,
      eventsSeen: input.events_seen,
      needs: input.needs.map((need) => ({
        itemId: need.item_id,
        name: need.name,
        quantity: need.quantity,
        unit: need.unit,
        sku: need.sku,
        gtin: need.gtin,
        maxUnitPrice: need.max_unit_price,
        onOrderSeen: need.on_order_seen,
        origin: need.origin,
        version: need.version,
        neededBy: need.needed_by,
        priority: need.priority,
        portions: need.portions,
        links: need.links.map((link) => ({ productId: link.product_id, status: link.status })),
        substitutes: need.substitutes.map(({ sku, gtin, product_id }) => ({ sku, gtin, productId: product_id })),
      })),
    })
    return { registered, messages: noMessages() }
  },
})
