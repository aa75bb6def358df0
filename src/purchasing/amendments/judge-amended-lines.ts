/**
 * What the limits on lines say of what a supplier changed: how dear a unit has become, how much one item may cost, how much
 * of it comes. What was ordered has passed them; only what is worse than that is judged.
 */
import type { DomainContext } from '../../platform/context.js'
import { localDate } from '../../platform/local-date.js'
import type { Limits } from '../limits/limits.js'
import { gatherLineFacts } from '../limits/line-facts.js'
import { checkLines, type LastPaidPrice, type LineToCheck } from '../limits/line-limits.js'
import { overshootReason } from '../needs/overshoot.js'
import { findLines, type OrderLineRow, type OrderRow } from '../orders/order-rows.js'
import { originalLineSchema } from '../orders/order-view.js'
import type { AmendedLine, Amendment } from './amendment.js'

export interface AmendedLinesVerdict {
  /** Not even a person may take it while the limit stands. */
  readonly refusals: readonly string[]
  readonly approvals: readonly string[]
}

export async function judgeAmendedLines(
  tx: DomainContext,
  order: OrderRow,
  amendment: Amendment,
  terms: { readonly limits: Limits; readonly runId: string; readonly timeZone: string },
): Promise<AmendedLinesVerdict> {
  const { limits } = terms
  const pairs = (await findLines(tx, order.id)).flatMap((before) => {
    const after = amendment.lines.find(({ lineId }) => lineId === before.id)
    return after === undefined ? [] : [{ before, after }]
  })
  const withFacts = await gatherLineFacts(
    tx,
    { ...terms, list: order.list, currency: order.currency, exceptOrderId: order.id },
    pairs.map(({ before }) => before.item_id),
  )
  const factsOf = (before: OrderLineRow, price: PricedLine) => {
    const [line] = withFacts(order.supplier_id, [toLine(before, price)])
    if (line === undefined) throw new Error(`line ${before.id} has no facts`)
    return { ...line, maxUnitPrice: null }
  }
  const check = (only: Partial<Limits>, lines: readonly LineToCheck[]) =>
    checkLines(
      { ...limits, maxLineMinor: null, maxPriceRisePercent: null, firstPurchaseNeedsApproval: false, ...only },
      { currency: order.currency, supplierName: order.supplier_name, lines },
    )

  const costlier = pairs.filter(({ before }) => {
    const ofItem = pairs.filter((pair) => pair.before.item_id === before.item_id)
    return sum(ofItem, (pair) => pair.after.lineTotalMinor) > sum(ofItem, (pair) => pair.before.line_total_minor)
  })
  const amounts = check(
    { maxLineMinor: limits.maxLineMinor },
    costlier.map(({ before, after }) => factsOf(before, after)),
  )

  const priceRise = { maxPriceRisePercent: limits.maxPriceRisePercent }
  const prices = pairs.flatMap(({ before, after }) => {
    if (after.packs === 0 || !isDearer(after, priceOf(before))) return []
    const ordered = orderedPrice(before)
    const line = factsOf(before, ordered)
    const { refusals, approvals } = check(priceRise, [line])
    // Without a price last paid, or where a person has let the rise through, it is measured by what was ordered.
    const isMeasuredByOrder = line.lastPaid === null || refusals.length + approvals.length > 0
    const lastPaid: LastPaidPrice | null = isMeasuredByOrder
      ? { ...ordered, on: localDate(order.placed_at, terms.timeZone), isOrdered: true }
      : line.lastPaid
    return [check(priceRise, [{ ...factsOf(before, after), lastPaid }])]
  })

  const quantities = pairs.flatMap(({ before, after }) => {
    if (before.need === null || after.quantity <= before.quantity) return []
    const bought = { name: before.product, need: before.need.quantity, bought: after.quantity, unit: before.unit }
    return overshootReason(limits.maxTimesNeed, bought) ?? []
  })
  return {
    refusals: [amounts, ...prices].flatMap(({ refusals }) => refusals.map(({ text }) => text)),
    approvals: [...[amounts, ...prices].flatMap(({ approvals }) => approvals), ...quantities],
  }
}

type PricedLine = Pick<AmendedLine, 'packPriceMinor' | 'packQuantity'> & { readonly lineTotalMinor?: number }

function toLine(before: OrderLineRow, price: PricedLine) {
  return {
    itemId: before.item_id,
    itemName: before.product,
    productId: before.product_id,
    product: before.product,
    needsPersonBecause: [],
    packQuantity: price.packQuantity,
    unit: before.unit,
    packPriceMinor: price.packPriceMinor,
    lineTotalMinor: price.lineTotalMinor ?? before.line_total_minor,
  }
}

function priceOf(line: OrderLineRow): PricedLine {
  return { packPriceMinor: line.pack_price_minor, packQuantity: line.pack_quantity }
}

/** Before the supplier changed anything. */
function orderedPrice(line: OrderLineRow): PricedLine {
  if (line.original === null) return priceOf(line)
  const { packPriceMinor, packQuantity } = originalLineSchema.parse(line.original)
  return { packPriceMinor, packQuantity }
}

/** For a unit; quantities have at most three decimals, so this is exact. */
function isDearer(one: PricedLine, other: PricedLine): boolean {
  const thousandths = (quantity: number) => BigInt(Math.round(quantity * 1000))
  return (
    BigInt(one.packPriceMinor) * thousandths(other.packQuantity) >
    BigInt(other.packPriceMinor) * thousandths(one.packQuantity)
  )
}

function sum<T>(values: readonly T[], of: (value: T) => number): number {
  return values.reduce((total, value) => total + of(value), 0)
}
