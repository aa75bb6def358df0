import { z } from 'zod'
import type { Message } from '../../../src/platform/errors.js'
import { requestItem } from '../../../src/stock/request-item.js'
import { defineTool, messagesSchema, quantitySchema, writesOnce } from '../../tool.js'
import { day, listRef, note } from './inputs.js'

export const requestItemTool = defineTool({
  name: 'request_item',
  title: 'Request item',
  description:
    'Asks for something to be bought once, without keeping it in stock. What an agent asks for is bought in a later run and ' +
    'only after a person approved it. Use it only when the instructions ask for something that is not on the list.',
  audience: 'agent',
  input: z.object({
    list: listRef,
    name: z.string().trim().min(1).max(200),
    quantity: quantitySchema,
    unit: z.string().trim().min(1).max(32).describe('pcs, kg, l, …'),
    notes: note,
    needed_by: day.describe(
      'The last day on which it may come, such as 2026-03-31; left out: whenever it is best bought',
    ),
  }),
  output: z.object({ item_id: z.string(), messages: messagesSchema }),
  annotations: writesOnce,
  async handle(ctx, input) {
    const { itemId, isNew } = await requestItem(ctx, { ...input, neededBy: input.needed_by, caller: ctx.caller })
    if (isNew) return { item_id: itemId, messages: [] }
    return { item_id: itemId, messages: [alreadyRequested] }
  },
})

const alreadyRequested: Message = {
  code: 'already_requested',
  severity: 'final',
  text: 'The same request is open already; it was not added again.',
}
