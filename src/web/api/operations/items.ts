import { z } from '@hono/zod-openapi'
import { addItem } from '../../../stock/add-item.js'
import { getItem } from '../../../stock/get-item.js'
import { compareItems, listItems } from '../../../stock/list-items.js'
import { requireList } from '../../../stock/lists.js'
import { removeItem } from '../../../stock/remove-item.js'
import { requestItem } from '../../../stock/request-item.js'
import { updateItem } from '../../../stock/update-item.js'
import { operation } from '../operation.js'
import { pageOf, pageQuery, readCursor, toPage } from '../pages.js'
import {
  expectedSchema,
  itemChangesSchema,
  itemSchema,
  movementSchema,
  needSchema,
  newItemSchema,
} from './item-schemas.js'
import { listId, note, ofList, reference } from './shared.js'

const itemParams = z.object({ item: reference.openapi({ description: 'Its id, sku, gtin or name.' }) })
const cursorKeys = z.object({ name: z.string(), itemId: z.string() })

/** Items come by name as people sort, and by id where names are the same. */
async function pageOfItems(
  items: Awaited<ReturnType<typeof listItems>>,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
) {
  const [after] = readCursor(cursor, z.tuple([cursorKeys])) ?? []
  const rest = after === undefined ? items : items.filter((item) => compareItems(item, after) > 0)
  return toPage(rest.slice(0, limit + 1), limit, ({ name, itemId }) => [{ name, itemId }])
}

export const itemOperations = [
  operation({
    id: 'findItems',
    method: 'get',
    path: '/items',
    scope: 'read',
    tag: 'items',
    summary: 'The items of a list by name, with what is there, what is coming and what to buy now.',
    query: z.object({ ...ofList.shape, due: z.enum(['true', 'false']).optional(), ...pageQuery.shape }),
    answer: pageOf(itemSchema),
    work: async ({ ctx, query }) => {
      const { id: list } = await requireList(ctx, query.list)
      return pageOfItems(await listItems(ctx, { list, filter: query.due === 'true' ? 'due' : 'all' }), query)
    },
  }),
  operation({
    id: 'findNeeds',
    method: 'get',
    path: '/needs',
    scope: 'read',
    tag: 'items',
    summary: 'What is to be bought now, and how that came about.',
    query: z.object({ ...ofList.shape, ...pageQuery.shape }),
    answer: pageOf(needSchema),
    work: async ({ ctx, query }) => {
      const { id: list } = await requireList(ctx, query.list)
      return pageOfItems(await listItems(ctx, { list, filter: 'due' }), query)
    },
  }),
  operation({
    id: 'getItem',
    method: 'get',
    path: '/items/{item}',
    scope: 'read',
    tag: 'items',
    summary: 'One item, its newest movements and what is still to come.',
    params: itemParams,
    query: ofList,
    answer: z.object({ item: itemSchema, movements: z.array(movementSchema), expected: z.array(expectedSchema) }),
    work: ({ ctx, params, query }) => getItem(ctx, { item: params.item, list: query.list }),
  }),
  operation({
    id: 'addItem',
    method: 'post',
    path: '/items',
    scope: 'admin',
    tag: 'items',
    summary: 'Put an item on a list.',
    status: 201,
    body: newItemSchema,
    answer: z.object({ itemId: z.string(), list: z.string() }),
    work: ({ ctx, body, by }) => addItem(ctx, { ...body, actor: by }),
  }),
  operation({
    id: 'updateItem',
    method: 'patch',
    path: '/items/{item}',
    scope: 'admin',
    tag: 'items',
    summary: 'Change how an item is kept: what is given is set, null clears, the rest stays.',
    params: itemParams,
    query: ofList,
    body: itemChangesSchema,
    answer: z.object({ itemId: z.string(), changed: z.array(z.string()) }),
    work: ({ ctx, params, query, body, by }) =>
      updateItem(ctx, { item: params.item, list: query.list, changes: body, actor: by }),
  }),
  operation({
    id: 'removeItem',
    method: 'delete',
    path: '/items/{item}',
    scope: 'admin',
    tag: 'items',
    summary: 'Take an item off its list; its history stays, and orders that are under way go on.',
    params: itemParams,
    query: ofList,
    answer: z.object({ itemId: z.string(), name: z.string() }),
    work: ({ ctx, params, query, by }) => removeItem(ctx, { item: params.item, list: query.list, actor: by }),
  }),
  operation({
    id: 'requestItem',
    method: 'post',
    path: '/requests',
    scope: 'run',
    tag: 'items',
    summary: 'Ask for something to be bought once, without keeping it in stock.',
    status: 201,
    body: z.strictObject({
      list: listId.optional(),
      name: z.string().min(1).max(200),
      quantity: z.number().positive(),
      unit: z.string().min(1).max(32),
      neededBy: z.iso.date().optional(),
      notes: note.optional(),
    }),
    answer: z.object({
      itemId: z.string(),
      list: z.string(),
      isNew: z.boolean().openapi({ description: 'false: it was requested already, and was not added again.' }),
    }),
    work: ({ ctx, body, by }) => requestItem(ctx, { ...body, actor: by }),
  }),
]
