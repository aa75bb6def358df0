import { z } from '@hono/zod-openapi'
import { addOffer } from '../../../purchasing/catalog/add-offer.js'
import { addSupplier } from '../../../purchasing/catalog/add-supplier.js'
import { editSupplier } from '../../../purchasing/catalog/edit-supplier.js'
import { findSuppliers } from '../../../purchasing/catalog/find-suppliers.js'
import { findPriceHistories } from '../../../purchasing/catalog/price-history.js'
import { searchCatalog } from '../../../purchasing/catalog/search-catalog.js'
import { channels } from '../../../purchasing/catalog/supplier-terms.js'
import { operation } from '../operation.js'
import { pageInHand, pageOf, pageQuery } from '../pages.js'
import { instant, minor, reference } from './shared.js'

const supplierSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    channel: z.enum(channels),
    currency: z.string(),
    taxRate: z.number(),
    shippingFeeMinor: minor,
    freeShippingOverMinor: minor.nullable(),
    minimumOrderMinor: minor,
    leadTimeDays: z.number(),
    url: z.string().nullable().openapi({ description: 'Without what one logs in with there.' }),
    email: z.string().nullable(),
    offerCount: z.int(),
    isActive: z.boolean().openapi({ description: 'Whether it is bought from.' }),
  })
  .openapi('Supplier')

const foundOfferSchema = z.object({
  supplierId: z.string(),
  sku: z.string().nullable(),
  packQuantity: z.number(),
  unit: z.string(),
  packPriceMinor: minor,
  currency: z.string(),
  stock: z.number().nullable(),
})

const foundProductSchema = z
  .object({
    productId: z.string(),
    name: z.string(),
    brand: z.string().nullable(),
    category: z.string().nullable(),
    gtin: z.string().nullable(),
    score: z.number(),
    offers: z.array(foundOfferSchema),
  })
  .openapi('Product')

const offerHistorySchema = z
  .object({
    offerId: z.string(),
    supplierId: z.string(),
    sku: z.string().nullable(),
    name: z.string(),
    productId: z.string(),
    packQuantity: z.number(),
    unit: z.string(),
    isCurrent: z.boolean(),
    prices: z.array(z.object({ packPriceMinor: minor, currency: z.string(), seenAt: instant, source: z.string() })),
  })
  .openapi('OfferHistory')

const amount = z.string().min(1).max(40).openapi({ example: '12.50' })

const supplierId = z.string().min(1).max(40)
const name = z.string().min(1).max(120)
const currency = z.string().length(3)

const termsShape = {
  channel: z.enum(channels).optional(),
  taxRate: z.string().max(20).optional().openapi({ example: '0.19' }),
  shippingFee: amount.optional(),
  freeShippingOver: amount.nullable().optional(),
  minimumOrder: amount.optional(),
  leadTimeDays: z.int().min(0).max(365).optional(),
  url: z.string().max(500).nullable().optional(),
  email: z.string().max(200).nullable().optional(),
}

export const supplierOperations = [
  operation({
    id: 'findSuppliers',
    method: 'get',
    path: '/suppliers',
    scope: 'read',
    tag: 'suppliers',
    summary: 'All suppliers with their terms, by id.',
    query: pageQuery,
    answer: pageOf(supplierSchema),
    work: async ({ ctx, query }) => pageInHand(await findSuppliers(ctx), query, ({ id }) => id),
  }),
  operation({
    id: 'addSupplier',
    method: 'post',
    path: '/suppliers',
    scope: 'admin',
    tag: 'suppliers',
    summary: 'Add one supplier. Amounts are in major units of its currency.',
    status: 201,
    body: z.strictObject({ id: supplierId, name, currency, ...termsShape }),
    answer: z.object({ id: z.string() }),
    work: ({ ctx, body: { id, name, currency, ...terms } }) =>
      addSupplier(ctx, { id, name, currency, ...given(terms) }),
  }),
  operation({
    id: 'updateSupplier',
    method: 'patch',
    path: '/suppliers/{supplier}',
    scope: 'admin',
    tag: 'suppliers',
    summary: 'Change the terms of a supplier, or whether it is bought from: what is given is set, the rest stays.',
    params: z.object({ supplier: supplierId }),
    body: z.strictObject({
      name: name.optional(),
      currency: currency
        .optional()
        .openapi({ description: 'Together with shippingFee, freeShippingOver and minimumOrder in it.' }),
      ...termsShape,
      isActive: z.boolean().optional().openapi({ description: 'False: nothing new is ordered there.' }),
    }),
    answer: z.object({ id: z.string(), isChanged: z.boolean() }),
    work: async ({ ctx, params: { supplier: id }, body }) => ({ id, ...(await editSupplier(ctx, id, given(body))) }),
  }),
  operation({
    id: 'searchCatalog',
    method: 'get',
    path: '/catalog/search',
    scope: 'read',
    tag: 'suppliers',
    summary: 'Products by name, sku or gtin, best first, each with its cheapest offers.',
    query: z.object({
      text: z.string().min(1).max(200),
      unit: z.string().min(1).max(32).optional(),
      limit: z.coerce.number().int().min(1).max(10).default(5),
    }),
    answer: z.object({ items: z.array(foundProductSchema) }),
    work: async ({ ctx, query }) => {
      const [result] = await searchCatalog(ctx, [query])
      return { items: result?.products ?? [] }
    },
  }),
  operation({
    id: 'addOffer',
    method: 'post',
    path: '/offers',
    scope: 'admin',
    tag: 'suppliers',
    summary: 'Add one offer, or change the one with its sku, gtin or name.',
    body: z.strictObject({
      supplierId: z.string().min(1).max(40),
      name: z.string().min(1).max(200),
      unit: z.string().min(1).max(20),
      packQuantity: z.number().positive(),
      price: amount.openapi({ description: "Per pack, net, in major units of the supplier's currency." }),
      sku: z.string().min(1).max(64).optional(),
      gtin: z.string().min(1).max(20).optional(),
      brand: z.string().max(80).optional(),
      category: z.string().max(80).optional(),
      stockPacks: z.int().min(0).max(1_000_000_000).optional(),
      minimumPacks: z.int().min(1).max(1_000_000).optional(),
      breaks: z
        .array(z.strictObject({ packs: z.int().min(2).max(1_000_000), price: amount }))
        .max(20)
        .optional(),
    }),
    answer: z.object({ outcome: z.enum(['created', 'updated', 'unchanged']) }),
    work: ({ ctx, body }) => addOffer(ctx, body),
  }),
  operation({
    id: 'getPriceHistory',
    method: 'get',
    path: '/offers/{offer}/prices',
    scope: 'read',
    tag: 'suppliers',
    summary: 'What a pack has cost since we know it, one entry for each change.',
    params: z.object({
      offer: reference.openapi({ description: "A supplier's sku, a gtin, a product id or offer id." }),
    }),
    answer: z.object({ items: z.array(offerHistorySchema) }),
    work: async ({ ctx, params }) => ({ items: await findPriceHistories(ctx, params.offer) }),
  }),
]

/** Without what is undefined: what isn't said takes its default. */
function given<T extends object>(fields: T): { [Key in keyof T]: Exclude<T[Key], undefined> } {
  const kept = Object.entries(fields).filter(([, value]) => value !== undefined)
  return Object.fromEntries(kept) as { [Key in keyof T]: Exclude<T[Key], undefined> }
}
