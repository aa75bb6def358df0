import { sql } from 'kysely'
import type { DomainContext } from '../platform/context.js'
import { groupBy } from './group-by.js'
import type { MatchedBy } from './quote.js'

export interface ItemToMatch {
  readonly itemId: string
  readonly sku: string | null
  readonly gtin: string | null
  readonly links: readonly { readonly productId: string; readonly status: 'confirmed' | 'proposed' }[]
}

export interface ProductMatch {
  readonly productId: string
  readonly matchedBy: MatchedBy
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
    byItem.set(
      item.itemId,
      [...matches].map(([productId, matchedBy]) => ({ productId, matchedBy })),
    )
  }
  return { byItem, ambiguousSkus }
}

async function productsWithGtin(tx: DomainContext, items: readonly ItemToMatch[]) {
  const gtins = items.flatMap((item) => item.gtin ?? [])
  return tx.db
    .selectFrom('purchasing.products')
    .select(['id as product_id', 'gtin'])
    .where('gtin', '=', sql<string>`any(${gtins}::text[])`)
    .execute()
}

async function productsWithSku(tx: DomainContext, items: readonly ItemToMatch[]) {
  const skus = items.flatMap((item) => item.sku ?? [])
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
