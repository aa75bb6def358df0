/** The needs and offers of a request in the form that they are worked out in: integers, sorted, caps checked. Pure. */
import { unitPriceWithinCap } from '../platform/decimal.js'
import { compareText } from './compare-text.js'
import type { PackOffer } from './cover-need.js'
import { groupBy } from './group-by.js'

export interface NeedToCover {
  readonly itemId: string
  readonly quantity: number
  /** In major units of the currency, for one of the item's units; null: no cap. */
  readonly maxUnitPrice: string | null
}

/** An offer as it stands for one item. One that suits two items appears twice and shares its stock. */
export interface CandidateOffer {
  readonly offerId: string
  readonly itemId: string
  readonly supplierId: string
  /** In the item's unit. */
  readonly packQuantity: number
  readonly packPriceMinor: number
  /** All-units: from `packs` on every pack costs this. */
  readonly breaks: readonly { readonly packs: number; readonly packPriceMinor: number }[]
  /** null: not stated, taken as enough. */
  readonly stockPacks: number | null
  readonly minimumPacks: number
}

export interface SupplierMinimum {
  readonly supplierId: string
  /** The least that one order must come to, net of shipping and tax. */
  readonly minimumOrderMinor: number
}

export interface ChoiceRequest {
  readonly needs: readonly NeedToCover[]
  readonly offers: readonly CandidateOffer[]
  readonly suppliers: readonly SupplierMinimum[]
  /** Of every amount in the request. */
  readonly currency: string
}

export interface MarketNeed {
  readonly itemId: string
  /** Thousandths. */
  readonly quantity: number
  readonly offers: readonly MarketOffer[]
}

export interface MarketOffer extends PackOffer {
  readonly supplierId: string
  /** No purchase for this need costs more. */
  readonly mostMinor: number
}

export interface Market {
  readonly needs: readonly MarketNeed[]
  readonly minimums: ReadonlyMap<string, number>
}

/** A line this dear (ten billion, in cents) is nobody's restocking; below it all sums are exact. */
const maxLineMinor = 1e12

export function readMarket(request: ChoiceRequest): Market {
  const byItem = groupBy(request.offers, (offer) => offer.itemId)
  const needs = request.needs.map((need): MarketNeed => {
    const quantity = thousandths(need.quantity)
    const offers = (byItem.get(need.itemId) ?? []).map((offer) => readOffer(offer, need, quantity, request.currency))
    return { itemId: need.itemId, quantity, offers }
  })
  needs.sort((a, b) => compareText(a.itemId, b.itemId))
  return { needs, minimums: new Map(request.suppliers.map((terms) => [terms.supplierId, terms.minimumOrderMinor])) }
}

export function readOffer(offer: CandidateOffer, need: NeedToCover, quantity: number, currency: string): MarketOffer {
  const isWithinCap = (packPriceMinor: number) =>
    need.maxUnitPrice === null || unitPriceWithinCap(packPriceMinor, offer.packQuantity, need.maxUnitPrice, currency)
  const tiers = [{ packs: 1, packPriceMinor: offer.packPriceMinor }, ...offer.breaks]
    .map((tier) => ({ ...tier, isWithinCap: isWithinCap(tier.packPriceMinor) }))
    .sort((a, b) => b.packs - a.packs)
  const pack = thousandths(offer.packQuantity)
  const stock = Math.min(offer.stockPacks ?? Infinity, Math.floor(maxLineMinor / Math.max(1, offer.packPriceMinor)))
  return {
    offerId: offer.offerId,
    supplierId: offer.supplierId,
    pack,
    minimumPacks: offer.minimumPacks,
    stock,
    mostMinor: Math.max(Math.ceil(quantity / pack), offer.minimumPacks) * offer.packPriceMinor,
    priceAt: (packs) => {
      const tier = tiers.find((candidate) => packs >= candidate.packs)
      return tier?.isWithinCap ? tier.packPriceMinor : null
    },
  }
}

export function thousandths(quantity: number): number {
  return Math.round(quantity * 1000)
}
