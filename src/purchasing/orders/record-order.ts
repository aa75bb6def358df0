import type { DomainContext } from '../../platform/context.js'
import { localDate } from '../../platform/local-date.js'
import { productId, productIdentity, shortHash } from '../catalog/product-identity.js'
import { lockListLimits } from '../limits/list-limits.js'
import { reserveBudget, settleBudget } from '../limits/reservations.js'
import { lockCommitments } from '../needs/need-facts.js'
import type { StoredPlacement } from '../placing/placement.js'
import type { QuoteContent } from '../quotes/quote.js'
import type { OrderStatus } from '../tables.js'
import { recordHistory } from './move-order.js'
import { lineEvent, type OrderEvent } from './order-events.js'
import { budgetEffect, isFinalStatus } from './order-status.js'
import type { StatedLine, StatedOrder } from './state-order.js'

export interface OutsideOrder {
  readonly order: StatedOrder
  readonly list: { readonly id: string; readonly currency: string; readonly timeZone: string }
  readonly supplierName: string
  /** By the line's reference. */
  readonly itemIds: ReadonlyMap<string, string>
  readonly by: string
  /** Where we have it from, for people. */
  readonly source: string
}

/** Its supplier has never heard of these, or has ended them: nothing was sent that somebody could ask about. */
const neverSent: ReadonlySet<OrderStatus> = new Set(['declined', 'expired'])

/**
 * Records an order that was placed outside of this Restock: history, or on its way. Whatever its supplier's channel, it is
 * a person's to look after, so that nothing of it is ever sent; one that is on its way takes its budget on the day on
 * which it was placed and is on order, one that has ended does neither. Returns what the list must hear of it, for the
 * caller to append at the end of the transaction.
 */
export async function recordOrder(tx: DomainContext, input: OutsideOrder): Promise<OrderEvent[]> {
  const { order, list, source } = input
  const now = tx.clock.now()
  const isFinal = isFinalStatus(order.status)
  if (!isFinal) {
    await lockListLimits(tx, { list: list.id, currency: list.currency, timeZone: list.timeZone })
    await lockCommitments(tx, list.id, [...input.itemIds.values()])
  }
  const inserted = await tx.db
    .insertInto('purchasing.orders')
    .values({
      id: order.id,
      idempotency_key: order.id,
      quote_id: await insertPlacedQuote(tx, input),
      run_id: null,
      list: list.id,
      supplier_id: order.supplierId,
      supplier_name: input.supplierName,
      channel: 'manual',
      status: order.status,
      status_reason: null,
      currency: order.currency,
      subtotal_minor: order.subtotalMinor,
      shipping_minor: order.shippingMinor,
      tax_minor: order.taxMinor,
      discount_minor: order.discountMinor,
      total_minor: order.totalMinor,
      rationale: `placed elsewhere, imported from ${source}`,
      placed_by: 'person',
      approval_reasons: '[]',
      approval_expires_at: null,
      approved_by: null,
      placed_at: order.placedAt,
      updated_at: now,
      submitted_at: neverSent.has(order.status) ? null : order.placedAt,
      expected_at: order.expectedAt,
      supplier_reference: order.reference,
      submit_attempts: 0,
      next_attempt_at: null,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
  const products = await findOfferedProducts(tx, order)
  const lines = await tx.db
    .insertInto('purchasing.order_lines')
    .values(
      order.lines.map((line, index) => ({
        id: line.id,
        order_id: order.id,
        line_number: index + 1,
        item_id: input.itemIds.get(line.item) ?? line.item,
        ...(products.get(line) ?? unknownProduct(order.supplierId, line)),
        product: line.product,
        sku: line.sku,
        // A person says which item it is.
        matched_by: 'confirmed_link' as const,
        packs: line.packs,
        pack_quantity: line.packQuantity,
        quantity: line.quantity,
        unit: line.unit,
        pack_price_minor: line.packPriceMinor,
        tax_rate: line.taxRate,
        tax_minor: line.taxMinor,
        line_total_minor: line.lineTotalMinor,
        received_quantity: line.receivedQuantity,
      })),
    )
    .returningAll()
    .execute()
  if (!isFinal) {
    await reserveBudget(tx, {
      orderId: order.id,
      list: list.id,
      supplierId: order.supplierId,
      localDate: localDate(order.placedAt, list.timeZone),
      amountMinor: order.totalMinor,
      currency: order.currency,
    })
    if (budgetEffect(order.status) === 'settle') await settleBudget(tx, order.id, order.totalMinor)
  }
  await recordHistory(tx, order.id, 'imported', `person:${input.by}`, {
    status: order.status,
    totalMinor: order.totalMinor,
    source,
  })
  // The list learns when it was ordered, not when we heard of it: how long things take follows from that.
  const asOfPlacing = { ...tx, clock: { now: () => order.placedAt } }
  return lines.map((line) => lineEvent(asOfPlacing, inserted, line, isFinal ? 'line_closed' : 'line_opened'))
}

/** Every order is of a quote; this one's was placed before we knew of it. */
async function insertPlacedQuote(tx: DomainContext, { order, list, supplierName }: OutsideOrder): Promise<string> {
  const id = tx.newId('quo')
  const placed: StoredPlacement = {
    results: [
      {
        supplierId: order.supplierId,
        supplier: supplierName,
        orderId: order.id,
        outcome: 'accepted',
        totalMinor: order.totalMinor,
        currency: order.currency,
        itemIds: [],
        messages: [],
      },
    ],
    receipt: null,
  }
  const content: Pick<QuoteContent, 'orders' | 'unmet'> = { orders: [], unmet: [] }
  await tx.db
    .insertInto('purchasing.quotes')
    .values({
      id,
      run_id: `import_${id}`,
      list: list.id,
      currency: order.currency,
      time_zone: list.timeZone,
      placed_by: 'person',
      content: JSON.stringify(content),
      created_at: order.placedAt,
      expires_at: order.placedAt,
      placed_at: order.placedAt,
      placed_fingerprint: null,
      placed_result: JSON.stringify(placed),
    })
    .execute()
  return id
}

interface ProductOfLine {
  readonly offer_id: string
  readonly product_id: string
}

/** What the lines are in the catalog, by the supplier's sku, else its name for it. */
async function findOfferedProducts(
  tx: DomainContext,
  order: StatedOrder,
): Promise<ReadonlyMap<StatedLine, ProductOfLine>> {
  const skus = order.lines.flatMap((line) => line.sku ?? [])
  const offers = await tx.db
    .selectFrom('purchasing.offers')
    .select(['id', 'product_id', 'sku', 'name'])
    .where('supplier_id', '=', order.supplierId)
    .where((where) =>
      where.or([
        ...(skus.length === 0 ? [] : [where('sku', 'in', skus)]),
        where(
          'name',
          'in',
          order.lines.map((line) => line.product),
        ),
      ]),
    )
    .orderBy('archived_at', (order) => order.desc().nullsFirst())
    .orderBy('id')
    .execute()
  return new Map(
    order.lines.flatMap((line) => {
      const found =
        (line.sku === null ? undefined : offers.find((offer) => offer.sku === line.sku)) ??
        offers.find((offer) => offer.name === line.product)
      return found === undefined ? [] : [[line, { offer_id: found.id, product_id: found.product_id }] as const]
    }),
  )
}

/** As a catalog that names it later would have them. */
function unknownProduct(supplierId: string, { sku, product }: StatedLine): ProductOfLine {
  const identity = productIdentity({ supplierId, gtin: null, sku, name: product })
  return { offer_id: `off_${shortHash(JSON.stringify([supplierId, sku ?? product]))}`, product_id: productId(identity) }
}
