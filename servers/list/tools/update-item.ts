import { z } from 'zod'
import { updateItem } from '../../../src/stock/update-item.js'
import { defineTool, messagesSchema, noMessages } from '../../tool.js'
import { amount, day, itemRef, itemSettings, listRef, toItemInput } from './inputs.js'

export const updateItemTool = defineTool({
  name: 'update_item',
  title: 'Update item',
  description:
    'Changes settings of an item: what is given is set, null clears, the rest stays. For people only. ' +
    'What is on hand is changed with count_stock and record_use, not here.',
  audience: 'person',
  input: z.object({
    item_id: itemRef,
    list: listRef,
    name: z.string().trim().min(1).max(200).optional(),
    unit: z.string().trim().min(1).max(32).optional(),
    requested_quantity: amount.optional().describe('Of a one-off request: how much in all'),
    needed_by: day.describe('Of a one-off request: the last day on which it may come, such as 2026-03-31'),
    ...itemSettings,
  }),
  output: z.object({ item_id: z.string(), changed: z.array(z.string()), messages: messagesSchema }),
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
  async handle(ctx, input) {
    const { itemId, changed } = await updateItem(ctx, {
      item: input.item_id,
      list: input.list,
      changes: {
        ...toItemInput(input),
        name: input.name,
        unit: input.unit,
        requestedQuantity: input.requested_quantity,
        neededBy: input.needed_by,
      },
      caller: ctx.caller,
    })
    return { item_id: itemId, changed: [...changed], messages: noMessages() }
  },
})
