import { describe, expect, test } from 'vitest'
import type { BasketPlan, BasketProblem } from '../../src/purchasing/solver/basket.js'
import { checkPlan } from '../../src/purchasing/solver/check-plan.js'
import { createBasketSolver } from '../../src/purchasing/solver/solve-basket.js'
import { buildNeed, buildOffer, buildSupplier } from '../helpers/solver-baskets.js'

async function solve(problem: Partial<BasketProblem>): Promise<BasketPlan> {
  const whole = { needs: [], offers: [], suppliers: [buildSupplier('a')], budgetMinor: null, ...problem }
  const solver = createBasketSolver()
  const plan = await solver.solve(whole)
  await solver.close()
  expect(checkPlan(whole, plan)).toEqual([])
  // None of these needs the solving thread.
  expect(plan).toMatchObject({ method: 'enumeration', failure: null })
  return plan
}

const bought = (plan: BasketPlan) =>
  plan.lines.map((line) => `${line.packs} × ${line.offerId} @ ${line.packPriceMinor}`)
const unmet = (plan: BasketPlan) => plan.unmet.map(({ itemId, missing, reason }) => `${missing} ${itemId}: ${reason}`)
const priced = (offerId: string, packPriceMinor: number, overrides = {}) =>
  buildOffer({ offerId, tiers: [{ minPacks: 1, packPriceMinor }], ...overrides })

describe('a basket', () => {
  test('of nothing is solved', async () => {
    expect(await solve({})).toMatchObject({ status: 'optimal', lines: [], orders: [], landedMinor: 0, gap: 0 })
  })

  test('goes where it lands cheapest, and not where a price is lowest', async () => {
    const problem = {
      needs: [buildNeed('milk', 6), buildNeed('tea', 1)],
      offers: [
        priced('milk-a', 100),
        priced('milk-b', 110, { supplierId: 'b' }),
        priced('tea-b', 300, { supplierId: 'b', itemId: 'tea' }),
      ],
      suppliers: [buildSupplier('a', { shippingFeeMinor: 500 }), buildSupplier('b', { shippingFeeMinor: 500 })],
    }
    const plan = await solve(problem)
    expect(bought(plan)).toEqual(['6 × milk-b @ 110', '1 × tea-b @ 300'])
    expect(plan.comparison).toEqual({
      cheapestPackPerItemMinor: 1900,
      lowestUnitPricePerItemMinor: 1900,
      bestSingleSupplier: { supplierId: 'b', landedMinor: 1460 },
    })
  })

  test('isn’t filled up beyond its needs, whatever that would save', async () => {
    // Ten at 80 would cost 800 and ship for nothing; nine cost 900 and 300.
    const tiers = [
      { minPacks: 1, packPriceMinor: 100 },
      { minPacks: 10, packPriceMinor: 80 },
    ]
    const suppliers = [buildSupplier('a', { shippingFeeMinor: 300, freeShippingOverMinor: 800 })]
    const plan = await solve({
      needs: [buildNeed('milk', 9)],
      offers: [buildOffer({ offerId: 'o', tiers })],
      suppliers,
    })
    expect(bought(plan)).toEqual(['9 × o @ 100'])
  })

  test('of 0.1 and 0.2 kg at 3.33 a kg is exact to the cent', async () => {
    const grams = (itemId: string, packQuantity: number, price: number) =>
      priced(itemId, price, { itemId, packQuantity })
    const plan = await solve({
      needs: [buildNeed('salt', 0.1), buildNeed('sugar', 0.2)],
      offers: [grams('salt', 100, 33), grams('sugar', 200, 67)],
      suppliers: [buildSupplier('a', { taxRate: 7000 })],
    })
    // 2.31 is 2, 4.69 is 5: rounded line by line.
    expect(plan).toMatchObject({ landedMinor: 100, grossMinor: 107, unmet: [] })
  })

  test('saves an order where that costs less than an order is a bother, and never says that it is paid', async () => {
    const saving = (orderEffortMinor: number) =>
      solve({
        needs: [buildNeed('milk', 1), buildNeed('tea', 1)],
        offers: [
          priced('milk', 100),
          priced('tea', 70, { itemId: 'tea' }),
          priced('tea b', 60, { itemId: 'tea', supplierId: 'b' }),
        ],
        suppliers: [buildSupplier('a', { taxRate: 10_000 }), buildSupplier('b', { taxRate: 10_000 })],
        orderEffortMinor,
      })
    const split = await saving(9)
    expect(bought(split)).toEqual(['1 × milk @ 100', '1 × tea b @ 60'])
    expect(split).toMatchObject({ status: 'optimal', landedMinor: 160, effortMinor: 18, boundMinor: 178, gap: 0 })
    const together = await saving(11)
    expect(bought(together)).toEqual(['1 × milk @ 100', '1 × tea @ 70'])
    expect(together).toMatchObject({ landedMinor: 170, effortMinor: 11, grossMinor: 187, boundMinor: 181 })
    expect(together.orders).toMatchObject([{ subtotalMinor: 170, shippingMinor: 0, totalMinor: 187 }])
    // Cheaper in money, and dearer all the same.
    expect(together.comparison.cheapestPackPerItemMinor).toBe(160)
  })

  test('takes top-ups only where they make it cheaper', async () => {
    const problem = (freeShippingOverMinor: number) => ({
      needs: [buildNeed('milk', 9), buildNeed('tea', 5, 0)],
      offers: [priced('milk', 100), priced('tea', 60, { itemId: 'tea' })],
      suppliers: [buildSupplier('a', { shippingFeeMinor: 200, freeShippingOverMinor })],
    })
    const reached = await solve(problem(1000))
    expect(bought(reached)).toEqual(['9 × milk @ 100', '2 × tea @ 60'])
    expect(reached).toMatchObject({ landedMinor: 1020, unmet: [], shortagePoints: 0 })
    expect(reached.comparison.cheapestPackPerItemMinor).toBe(1100)
    // Two would do; the item comes in threes, and then never in less than four.
    const inPortions = (least: number, multiple: number) => {
      const tea = { ...buildNeed('tea', 8, 0), portions: { least, multiple, most: 8000 } }
      return solve({ ...problem(1000), needs: [buildNeed('milk', 9), tea] })
    }
    expect(bought(await inPortions(0, 3000))).toEqual(['9 × milk @ 100', '3 × tea @ 60'])
    expect(bought(await inPortions(4000, 3000))).toEqual(['9 × milk @ 100'])
    expect(bought(await inPortions(3000, 1))).toEqual(['9 × milk @ 100', '3 × tea @ 60'])
    const tooFar = await solve(problem(1120))
    expect(bought(tooFar)).toEqual(['9 × milk @ 100'])
    expect(tooFar).toMatchObject({ status: 'optimal', landedMinor: 1100, unmet: [] })
    const alone = await solve({ ...problem(1000), needs: [buildNeed('tea', 5, 0)] })
    expect(alone).toMatchObject({ status: 'optimal', lines: [], unmet: [] })
  })
})

describe('what stays uncovered', () => {
  test('has a reason', async () => {
    const needs = [buildNeed('milk', 5)]
    expect(unmet(await solve({ needs }))).toEqual(['5000 milk: no_offer'])
    expect(unmet(await solve({ needs, offers: [priced('o', 100, { stockPacks: 0 })] }))).toEqual([
      '5000 milk: insufficient_stock',
    ])
    expect(unmet(await solve({ needs, offers: [priced('o', 100, { stockPacks: 3 })] }))).toEqual([
      '2000 milk: insufficient_stock',
    ])
    const minimum = [buildSupplier('a', { minimumOrderMinor: 600 })]
    const offers = [priced('o', 100)]
    expect(unmet(await solve({ needs, offers, suppliers: minimum }))).toEqual(['5000 milk: below_minimum_order'])
    expect(unmet(await solve({ needs, offers, budgetMinor: 400 }))).toEqual(['1000 milk: over_budget'])
    const maximum = [buildSupplier('a', { maximumOrderMinor: 400 })]
    expect(unmet(await solve({ needs, offers, suppliers: maximum }))).toEqual(['1000 milk: above_maximum_order'])
    expect(await solve({ needs })).toMatchObject({ status: 'infeasible', gap: 0 })
  })

  test('is what matters least, by share of the need and priority', async () => {
    const problem = (priority: number) => ({
      needs: [buildNeed('milk', 10), buildNeed('tea', 1, priority)],
      offers: [priced('milk', 100), priced('tea', 450, { itemId: 'tea' })],
      budgetMinor: 1000,
    })
    // A whole need of tea or 4.5 tenths of one of milk; and a tenth of tea's priority would not be worth them.
    expect(bought(await solve(problem(1)))).toEqual(['5 × milk @ 100', '1 × tea @ 450'])
    expect(bought(await solve(problem(0.4)))).toEqual(['10 × milk @ 100'])
  })

  test('counts stock that two items share only once', async () => {
    const shelf = { stockPacks: 3, offerId: 'o' }
    const plan = await solve({
      needs: [buildNeed('milk', 2), buildNeed('oat milk', 2, 2)],
      offers: [buildOffer(shelf), buildOffer({ ...shelf, itemId: 'oat milk' })],
    })
    expect(unmet(plan)).toEqual(['1000 milk: insufficient_stock'])
  })
})

describe('a problem that isn’t one', () => {
  test.each([
    ['a need of nothing', { needs: [buildNeed('milk', 0)] }],
    ['half a thousandth', { needs: [{ itemId: 'milk', quantity: 0.5, priority: 1 }] }],
    ['an item needed twice', { needs: [buildNeed('milk', 1), buildNeed('milk', 2)] }],
    ['a supplier there twice', { suppliers: [buildSupplier('a'), buildSupplier('a')] }],
    ['a negative price', { needs: [buildNeed('milk', 1)], offers: [priced('o', -1)] }],
    ['half a cent', { needs: [buildNeed('milk', 1)], offers: [priced('o', 0.5)] }],
    ['an empty pack', { needs: [buildNeed('milk', 1)], offers: [priced('o', 1, { packQuantity: 0 })] }],
    ['a price that rises with the packs', { needs: [buildNeed('milk', 1)], offers: [rising()] }],
    ['an offer there twice', { needs: [buildNeed('milk', 1)], offers: [priced('o', 1), priced('o', 2)] }],
  ])('is refused: %s', async (_, problem) => {
    await expect(solve(problem)).rejects.toThrow(RangeError)
  })
})

function rising() {
  return buildOffer({
    offerId: 'o',
    tiers: [
      { minPacks: 1, packPriceMinor: 1 },
      { minPacks: 2, packPriceMinor: 2 },
    ],
  })
}
