/** What an order says of the needs behind it: refusals and reasons to ask a person, of every item that it is for. Pure. */
import { addQuantity } from '../../platform/decimal.js'
import type { Message } from '../../platform/errors.js'
import type { QuoteOrder } from '../quotes/quote.js'
import { checkNeed, type NeedFacts } from './check-need.js'
import { overshootReason } from './overshoot.js'

/** The items of an order that may not be bought (any more). Judged over the whole quote: an item may be split over suppliers. */
export function refusalsOfNeeds(order: QuoteOrder, facts: ReadonlyMap<string, NeedFacts>): Message[] {
  return itemsOf(order).flatMap((itemId): readonly Message[] => {
    const ofItem = facts.get(itemId)
    if (ofItem === undefined) {
      return [{ code: 'need_stale', severity: 'final', text: `Item ${itemId} is not needed by this run any more.` }]
    }
    const refusal = checkNeed(ofItem)
    return refusal === null ? [] : [refusal]
  })
}

/** Why a person has to look at how much is bought. Of the whole quote as well. */
export function approvalsOfNeeds(
  order: QuoteOrder,
  facts: ReadonlyMap<string, NeedFacts>,
  terms: { readonly maxTimesNeed: string; readonly placedBy: 'run' | 'person' },
): string[] {
  return itemsOf(order).flatMap((itemId): readonly string[] => {
    const ofItem = facts.get(itemId)
    if (ofItem === undefined) return []
    const { name, quantity, unit } = ofItem.need
    const bought = ofItem.lines.reduce((sum, line) => addQuantity(sum, line.quantity), 0)
    const overshoot = overshootReason(terms.maxTimesNeed, { name, need: quantity, bought, unit })
    return [...(overshoot === null ? [] : [overshoot]), ...(terms.placedBy === 'person' ? alreadyBought(ofItem) : [])]
  })
}

/**
 * A run's need is what is missing besides what is on order and what has come in. What a person's client asks for is no such
 * figure: it may be the same need once more, from a list that hasn't heard of the first order or of its goods yet, or from
 * a client that has looked at the list before. No setting turns this one off.
 */
function alreadyBought({ need, open, cameIn }: NeedFacts): string[] {
  const facts = [
    ...(open === 0 ? [] : [`${open} ${need.unit} of “${need.name}” are on order already`]),
    ...(cameIn === 0 ? [] : [`${cameIn} ${need.unit} of “${need.name}” came in within the last day`]),
  ]
  return facts.map((fact) => `${fact}; a person has to say that this is wanted besides.`)
}

export function itemsOf(order: QuoteOrder): string[] {
  return [...new Set(order.lines.map((line) => line.itemId))]
}
