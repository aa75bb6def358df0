import { z } from 'zod'
import { markOrdered } from '../../../src/stock/mark-ordered.js'
import { defineTool, messagesSchema, writesOnce } from '../../tool.js'

export const markOrderedTool = defineTool({
  name: 'mark_ordered',
  title: 'Mark as ordered',
  description:
    'Counts what an order brings as on order, so that nobody buys it again. Call it once after place_order, with the ' +
    'receipt that place_order returned, unchanged. Repeating it is harmless.',
  audience: 'agent',
  input: z.object({ receipt: z.string().min(1).max(2_000_000).describe('The receipt of place_order, unchanged') }),
  output: z.object({
    marked: z.array(z.object({ item_id: z.string(), order_id: z.string(), quantity: z.number() })),
    already_marked: z.number().int().describe('Order lines that the list knew already'),
    messages: messagesSchema,
  }),
  annotations: writesOnce,
  async handle(ctx, input) {
    const { marked, alreadyMarked, messages } = await markOrdered(ctx, { receipt: input.receipt, caller: ctx.caller })
    return {
      marked: marked.map((line) => ({ item_id: line.itemId, order_id: line.orderId, quantity: line.quantity })),
      already_marked: alreadyMarked,
      messages: [...messages],
    }
  },
})
