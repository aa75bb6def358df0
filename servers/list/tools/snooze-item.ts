import { z } from 'zod'
import { snoozeItem } from '../../../src/stock/snooze-item.js'
import { defineTool, messagesSchema, noMessages, writesOnce } from '../../tool.js'
import { itemRef, listRef } from './inputs.js'

export const snoozeItemTool = defineTool({
  name: 'snooze_item',
  title: 'Snooze item',
  description:
    'Keeps an item from being due for 1 to 7 days. Only when it should not be bought now although it is due, ' +
    'and the instructions or a person say so; never because it is dear or hard to find.',
  audience: 'agent',
  input: z.object({
    item_id: itemRef,
    list: listRef,
    days: z.coerce.number().int().min(1).max(7),
    reason: z.string().min(1).max(500).describe('Why, for the person who keeps the list'),
  }),
  output: z.object({ item_id: z.string(), snoozed_until: z.string(), messages: messagesSchema }),
  annotations: writesOnce,
  async handle(ctx, input) {
    const { item_id: item, list, days, reason } = input
    const { itemId, snoozedUntil } = await snoozeItem(ctx, { item, list, days, reason, caller: ctx.caller })
    return { item_id: itemId, snoozed_until: snoozedUntil.toISOString(), messages: noMessages() }
  },
})
