import { describe, expect, test } from 'vitest'
import { restock } from '../../bench/basket/families.js'
import { assemblePlan } from '../../src/purchasing/solver/assemble-plan.js'
import type { BasketProblem } from '../../src/purchasing/solver/basket.js'
import { checkPlan } from '../../src/purchasing/solver/check-plan.js'
import { describePlan } from '../../src/purchasing/solver/describe-plan.js'
import { numberBasket } from '../../src/purchasing/solver/instance.js'
import { runAtOnce } from '../../src/purchasing/solver/run-at-once.js'
import { type Found, solveInstance } from '../../src/purchasing/solver/solve-instance.js'

/** As the solver puts together what its thread has found. */
function planOf(problem: BasketProblem, found: Found) {
  const basket = numberBasket(problem)
  const described = runAtOnce(describePlan(basket.instance, found))
  return assemblePlan(problem, basket, described, { failure: null, timeMs: 0 })
}

const empty = (problem: BasketProblem, shortageBound: number): Found => ({
  packs: new Int32Array(numberBasket(problem).instance.offers.length),
  method: 'local_search',
  shortageBound,
  bound: null,
})

describe('an empty plan', () => {
  const problem = restock(6, 3, 1, 'lean')
  const allPoints = planOf(problem, empty(problem, 0)).shortagePoints

  test('isn’t called infeasible while something might be bought', () => {
    const plan = planOf(problem, empty(problem, allPoints - 1))
    expect(plan).toMatchObject({ status: 'within_gap', lines: [], gap: null })
    expect(checkPlan(problem, plan)).toEqual([])
  })

  test('is, once it is proven that nothing can', () => {
    const plan = planOf(problem, empty(problem, allPoints))
    expect(plan).toMatchObject({ status: 'infeasible', lines: [] })
    expect(plan.unmet).toHaveLength(6)
  })
})

describe('a solve without any time', () => {
  const begun = performance.now()
  const noTime = {
    loadHighs: async () => {
      throw new Error('there is no time for the integer program')
    },
    now: () => begun,
    deadline: begun,
    report: () => {},
  }

  test.each([
    { items: 40, suppliers: 8, regime: 'bulk' },
    { items: 80, suppliers: 15, regime: 'lean' },
  ] as const)('covers all of $items needs with the search’s first plan', async ({ items, suppliers, regime }) => {
    const problem = restock(items, suppliers, 1, regime)
    let now = begun
    // A clock that is past the deadline from the first look on.
    const found = await solveInstance(numberBasket(problem).instance, { ...noTime, now: () => now++ })
    const plan = planOf(problem, found)
    expect(plan).toMatchObject({ status: 'within_gap', method: 'local_search', unmet: [] })
    expect(checkPlan(problem, plan)).toEqual([])
  })

  test('buys what it can within a budget', async () => {
    const problem = { ...restock(40, 8, 1, 'lean'), budgetMinor: 60_000 }
    let now = begun
    const found = await solveInstance(numberBasket(problem).instance, { ...noTime, now: () => now++ })
    const plan = planOf(problem, found)
    expect(plan.lines.length).toBeGreaterThan(5)
    expect(plan.status).toBe('within_gap')
    expect(checkPlan(problem, plan)).toEqual([])
  })
})
