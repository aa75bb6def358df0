/** Why a need stays uncovered, in words that a person (or a model) can act on. Pure. */
import { formatMoney } from '../platform/decimal.js'
import type { UncoveredNeed } from './choose-offers.js'
import type { Unmet, UnmetCode } from './quote.js'
import type { NeedCandidates } from './quote-candidates.js'

export interface UnmetContext {
  readonly currency: string
  /** The item's sku is used by several suppliers for different products. */
  readonly isSkuAmbiguous: boolean
}

export function explainUnmet(uncovered: UncoveredNeed, found: NeedCandidates, context: UnmetContext): Unmet {
  const code = refine(uncovered.code, found)
  const { itemId, quantity } = uncovered
  return { itemId, quantity, code, text: textOf(code, quantity, found, context) }
}

/** `declined` is explained where it is found out. */
type ExplainedCode = Exclude<UnmetCode, 'declined'>

/** Offers there were, but none that could be compared. */
function refine(code: ExplainedCode, found: NeedCandidates): ExplainedCode {
  if (code !== 'no_offer') return code
  if (found.otherUnit.length > 0) return 'unit_mismatch'
  return found.otherCurrency.length > 0 ? 'currency_mismatch' : code
}

function textOf(code: ExplainedCode, quantity: number, found: NeedCandidates, context: UnmetContext): string {
  const { need } = found
  const rest = quantity < need.quantity ? `${quantity} of ${need.quantity} ${need.unit}` : `${quantity} ${need.unit}`
  switch (code) {
    case 'no_offer':
      return context.isSkuAmbiguous
        ? `Suppliers use the sku of "${need.name}" for different products; give the item a gtin or link it to one of them.`
        : `No supplier is known to offer "${need.name}"; link it to a product, or give it the sku or gtin of one.`
    case 'out_of_stock':
      return `No supplier has "${need.name}" in stock now.`
    case 'insufficient_stock':
      return `Suppliers have less of "${need.name}" than is needed; ${rest} stay open.`
    case 'above_unit_price_cap':
      return `"${need.name}" costs more than its cap of ${need.maxUnitPrice} ${context.currency} for 1 ${need.unit}${nearestPrice(found, context.currency)}.`
    case 'below_minimum_order':
      return `What is needed of "${need.name}" doesn't reach the minimum order of the supplier that has it; ${rest} stay open.`
    case 'unit_mismatch': {
      const units = [...new Set(found.otherUnit.map((offer) => offer.unit))].slice(0, 3).join(', ')
      return `"${need.name}" is kept in ${need.unit} but sold in ${units}, which can't be converted; change the item's unit or link another product.`
    }
    case 'currency_mismatch': {
      const currencies = [...new Set(found.otherCurrency.map((offer) => offer.currency))].slice(0, 3).join(', ')
      return `"${need.name}" is only offered in another currency (${currencies}) than the list's, ${context.currency}.`
    }
  }
}

function nearestPrice(found: NeedCandidates, currency: string): string {
  const inStock = found.candidates.filter(
    (offer) => offer.stockPacks === null || offer.stockPacks >= offer.minimumPacks,
  )
  const [best] = inStock.toSorted((a, b) => a.packPriceMinor * b.packQuantity - b.packPriceMinor * a.packQuantity)
  if (best === undefined) return ''
  return `; the lowest price is ${formatMoney(best.packPriceMinor, currency)} for ${best.packQuantity} ${found.need.unit}`
}
