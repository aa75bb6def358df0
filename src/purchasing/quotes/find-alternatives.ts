import { supplierText } from '../catalog/search-text.js'
import { compareText } from '../compare-text.js'
import { type ChosenLine, coverAlone } from './cover-alone.js'
import { candidateKey, type Pricing } from './price-orders.js'
import type { QuoteAlternative } from './quote.js'
import type { NeedCandidates } from './quote-candidates.js'

const shownPerItem = 3

/** For each need the offers that could have covered it alone and were not chosen, cheapest goods first. Pure. */
export function findAlternatives(
  found: readonly NeedCandidates[],
  chosen: readonly ChosenLine[],
  pricing: Pricing,
  currency: string,
): QuoteAlternative[] {
  const taken = new Set(chosen.map(candidateKey))
  return found.flatMap(({ need, candidates }) =>
    candidates
      .filter((candidate) => !taken.has(candidateKey(candidate)))
      .flatMap((candidate): QuoteAlternative[] => {
        const line = coverAlone(need, candidate, currency)
        if (line === null) return []
        return [
          {
            itemId: need.itemId,
            supplier: supplierText(pricing.suppliers.get(candidate.supplierId)?.name ?? candidate.supplierId),
            product: supplierText(candidate.offer.name),
            packs: line.packs,
            packQuantity: candidate.packQuantity,
            packPriceMinor: line.packPriceMinor,
            goodsMinor: line.packs * line.packPriceMinor,
            currency,
          },
        ]
      })
      .sort(
        (a, b) =>
          a.goodsMinor - b.goodsMinor || compareText(a.supplier, b.supplier) || compareText(a.product, b.product),
      )
      .slice(0, shownPerItem),
  )
}
