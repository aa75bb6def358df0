import { z } from 'zod'
import { countStock } from '../../../src/stock/count-stock.js'
import { defineTool, messagesSchema, writesOnce } from '../../tool.js'
import { doubtMessages } from './doubt-messages.js'
import { amount, itemRef, listRef, note } from './inputs.js'

export const countStockTool = defineTool({
  name: 'count_stock',
  title: 'Count stock',
  description:
    'Records that somebody counted an item: this is what is there, whatever was believed before. For people only.',
  audience: 'person',
  input: z.object({
    item_id: itemRef,
    list: listRef,
    quantity: amount.describe("What was counted, in the item's unit; 0 when nothing is left"),
    note,
  }),
  output: z.object({
    item_id: z.string(),
    before: z.number().describe('What was believed to be there'),
    on_hand: z.number(),
    unit: z.string(),
    messages: messagesSchema,
  }),
  annotations: writesOnce,
  async handle(ctx, input) {
    const { item_id: item, list, quantity } = input
    const changed = await countStock(ctx, { item, list, quantity, note: input.note, caller: ctx.caller })
    return {
      item_id: changed.itemId,
      before: changed.before,
      on_hand: changed.onHand,
      unit: changed.unit,
      messages: doubtMessages(changed.doubt),
    }
  },
})
