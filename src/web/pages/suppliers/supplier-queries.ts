import { sql } from 'kysely'
import type { DomainContext } from '../../../platform/context.js'
import { InputError } from '../../../platform/errors.js'
import { findSuppliers, type Supplier } from '../../../purchasing/catalog/find-suppliers.js'
import { type OfferHistory, priceHistory } from '../../../purchasing/catalog/price-history.js'
import { withStockLeft } from '../../../purchasing/catalog/remaining-stock.js'

export interface OfferRow {
  readonly id: string
  readonly productId: string
  readonly name: string
  readonly sku: string | null
  readonly packQuantity: number
  readonly unit: string
  readonly packPriceMinor: number
  readonly currency: string
  /** Packs that are left after our own orders; null: not stated. */
  readonly stock: number | null
}

export const offersPerPage = 50

export async function requireSupplier(ctx: DomainContext, id: string): Promise<Supplier> {
  const found = (await findSuppliers(ctx, { withInactive: true })).find((supplier) => supplier.id === id)
  if (found === undefined) throw new InputError(`There is no supplier “${id.slice(0, 60)}”.`, 'supplier_not_found')
  return found
}

/** One page of what a supplier offers, by name. */
export async function findOfferPage(
  ctx: DomainContext,
  input: { readonly supplierId: string; readonly search: string; readonly page: number },
): Promise<{ readonly offers: readonly OfferRow[]; readonly hasMore: boolean }> {
  const { supplierId, search, page } = input
  const pattern = `%${search.replace(/[\\%_]/g, '\\$&')}%`
  const rows = await ctx.db
    .selectFrom('purchasing.offers')
    .select(['id', 'product_id', 'name', 'sku', 'pack_quantity', 'unit', 'pack_price_minor', 'currency', 'stock_packs'])
    .where('supplier_id', '=', supplierId)
    .where('archived_at', 'is', null)
    .$if(search !== '', (query) =>
      query.where((where) => where.or([where('name', 'ilike', pattern), where('sku', '=', search)])),
    )
    .orderBy(sql`lower(name)`)
    .orderBy('id')
    .limit(offersPerPage + 1)
    .offset((page - 1) * offersPerPage)
    .execute()
  const left = await withStockLeft(ctx, rows.slice(0, offersPerPage))
  return {
    offers: left.map((row) => ({
      id: row.id,
      productId: row.product_id,
      name: row.name,
      sku: row.sku,
      packQuantity: row.pack_quantity,
      unit: row.unit,
      packPriceMinor: row.pack_price_minor,
      currency: row.currency,
      stock: row.stock_packs,
    })),
    hasMore: rows.length > offersPerPage,
  }
}

/** Every offer of a product there ever was, with what it has cost, the current ones first. */
export async function findOffersOfProduct(ctx: DomainContext, productId: string): Promise<OfferHistory[]> {
  const offers = await ctx.db
    .selectFrom('purchasing.offers')
    .select(['id', 'supplier_id', 'sku', 'name', 'product_id', 'pack_quantity', 'unit', 'archived_at'])
    .where('product_id', '=', productId)
    .orderBy(sql`archived_at is not null`)
    .orderBy('supplier_id')
    .orderBy('id')
    .limit(50)
    .execute()
  return Promise.all(
    offers.map(async (offer) => ({
      offerId: offer.id,
      supplierId: offer.supplier_id,
      sku: offer.sku,
      name: offer.name,
      productId: offer.product_id,
      packQuantity: offer.pack_quantity,
      unit: offer.unit,
      isCurrent: offer.archived_at === null,
      prices: await priceHistory(ctx, { offerId: offer.id }),
    })),
  )
}

/** Items that are this product, by a confirmed link. */
export async function findLinkedItems(
  ctx: DomainContext,
  productId: string,
): Promise<readonly { readonly id: string; readonly name: string; readonly list: string }[]> {
  return ctx.db
    .selectFrom('stock.links as link')
    .innerJoin('stock.items as item', 'item.id', 'link.item_id')
    .select(['item.id', 'item.name', 'item.list'])
    .where('link.product_id', '=', productId)
    .where('link.status', '=', 'confirmed')
    .where('item.archived_at', 'is', null)
    .orderBy('item.name')
    .limit(50)
    .execute()
}
