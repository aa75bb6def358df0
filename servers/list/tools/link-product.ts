import { z } from 'zod'
import { linkProduct } from '../../../src/stock/link-product.js'
import { defineTool, idSchema, messagesSchema, noMessages, writesOnce } from '../../tool.js'
import { itemRef, listRef, note } from './inputs.js'

export const linkProductTool = defineTool({
  name: 'link_product',
  title: 'Link product',
  description:
    'Remembers which product of the catalog an item is, after search_catalog found it. The link is a proposal: it holds for ' +
    'this run until a person confirms it. Not needed where sku or gtin match.',
  audience: 'agent',
  input: z.object({
    item_id: itemRef,
    list: listRef,
    product_id: idSchema.describe('As search_catalog gave it'),
    note: note.describe('Why this product'),
  }),
  output: z.object({
    item_id: z.string(),
    product_id: z.string(),
    status: z.enum(['confirmed', 'proposed']),
    messages: messagesSchema,
  }),
  annotations: writesOnce,
  async handle(ctx, input) {
    const { item_id: item, list, product_id: productId } = input
    const link = await linkProduct(ctx, { item, list, productId, note: input.note, caller: ctx.caller })
    return { item_id: link.itemId, product_id: link.productId, status: link.status, messages: noMessages() }
  },
})
