/**
 * What others would have paid for what a plan buys: somebody who takes for each item the cheapest packs, or the lowest
 * price per unit, and never looks at shipping; and somebody who orders everything in one place.
 */
import { groupBy } from '../group-by.js'
import { at, coverAlone, coverTogether } from './covers.js'
import type { Instance } from './instance.js'
import { shippingOf } from './supplier-sums.js'

export interface PlanComparison {
  readonly cheapestPackPerItem: number | null
  readonly lowestUnitPricePerItem: number | null
  readonly bestSingleSupplier: { readonly supplier: number; readonly landed: number } | null
}

interface Part {
  readonly supplier: number
  readonly subtotal: number
}

export function comparePlan(instance: Instance, packs: ArrayLike<number>): PlanComparison {
  const bought = [...instance.items.entries()].flatMap(([item, { need, points, offers }]) => {
    const lines = offers.flatMap((offer) => ((packs[offer] ?? 0) === 0 ? [] : [{ offer, packs: packs[offer] ?? 0 }]))
    const quantity = lines.reduce((sum, line) => sum + line.packs * at(instance.offers, line.offer).pack, 0)
    // Nobody else buys what isn't needed yet.
    return lines.length === 0 || points === 0 ? [] : [{ item, lines, isCovered: quantity >= need }]
  })
  if (bought.length === 0) return { cheapestPackPerItem: null, lowestUnitPricePerItem: null, bestSingleSupplier: null }

  const perItem = (rank: (goods: number, quantity: number) => number): number => {
    const parts = bought.flatMap(({ item, lines, isCovered }): Part[] => {
      const alone = isCovered
        ? at(instance.items, item).offers.flatMap((offer) => coverAlone(instance, item, offer) ?? [])
        : []
      let best: (typeof alone)[number] | undefined
      for (const cover of alone) {
        if (best === undefined || rank(cover.goods, cover.quantity) < rank(best.goods, best.quantity)) best = cover
      }
      return best === undefined ? partsOf(instance, lines) : [{ supplier: best.supplier, subtotal: best.goods }]
    })
    return landedOf(instance, parts)
  }
  return {
    cheapestPackPerItem: perItem((goods) => goods),
    lowestUnitPricePerItem: perItem((goods, quantity) => goods / quantity),
    bestSingleSupplier: bought.every(({ isCovered }) => isCovered)
      ? findBestSingle(
          instance,
          bought.map(({ item }) => item),
        )
      : null,
  }
}

/** Who has all of these items for the least, landed. */
export function findBestSingle(instance: Instance, items: readonly number[]): PlanComparison['bestSingleSupplier'] {
  let best: PlanComparison['bestSingleSupplier'] = null
  const subtotals = new Float64Array(instance.suppliers.length)
  for (const item of items) {
    const own = groupBy(at(instance.items, item).offers, (offer) => at(instance.offers, offer).supplier)
    for (const supplier of subtotals.keys()) {
      // Who can't supply one item needn't be asked for the next.
      if (subtotals[supplier] === Infinity) continue
      const goods = coverTogether(instance, item, own.get(supplier) ?? [])
      subtotals[supplier] = (subtotals[supplier] ?? 0) + (goods ?? Infinity)
    }
  }
  for (const [supplier, subtotal] of subtotals.entries()) {
    if (!Number.isFinite(subtotal) || subtotal < at(instance.suppliers, supplier).minimum) continue
    const landed = landedOf(instance, [{ supplier, subtotal }])
    if (best === null || landed < best.landed) best = { supplier, landed }
  }
  return best
}

function partsOf(instance: Instance, lines: readonly { readonly offer: number; readonly packs: number }[]): Part[] {
  return lines.map((line) => {
    const offer = at(instance.offers, line.offer)
    const segment = offer.segments.find(({ high }) => line.packs <= high)
    return { supplier: offer.supplier, subtotal: line.packs * (segment?.price ?? 0) }
  })
}

/** Who doesn't reach a minimum order pays it all the same. */
function landedOf(instance: Instance, parts: readonly Part[]): number {
  const subtotals = new Map<number, number>()
  for (const { supplier, subtotal } of parts) subtotals.set(supplier, (subtotals.get(supplier) ?? 0) + subtotal)
  let landed = 0
  for (const [number, subtotal] of subtotals) {
    const supplier = at(instance.suppliers, number)
    const paid = Math.max(subtotal, supplier.minimum)
    landed += paid + shippingOf(supplier, paid)
  }
  return landed
}
