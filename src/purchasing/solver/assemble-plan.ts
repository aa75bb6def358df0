/** From packs by number back to a plan with ids, orders and sums. */
import { groupBy } from '../group-by.js'
import type { BasketLine, BasketOrder, BasketPlan, BasketProblem, Shortage } from './basket.js'
import type { PlanComparison } from './compare-plan.js'
import { at, priceAt } from './covers.js'
import type { ItemShortage } from './explain-shortages.js'
import type { NumberedBasket } from './instance.js'
import { sumUp } from './plan-sums.js'
import type { Found } from './solve-instance.js'
import { shippingOf, taxOf } from './supplier-sums.js'

/** A found plan with what can be said about it. */
export interface DescribedPlan extends Found {
  readonly comparison: PlanComparison
  readonly shortages: readonly ItemShortage[]
}

export function assemblePlan(
  problem: BasketProblem,
  basket: NumberedBasket,
  found: DescribedPlan,
  facts: Pick<BasketPlan, 'failure' | 'timeMs'>,
): BasketPlan {
  const { instance } = basket
  const lines = linesOf(basket, found.packs)
  const { shortage, cost, gross } = sumUp(instance, found.packs)
  const bound = found.bound === null ? null : Math.min(found.bound, cost)
  const orders = ordersOf(basket, lines)
  const effortMinor = orders.length * (problem.orderEffortMinor ?? 0)
  const isLeast = found.shortageBound === shortage
  const isOptimal = isLeast && bound === cost
  return {
    status: isLeast && lines.length === 0 && shortage > 0 ? 'infeasible' : isOptimal ? 'optimal' : 'within_gap',
    method: found.method,
    lines,
    orders,
    unmet: unmetOf(problem, basket, found.shortages),
    landedMinor: cost - effortMinor,
    effortMinor,
    grossMinor: gross,
    shortagePoints: shortage,
    shortageBoundPoints: found.shortageBound,
    boundMinor: bound,
    gap: bound === null ? null : cost === 0 ? 0 : (cost - bound) / cost,
    comparison: {
      cheapestPackPerItemMinor: found.comparison.cheapestPackPerItem,
      lowestUnitPricePerItemMinor: found.comparison.lowestUnitPricePerItem,
      bestSingleSupplier: singleOf(basket, found.comparison.bestSingleSupplier),
    },
    ...facts,
  }
}

function linesOf({ instance, offers }: NumberedBasket, packs: ArrayLike<number>): BasketLine[] {
  return offers.flatMap(({ itemId, offerId, supplierId }, number) => {
    const bought = packs[number] ?? 0
    if (bought === 0) return []
    return [
      { itemId, offerId, supplierId, packs: bought, packPriceMinor: priceAt(at(instance.offers, number), bought) },
    ]
  })
}

function ordersOf({ instance, suppliers }: NumberedBasket, lines: readonly BasketLine[]): BasketOrder[] {
  const bySupplier = groupBy(lines, (line) => line.supplierId)
  return suppliers.flatMap(({ supplierId }, number): BasketOrder[] => {
    const own = bySupplier.get(supplierId)
    if (own === undefined) return []
    const supplier = at(instance.suppliers, number)
    const amounts = own.map((line) => line.packs * line.packPriceMinor)
    const subtotalMinor = amounts.reduce((sum, amount) => sum + amount, 0)
    const shippingMinor = shippingOf(supplier, subtotalMinor)
    const taxMinor = amounts.reduce((sum, amount) => sum + taxOf(amount, supplier.taxRate), 0)
    const totalMinor = subtotalMinor + shippingMinor + taxMinor
    return [{ supplierId, lines: own, subtotalMinor, shippingMinor, taxMinor, totalMinor }]
  })
}

function unmetOf(problem: BasketProblem, { needs }: NumberedBasket, shortages: readonly ItemShortage[]): Shortage[] {
  if (shortages.length === 0) return []
  const offered = new Set(problem.offers.map((offer) => offer.itemId))
  return shortages.map(({ item, missing, reason }) => {
    const { itemId } = at(needs, item)
    return { itemId, missing, reason: offered.has(itemId) ? reason : 'no_offer' }
  })
}

function singleOf({ suppliers }: NumberedBasket, best: PlanComparison['bestSingleSupplier']) {
  return best === null ? null : { supplierId: at(suppliers, best.supplier).supplierId, landedMinor: best.landed }
}
