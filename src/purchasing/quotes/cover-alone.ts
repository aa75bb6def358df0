/** One offer looked at alone: what covers a need from it, and what can be had of it at all. Pure. */
import { packsToCover, subtractQuantity, unitPriceWithinCap } from '../../platform/decimal.js'

export interface NeedToCover {
  readonly itemId: string
  /** In the item's unit. */
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
  /** All-units: from `packs` on every pack costs this. By packs, rising. */
  readonly breaks: readonly { readonly packs: number; readonly packPriceMinor: number }[]
  /** null: not stated, taken as enough. */
  readonly stockPacks: number | null
  readonly minimumPacks: number
}

export interface ChosenLine {
  readonly itemId: string
  readonly offerId: string
  readonly supplierId: string
  readonly packs: number
  /** What each of the packs costs, price break included. */
  readonly packPriceMinor: number
}

/** The whole need from one offer; `null` when it can't cover it within stock, minimum packs and cap. */
export function coverAlone(need: NeedToCover, offer: CandidateOffer, currency: string): ChosenLine | null {
  const packs = Math.max(packsToCover(need.quantity, offer.packQuantity), offer.minimumPacks)
  if (packs > (offer.stockPacks ?? Number.POSITIVE_INFINITY)) return null
  const packPriceMinor = priceAt(offer, packs)
  if (!isWithinCap(need, offer, packPriceMinor, currency)) return null
  return { itemId: need.itemId, offerId: offer.offerId, supplierId: offer.supplierId, packs, packPriceMinor }
}

/** What of a quantity is left when everything that can be had of the offers is bought. */
export function leftAfter(
  need: NeedToCover,
  quantity: number,
  offers: readonly CandidateOffer[],
  currency: string,
): number {
  let left = quantity
  for (const offer of offers) {
    const packs = Math.min(offer.stockPacks ?? Number.POSITIVE_INFINITY, packsToCover(left, offer.packQuantity))
    const bought = Math.max(packs, offer.minimumPacks)
    if (bought > (offer.stockPacks ?? bought) || !isWithinCap(need, offer, priceAt(offer, bought), currency)) continue
    left = subtractQuantity(left, Math.min(left, bought * offer.packQuantity))
    if (left === 0) return 0
  }
  return left
}

function priceAt(offer: CandidateOffer, packs: number): number {
  return offer.breaks.findLast((tier) => packs >= tier.packs)?.packPriceMinor ?? offer.packPriceMinor
}

function isWithinCap(need: NeedToCover, offer: CandidateOffer, packPriceMinor: number, currency: string): boolean {
  return (
    need.maxUnitPrice === null || unitPriceWithinCap(packPriceMinor, offer.packQuantity, need.maxUnitPrice, currency)
  )
}
