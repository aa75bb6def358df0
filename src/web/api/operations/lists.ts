import { z } from '@hono/zod-openapi'
import { addList, findLists, requireList } from '../../../stock/lists.js'
import { operation } from '../operation.js'
import { pageInHand, pageOf, pageQuery } from '../pages.js'
import { listId } from './shared.js'

const listSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    currency: z.string(),
    timeZone: z.string(),
    source: z.enum(['file', 'person']).openapi({ description: '`file`: changed only in restock.yaml.' }),
  })
  .openapi('List')

export const listOperations = [
  operation({
    id: 'findLists',
    method: 'get',
    path: '/lists',
    scope: 'read',
    tag: 'lists',
    summary: 'All lists, by id.',
    query: pageQuery,
    answer: pageOf(listSchema),
    work: async ({ ctx, query }) => pageInHand(await findLists(ctx), query, ({ id }) => id),
  }),
  operation({
    id: 'getList',
    method: 'get',
    path: '/lists/{list}',
    scope: 'read',
    tag: 'lists',
    summary: 'One list.',
    params: z.object({ list: listId }),
    answer: listSchema,
    work: ({ ctx, params }) => requireList(ctx, params.list),
  }),
  operation({
    id: 'addList',
    method: 'post',
    path: '/lists',
    scope: 'admin',
    tag: 'lists',
    summary: 'Add a list, or change one that was added by hand.',
    status: 201,
    body: z.strictObject({
      id: listId,
      name: z.string().min(1).max(120).optional(),
      currency: z.string().length(3).openapi({ example: 'EUR' }),
      timeZone: z.string().min(1).max(64).openapi({ example: 'Europe/Berlin' }),
    }),
    answer: listSchema,
    work: ({ ctx, body }) => addList(ctx, body),
  }),
]
