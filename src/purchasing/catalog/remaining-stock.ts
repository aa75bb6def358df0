/**
 * What a supplier has left of what its catalog states: our own orders since then have taken their part, and the catalog
 * says nothing of them until it is read again.
 */
import { sql } from 'kysely'
import type { DomainContext } from '../../platform/context.js'
import type { Message } from '../../platform/errors.js'
import { isVoidStatus, orderStatuses } from '../orders/order-status.js'
import type { QuoteOrder } from '../quotes/quote.js'

/**
 * Packs ordered of each offer, for whatever list, since its stock was stated; offers of which none were ordered, or that
 * state no stock, are missing. Orders that came to nothing don't count; those that wait for a person do.
 */
export async function packsOrderedSinceStated(
  tx: DomainContext,
  offerIds: readonly string[],
  /** An order whose own packs don't count. */
  exceptOrderId: string | null = null,
): Promise<Map<string, number>> {
  if (offerIds.length === 0) return new Map()
  const rows = await tx.db
    .selectFrom('purchasing.offers as offer')
    .innerJoin('purchasing.order_lines as line', 'line.offer_id', 'offer.id')
    .innerJoin('purchasing.orders as order', 'order.id', 'line.order_id')
    .select((select) => ['offer.id', select.fn.sum<number>('line.packs').as('packs')])
    .where('offer.id', '=', sql<string>`any(${[...new Set(offerIds)]}::text[])`)
    .where('offer.stock_packs', 'is not', null)
    .where('order.status', 'not in', orderStatuses.filter(isVoidStatus))
    .where('order.placed_at', '>=', sql<Date>`coalesce(offer.stock_stated_at, offer.created_at)`)
    .$if(exceptOrderId !== null, (query) => query.where('order.id', '<>', exceptOrderId ?? ''))
    .groupBy('offer.id')
    .execute()
  return new Map(rows.map((row) => [row.id, row.packs]))
}

/** Packs that can still be bought; null: not stated, taken as enough. */
export function remainingPacks(statedPacks: number | null, orderedPacks: number | undefined): number | null {
  return statedPacks === null ? null : Math.max(0, statedPacks - (orderedPacks ?? 0))
}

/** The offers with what is left of their stock in place of what was stated. */
export async function withStockLeft<T extends { readonly id: string; readonly stock_packs: number | null }>(
  tx: DomainContext,
  offers: readonly T[],
): Promise<T[]> {
  const stated = offers.flatMap((offer) => (offer.stock_packs === null ? [] : [offer.id]))
  const ordered = await packsOrderedSinceStated(tx, stated)
  return offers.map((offer) => ({ ...offer, stock_packs: remainingPacks(offer.stock_packs, ordered.get(offer.id)) }))
}

// Arbitrary and ours; the second key is the supplier's.
const stockLock = 7_243_813

/**
 * What can't be bought of the orders because its stock doesn't last, by supplier. Two transactions that place orders with
 * one supplier come one after the other from here on, whatever lists they are for, so that the last packs are sold once.
 */
export async function findSoldOut(tx: DomainContext, orders: readonly QuoteOrder[]): Promise<Map<string, Message[]>> {
  const offerIds = orders.flatMap(({ lines }) => lines.map(({ offerId }) => offerId))
  if (offerIds.length === 0) return new Map()
  const stated = tx.db
    .selectFrom('purchasing.offers')
    .select(['id', 'supplier_id', 'stock_packs'])
    .where('id', '=', sql<string>`any(${[...new Set(offerIds)]}::text[])`)
    .where('stock_packs', 'is not', null)
  const suppliers = new Set((await stated.execute()).map((offer) => offer.supplier_id))
  if (suppliers.size === 0) return new Map()
  // In one order, so that nothing deadlocks.
  for (const supplierId of [...suppliers].sort()) {
    await sql`select pg_advisory_xact_lock(${stockLock}, hashtext(${supplierId}))`.execute(tx.db)
  }
  const ordered = await packsOrderedSinceStated(tx, offerIds)
  const left = new Map(
    (await stated.execute()).map(({ id, stock_packs }) => [id, remainingPacks(stock_packs, ordered.get(id)) ?? 0]),
  )
  return new Map(orders.map((order) => [order.supplierId, soldOutOf(order, left)]))
}

/** An offer that several lines are of has its stock only once. */
function soldOutOf(order: QuoteOrder, left: ReadonlyMap<string, number>): Message[] {
  const wanted = new Map<string, { readonly packs: number; readonly product: string }>()
  for (const { offerId, packs, product } of order.lines) {
    wanted.set(offerId, { packs: (wanted.get(offerId)?.packs ?? 0) + packs, product })
  }
  return [...wanted].flatMap(([offerId, { packs, product }]): Message[] => {
    const packsLeft = left.get(offerId)
    if (packsLeft === undefined || packs <= packsLeft) return []
    const rest = packsLeft === 0 ? 'No packs' : `Only ${packsLeft} of the ${packs} packs`
    return [
      {
        code: 'out_of_stock',
        severity: 'recoverable',
        text: `${rest} of “${product}” are left at ${order.supplierName}, after what was ordered since its stock was stated; make a new quote.`,
      },
    ]
  })
}
