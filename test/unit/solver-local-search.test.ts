import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { restock } from '../../bench/basket/families.js'
import { coversOf } from '../../src/purchasing/solver/covers.js'
import { numberBasket } from '../../src/purchasing/solver/instance.js'
import { Ledger } from '../../src/purchasing/solver/ledger.js'
import { searchLocally } from '../../src/purchasing/solver/local-search.js'
import { isAllowed, sumUp } from '../../src/purchasing/solver/plan-sums.js'
import { runAtOnce } from '../../src/purchasing/solver/run-at-once.js'
import { searchInSlices } from '../../src/purchasing/solver/search-in-slices.js'
import { packsOf } from '../../src/purchasing/solver/solve-instance.js'
import { tinyBaskets } from '../helpers/solver-baskets.js'

function search(problem: Parameters<typeof numberBasket>[0]) {
  const { instance } = numberBasket(problem)
  const { covers, worth } = runAtOnce(searchLocally(instance, { looks: 50_000, patience: 50 }))
  const packs = packsOf(instance, covers)
  return { worth, packs, sums: sumUp(instance, packs) }
}

describe('the local search', () => {
  test('keeps exact account of what it changes, and ends with a plan that breaks nothing', () => {
    fc.assert(
      fc.property(tinyBaskets, (problem) => {
        const { worth, sums } = search(problem)
        expect(worth).toEqual({ broken: 0, shortage: sums.shortage, cost: sums.cost })
        expect(isAllowed(sums)).toBe(true)
      }),
      { numRuns: 150 },
    )
  })

  test('knows before it adds a cover what it comes to', () => {
    fc.assert(
      fc.property(tinyBaskets, fc.array(fc.nat(), { minLength: 3, maxLength: 3 }), (problem, picks) => {
        const { instance } = numberBasket(problem)
        const ledger = new Ledger(instance)
        for (const item of instance.items.keys()) {
          const covers = coversOf(instance, item)
          const cover = covers[(picks[item] ?? 0) % covers.length]
          if (cover === undefined) throw new Error('an item always has the cover of nothing')
          const before = ledger.worth
          const probed = ledger.probe(cover)
          ledger.add(cover)
          expect(ledger.worth).toEqual(probed)
          ledger.remove(cover)
          expect(ledger.worth).toEqual(before)
          ledger.add(cover)
        }
      }),
      { numRuns: 150 },
    )
  })

  test('finds the same plan every time', () => {
    const problem = restock(20, 6, 3, 'lean')
    expect(search(problem)).toEqual(search(problem))
  })

  test.each([
    [1, 219_416],
    [2, 172_196],
    [3, 209_728],
    [4, 154_515],
  ])('comes within 1 %% of the optimum of a weekly reorder (seed %i)', (seed, optimum) => {
    const { shortage, cost } = search(restock(50, 10, seed, 'lean')).sums
    expect(shortage).toBe(0)
    expect(cost).toBeGreaterThanOrEqual(optimum)
    expect(cost).toBeLessThan(optimum * 1.01)
  })

  test('gives way in between when it runs beside other work', async () => {
    const { instance } = numberBasket(restock(100, 20, 1, 'lean'))
    let turns = 0
    const timer = setInterval(() => {
      turns += 1
    }, 1)
    const found = await searchInSlices(instance, 400)
    clearInterval(timer)
    expect(isAllowed(sumUp(instance, found.packs))).toBe(true)
    expect(found).toMatchObject({ method: 'local_search', bound: null })
    expect(turns).toBeGreaterThan(3)
  })
})
