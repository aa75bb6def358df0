import { sql } from 'kysely'
import type { DomainContext } from '../../platform/context.js'
import { packsOrderedSinceStated, remainingPacks } from '../catalog/remaining-stock.js'
import { groupBy } from '../group-by.js'
import type { OrderLineRow, OrderRow } from '../orders/order-rows.js'
import { type OfferNow, type Requote, requote } from './requote.js'

/** Quotes the lines of an order again, from the catalog as it stands now. */
export async function requoteOrder(
  tx: DomainContext,
  order: OrderRow,
  lines: readonly OrderLineRow[],
): Promise<Requote> {
  const supplier = await tx.db
    .selectFrom('purchasing.suppliers')
    .selectAll()
    .where('id', '=', order.supplier_id)
    .executeTakeFirst()
  return requote(
    {
      currency: order.currency,
      supplierName: order.supplier_name,
      shippingMinor: order.shipping_minor,
      discountMinor: order.discount_minor,
      totalMinor: order.total_minor,
      lines: lines.map((line) => ({
        lineId: line.id,
        offerId: line.offer_id,
        productId: line.product_id,
        product: line.product,
        packs: line.packs,
        packQuantity: line.pack_quantity,
        unit: line.unit,
        packPriceMinor: line.pack_price_minor,
        taxMinor: line.tax_minor,
      })),
    },
    supplier && {
      isArchived: supplier.archived_at !== null,
      currency: supplier.currency,
      taxRate: supplier.tax_rate,
      shippingFeeMinor: supplier.shipping_fee_minor,
      freeShippingOverMinor: supplier.free_shipping_over_minor,
      minimumOrderMinor: supplier.minimum_order_minor,
    },
    await findOffersNow(
      tx,
      lines.map((line) => line.offer_id),
      order.id,
    ),
  )
}

async function findOffersNow(
  tx: DomainContext,
  ids: readonly string[],
  orderId: string,
): Promise<Map<string, OfferNow>> {
  const wanted = sql<string>`any(${[...new Set(ids)]}::text[])`
  const offers = await tx.db
    .selectFrom('purchasing.offers')
    .select(['id', 'product_id', 'currency', 'unit', 'pack_quantity', 'pack_price_minor', 'stock_packs'])
    .select(['minimum_packs', 'archived_at'])
    .where('id', '=', wanted)
    .execute()
  const breaks = await tx.db
    .selectFrom('purchasing.offer_breaks')
    .select(['offer_id', 'packs', 'pack_price_minor as packPriceMinor'])
    .where('offer_id', '=', wanted)
    .execute()
  const ordered = await packsOrderedSinceStated(tx, ids, orderId)
  const byOffer = groupBy(breaks, (tier) => tier.offer_id)
  return new Map(
    offers.map((offer) => [
      offer.id,
      {
        isArchived: offer.archived_at !== null,
        productId: offer.product_id,
        currency: offer.currency,
        unit: offer.unit,
        packQuantity: offer.pack_quantity,
        packPriceMinor: offer.pack_price_minor,
        breaks: byOffer.get(offer.id) ?? [],
        stockPacks: remainingPacks(offer.stock_packs, ordered.get(offer.id)),
        minimumPacks: offer.minimum_packs,
      },
    ]),
  )
}
