/**
 * From "these products will do" to offers that can be compared: pack quantities in the item's unit, prices in the list's
 * currency. Pure. What can't be brought to that is counted, so that an unmet need can say why.
 */
import { type CandidateOffer, chooseOffers, type NeedToCover } from './choose-offers.js'
import type { Catalog, LoadedOffer } from './load-offers.js'
import type { ProductMatch } from './match-products.js'
import { convertQuantity } from './units.js'

/** What one quote is to cover of a registered need. */
export interface QuoteNeed extends NeedToCover {
  readonly name: string
  readonly unit: string
  readonly origin: 'person' | 'agent' | 'person_client'
}

export interface Candidate extends CandidateOffer {
  readonly offer: LoadedOffer
  readonly match: ProductMatch
}

export interface NeedCandidates {
  readonly need: QuoteNeed
  readonly candidates: readonly Candidate[]
  readonly otherCurrency: readonly LoadedOffer[]
  readonly otherUnit: readonly LoadedOffer[]
}

export function findCandidates(
  need: QuoteNeed,
  matches: readonly ProductMatch[],
  catalog: Catalog,
  currency: string,
): NeedCandidates {
  const candidates: Candidate[] = []
  const otherCurrency: LoadedOffer[] = []
  const otherUnit: LoadedOffer[] = []
  for (const match of matches) {
    for (const offer of catalog.offersByProduct.get(match.productId) ?? []) {
      const packQuantity = convertQuantity(offer.pack_quantity, offer.unit, need.unit)
      // The supplier's own currency counts, too: its shipping fee and minimum order are in it.
      if (offer.currency !== currency || catalog.suppliers.get(offer.supplier_id)?.currency !== currency) {
        otherCurrency.push(offer)
      } else if (packQuantity === null) otherUnit.push(offer)
      else candidates.push(toCandidate(need, match, offer, packQuantity))
    }
  }
  return { need, candidates: surest(need, candidates, currency), otherCurrency, otherUnit }
}

/**
 * A proposed product stands in only where the ones that are sure can't cover the need: however cheap the model finds
 * another one, the item's own product is what was asked for.
 */
function surest(need: QuoteNeed, candidates: readonly Candidate[], currency: string): readonly Candidate[] {
  const sure = candidates.filter((candidate) => candidate.match.matchedBy !== 'proposed_link')
  if (sure.length === 0 || sure.length === candidates.length) return candidates
  const { unmet } = chooseOffers({ needs: [need], offers: sure, suppliers: [], currency })
  return unmet.length === 0 ? sure : candidates
}

function toCandidate(need: QuoteNeed, match: ProductMatch, offer: LoadedOffer, packQuantity: number): Candidate {
  return {
    offerId: offer.id,
    itemId: need.itemId,
    supplierId: offer.supplier_id,
    packQuantity,
    packPriceMinor: offer.pack_price_minor,
    breaks: offer.breaks,
    stockPacks: offer.stock_packs,
    minimumPacks: offer.minimum_packs,
    offer,
    match,
  }
}
