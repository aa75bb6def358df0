import { z } from 'zod'
import { failpoint } from '../../../src/platform/failpoints.js'
import { placingChannels } from '../../../src/purchasing/channels/index.js'
import { placeOrder } from '../../../src/purchasing/placing/place-order.js'
import { rehearsalMessage } from '../../../src/purchasing/placing/rehearsal.js'
import { defineTool, idSchema, messagesSchema, noMessages } from '../../tool.js'

export const placeOrderTool = defineTool({
  name: 'place_order',
  title: 'Place order',
  description:
    'Buys exactly what a quote from create_quote says: one order per supplier, each accepted, pending a person’s approval, or ' +
    'refused as a whole with the reason. Limits are enforced here and can’t be argued with. A quote is placed once; calling ' +
    'again with the same arguments returns the same result and orders nothing. Give the receipt to mark_ordered. In a dry run ' +
    'it says what would become of each order, and orders nothing.',
  audience: 'agent',
  input: z.object({
    quote_id: idSchema,
    rationale: z
      .string()
      .trim()
      .min(1)
      .max(2000)
      .describe('Why this is bought, in a sentence or two; kept with the order.'),
  }),
  output: z.object({
    results: z.array(
      z.object({
        supplier_id: z.string(),
        order_id: z.string().nullable(),
        outcome: z.enum(['accepted', 'pending_approval', 'refused']),
        total_minor: z.number(),
        currency: z.string(),
        item_ids: z.array(z.string()),
        messages: messagesSchema,
      }),
    ),
    receipt: z.string().nullable().describe('Pass it to mark_ordered unchanged; null if every order was refused.'),
    replayed: z
      .boolean()
      .describe('True: this quote had been placed before by the same call; nothing new was ordered.'),
    dry_run: z.boolean().describe('True: the outcomes are what they would be; nothing was ordered.'),
    messages: messagesSchema,
  }),
  // It spends money; repeated, it does nothing more.
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: true },
  rehearses: true,
  handle: async (ctx, input) => {
    const order = { quoteId: input.quote_id, rationale: input.rationale }
    const placement = await placeOrder(ctx, order, placingChannels(ctx.canMail === true))
    await failpoint('commit.after')
    return {
      results: placement.results.map((result) => ({
        supplier_id: result.supplierId,
        order_id: result.orderId,
        outcome: result.outcome,
        total_minor: result.totalMinor,
        currency: result.currency,
        item_ids: result.itemIds,
        messages: result.messages,
      })),
      receipt: placement.receipt,
      replayed: placement.replayed,
      dry_run: placement.isRehearsal,
      messages: placement.isRehearsal ? [rehearsalMessage(placement.results)] : noMessages(),
    }
  },
})
