import { z } from '@hono/zod-openapi'
import { requireProduct } from '../../../purchasing/catalog/require-product.js'
import { confirmCount } from '../../../stock/confirm-count.js'
import { countStock } from '../../../stock/count-stock.js'
import { itemHistory } from '../../../stock/item-history.js'
import { confirmLink } from '../../../stock/link-product.js'
import { recordUse } from '../../../stock/record-use.js'
import { snoozeItem, wakeItem } from '../../../stock/snooze-item.js'
import { undoMovement } from '../../../stock/undo-movement.js'
import { operation } from '../operation.js'
import { pageOf, pageQuery, readCursor, toPage } from '../pages.js'
import { movementSchema, stockChangedSchema } from './item-schemas.js'
import { instant, note, ofList, reference } from './shared.js'

const params = z.object({ item: reference.openapi({ description: 'Its id, sku, gtin or name.' }) })

export const itemStockOperations = [
  operation({
    id: 'countItem',
    method: 'post',
    path: '/items/{item}/count',
    scope: 'run',
    tag: 'items',
    summary: 'Say how much is there: what you counted replaces what was believed.',
    params,
    query: ofList,
    body: z.strictObject({ quantity: z.number().min(0), note: note.optional() }),
    answer: stockChangedSchema,
    work: ({ ctx, params: { item }, query, body, by }) =>
      countStock(ctx, { item, list: query.list, ...body, actor: by }),
  }),
  operation({
    id: 'useItem',
    method: 'post',
    path: '/items/{item}/use',
    scope: 'run',
    tag: 'items',
    summary: 'Say that some was used, on top of its daily use.',
    params,
    query: ofList,
    body: z.strictObject({ quantity: z.number().positive(), note: note.optional() }),
    answer: stockChangedSchema,
    work: ({ ctx, params: { item }, query, body, by }) =>
      recordUse(ctx, { item, list: query.list, ...body, actor: by }),
  }),
  operation({
    id: 'confirmCount',
    method: 'post',
    path: '/items/{item}/confirm-count',
    scope: 'run',
    tag: 'items',
    summary: 'Say that a count or use that looks wrong is right, so that the item is bought again.',
    params,
    query: ofList,
    answer: z.object({ itemId: z.string(), name: z.string(), doubt: z.string().nullable() }),
    work: ({ ctx, params: { item }, query, by }) => confirmCount(ctx, { item, list: query.list, actor: by }),
  }),
  operation({
    id: 'snoozeItem',
    method: 'post',
    path: '/items/{item}/snooze',
    scope: 'run',
    tag: 'items',
    summary: 'Keep an item from being ordered for some days.',
    params,
    query: ofList,
    body: z.strictObject({ days: z.int().min(1).max(366), reason: note.default('not needed for now') }),
    answer: z.object({ itemId: z.string(), snoozedUntil: instant }),
    work: ({ ctx, params: { item }, query, body, by }) =>
      snoozeItem(ctx, { item, list: query.list, ...body, actor: by }),
  }),
  operation({
    id: 'wakeItem',
    method: 'delete',
    path: '/items/{item}/snooze',
    scope: 'run',
    tag: 'items',
    summary: 'End a snooze.',
    params,
    query: ofList,
    answer: z.object({ itemId: z.string() }),
    work: ({ ctx, params: { item }, query }) => wakeItem(ctx, { item, list: query.list }),
  }),
  operation({
    id: 'confirmLink',
    method: 'post',
    path: '/items/{item}/confirm-link',
    scope: 'approve',
    tag: 'items',
    summary: 'Confirm which product of the catalog an item is: from then on it is bought without asking.',
    params,
    query: ofList,
    body: z.strictObject({ productId: z.string().min(1).max(64) }),
    answer: z.object({ itemId: z.string(), productId: z.string(), status: z.enum(['confirmed', 'proposed']) }),
    work: async ({ ctx, params: { item }, query, body, by }) => {
      const { id: productId } = await requireProduct(ctx, body.productId)
      return confirmLink(ctx, { itemId: item, list: query.list, productId, actor: by })
    },
  }),
  operation({
    id: 'findMovements',
    method: 'get',
    path: '/items/{item}/history',
    scope: 'read',
    tag: 'items',
    summary: "What happened to an item's stock, the newest first.",
    params,
    query: z.object({ ...ofList.shape, ...pageQuery.shape }),
    answer: pageOf(movementSchema),
    work: async ({ ctx, params: { item }, query }) => {
      const [at, movementId] = readCursor(query.cursor, z.tuple([z.iso.datetime(), z.int()])) ?? []
      const before = at === undefined || movementId === undefined ? undefined : { at: new Date(at), movementId }
      const history = await itemHistory(ctx, { item, list: query.list, limit: query.limit + 1, before })
      return toPage(history.movements, query.limit, (movement) => [movement.at, movement.movementId])
    },
  }),
  operation({
    id: 'undoMovement',
    method: 'post',
    path: '/movements/{movement}/undo',
    scope: 'run',
    tag: 'items',
    summary: 'Take a count, use, delivery or adjustment back, once; the record keeps both.',
    params: z.object({ movement: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER) }),
    answer: z.object({
      movementId: z.int(),
      undoes: z.int(),
      itemId: z.string(),
      name: z.string(),
      unit: z.string(),
      before: z.number(),
      onHand: z.number(),
      warning: z.string().nullable(),
    }),
    work: ({ ctx, params: { movement }, by }) => undoMovement(ctx, { movementId: movement, actor: by }),
  }),
]
