/**
 * Leaves out offers that another one makes needless, whatever else is bought: the same packs for no more, as many as
 * anybody wants, and nothing is lost by not buying the dearer ones. That is so only where the dearer one's supplier gives
 * nothing for a larger order, neither a threshold to reach nor a minimum, and where the other's asks for nothing.
 */
import { at, most } from './covers.js'
import { isOpaque } from './highs-model.js'
import type { Instance, InstanceOffer } from './instance.js'

/** The numbers of the offers that stay, rising by item. */
export function undominatedOffers(instance: Instance): number[] {
  // Cents of tax decide at a limit, and they depend on the lines.
  const isLimited = instance.budget !== null
  const shared = new Set(instance.sharedStocks.flatMap(({ offers }) => offers))
  return instance.items.flatMap(({ need, offers }) => {
    if (isLimited) return offers
    const cheapest = new Map<string, number>()
    const isCheapest = (key: string, number: number) => cheapest.get(key) === number
    for (const number of offers) {
      const offer = at(instance.offers, number)
      if (shared.has(number) || !isPlain(offer, need) || at(instance.suppliers, offer.supplier).maximum !== null)
        continue
      for (const key of keysOf(instance, offer)) {
        const other = cheapest.get(key)
        if (other === undefined || priceOf(offer) < priceOf(at(instance.offers, other))) cheapest.set(key, number)
      }
    }
    return offers.filter((number) => {
      const offer = at(instance.offers, number)
      const { minimum, freeOver } = at(instance.suppliers, offer.supplier)
      if (minimum > 0 || freeOver !== null) return true
      return [`${offer.pack}`, `${offer.pack} ${offer.supplier}`].every((key) => {
        const other = cheapest.get(key)
        return other === undefined || isCheapest(key, number) || priceOf(at(instance.offers, other)) > priceOf(offer)
      })
    })
  })
}

/** Among the same packs of its supplier, and, where that supplier asks for nothing, among those of all others. */
function keysOf(instance: Instance, { pack, supplier }: InstanceOffer): string[] {
  return isOpaque(at(instance.suppliers, supplier)) ? [`${pack} ${supplier}`] : [`${pack}`, `${pack} ${supplier}`]
}

/** One price from the first pack to the last that anybody wants. */
function isPlain(offer: InstanceOffer, need: number): boolean {
  const [first, ...others] = offer.segments
  return first?.low === 1 && others.length === 0 && offer.minimum === 1 && most(offer) * offer.pack >= need
}

/** The lowest that it can have. */
function priceOf(offer: InstanceOffer): number {
  return offer.segments.at(-1)?.price ?? 0
}
