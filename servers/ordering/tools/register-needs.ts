import { z } from 'zod'
import { registerNeeds } from '../../../src/purchasing/register-needs.js'
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
  links: z
    .array(z.object({ product_id: idSchema, status: z.enum(['confirmed', 'proposed']) }))
    .max(50)
    .default([]),
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
    needs: z.array(needSchema).max(5000),
  }),
  output: z.object({ registered: z.number(), messages: messagesSchema }),
  annotations: writesOnce,
  handle: async (ctx, input) => {
    const { registered } = await registerNeeds(ctx, {
      list: input.list,
      currency: input.currency,
      timeZone: input.time_zone,
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
        links: need.links.map((link) => ({ productId: link.product_id, status: link.status })),
      })),
    })
    return { registered, messages: noMessages() }
  },
})
