import { z } from 'zod'
import { InputError } from '../../../src/platform/errors.js'
import { compareItems, listFor, listItems } from '../../../src/stock/list-items.js'
import { defineTool, messagesSchema, noMessages, readsOnly } from '../../tool.js'
import { listRef } from './inputs.js'
import { needItemSchema, toNeedItem } from './need-item.js'

export const listItemsTool = defineTool({
  name: 'list_items',
  title: 'List items',
  description:
    'Lists the items of a list by name. By default only those that are due, each with the quantity to buy now (need) and how ' +
    'it came about (steps); filter "all" shows everything. What is on order is taken off already: never add it again.',
  audience: 'agent',
  input: z.object({
    list: listRef,
    filter: z.enum(['due', 'all']).default('due'),
    limit: z.coerce.number().int().min(1).max(500).default(200),
    cursor: z.string().max(1_000).optional().describe('next_cursor of the page before'),
  }),
  output: z.object({
    list: z.string(),
    items: z.array(needItemSchema),
    next_cursor: z.string().nullable().describe('Pass it as cursor for the next page; null: this was the last'),
    messages: messagesSchema,
  }),
  annotations: readsOnly,
  async handle(ctx, input) {
    const { id: list } = await listFor(ctx, { list: input.list, caller: ctx.caller })
    const all = await listItems(ctx, { list, filter: input.filter, caller: ctx.caller })
    const after = input.cursor === undefined ? null : decodeCursor(input.cursor)
    const rest = after === null ? all : all.filter((item) => compareItems(item, after) > 0)
    const page = rest.slice(0, input.limit)
    const last = page.at(-1)
    return {
      list,
      items: page.map(toNeedItem),
      next_cursor: last === undefined || rest.length === page.length ? null : encodeCursor(last),
      messages: noMessages(),
    }
  },
})

// Where a page ended, by what the items are sorted by: pages stay right while items come and go.
const cursorSchema = z.tuple([z.string(), z.string()])

function encodeCursor(item: { readonly name: string; readonly itemId: string }): string {
  return Buffer.from(JSON.stringify([item.name, item.itemId])).toString('base64url')
}

function decodeCursor(cursor: string): { readonly name: string; readonly itemId: string } {
  try {
    const [name, itemId] = cursorSchema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')))
    return { name, itemId }
  } catch {
    throw new InputError('cursor: pass the next_cursor of the page before unchanged')
  }
}
