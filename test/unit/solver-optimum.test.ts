import fc from 'fast-check'
import type { Highs } from 'highs'
import { beforeAll, describe, expect, test } from 'vitest'
import { restock } from '../../bench/basket/families.js'
import type { BasketProblem } from '../../src/purchasing/solver/basket.js'
import { undominatedOffers } from '../../src/purchasing/solver/dominated-offers.js'
import { numberBasket } from '../../src/purchasing/solver/instance.js'
import { loadHighs } from '../../src/purchasing/solver/load-highs.js'
import { isAllowed, sumUp } from '../../src/purchasing/solver/plan-sums.js'
import { proveModel } from '../../src/purchasing/solver/prove-model.js'
import { solveInstance } from '../../src/purchasing/solver/solve-instance.js'
import {
  buildNeed,
  buildOffer,
  buildSupplier,
  countPlans,
  shuffle,
  tinyBaskets,
  tryEverything,
} from '../helpers/solver-baskets.js'

const smallEnough = tinyBaskets.filter((problem) => countPlans(problem) <= 20_000)

let highs: Highs
beforeAll(async () => {
  highs = await loadHighs()
})

const tools = () => ({
  loadHighs: async () => highs,
  now: () => performance.now(),
  deadline: performance.now() + 30_000,
  report: () => {},
})

async function solveBySearch(problem: BasketProblem) {
  const { instance } = numberBasket(problem)
  const found = await solveInstance(instance, tools())
  const { shortage, cost } = sumUp(instance, found.packs)
  return { points: shortage, landedMinor: cost, bound: found.bound, leastPoints: found.shortageBound }
}

/** The integer program alone, from an empty basket. */
async function solveByProgram(problem: BasketProblem) {
  const { instance } = numberBasket(problem)
  const packs = new Int32Array(instance.offers.length)
  const start = {
    packs,
    sums: sumUp(instance, packs),
    method: 'local_search',
    shortageBound: 0,
    bound: null,
  } as const
  const found = await proveModel(instance, start, tools())
  expect(isAllowed(found.sums)).toBe(true)
  return {
    points: found.sums.shortage,
    landedMinor: found.sums.cost,
    bound: found.bound,
    leastPoints: found.shortageBound,
  }
}

describe.each([
  ['as it is solved', solveBySearch],
  ['by the integer program alone', solveByProgram],
])('a tiny basket, %s', (_, solve) => {
  test('leaves as little uncovered and costs as little as any plan, and is proven to', async () => {
    await fc.assert(
      fc.asyncProperty(smallEnough, async (problem) => {
        const optimum = tryEverything(problem)
        expect(await solve(problem)).toEqual({ ...optimum, bound: optimum.landedMinor, leastPoints: optimum.points })
      }),
      { numRuns: 120 },
    )
  }, 120_000)

  test('at the very edge of its budget, where a cent of rounded tax decides', async () => {
    // 5 % and 50 % end on halves of a cent, the other hardly ever.
    const taxed = fc.tuple(smallEnough, fc.constantFrom(12_345, 5000, 50_000)).map(([problem, taxRate]) => ({
      ...problem,
      suppliers: problem.suppliers.map((supplier) => ({ ...supplier, taxRate })),
    }))
    await fc.assert(
      fc.asyncProperty(taxed, fc.integer({ min: 0, max: 2 }), async (problem, less) => {
        const { instance } = numberBasket({ ...problem, budgetMinor: null })
        const { gross } = sumUp(instance, (await solveInstance(instance, tools())).packs)
        const atEdge = { ...problem, budgetMinor: Math.max(0, gross - less) }
        const optimum = tryEverything(atEdge)
        expect(await solve(atEdge)).toEqual({ ...optimum, bound: optimum.landedMinor, leastPoints: optimum.points })
      }),
      { numRuns: 80 },
    )
  }, 120_000)

  test('with top-ups, buys those in the quantities that their items allow', async () => {
    // One need, a threshold a little beyond it, and top-ups that reach it: any part would do, were it not for the portions.
    const topUps = fc
      .record({
        price: fc.integer({ min: 20, max: 120 }),
        fee: fc.integer({ min: 100, max: 900 }),
        beyond: fc.integer({ min: 1, max: 500 }),
        quantity: fc.integer({ min: 2, max: 14 }),
        packs: fc.uniqueArray(fc.constantFrom(500, 1000, 1500, 2000, 5000), { minLength: 1, maxLength: 2 }),
        least: fc.constantFrom(0, 1000, 3000, 6000),
        multiple: fc.constantFrom(1, 1500, 3000, 4000),
        isCapped: fc.boolean(),
        budgetMinor: fc.option(fc.integer({ min: 900, max: 3000 })),
      })
      .map(({ price, fee, beyond, quantity, packs, least, multiple, isCapped, budgetMinor }): BasketProblem => {
        const topUp = buildNeed('tea', quantity, 0)
        return {
          needs: [
            buildNeed('milk', 10),
            { ...topUp, portions: { least, multiple, most: isCapped ? topUp.quantity : null } },
          ],
          offers: [
            buildOffer({ offerId: 'milk' }),
            ...packs.map((packQuantity) =>
              buildOffer({
                offerId: `tea${packQuantity}`,
                itemId: 'tea',
                packQuantity,
                tiers: [{ minPacks: 1, packPriceMinor: Math.ceil((price * packQuantity) / 1000) }],
              }),
            ),
          ],
          suppliers: [buildSupplier('a', { shippingFeeMinor: fee, freeShippingOverMinor: 1000 + beyond })],
          budgetMinor,
        }
      })
      .filter((problem) => countPlans(problem) <= 20_000)
    let binding = 0
    await fc.assert(
      fc.asyncProperty(topUps, async (problem) => {
        const optimum = tryEverything(problem)
        const inAnyPart = { ...problem, needs: problem.needs.map((need) => ({ ...need, portions: null })) }
        if (tryEverything(inAnyPart).landedMinor < optimum.landedMinor) binding += 1
        expect(await solve(problem)).toEqual({ ...optimum, bound: optimum.landedMinor, leastPoints: optimum.points })
      }),
      { numRuns: 150 },
    )
    expect(binding).toBeGreaterThan(15)
  }, 120_000)

  test('whose best plan counts a line at its minimum whole', async () => {
    // 3 pairs and 2 boxes are the fewest that are sold: both are wanted. 4 pairs would be cheaper and have some to spare.
    const problem: BasketProblem = {
      needs: [buildNeed('milk', 11)],
      offers: [
        buildOffer({
          offerId: 'pair',
          packQuantity: 2000,
          tiers: [
            { minPacks: 1, packPriceMinor: 10 },
            { minPacks: 4, packPriceMinor: 5 },
          ],
          minimumPacks: 3,
          fewestPacks: 3,
          stockPacks: 4,
        }),
        buildOffer({ offerId: 'box', supplierId: 'b', packQuantity: 5000, minimumPacks: 2, stockPacks: 2 }),
      ],
      suppliers: [buildSupplier('a'), buildSupplier('b')],
      budgetMinor: null,
    }
    expect(tryEverything(problem)).toEqual({ points: 0, landedMinor: 230 })
    expect(await solve(problem)).toEqual({ points: 0, landedMinor: 230, bound: 230, leastPoints: 0 })
  })
})

describe('offers that another makes needless', () => {
  test('are missed by no plan', () => {
    // Few pack sizes, stocks and thresholds, so that there are many of them.
    const alike = tinyBaskets
      .map(
        (problem): BasketProblem => ({
          ...problem,
          offers: problem.offers.map((offer) => ({
            ...offer,
            packQuantity: offer.packQuantity > 1500 ? 2000 : 1000,
            ...(/[024]$/.test(offer.offerId)
              ? { tiers: offer.tiers.slice(0, 1), minimumPacks: 1, fewestPacks: 1, stockPacks: null }
              : {}),
          })),
          suppliers: problem.suppliers.map((supplier, index) =>
            index === 1
              ? supplier
              : {
                  ...supplier,
                  shippingFeeMinor: index === 0 ? 0 : supplier.shippingFeeMinor,
                  freeShippingOverMinor: null,
                  minimumOrderMinor: 0,
                  maximumOrderMinor: null,
                },
          ),
          budgetMinor: null,
        }),
      )
      .filter((problem) => countPlans(problem) <= 20_000)
    let dropped = 0
    fc.assert(
      fc.property(alike, (problem) => {
        const { instance, offers } = numberBasket(problem)
        const needed = new Set(undominatedOffers(instance))
        const needless = new Set(offers.filter((_, number) => !needed.has(number)))
        dropped += needless.size
        const others = problem.offers.filter((offer) => !needless.has(offer))
        expect(tryEverything({ ...problem, offers: others })).toEqual(tryEverything(problem))
      }),
      { numRuns: 200 },
    )
    expect(dropped).toBeGreaterThan(40)
  }, 60_000)
})

describe('a basket too large to try everything', () => {
  const middling = fc
    .record({
      items: fc.integer({ min: 4, max: 7 }),
      suppliers: fc.integer({ min: 2, max: 4 }),
      seed: fc.nat(1000),
      regime: fc.constantFrom('bulk' as const, 'lean' as const),
      budget: fc.option(fc.integer({ min: 2000, max: 60_000 })),
      maximumOrderMinor: fc.option(fc.integer({ min: 3000, max: 40_000 }), { freq: 2 }),
    })
    .map(({ items, suppliers, seed, regime, budget, maximumOrderMinor }): BasketProblem => {
      const problem = restock(items, suppliers, seed, regime)
      return {
        ...problem,
        suppliers: problem.suppliers.map((supplier) => ({ ...supplier, maximumOrderMinor })),
        budgetMinor: budget,
      }
    })

  test('comes out the same by both ways, and in any order', async () => {
    await fc.assert(
      fc.asyncProperty(middling, fc.integer(), async (problem, seed) => {
        const found = await solveBySearch(problem)
        expect(found).toMatchObject({ leastPoints: found.points, bound: found.landedMinor })
        expect(await solveByProgram(problem)).toEqual(found)
        expect(await solveBySearch(shuffle(problem, seed))).toEqual(found)
      }),
      { numRuns: 6 },
    )
  }, 120_000)
})
