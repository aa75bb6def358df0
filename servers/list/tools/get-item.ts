import { z } from 'zod'
import { getItem } from '../../../src/stock/get-item.js'
import { defineTool, messagesSchema, noMessages, readsOnly } from '../../tool.js'
import { itemRef, listRef } from './inputs.js'
import { needItemSchema, toNeedItem } from './need-item.js'

export const getItemTool = defineTool({
  name: 'get_item',
  title: 'Get item',
  description: 'Shows one item with its need, the last 20 stock movements and what is still expected of open orders.',
  audience: 'person',
  input: z.object({ item_id: itemRef, list: listRef }),
  output: z.object({
    item: needItemSchema,
    movements: z.array(
      z.object({
        at: z.string(),
        kind: z.enum(['count', 'use', 'delivery', 'adjustment']),
        quantity: z.number().describe('Signed change'),
        cause: z.string(),
        movement_id: z.number().int(),
        undoes: z.number().int().nullable().describe('The movement that this one takes back'),
        undone_by: z.number().int().nullable(),
      }),
    ),
    expected: z.array(
      z.object({
        order_id: z.string(),
        supplier_id: z.string(),
        open_quantity: z.number(),
        expected_at: z.string().nullable(),
        status: z.string(),
      }),
    ),
    messages: messagesSchema,
  }),
  annotations: readsOnly,
  async handle(ctx, input) {
    const { item, movements, expected } = await getItem(ctx, {
      item: input.item_id,
      list: input.list,
      caller: ctx.caller,
    })
    return {
      item: toNeedItem(item),
      movements: movements.map(({ at, kind, quantity, cause, movementId, undoes, undoneBy }) => ({
        at: at.toISOString(),
        kind,
        quantity,
        cause,
        movement_id: movementId,
        undoes,
        undone_by: undoneBy,
      })),
      expected: expected.map((line) => ({
        order_id: line.orderId,
        supplier_id: line.supplierId,
        open_quantity: line.openQuantity,
        expected_at: line.expectedAt?.toISOString() ?? null,
        status: line.status,
      })),
      messages: noMessages(),
    }
  },
})
