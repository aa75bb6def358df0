/**
 * What of the offers may be bought at all, before anything is compared: in time, within the item's price cap, from a
 * supplier that may be bought from, in the right currency. Pure. Each removal keeps its reason, so that an unmet need
 * can say why.
 */
import { unitPriceWithinCap } from '../../platform/decimal.js'
import type { BasketOffer, PriceTier } from './basket.js'
import { runAtOnce } from './run-at-once.js'

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
  return runAtOnce(filterInSteps(request))
}

/** Offers between two steps. */
const offersPerStep = 500

/** The same, for whoever has to give way in between (`runInSlices`): ten thousand offers take some 20 ms. */
export function* filterInSteps(request: FilterRequest): Generator<void, FilteredOffers> {
  const needs = new Map(request.needs.map((need) => [need.itemId, need]))
  const suppliers = new Map(request.suppliers.map((supplier) => [supplier.supplierId, supplier]))
  const offers: BasketOffer[] = []
  const removed: RemovedOffer[] = []
  const caps = new Map<NeedToFilter, Map<number, UnitPriceCap>>()
  for (const [index, offer] of request.offers.entries()) {
    if (index % offersPerStep === 0) yield
    const need = needs.get(offer.itemId)
    const supplier = suppliers.get(offer.supplierId)
    if (need === undefined || supplier === undefined) continue
    const { itemId, offerId, supplierId, packQuantity, minimumPacks, stockPacks } = offer
    const tiers = tiersOf(offer)
    const fewestPacks = fewestWithinCap(offer, tiers, capOf(caps, offer, need, request.currency))
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
function fewestWithinCap(offer: OfferToFilter, tiers: readonly PriceTier[], cap: UnitPriceCap | null): number | null {
  const first = tiers.find((tier) => cap === null || cap.allows(tier.packPriceMinor))
  return first === undefined ? null : Math.max(offer.minimumPacks, first.minPacks)
}

/** A break that doesn't lower the price is none: nobody is made to pay more for buying more. */
function tiersOf(offer: OfferToFilter): PriceTier[] {
  const tiers: PriceTier[] = [{ minPacks: 1, packPriceMinor: offer.packPriceMinor }]
  if (offer.breaks.length === 0) return tiers
  const rising = offer.breaks.toSorted((a, b) => a.packs - b.packs || a.packPriceMinor - b.packPriceMinor)
  for (const { packs, packPriceMinor } of rising) {
    const last = tiers.at(-1)
    if (last === undefined || packPriceMinor >= last.packPriceMinor) continue
    if (packs <= last.minPacks) tiers.pop()
    tiers.push({ minPacks: Math.max(packs, last.minPacks), packPriceMinor })
  }
  return tiers
}

function capOf(
  caps: Map<NeedToFilter, Map<number, UnitPriceCap>>,
  { packQuantity }: OfferToFilter,
  need: NeedToFilter,
  currency: string,
): UnitPriceCap | null {
  if (need.maxUnitPrice === null) return null
  const ofNeed = caps.get(need) ?? new Map<number, UnitPriceCap>()
  const cap = ofNeed.get(packQuantity) ?? new UnitPriceCap(packQuantity / 1000, need.maxUnitPrice, currency)
  caps.set(need, ofNeed.set(packQuantity, cap))
  return cap
}

/**
 * What packs of one size may cost. Comparing exact fractions is slow, and among thousands of offers hardly any is
 * between the dearest price that was within the cap and the cheapest that wasn't.
 */
class UnitPriceCap {
  readonly #packQuantity: number
  readonly #cap: string
  readonly #currency: string
  #within = -Infinity
  #above = Infinity

  constructor(packQuantity: number, cap: string, currency: string) {
    this.#packQuantity = packQuantity
    this.#cap = cap
    this.#currency = currency
  }

  allows(packPriceMinor: number): boolean {
    if (packPriceMinor <= this.#within) return true
    if (packPriceMinor >= this.#above) return false
    const isWithin = unitPriceWithinCap(packPriceMinor, this.#packQuantity, this.#cap, this.#currency)
    if (isWithin) this.#within = packPriceMinor
    else this.#above = packPriceMinor
    return isWithin
  }
}
