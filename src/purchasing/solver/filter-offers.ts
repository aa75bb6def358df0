/**
 * What of the offers may be bought at all, before anything is compared: in time, within the item's price cap, from a
 * supplier that may be bought from, in the right currency. Pure. Each removal keeps its reason, so that an unmet need
 * can say why.
 */
import { unitPriceWithinCap } from '../../platform/decimal.js'
import type { BasketOffer, PriceTier } from './basket.js'

/** An offer as it stands for one item; quantities in thousandths of the item's unit. */
export interface OfferToFilter {
  readonly offerId: string
  readonly supplierId: string
  readonly itemId: string
  readonly packQuantity: number
  readonly packPriceMinor: number
  /** All-units: from `packs` on every pack costs this. In any order. */
  readonly breaks: readonly { readonly packs: number; readonly packPriceMinor: number }[]
  readonly minimumPacks: number
  readonly stockPacks: number | null
  readonly currency: string
}

export interface NeedToFilter {
  readonly itemId: string
  /** In major units of the currency, for one of the item's units; null: no cap. */
  readonly maxUnitPrice: string | null
  /** How many days from now the item is needed; null: whenever it comes. */
  readonly neededInDays: number | null
}

export interface SupplierToFilter {
  readonly supplierId: string
  readonly leadTimeDays: number
  /** Of its fees and minimum order. */
  readonly currency: string
}

export interface FilterRequest {
  readonly needs: readonly NeedToFilter[]
  readonly offers: readonly OfferToFilter[]
  readonly suppliers: readonly SupplierToFilter[]
  readonly currency: string
  /** null: all of them. */
  readonly allowedSuppliers: readonly string[] | null
}

/**
 * `above_unit_price_cap`: at no number of packs that there are it is within the cap. `out_of_stock`: there are fewer
 * packs than the supplier sells.
 */
export type RemovalReason =
  | 'supplier_not_allowed'
  | 'currency_mismatch'
  | 'too_late'
  | 'out_of_stock'
  | 'above_unit_price_cap'

export interface RemovedOffer {
  readonly itemId: string
  readonly offerId: string
  readonly supplierId: string
  readonly reason: RemovalReason
}

export interface FilteredOffers {
  readonly offers: readonly BasketOffer[]
  readonly removed: readonly RemovedOffer[]
}

/** Offers for items or from suppliers that aren't named are left out without a word. */
export function filterOffers(request: FilterRequest): FilteredOffers {
  const needs = new Map(request.needs.map((need) => [need.itemId, need]))
  const suppliers = new Map(request.suppliers.map((supplier) => [supplier.supplierId, supplier]))
  const offers: BasketOffer[] = []
  const removed: RemovedOffer[] = []
  for (const offer of request.offers) {
    const need = needs.get(offer.itemId)
    const supplier = suppliers.get(offer.supplierId)
    if (need === undefined || supplier === undefined) continue
    const { itemId, offerId, supplierId, packQuantity, minimumPacks, stockPacks } = offer
    const tiers = tiersOf(offer)
    const fewestPacks = fewestWithinCap(offer, tiers, need, request.currency)
    const reason = reasonAgainst(offer, need, supplier, request) ?? stockReason(offer, fewestPacks)
    if (reason !== null || fewestPacks === null) {
      removed.push({ itemId, offerId, supplierId, reason: reason ?? 'above_unit_price_cap' })
    } else offers.push({ itemId, offerId, supplierId, packQuantity, tiers, minimumPacks, fewestPacks, stockPacks })
  }
  return { offers, removed }
}

function reasonAgainst(
  offer: OfferToFilter,
  need: NeedToFilter,
  supplier: SupplierToFilter,
  request: FilterRequest,
): RemovalReason | null {
  const { allowedSuppliers, currency } = request
  if (allowedSuppliers !== null && !allowedSuppliers.includes(offer.supplierId)) return 'supplier_not_allowed'
  if (offer.currency !== currency || supplier.currency !== currency) return 'currency_mismatch'
  return need.neededInDays !== null && supplier.leadTimeDays > need.neededInDays ? 'too_late' : null
}

function stockReason({ minimumPacks, stockPacks }: OfferToFilter, fewestPacks: number | null): RemovalReason | null {
  const stock = stockPacks ?? Infinity
  if (stock < minimumPacks) return 'out_of_stock'
  return fewestPacks === null || stock < fewestPacks ? 'above_unit_price_cap' : null
}

/** A too-dear price for few packs becomes a higher minimum; null: it is too dear at any number. */
function fewestWithinCap(
  offer: OfferToFilter,
  tiers: readonly PriceTier[],
  need: NeedToFilter,
  currency: string,
): number | null {
  const cap = need.maxUnitPrice
  const first = tiers.find(
    (tier) => cap === null || unitPriceWithinCap(tier.packPriceMinor, offer.packQuantity / 1000, cap, currency),
  )
  return first === undefined ? null : Math.max(offer.minimumPacks, first.minPacks)
}

/** A break that doesn't lower the price is none: nobody is made to pay more for buying more. */
function tiersOf(offer: OfferToFilter): PriceTier[] {
  const tiers: PriceTier[] = [{ minPacks: 1, packPriceMinor: offer.packPriceMinor }]
  const rising = offer.breaks.toSorted((a, b) => a.packs - b.packs || a.packPriceMinor - b.packPriceMinor)
  for (const { packs, packPriceMinor } of rising) {
    const last = tiers.at(-1)
    if (last === undefined || packPriceMinor >= last.packPriceMinor) continue
    if (packs <= last.minPacks) tiers.pop()
    tiers.push({ minPacks: Math.max(packs, last.minPacks), packPriceMinor })
  }
  return tiers
}
