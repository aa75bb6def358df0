/**
 * What a supplier changed of an order, worked out from what it says it will really deliver and charge. Pure. What it says
 * is absolute, so the same words twice are one change, and words that agree with the order are none.
 */
import { formatMoney, multiplyQuantity, rateOf } from '../../platform/decimal.js'
import type { ReportedLine, ReportedTerms } from '../channels/channel.js'

/** An order as far as a supplier can change it. */
export interface AmendableOrder {
  readonly currency: string
  readonly subtotalMinor: number
  readonly shippingMinor: number
  readonly taxMinor: number
  readonly discountMinor: number
  readonly totalMinor: number
  readonly expectedAt: Date | null
  readonly lines: readonly AmendableLine[]
}

export interface AmendableLine {
  readonly lineId: string
  readonly product: string
  readonly sku: string | null
  readonly packs: number
  /** In the item's unit. */
  readonly packQuantity: number
  readonly unit: string
  readonly packPriceMinor: number
  readonly lineTotalMinor: number
  readonly taxRate: number
  readonly taxMinor: number
}

export interface AmendmentChange {
  readonly kind: 'quantity_adjusted' | 'price_changed' | 'substituted' | 'back_ordered'
  /** null: of the order as a whole. */
  readonly lineId: string | null
  /** For people. */
  readonly text: string
}

export interface AmendedLine extends AmendableLine {
  readonly quantity: number
}

/** The order as it would be. `subtotal + shipping + tax − discount = total`, as ever. */
export interface Amendment {
  readonly changes: readonly AmendmentChange[]
  /** All lines. */
  readonly lines: readonly AmendedLine[]
  readonly subtotalMinor: number
  readonly shippingMinor: number
  readonly taxMinor: number
  /** What the supplier's total is below the sum of the rest; below 0 it is a surcharge that it doesn't explain. */
  readonly discountMinor: number
  readonly totalMinor: number
  readonly expectedAt: Date | null
  readonly isSubstituted: boolean
  /** The same for the same result. */
  readonly fingerprint: string
}

/** null: it says what the order says. */
export function amend(order: AmendableOrder, terms: ReportedTerms, expectedAt: Date | undefined): Amendment | null {
  const money = (amountMinor: number) => formatMoney(amountMinor, order.currency)
  const reported = new Map(terms.lines.map((line) => [line.lineId, line]))
  const lines = order.lines.map((line) => amendLine(line, reported.get(line.lineId)))
  const added = (of: (line: AmendableLine) => number) => sum(lines.map(of)) - sum(order.lines.map(of))
  const subtotalMinor = order.subtotalMinor + added((line) => line.lineTotalMinor)
  const taxMinor = order.taxMinor + added((line) => line.taxMinor)
  const shippingMinor = terms.shippingMinor ?? order.shippingMinor
  const totalMinor = terms.totalMinor ?? Math.max(0, subtotalMinor + shippingMinor + taxMinor - order.discountMinor)
  const expected = latest([expectedAt, ...terms.lines.map((line) => line.backOrderedUntil)]) ?? order.expectedAt

  const changes = order.lines.flatMap((line) => {
    const said = reported.get(line.lineId)
    const after = lines.find(({ lineId }) => lineId === line.lineId)
    return after === undefined ? [] : lineChanges(line, after, said, order, money)
  })
  const isExplained = changes.some(({ kind }) => kind !== 'back_ordered')
  if (shippingMinor !== order.shippingMinor) {
    changes.push(priceChanged(`shipping ${money(order.shippingMinor)} → ${money(shippingMinor)}`))
  } else if (totalMinor !== order.totalMinor && !isExplained) {
    changes.push(priceChanged(`total ${money(order.totalMinor)} → ${money(totalMinor)}`))
  }
  const isLater = expectedAt !== undefined && (order.expectedAt === null || expectedAt > order.expectedAt)
  if (isLater && !changes.some(({ kind }) => kind === 'back_ordered')) {
    changes.push({ kind: 'back_ordered', lineId: null, text: `expected on ${day(expectedAt)}` })
  }
  const isOtherDay = expected !== null && expected.getTime() !== order.expectedAt?.getTime()
  if (changes.length === 0 && totalMinor === order.totalMinor && !isOtherDay) return null
  return {
    changes,
    lines,
    subtotalMinor,
    shippingMinor,
    taxMinor,
    discountMinor: subtotalMinor + shippingMinor + taxMinor - totalMinor,
    totalMinor,
    expectedAt: expected,
    isSubstituted: changes.some(({ kind }) => kind === 'substituted'),
    fingerprint: JSON.stringify([
      lines.map(({ lineId, sku, product, packs, packQuantity, packPriceMinor }) => [
        lineId,
        sku,
        product,
        packs,
        packQuantity,
        packPriceMinor,
      ]),
      shippingMinor,
      totalMinor,
    ]),
  }
}

/** Whether a rise of the total is more than so many percent of it; exact, in integers. */
export function isAboveTolerance(oldMinor: number, newMinor: number, tolerancePercent: string): boolean {
  const [whole = '0', fraction = ''] = tolerancePercent.split('.')
  const hundredths = BigInt(whole) * 100n + BigInt(fraction.slice(0, 2).padEnd(2, '0'))
  return BigInt(newMinor - oldMinor) * 10_000n > BigInt(oldMinor) * hundredths
}

function amendLine(line: AmendableLine, said: ReportedLine | undefined): AmendedLine {
  const packs = said?.packs ?? line.packs
  const packPriceMinor = said?.packPriceMinor ?? line.packPriceMinor
  const packQuantity = said?.substitute?.packQuantity ?? line.packQuantity
  const lineTotalMinor = packs * packPriceMinor
  return {
    ...line,
    product: said?.substitute?.product ?? line.product,
    sku: said?.substitute === undefined ? line.sku : said.substitute.sku,
    packs,
    packQuantity,
    packPriceMinor,
    quantity: multiplyQuantity(packQuantity, packs),
    lineTotalMinor,
    taxMinor: lineTotalMinor === line.lineTotalMinor ? line.taxMinor : rateOf(lineTotalMinor, line.taxRate),
  }
}

function lineChanges(
  before: AmendableLine,
  after: AmendedLine,
  said: ReportedLine | undefined,
  order: AmendableOrder,
  money: (amountMinor: number) => string,
): AmendmentChange[] {
  const { lineId } = before
  const changes: AmendmentChange[] = []
  if (after.product !== before.product || after.sku !== before.sku || after.packQuantity !== before.packQuantity) {
    const pack = `${after.packQuantity} ${before.unit}`
    changes.push({ kind: 'substituted', lineId, text: `“${after.product}” (${pack} a pack) for “${before.product}”` })
  }
  if (after.packs !== before.packs) {
    const packs = `${before.packs} → ${after.packs} packs`
    changes.push({ kind: 'quantity_adjusted', lineId, text: `“${before.product}”: ${packs}` })
  }
  if (after.packPriceMinor !== before.packPriceMinor) {
    const price = `${money(before.packPriceMinor)} → ${money(after.packPriceMinor)} a pack`
    changes.push({ kind: 'price_changed', lineId, text: `“${before.product}”: ${price}` })
  }
  const until = said?.backOrderedUntil
  if (until !== undefined && (order.expectedAt === null || until > order.expectedAt)) {
    changes.push({ kind: 'back_ordered', lineId, text: `“${before.product}”: not before ${day(until)}` })
  }
  return changes
}

function priceChanged(text: string): AmendmentChange {
  return { kind: 'price_changed', lineId: null, text }
}

function latest(dates: readonly (Date | undefined)[]): Date | undefined {
  return dates.reduce(
    (last, date) => (date !== undefined && (last === undefined || date > last) ? date : last),
    undefined,
  )
}

function day(date: Date): string {
  return date.toISOString().slice(0, 10)
}

function sum(amounts: readonly number[]): number {
  return amounts.reduce((total, amount) => total + amount, 0)
}
