import { z } from 'zod'
import { recordUse } from '../../../src/stock/record-use.js'
import { defineTool, messagesSchema, quantitySchema } from '../../tool.js'
import { doubtMessages } from './doubt-messages.js'
import { itemRef, listRef, note } from './inputs.js'

export const recordUseTool = defineTool({
  name: 'record_use',
  title: 'Record use',
  description:
    'Records that some of an item was used up, beyond its projected daily use. For people only. Each call takes off once more; ' +
    'do not repeat it.',
  audience: 'person',
  input: z.object({ item_id: itemRef, list: listRef, quantity: quantitySchema, note }),
  output: z.object({
    item_id: z.string(),
    before: z.number(),
    on_hand: z.number(),
    unit: z.string(),
    messages: messagesSchema,
  }),
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false },
  async handle(ctx, input) {
    const { item_id: item, list, quantity } = input
    const changed = await recordUse(ctx, { item, list, quantity, note: input.note, caller: ctx.caller })
    return {
      item_id: changed.itemId,
      before: changed.before,
      on_hand: changed.onHand,
      unit: changed.unit,
      messages: doubtMessages(changed.doubt),
    }
  },
})
