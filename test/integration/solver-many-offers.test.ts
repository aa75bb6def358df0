import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { BasketOffer, BasketProblem } from '../../src/purchasing/solver/basket.js'
import { checkPlan } from '../../src/purchasing/solver/check-plan.js'
import { numberBasket } from '../../src/purchasing/solver/instance.js'
import { seededRandom } from '../../src/purchasing/solver/random.js'
import { searchInSlices } from '../../src/purchasing/solver/search-in-slices.js'
import { type BasketSolver, createBasketSolver } from '../../src/purchasing/solver/solve-basket.js'
import { packsOf } from '../../src/purchasing/solver/solve-instance.js'
import { buildSupplier } from '../helpers/solver-baskets.js'

let solver: BasketSolver
beforeAll(() => {
  solver = createBasketSolver()
})
afterAll(() => solver.close())

interface Shape {
  readonly items: number
  readonly suppliers: number
  readonly feeMinor: number
}

function tenThousandOffers({ items, suppliers, feeMinor }: Shape): BasketProblem {
  const random = seededRandom(items * 7 + suppliers)
  const whole = (low: number, high: number) => low + Math.floor(random() * (high - low + 1))
  return {
    needs: Array.from({ length: items }, (_, item) => ({
      itemId: `item${item}`,
      quantity: 1000 * whole(5, 60),
      priority: 1,
    })),
    offers: Array.from({ length: 10_000 }, (_, index): BasketOffer => {
      const pack = whole(1, 7)
      return {
        offerId: `offer${index}`,
        supplierId: `supplier${whole(0, suppliers - 1)}`,
        itemId: `item${index % items}`,
        packQuantity: pack * 1000,
        tiers: [{ minPacks: 1, packPriceMinor: Math.round(pack * (200 + 300 * random())) }],
        minimumPacks: 1,
        fewestPacks: 1,
        stockPacks: null,
      }
    }),
    suppliers: Array.from({ length: suppliers }, (_, supplier) =>
      buildSupplier(`supplier${supplier}`, { shippingFeeMinor: feeMinor }),
    ),
    budgetMinor: null,
  }
}

/** What a need costs at least from these offers, without any shipping: unit by unit. */
function leastFor(units: number, offers: readonly BasketOffer[]): number {
  const least = [0]
  for (let covered = 1; covered <= units; covered++) {
    const ways = offers.map(
      ({ packQuantity, tiers }) =>
        (least[Math.max(0, covered - packQuantity / 1000)] ?? 0) + (tiers[0]?.packPriceMinor ?? 0),
    )
    least.push(Math.min(...ways))
  }
  return least[units] ?? 0
}

describe('ten thousand offers', () => {
  test.each([
    { items: 1, suppliers: 50, feeMinor: 0 },
    { items: 1, suppliers: 10_000, feeMinor: 0 },
    { items: 100, suppliers: 40, feeMinor: 0 },
  ])('of $suppliers suppliers without fees for $items item(s): each item costs as little as it can', async (shape) => {
    const problem = tenThousandOffers(shape)
    const plan = await solver.solve(problem, { timeLimitMs: 30_000 })
    const least = problem.needs.map(({ itemId, quantity }) =>
      leastFor(
        quantity / 1000,
        problem.offers.filter((offer) => offer.itemId === itemId),
      ),
    )
    expect(plan).toMatchObject({ status: 'optimal', unmet: [], failure: null })
    expect(plan.landedMinor).toBe(least.reduce((sum, cost) => sum + cost, 0))
    expect(checkPlan(problem, plan)).toEqual([])
  })

  test('for one item, with a fee at every supplier: from the one where it lands cheapest', async () => {
    // Nobody splits a purchase to pay a second fee that is more than the whole.
    const problem = tenThousandOffers({ items: 1, suppliers: 50, feeMinor: 100_000 })
    const plan = await solver.solve(problem, { timeLimitMs: 30_000 })
    const units = (problem.needs[0]?.quantity ?? 0) / 1000
    const perSupplier = problem.suppliers.map(({ supplierId }) =>
      leastFor(
        units,
        problem.offers.filter((offer) => offer.supplierId === supplierId),
      ),
    )
    expect(plan).toMatchObject({ status: 'optimal', unmet: [], failure: null })
    expect(plan.landedMinor).toBe(100_000 + Math.min(...perSupplier))
  })

  test('for a hundred items, with fees: a plan that holds and that nobody beats item by item', async () => {
    const problem = tenThousandOffers({ items: 100, suppliers: 200, feeMinor: 900 })
    const plan = await solver.solve(problem, { timeLimitMs: 3000 })
    expect(plan).toMatchObject({ unmet: [], failure: null })
    expect(checkPlan(problem, plan)).toEqual([])
    expect(plan.boundMinor ?? 0).toBeLessThanOrEqual(plan.landedMinor)
    expect(plan.landedMinor).toBeLessThan(plan.comparison.cheapestPackPerItemMinor ?? 0)
  })

  test('are enough to choose from for the search that stands in for the thread, too', async () => {
    const { instance } = numberBasket(tenThousandOffers({ items: 100, suppliers: 2000, feeMinor: 900 }))
    // Past its time before it begins: it still gives its first plan.
    const { packs } = await searchInSlices(instance, 0)
    const covered = instance.items.map(({ offers }) =>
      offers.reduce((sum, offer) => sum + (packs[offer] ?? 0) * (instance.offers[offer]?.pack ?? 0), 0),
    )
    expect(covered.map((quantity, item) => quantity >= (instance.items[item]?.need ?? 0))).not.toContain(false)
    expect(packs).not.toEqual(packsOf(instance, []))
  })
})
