/** From chosen packs to one order for each supplier, with all its sums. Pure, in integer minor units. */
import { multiplyQuantity, rateOf } from '../../platform/decimal.js'
import { supplierText } from '../catalog/search-text.js'
import { compareText } from '../compare-text.js'
import { groupBy } from '../group-by.js'
import type { SuppliersTable } from '../tables.js'
import type { ChosenLine } from './cover-alone.js'
import type { QuoteLine, QuoteOrder } from './quote.js'
import type { Candidate, QuoteNeed } from './quote-candidates.js'

export interface Pricing {
  readonly needs: ReadonlyMap<string, QuoteNeed>
  /** By `candidateKey`. */
  readonly candidates: ReadonlyMap<string, Candidate>
  readonly suppliers: ReadonlyMap<string, SuppliersTable>
  /** Keys (`purchaseKey`) of products bought before for the item. */
  readonly boughtBefore: ReadonlySet<string>
}

export function candidateKey(line: { readonly itemId: string; readonly offerId: string }): string {
  return JSON.stringify([line.itemId, line.offerId])
}

export function purchaseKey(itemId: string, productId: string): string {
  return JSON.stringify([itemId, productId])
}

/** Orders by supplier id, their lines by item name. */
export function priceOrders(lines: readonly ChosenLine[], pricing: Pricing): QuoteOrder[] {
  const bySupplier = [...groupBy(lines, (line) => line.supplierId)].sort(([a], [b]) => compareText(a, b))
  return bySupplier.map(([supplierId, chosen]) => {
    const supplier = found(pricing.suppliers.get(supplierId), supplierId)
    const priced = chosen.map((line) => priceLine(line, supplier, pricing))
    priced.sort(
      (a, b) =>
        compareText(a.itemName, b.itemName) || compareText(a.itemId, b.itemId) || compareText(a.offerId, b.offerId),
    )
    const subtotalMinor = sum(priced.map((line) => line.lineTotalMinor))
    const taxMinor = sum(priced.map((line) => line.taxMinor))
    const threshold = supplier.free_shipping_over_minor
    const shippingMinor = threshold !== null && subtotalMinor >= threshold ? 0 : supplier.shipping_fee_minor
    return {
      supplierId,
      supplierName: supplierText(supplier.name),
      channel: supplier.channel,
      leadTimeDays: supplier.lead_time_days,
      currency: supplier.currency,
      subtotalMinor,
      shippingMinor,
      taxMinor,
      discountMinor: 0,
      // Shipping is taken as it is stated: the tax is on the goods alone.
      totalMinor: subtotalMinor + shippingMinor + taxMinor,
      approvalReasons: [...new Set(priced.flatMap(approvalReasons))],
      lines: priced,
    }
  })
}

/** Whether a line of this offer makes a person look at its order. */
export function needsPerson(
  line: { readonly itemId: string; readonly offerId: string },
  pricing: Pricing,
  firstPurchaseNeedsApproval: boolean,
): boolean {
  const need = found(pricing.needs.get(line.itemId), line.itemId)
  const { match } = found(pricing.candidates.get(candidateKey(line)), line.offerId)
  return need.origin === 'agent' || (firstPurchaseNeedsApproval && isFirstMatch(line.itemId, match, pricing))
}

function isFirstMatch(itemId: string, match: Candidate['match'], { boughtBefore }: Pricing): boolean {
  return match.matchedBy === 'proposed_link' && !boughtBefore.has(purchaseKey(itemId, match.productId))
}

function priceLine(line: ChosenLine, supplier: SuppliersTable, pricing: Pricing): QuoteLine {
  const need = found(pricing.needs.get(line.itemId), line.itemId)
  const { offer, match, packQuantity } = found(pricing.candidates.get(candidateKey(line)), line.offerId)
  const lineTotalMinor = line.packs * line.packPriceMinor
  return {
    itemId: line.itemId,
    itemName: need.name,
    offerId: line.offerId,
    productId: match.productId,
    product: supplierText(offer.name),
    offerSku: offer.sku,
    matchedBy: match.matchedBy,
    needsPersonBecause: [
      ...(isFirstMatch(line.itemId, match, pricing) ? (['proposed_match'] as const) : []),
      ...(need.origin === 'agent' ? (['agent_request'] as const) : []),
    ],
    packs: line.packs,
    packQuantity,
    quantity: multiplyQuantity(packQuantity, line.packs),
    unit: need.unit,
    packPriceMinor: line.packPriceMinor,
    taxRate: supplier.tax_rate,
    taxMinor: rateOf(lineTotalMinor, supplier.tax_rate),
    lineTotalMinor,
  }
}

function approvalReasons(line: QuoteLine): string[] {
  return line.needsPersonBecause.map((reason) =>
    reason === 'proposed_match'
      ? `first purchase of "${line.product}" was matched by name`
      : `"${line.product}" was requested by the agent`,
  )
}

function found<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`${what} was chosen but never offered`)
  return value
}

function sum(amounts: readonly number[]): number {
  return amounts.reduce((total, amount) => total + amount, 0)
}
