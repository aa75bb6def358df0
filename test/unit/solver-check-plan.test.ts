import { describe, expect, test } from 'vitest'
import type { BasketPlan, BasketProblem, Portions } from '../../src/purchasing/solver/basket.js'
import { checkPlan } from '../../src/purchasing/solver/check-plan.js'
import { createBasketSolver } from '../../src/purchasing/solver/solve-basket.js'
import { buildNeed, buildOffer, buildSupplier } from '../helpers/solver-baskets.js'

/** 10 milk: 12 a pack for 900 from `a`, ten singles for 1000 from `b`; 2 coffee at 500 from `a` alone. */
const problem: BasketProblem = {
  needs: [buildNeed('milk', 10), buildNeed('coffee', 2, 2), buildNeed('tea', 1)],
  offers: [
    buildOffer({
      offerId: 'crate',
      packQuantity: 12_000,
      tiers: [{ minPacks: 1, packPriceMinor: 900 }],
      stockPacks: 5,
    }),
    buildOffer({
      offerId: 'single',
      supplierId: 'b',
      tiers: [
        { minPacks: 1, packPriceMinor: 120 },
        { minPacks: 10, packPriceMinor: 100 },
      ],
      minimumPacks: 2,
      fewestPacks: 3,
    }),
    buildOffer({ offerId: 'bag', itemId: 'coffee', tiers: [{ minPacks: 1, packPriceMinor: 500 }], stockPacks: 2 }),
  ],
  suppliers: [
    buildSupplier('a', {
      shippingFeeMinor: 300,
      freeShippingOverMinor: 5000,
      minimumOrderMinor: 500,
      taxRate: 19_000,
      maximumOrderMinor: 9000,
    }),
    buildSupplier('b', { shippingFeeMinor: 700 }),
  ],
  budgetMinor: 20_000,
}

async function solve(): Promise<BasketPlan> {
  const solver = createBasketSolver()
  const plan = await solver.solve(problem)
  await solver.close()
  return plan
}

/** The plan with 1 line of `a` changed, and all sums as they are then. */
function withLines(plan: BasketPlan, change: (lines: BasketPlan['lines']) => BasketPlan['lines']): BasketPlan {
  const lines = change(plan.lines)
  const orders = plan.orders.map((order) => {
    const own = lines.filter((line) => line.supplierId === order.supplierId)
    const subtotalMinor = own.reduce((sum, line) => sum + line.packs * line.packPriceMinor, 0)
    const taxMinor = own.reduce((sum, line) => sum + Math.round(line.packs * line.packPriceMinor * 0.19), 0)
    const shippingMinor = subtotalMinor >= 5000 ? 0 : 300
    return {
      ...order,
      lines: own,
      subtotalMinor,
      shippingMinor,
      taxMinor,
      totalMinor: subtotalMinor + taxMinor + shippingMinor,
    }
  })
  const landedMinor = orders.reduce((sum, order) => sum + order.subtotalMinor + order.shippingMinor, 0)
  const grossMinor = orders.reduce((sum, order) => sum + order.totalMinor, 0)
  return { ...plan, status: 'within_gap', boundMinor: null, gap: null, lines, orders, landedMinor, grossMinor }
}

const codes = (plan: BasketPlan, of: BasketProblem = problem) => checkPlan(of, plan).map(({ code }) => code)

const crates = (packs: number) => (lines: BasketPlan['lines']) =>
  lines.map((line) => (line.offerId === 'crate' ? { ...line, packs } : line))

describe('the checker', () => {
  test('lets a plan through that keeps to every rule, and knows the plan that the solver finds', async () => {
    const plan = await solve()
    expect(checkPlan(problem, plan)).toEqual([])
    expect(plan).toMatchObject({
      status: 'optimal',
      method: 'enumeration',
      lines: [
        { itemId: 'coffee', offerId: 'bag', packs: 2, packPriceMinor: 500 },
        { itemId: 'milk', offerId: 'crate', packs: 1, packPriceMinor: 900 },
      ],
      orders: [{ supplierId: 'a', subtotalMinor: 1900, shippingMinor: 300, taxMinor: 361, totalMinor: 2561 }],
      unmet: [{ itemId: 'tea', missing: 1000, reason: 'no_offer' }],
      landedMinor: 2200,
      grossMinor: 2561,
      boundMinor: 2200,
      gap: 0,
    })
    expect(
      checkPlan(
        problem,
        withLines(plan, (lines) => lines),
      ),
    ).toEqual([])
  })

  test('refuses lines that are not on offer, twice there, or of too few packs', async () => {
    const plan = await solve()
    expect(codes(withLines(plan, (lines) => lines.map((line) => ({ ...line, offerId: 'other' }))))).toContain(
      'unknown_line',
    )
    expect(codes({ ...plan, lines: plan.lines.map((line) => ({ ...line, supplierId: 'b' })) })).toContain(
      'unknown_line',
    )
    expect(codes(withLines(plan, ([first, ...others]) => (first ? [first, first, ...others] : [])))).toContain(
      'line_twice',
    )
    expect(codes(withLines(plan, crates(0)))).toContain('packs')
    expect(codes(withLines(plan, crates(1.5)))).toContain('packs')
    const singles = { itemId: 'milk', offerId: 'single', supplierId: 'b', packs: 2, packPriceMinor: 120 }
    expect(codes({ ...plan, lines: [...plan.lines, singles] })).toContain('packs')
  })

  test('refuses prices that are not the tier’s', async () => {
    const plan = await solve()
    expect(codes(withLines(plan, (lines) => lines.map((line) => ({ ...line, packPriceMinor: 1 }))))).toContain('price')
    const singles = { itemId: 'milk', offerId: 'single', supplierId: 'b', packs: 9, packPriceMinor: 100 }
    expect(codes({ ...plan, lines: [singles] })).toContain('price')
  })

  test('refuses more than there is, and more than the need rounded up to packs', async () => {
    const plan = await solve()
    expect(codes(withLines(plan, crates(2)))).toEqual(['over_need'])
    expect(codes(withLines(plan, crates(6)))).toEqual(['stock', 'over_need'])
  })

  test('refuses a top-up in a quantity that its item does not allow', async () => {
    const plan = { ...(await solve()), unmet: [{ itemId: 'tea', missing: 1000, reason: 'no_offer' as const }] }
    // 2 bags of coffee, as a top-up of 3.
    const topUp = (portions: Portions): BasketProblem => ({
      ...problem,
      needs: problem.needs.map((need) =>
        need.itemId === 'coffee' ? { itemId: 'coffee', quantity: 3000, priority: 0, portions } : need,
      ),
    })
    expect(codes(plan, topUp({ least: 2000, multiple: 1000, most: 2000 }))).toEqual([])
    expect(codes(plan, topUp({ least: 2001, multiple: 1, most: null }))).toEqual(['portions'])
    expect(codes(plan, topUp({ least: 0, multiple: 1500, most: null }))).toEqual(['portions'])
    expect(codes(plan, topUp({ least: 0, multiple: 1, most: 1999 }))).toEqual(['portions'])
  })

  test('refuses orders below the minimum, above the maximum, and plans above the budget', async () => {
    const plan = await solve()
    const terms = (change: object): BasketProblem => ({
      ...problem,
      suppliers: problem.suppliers.map((supplier) => ({ ...supplier, ...change })),
    })
    expect(codes(plan, terms({ minimumOrderMinor: 1901 }))).toEqual(['minimum_order'])
    expect(codes(plan, terms({ minimumOrderMinor: 1900 }))).toEqual([])
    expect(codes(plan, terms({ maximumOrderMinor: 2560 }))).toEqual(['maximum_order'])
    expect(codes(plan, terms({ maximumOrderMinor: 2561 }))).toEqual([])
    expect(codes(plan, { ...problem, budgetMinor: 2560 })).toEqual(['budget'])
    expect(codes(plan, { ...problem, budgetMinor: 2561 })).toEqual([])
  })

  test('refuses sums that are not so', async () => {
    const plan = await solve()
    const wrong = (change: object) => codes({ ...plan, orders: plan.orders.map((order) => ({ ...order, ...change })) })
    for (const sum of ['subtotalMinor', 'shippingMinor', 'taxMinor', 'totalMinor'])
      expect(wrong({ [sum]: 1 })).toContain('sums')
    expect(wrong({ lines: [] })).toEqual(['sums'])
    expect(codes({ ...plan, orders: [] })).toContain('sums')
    expect(codes({ ...plan, effortMinor: 1, status: 'within_gap' })).toEqual(['sums'])
    expect(codes(plan, { ...problem, orderEffortMinor: 5 })).toEqual(['sums'])
    expect(codes({ ...plan, orders: [...plan.orders, ...plan.orders] })).toContain('sums')
    expect(codes({ ...plan, grossMinor: plan.grossMinor - 1 })).toEqual(['sums'])
    expect(codes({ ...plan, status: 'within_gap', landedMinor: plan.landedMinor + 1 })).toEqual(['sums'])
  })

  test('refuses to leave something uncovered in silence', async () => {
    const plan = await solve()
    expect(codes({ ...plan, unmet: [] })).toEqual(['unmet'])
    expect(codes({ ...plan, shortagePoints: plan.shortagePoints + 1, status: 'within_gap' })).toEqual(['unmet'])
    expect(codes(withLines(plan, (lines) => lines.filter((line) => line.itemId !== 'milk')))).toEqual([
      'unmet',
      'unmet',
    ])
  })

  test('refuses proofs that are none', async () => {
    const plan = await solve()
    expect(codes({ ...plan, boundMinor: plan.landedMinor - 1 })).toEqual(['proof'])
    expect(codes({ ...plan, shortageBoundPoints: plan.shortagePoints - 1 })).toEqual(['proof'])
    expect(codes({ ...plan, status: 'within_gap', shortageBoundPoints: plan.shortagePoints + 1 })).toEqual(['proof'])
    expect(codes({ ...plan, status: 'within_gap', boundMinor: plan.landedMinor + 1 })).toEqual(['proof'])
    expect(codes({ ...plan, status: 'within_gap', gap: null })).toEqual(['proof'])
  })
})
