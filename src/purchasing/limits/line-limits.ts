/** The part of the limits that looks at what is bought: prices, amounts an item, surprises. Pure; called by `checkLimits`. */
import { formatMoney, parseDecimal, unitPriceWithinCap } from '../../platform/decimal.js'
import { groupBy } from '../group-by.js'
import type { NeedsPersonBecause } from '../quotes/quote.js'

export interface LineToCheck {
  readonly itemId: string
  readonly itemName: string
  readonly product: string
  readonly needsPersonBecause: readonly NeedsPersonBecause[]
  /** In the item's unit. */
  readonly packQuantity: number
  readonly unit: string
  readonly packPriceMinor: number
  /** Net. */
  readonly lineTotalMinor: number
  /** The item's own cap, in major units for one of its units; null: none. */
  readonly maxUnitPrice: string | null
  /** null: never bought before, or only in a unit or currency that doesn't compare. */
  readonly lastPaid: LastPaidPrice | null
  /** What the same run has ordered of the item from this supplier before, net. */
  readonly itemEarlierInRunMinor: number
}

/** What a pack cost when the item was last bought. */
export interface LastPaidPrice {
  readonly packPriceMinor: number
  /** In the item's unit. */
  readonly packQuantity: number
  /** The list's local date. */
  readonly on: string
  /** It wasn't paid: the order itself, which its supplier changes, says so. */
  readonly isOrdered?: boolean
}

interface LineLimits {
  readonly maxLineMinor: number | null
  readonly maxPriceRisePercent: string | null
  readonly priceRise: 'approve' | 'refuse'
  readonly firstPurchaseNeedsApproval: boolean
}

interface LinesVerdict {
  readonly refusals: readonly { readonly code: string; readonly text: string }[]
  readonly approvals: readonly string[]
}

export function checkLines(
  limits: LineLimits,
  order: { readonly currency: string; readonly supplierName: string; readonly lines: readonly LineToCheck[] },
): LinesVerdict {
  const refusals: { code: string; text: string }[] = []
  const approvals: string[] = []
  const { currency } = order
  for (const line of order.lines) {
    if (
      line.maxUnitPrice !== null &&
      !unitPriceWithinCap(line.packPriceMinor, line.packQuantity, line.maxUnitPrice, currency)
    ) {
      const text = `“${line.itemName}” costs ${packPrice(line, line.unit, currency)}, which is above its cap of ${line.maxUnitPrice} ${currency} for 1 ${line.unit} (max_unit_price).`
      refusals.push({ code: 'above_unit_price_cap', text })
    }
    const rise = priceRise(limits.maxPriceRisePercent, line, currency)
    if (rise !== null && limits.priceRise === 'refuse') refusals.push({ code: 'limit_price_rise', text: rise })
    if (rise !== null && limits.priceRise === 'approve') approvals.push(rise)
    if (limits.firstPurchaseNeedsApproval && line.needsPersonBecause.includes('proposed_match')) {
      approvals.push(
        `It is the first purchase of “${line.product}” for this item, and only a proposed link says that it fits (first_purchase_needs_approval).`,
      )
    }
    // No setting turns this one off: the agent must not be able to buy what nobody asked for.
    if (line.needsPersonBecause.includes('agent_request')) {
      approvals.push(`“${line.product}” was requested by the agent, not by a person.`)
    }
  }
  return { refusals: [...refusals, ...tooMuchOfOneItem(limits.maxLineMinor, order)], approvals }
}

/** An item's lines count together, whatever pack sizes and offers they are of. */
function tooMuchOfOneItem(
  limitMinor: number | null,
  order: { readonly currency: string; readonly supplierName: string; readonly lines: readonly LineToCheck[] },
): { code: string; text: string }[] {
  if (limitMinor === null) return []
  const money = (amountMinor: number) => formatMoney(amountMinor, order.currency)
  return [...groupBy(order.lines, (line) => line.itemId).values()].flatMap((lines) => {
    const amountMinor = lines.reduce((sum, line) => sum + line.lineTotalMinor, 0)
    const earlierMinor = lines[0]?.itemEarlierInRunMinor ?? 0
    if (earlierMinor + amountMinor <= limitMinor) return []
    const besides =
      earlierMinor === 0
        ? ''
        : ` on top of the ${money(earlierMinor)} that this run has ordered of it from ${order.supplierName}`
    const text = `“${lines[0]?.itemName}” for ${money(amountMinor)}${besides} is above what one order may spend on one item, ${money(limitMinor)} (max_line_amount).`
    return [{ code: 'limit_max_line_amount', text }]
  })
}

/** One sentence when the price per unit has risen by more than allowed; compared as exact fractions. */
function priceRise(maxPercent: string | null, line: LineToCheck, currency: string): string | null {
  if (maxPercent === null || line.lastPaid === null) return null
  const { lastPaid } = line
  const now = BigInt(line.packPriceMinor) * thousandths(lastPaid.packQuantity)
  const before = BigInt(lastPaid.packPriceMinor) * thousandths(line.packQuantity)
  const allowed = 10_000n + parseDecimal(maxPercent, { maxDecimals: 2 })
  if (now * 10_000n <= before * allowed) return null
  const product = `“${line.product}” costs ${packPrice(line, line.unit, currency)}`
  const since = `the ${packPrice(lastPaid, line.unit, currency)} ${lastPaid.isOrdered === true ? 'it was ordered for' : 'last paid'} on ${lastPaid.on}`
  const more = before === 0n ? 'more than' : `${risePercent(now, before)} % more than`
  return `${product}, ${more} ${since}; the most that is bought without asking is ${maxPercent} % (max_price_rise_percent).`
}

/** Rounded up to one decimal, so that a rise above the limit never reads as the limit. */
function risePercent(now: bigint, before: bigint): string {
  const tenths = ((now - before) * 1000n + before - 1n) / before
  return `${tenths / 10n}.${tenths % 10n}`
}

function packPrice(
  pack: { readonly packPriceMinor: number; readonly packQuantity: number },
  unit: string,
  currency: string,
): string {
  return `${formatMoney(pack.packPriceMinor, currency)} for ${pack.packQuantity} ${unit}`
}

/** Quantities have at most three decimals, so this is exact. */
function thousandths(quantity: number): bigint {
  return BigInt(Math.round(quantity * 1000))
}
