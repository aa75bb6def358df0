import { z } from 'zod'
import { removeItem } from '../../../src/stock/remove-item.js'
import { defineTool, messagesSchema, noMessages } from '../../tool.js'
import { itemRef, listRef } from './inputs.js'

export const removeItemTool = defineTool({
  name: 'remove_item',
  title: 'Remove item',
  description:
    'Takes an item off its list, so that it is not reordered any more. For people only. Its history stays and orders under way go on.',
  audience: 'person',
  input: z.object({ item_id: itemRef, list: listRef }),
  output: z.object({ item_id: z.string(), name: z.string(), messages: messagesSchema }),
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
  async handle(ctx, input) {
    const { itemId, name } = await removeItem(ctx, { item: input.item_id, list: input.list, caller: ctx.caller })
    return { item_id: itemId, name, messages: noMessages() }
  },
})
