/** Why a need stays uncovered, in words that a person (or a model) can act on. Pure. */
import { formatMoney } from '../../platform/decimal.js'
import type { ShortageReason } from '../solver/basket.js'
import type { RemovalReason, RemovedOffer } from '../solver/filter-offers.js'
import type { SuppliersTable } from '../tables.js'
import { type Allowances, allowanceInWords } from './allowances.js'
import type { Unmet, UnmetCode } from './quote.js'
import type { NeedCandidates } from './quote-candidates.js'
import type { RefusedLine } from './refused-lines.js'

export interface UncoveredNeed {
  readonly found: NeedCandidates
  /** What stays uncovered, in the item's unit. */
  readonly quantity: number
  readonly reason: ShortageReason
  /** Of this item. */
  readonly removed: readonly RemovedOffer[]
  readonly refused: readonly RefusedLine[]
  /** The item's sku is used by several suppliers for different products. */
  readonly isSkuAmbiguous: boolean
}

export interface UnmetContext {
  readonly currency: string
  readonly allowances: Allowances
  readonly suppliers: ReadonlyMap<string, SuppliersTable>
}

export function explainUnmet(uncovered: UncoveredNeed, context: UnmetContext): Unmet {
  const { quantity, found } = uncovered
  const itemId = found.need.itemId
  const [refused] = uncovered.refused
  if (refused !== undefined && isForWantOfOffers(uncovered.reason)) {
    return { itemId, quantity, code: codeOfRefusal(refused.code), text: refused.text }
  }
  const code = codeOf(uncovered)
  return { itemId, quantity, code, text: textOf(code, uncovered, context) }
}

/** These are explained where they are found out. */
type ExplainedCode = Exclude<UnmetCode, 'declined' | 'limit_price_rise' | 'limit_max_line_amount'>

/** What a person can do most about comes first. */
const removalsByUse = [
  'above_unit_price_cap',
  'too_late',
  'supplier_not_allowed',
  'out_of_stock',
  'currency_mismatch',
] as const satisfies readonly RemovalReason[]

function isForWantOfOffers(reason: ShortageReason): boolean {
  return reason === 'no_offer' || reason === 'insufficient_stock'
}

function codeOfRefusal(code: string): UnmetCode {
  return code === 'limit_price_rise' || code === 'limit_max_line_amount' ? code : 'above_unit_price_cap'
}

/** Offers there were, but none that could be compared or bought. */
function codeOf({ reason, removed, found, quantity }: UncoveredNeed): ExplainedCode {
  if (reason !== 'no_offer' && !(reason === 'insufficient_stock' && quantity === found.need.quantity)) return reason
  const why = removalsByUse.find((removal) => removed.some((offer) => offer.reason === removal))
  if (why !== undefined) return why
  if (reason !== 'no_offer') return reason
  if (found.otherUnit.length > 0) return 'unit_mismatch'
  return found.otherCurrency.length > 0 ? 'currency_mismatch' : reason
}

function textOf(code: ExplainedCode, uncovered: UncoveredNeed, context: UnmetContext): string {
  const { found, quantity } = uncovered
  const { need } = found
  const { currency, allowances, suppliers } = context
  const rest = quantity < need.quantity ? `${quantity} of ${need.quantity} ${need.unit}` : `${quantity} ${need.unit}`
  switch (code) {
    case 'no_offer':
      return uncovered.isSkuAmbiguous
        ? `Suppliers use the sku of "${need.name}" for different products; give the item a gtin or link it to one of them.`
        : `No supplier is known to offer "${need.name}"; link it to a product, or give it the sku or gtin of one.`
    case 'out_of_stock':
      return `No supplier has "${need.name}" in stock now.`
    case 'insufficient_stock':
      return `Suppliers have less of "${need.name}" than is needed; ${rest} stay open.`
    case 'above_unit_price_cap':
      return `"${need.name}" costs more than its cap of ${need.maxUnitPrice} ${currency} for 1 ${need.unit}${nearestPrice(found, currency)}.`
    case 'below_minimum_order':
      return `What is needed of "${need.name}" doesn't reach the minimum order of the supplier that has it; ${rest} stay open.`
    case 'too_late': {
      const days = found.candidates.map(({ supplierId }) => suppliers.get(supplierId)?.lead_time_days ?? Infinity)
      const by = need.neededBy?.toISOString().slice(0, 10) ?? 'then'
      return `"${need.name}" is needed by ${by}, and no supplier delivers so soon; the quickest takes ${inDays(Math.min(...days))}.`
    }
    case 'supplier_not_allowed':
      return `"${need.name}" is only offered by suppliers that this list may not buy from (allowed_suppliers).`
    case 'over_budget': {
      const { inAll } = allowances
      const left = inAll === null ? 'what the limits leave' : allowanceInWords(inAll, currency)
      return `There is no money left for ${rest} of "${need.name}": this list can still spend ${left}.`
    }
    case 'above_maximum_order': {
      const [tightest] = found.candidates
        .flatMap(({ supplierId }) => allowances.perOrder(supplierId) ?? [])
        .toSorted((a, b) => b.leftMinor - a.leftMinor)
      const left = tightest === undefined ? 'what the limits leave' : allowanceInWords(tightest, currency)
      return `${rest} of "${need.name}" don't fit into an order, which may still come to ${left}.`
    }
    case 'unit_mismatch': {
      const units = [...new Set(found.otherUnit.map((offer) => offer.unit))].slice(0, 3).join(', ')
      return `"${need.name}" is kept in ${need.unit} but sold in ${units}, which can't be converted; change the item's unit or link another product.`
    }
    case 'currency_mismatch': {
      const currencies = [...new Set(found.otherCurrency.map((offer) => offer.currency))].slice(0, 3).join(', ')
      return `"${need.name}" is only offered in another currency (${currencies}) than the list's, ${currency}.`
    }
  }
}

function inDays(days: number): string {
  return days === 1 ? '1 day' : `${days} days`
}

function nearestPrice(found: NeedCandidates, currency: string): string {
  const inStock = found.candidates.filter(
    (offer) => offer.stockPacks === null || offer.stockPacks >= offer.minimumPacks,
  )
  const [best] = inStock.toSorted((a, b) => a.packPriceMinor * b.packQuantity - b.packPriceMinor * a.packQuantity)
  if (best === undefined) return ''
  return `; the lowest price is ${formatMoney(best.packPriceMinor, currency)} for ${best.packQuantity} ${found.need.unit}`
}
