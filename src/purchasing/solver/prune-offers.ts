/**
 * Leaves out offers that no cheaper plan can use, before a program is built of them: with ten thousand offers for one
 * item that is nearly all of them.
 *
 * All goods together cost at least what every item costs at its lowest price per unit. Buying some packs of an offer
 * raises that by what they cost above the lowest price. Where even so the plan at hand is no dearer, the offer can go.
 */
import { at } from './covers.js'
import type { Instance, InstanceItem, InstanceOffer } from './instance.js'

/** What the goods cost at least where each item is covered as far as its offers go. */
export function leastGoods(instance: Instance): number {
  return instance.items.reduce((total, item) => total + Math.floor(leastFor(item, lowestUnitPrice(instance, item))), 0)
}

/** The offers that a plan of less than `cost` may use, where it has to cover each item as far as its offers go. */
export function offersWorth(instance: Instance, cost: number): number[] {
  const least = leastGoods(instance)
  return instance.items.flatMap((item) => {
    const unitPrice = lowestUnitPrice(instance, item)
    const others = least - Math.floor(leastFor(item, unitPrice))
    return item.offers.filter((number) => {
      return others + leastWith(item, at(instance.offers, number), unitPrice) < cost
    })
  })
}

/** A hair less, as a quotient of floats may be a hair more than it should. */
function lowestUnitPrice(instance: Instance, item: InstanceItem): number {
  let lowest = Infinity
  for (const number of item.offers) {
    const offer = at(instance.offers, number)
    for (const { price } of offer.segments) lowest = Math.min(lowest, price / offer.pack)
  }
  return lowest * (1 - 1e-9)
}

function leastFor(item: InstanceItem, unitPrice: number): number {
  return item.offers.length === 0 ? 0 : item.coverable * unitPrice
}

/** More packs at the same price only add to it, so the fewest of each price decide. */
function leastWith(item: InstanceItem, offer: InstanceOffer, unitPrice: number): number {
  let least = Infinity
  for (const { low, price } of offer.segments) {
    least = Math.min(least, low * price + Math.max(0, item.coverable - low * offer.pack) * unitPrice)
  }
  return least
}
