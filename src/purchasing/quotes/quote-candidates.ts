/**
 * From "these products will do" to offers that can be compared: pack quantities in the item's unit, prices in the list's
 * currency. Pure. What can't be brought to that is counted, so that an unmet need can say why.
 */

import { packsToCover } from '../../platform/decimal.js'
import type { Catalog, LoadedOffer } from '../catalog/load-offers.js'
import type { ProductMatch } from '../catalog/match-products.js'
import { convertQuantity } from '../catalog/units.js'
import { groupBy } from '../group-by.js'
import type { NeedPortions } from '../tables.js'
import { type CandidateOffer, leftAfter, type NeedToCover } from './cover-alone.js'

/** What one quote is to cover of a registered need. */
export interface QuoteNeed extends NeedToCover {
  readonly name: string
  readonly unit: string
  readonly origin: 'person' | 'agent' | 'person_client'
  /** null: whenever it comes. */
  readonly neededBy: Date | null
  /** How many times an ordinary need it counts where not everything can be bought. */
  readonly priority: number
  /** Of what is only bought along: which parts of it may be, in the item's unit; null: any. */
  readonly portions: NeedPortions | null
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
 * However cheap another product is, the item's own is what was asked for: substitutes come in, one after the other in the
 * order in which a person listed them, only for what is not covered by then, and what a model proposes only where all of
 * that does not cover the need.
 */
function surest(need: QuoteNeed, candidates: readonly Candidate[], currency: string): readonly Candidate[] {
  const tiers = groupBy(candidates, ({ match }) => tierOf(match))
  const last = tiers.get(proposed)
  const allowed = [...tiers].filter(([tier]) => tier !== proposed).sort(([a], [b]) => a - b)
  let chosen: readonly Candidate[] = []
  let missing = need.quantity
  for (const [tier, found] of allowed) {
    chosen = [...chosen, ...(tier === 0 ? found : found.map((candidate) => upTo(missing, candidate)))]
    missing = leftAfter(need, missing, found, currency)
    if (missing === 0) return chosen
  }
  return last === undefined ? chosen : [...chosen, ...last]
}

const proposed = Number.POSITIVE_INFINITY

function tierOf(match: ProductMatch): number {
  return match.matchedBy === 'proposed_link' ? proposed : (match.preference ?? 0)
}

/** With no more in stock than it takes to cover what is missing, so that it takes no part of what others can cover. */
function upTo(missing: number, candidate: Candidate): Candidate {
  const enough = Math.max(packsToCover(missing, candidate.packQuantity), candidate.minimumPacks)
  return { ...candidate, stockPacks: Math.min(candidate.stockPacks ?? enough, enough) }
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
