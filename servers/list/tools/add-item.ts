import { z } from 'zod'
import { addItem } from '../../../src/stock/add-item.js'
import { defineTool, messagesSchema, noMessages } from '../../tool.js'
import { amount, itemSettings, listRef, toItemInput } from './inputs.js'

export const addItemTool = defineTool({
  name: 'add_item',
  title: 'Add item',
  description:
    'Puts an item on a list, to be kept in stock from now on. For people only. It is reordered by itself once it has a ' +
    'reorder_point (with order_up_to) or an interval (every). Refused when the list has the name, sku or gtin already.',
  audience: 'person',
  input: z.object({
    list: listRef,
    name: z.string().trim().min(1).max(200),
    unit: z.string().trim().min(1).max(32).describe('pcs, kg, l, …'),
    on_hand: amount.nullable().optional().describe('What is there now; 0 when left out'),
    ...itemSettings,
  }),
  output: z.object({ item_id: z.string(), list: z.string(), messages: messagesSchema }),
  // A second call is refused: the name is taken.
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false },
  async handle(ctx, input) {
    const { itemId, list } = await addItem(ctx, {
      ...toItemInput(input),
      list: input.list,
      name: input.name,
      unit: input.unit,
      onHand: input.on_hand,
      caller: ctx.caller,
    })
    return { item_id: itemId, list, messages: noMessages() }
  },
})
