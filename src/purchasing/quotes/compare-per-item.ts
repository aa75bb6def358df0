import { compareText } from '../compare-text.js'
import { type ChosenLine, coverAlone } from './cover-alone.js'
import { type Pricing, priceOrders } from './price-orders.js'
import type { NeedCandidates } from './quote-candidates.js'

/**
 * What people would pay who take for each item the offer with the lowest price per unit: with shipping and tax. Where no
 * single offer covers an item, its part of the quote counts, so that both totals are for the same goods. Pure.
 */
export function comparePerItem(
  found: readonly NeedCandidates[],
  lines: readonly ChosenLine[],
  pricing: Pricing,
  currency: string,
): number | null {
  if (lines.length === 0) return null
  const bought = new Set(lines.map((line) => line.itemId))
  const compared = found.flatMap(({ need, candidates }) => {
    if (!bought.has(need.itemId)) return []
    const alone = candidates.flatMap((candidate) => {
      const line = coverAlone(need, candidate, currency)
      return line === null ? [] : [{ line, unitPrice: line.packPriceMinor / candidate.packQuantity }]
    })
    alone.sort((a, b) => a.unitPrice - b.unitPrice || compareText(a.line.offerId, b.line.offerId))
    return alone[0] === undefined ? lines.filter((line) => line.itemId === need.itemId) : [alone[0].line]
  })
  return priceOrders(compared, pricing).reduce((total, order) => total + order.totalMinor, 0)
}
