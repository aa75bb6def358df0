import type { DomainContext } from '../../platform/context.js'
import { InputError } from '../../platform/errors.js'

export interface PriceSeen {
  readonly packPriceMinor: number
  readonly currency: string
  readonly seenAt: Date
  /** How we learned it: `import`, `add`. */
  readonly source: string
}

export interface OfferHistory {
  readonly offerId: string
  readonly supplierId: string
  readonly sku: string | null
  readonly name: string
  readonly productId: string
  readonly packQuantity: number
  readonly unit: string
  /** false: it isn't offered any more. */
  readonly isCurrent: boolean
  /** Oldest first. */
  readonly prices: readonly PriceSeen[]
}

/** What a pack of an offer has cost since we know it, oldest first: one entry for each change. */
export async function priceHistory(ctx: DomainContext, input: { readonly offerId: string }): Promise<PriceSeen[]> {
  return ctx.db
    .selectFrom('purchasing.offer_prices')
    .select(['pack_price_minor as packPriceMinor', 'currency', 'seen_at as seenAt', 'source'])
    .where('offer_id', '=', input.offerId)
    .orderBy('seen_at')
    .orderBy('id')
    .execute()
}

/** The same for every offer that an id, a supplier's sku, a gtin or a product id names. */
export async function findPriceHistories(ctx: DomainContext, reference: string): Promise<OfferHistory[]> {
  const offers = await ctx.db
    .selectFrom('purchasing.offers as offer')
    .select(['offer.id', 'offer.supplier_id', 'offer.sku', 'offer.name', 'offer.product_id', 'offer.pack_quantity'])
    .select(['offer.unit', 'offer.archived_at'])
    .where('offer.id', 'in', (from) => {
      // Each way to name an offer has an index of its own: asked as one question, all offers would be read.
      const offersWhere = (column: 'id' | 'sku' | 'product_id') =>
        from.selectFrom('purchasing.offers').select('id').where(column, '=', reference)
      return offersWhere('id')
        .union(offersWhere('sku'))
        .union(offersWhere('product_id'))
        .union(
          from
            .selectFrom('purchasing.products as same')
            .innerJoin('purchasing.offers as sold', 'sold.product_id', 'same.id')
            .select('sold.id')
            .where('same.gtin', '=', reference),
        )
    })
    .orderBy('offer.supplier_id')
    .orderBy('offer.id')
    .execute()
  if (offers.length === 0) {
    throw new InputError(
      `There is no offer "${reference.slice(0, 80)}"; give its sku, gtin or id (restock catalog search shows them).`,
      'offer_not_found',
    )
  }
  const histories: OfferHistory[] = []
  for (const offer of offers) {
    histories.push({
      offerId: offer.id,
      supplierId: offer.supplier_id,
      sku: offer.sku,
      name: offer.name,
      productId: offer.product_id,
      packQuantity: offer.pack_quantity,
      unit: offer.unit,
      isCurrent: offer.archived_at === null,
      prices: await priceHistory(ctx, { offerId: offer.id }),
    })
  }
  return histories
}
