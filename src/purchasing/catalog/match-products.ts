import { sql } from 'kysely'
import type { DomainContext } from '../../platform/context.js'
import { groupBy } from '../group-by.js'
import type { NamedProduct } from '../needs/register-needs.js'
import type { MatchedBy } from '../quotes/quote.js'

export interface ItemToMatch {
  readonly itemId: string
  readonly sku: string | null
  readonly gtin: string | null
  readonly links: readonly { readonly productId: string; readonly status: 'confirmed' | 'proposed' }[]
  /** The first first. */
  readonly substitutes?: readonly NamedProduct[] | undefined
}

export interface ProductMatch {
  readonly productId: string
  readonly matchedBy: MatchedBy
  /** Of a substitute: its place in the item's order of preference, from 1. */
  readonly preference?: number | undefined
}

export interface ProductMatches {
  /** By item; each product once, under the surest thing that says so. */
  readonly byItem: ReadonlyMap<string, readonly ProductMatch[]>
  /** Items whose sku several suppliers use for different products, so that it says nothing. */
  readonly ambiguousSkus: ReadonlySet<string>
}

/**
 * Which products an item may be bought as. A gtin is a gtin everywhere; a sku counts when all offers that have it are of
 * one product, and not of one with another gtin than the item's.
 */
export async function matchProducts(tx: DomainContext, items: readonly ItemToMatch[]): Promise<ProductMatches> {
  const byGtin = groupBy(await productsWithGtin(tx, items), (row) => row.gtin)
  const bySku = groupBy(await productsWithSku(tx, items), (row) => row.sku)
  const ambiguousSkus = new Set<string>()
  const byItem = new Map<string, ProductMatch[]>()
  for (const item of items) {
    const matches = new Map<string, MatchedBy>()
    for (const row of bySku.get(item.sku) ?? []) {
      const contradictsGtin = item.gtin !== null && row.gtin !== null && row.gtin !== item.gtin
      if (!contradictsGtin) matches.set(row.product_id, 'sku')
    }
    if (matches.size > 1) {
      ambiguousSkus.add(item.itemId)
      matches.clear()
    }
    for (const row of byGtin.get(item.gtin) ?? []) {
      if (!matches.has(row.product_id)) matches.set(row.product_id, 'gtin')
    }
    for (const status of ['confirmed', 'proposed'] as const) {
      for (const link of item.links) {
        if (link.status === status && !matches.has(link.productId)) matches.set(link.productId, `${status}_link`)
      }
    }
    const own = [...matches].map(([productId, matchedBy]) => ({ productId, matchedBy }))
    byItem.set(item.itemId, withSubstitutes(own, item, bySku, byGtin))
  }
  return { byItem, ambiguousSkus }
}

/**
 * The item's own products, then what may stand in for them. One that a model proposes and a person lists is the person's
 * choice. A sku that several suppliers use for different products says nothing here either.
 */
function withSubstitutes(
  own: readonly ProductMatch[],
  item: ItemToMatch,
  bySku: ProductsByCode,
  byGtin: ProductsByCode,
): ProductMatch[] {
  const sure = own.filter((match) => match.matchedBy !== 'proposed_link')
  const known = new Set(sure.map((match) => match.productId))
  const substitutes: ProductMatch[] = []
  for (const [index, { sku, gtin, productId }] of (item.substitutes ?? []).entries()) {
    const withSku = [...new Set((sku === undefined ? [] : (bySku.get(sku) ?? [])).map((row) => row.product_id))]
    const withGtin = (gtin === undefined ? [] : (byGtin.get(gtin) ?? [])).map((row) => row.product_id)
    const named = productId === undefined ? [] : [productId]
    for (const id of [...(withSku.length > 1 ? [] : withSku), ...withGtin, ...named]) {
      if (known.has(id)) continue
      known.add(id)
      substitutes.push({ productId: id, matchedBy: 'substitute', preference: index + 1 })
    }
  }
  return [...sure, ...substitutes, ...own.filter((match) => !known.has(match.productId))]
}

type ProductsByCode = ReadonlyMap<string | null, readonly { readonly product_id: string }[]>

/** Of the items and of what may stand in for them. */
function codesOf(items: readonly ItemToMatch[], code: 'sku' | 'gtin'): string[] {
  return items.flatMap((item) => [item, ...(item.substitutes ?? [])]).flatMap((named) => named[code] ?? [])
}

async function productsWithGtin(tx: DomainContext, items: readonly ItemToMatch[]) {
  const gtins = codesOf(items, 'gtin')
  return tx.db
    .selectFrom('purchasing.products')
    .select(['id as product_id', 'gtin'])
    .where('gtin', '=', sql<string>`any(${gtins}::text[])`)
    .execute()
}

async function productsWithSku(tx: DomainContext, items: readonly ItemToMatch[]) {
  const skus = codesOf(items, 'sku')
  return tx.db
    .selectFrom('purchasing.offers as offer')
    .innerJoin('purchasing.products as product', 'product.id', 'offer.product_id')
    .innerJoin('purchasing.suppliers as supplier', 'supplier.id', 'offer.supplier_id')
    .select(['offer.sku', 'offer.product_id', 'product.gtin'])
    .distinct()
    .where('offer.sku', '=', sql<string>`any(${skus}::text[])`)
    .where('offer.archived_at', 'is', null)
    .where('supplier.archived_at', 'is', null)
    .execute()
}
