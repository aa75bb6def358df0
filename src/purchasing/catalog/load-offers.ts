import { sql } from 'kysely'
import type { DomainContext } from '../../platform/context.js'
import { MAX_QUANTITY } from '../../platform/decimal.js'
import { groupBy } from '../group-by.js'
import type { OffersTable, SuppliersTable } from '../tables.js'
import { withStockLeft } from './remaining-stock.js'

/** `stock_packs` is what is left after our own orders since the stock was stated. */
export interface LoadedOffer extends Omit<OffersTable, 'search_text' | 'stock_stated_at'> {
  /** By packs, rising. */
  readonly breaks: readonly { readonly packs: number; readonly packPriceMinor: number }[]
}

export interface Catalog {
  readonly offersByProduct: ReadonlyMap<string, readonly LoadedOffer[]>
  readonly suppliers: ReadonlyMap<string, SuppliersTable>
}

/** All offers of the products, by id, with the suppliers behind them. */
export async function loadOffers(tx: DomainContext, productIds: readonly string[]): Promise<Catalog> {
  const wanted = sql<string>`any(${productIds}::text[])`
  const suppliers = await tx.db
    .selectFrom('purchasing.suppliers')
    .selectAll()
    .where('archived_at', 'is', null)
    .execute()
  const offers = await tx.db
    .selectFrom('purchasing.offers')
    .select(['id', 'supplier_id', 'product_id', 'sku', 'name', 'unit', 'pack_quantity', 'pack_price_minor', 'currency'])
    .select(['stock_packs', 'minimum_packs', 'created_at', 'updated_at', 'archived_at'])
    .where('product_id', '=', wanted)
    .where('archived_at', 'is', null)
    .orderBy('id')
    .execute()
  const breaks = await tx.db
    .selectFrom('purchasing.offer_breaks as tier')
    .innerJoin('purchasing.offers as offer', 'offer.id', 'tier.offer_id')
    .select(['tier.offer_id', 'tier.packs', 'tier.pack_price_minor as packPriceMinor'])
    .where('offer.product_id', '=', wanted)
    .orderBy('tier.packs')
    .execute()
  const byId = new Map(suppliers.map((supplier) => [supplier.id, supplier]))
  const breaksByOffer = groupBy(breaks, (tier) => tier.offer_id)
  // One absurd row of a catalog must not make the arithmetic of everything else overflow.
  const sold = offers.filter(
    (offer) => byId.has(offer.supplier_id) && offer.pack_quantity * offer.minimum_packs <= MAX_QUANTITY,
  )
  const left = await withStockLeft(tx, sold)
  const loaded = left.map((offer) => ({ ...offer, breaks: breaksByOffer.get(offer.id) ?? [] }))
  return { offersByProduct: groupBy(loaded, (offer) => offer.product_id), suppliers: byId }
}
