import { parseArgs } from 'node:util'
import type { BasketProblem } from '../../src/purchasing/solver/basket.js'
import { findBestSingle } from '../../src/purchasing/solver/compare-plan.js'
import { numberBasket } from '../../src/purchasing/solver/instance.js'
import { effortFor, searchLocally } from '../../src/purchasing/solver/local-search.js'
import { runAtOnce } from '../../src/purchasing/solver/run-at-once.js'
import { type BasketSolver, createBasketSolver } from '../../src/purchasing/solver/solve-basket.js'
import type { BenchRow, BenchTable } from '../table.js'
import { headOf, rowOf, type SolvedBasket } from './basket-table.js'
import { type BasketCase, basketCases } from './cases.js'
import { restock } from './families.js'
import { watchLoop } from './watch-loop.js'

/**
 * Baskets of known families, solved as a quote solves them, beside what others would have paid. All synthetic: costs are
 * exact, how much they differ depends on the families' assumptions. `--family restock|ishop|classical|wide`,
 * `--only 10×5` (part of a name), `--seeds N`.
 */
export async function measureBasket(): Promise<BenchTable> {
  const { values } = parseArgs({
    options: { family: { type: 'string' }, only: { type: 'string' }, seeds: { type: 'string' } },
    strict: false,
  })
  const chosen = basketCases.filter(
    ({ family, name }) =>
      (typeof values.family !== 'string' || family === values.family) &&
      (typeof values.only !== 'string' || name.includes(values.only)),
  )
  const solver = createBasketSolver()
  const delays: SolvedBasket['delay'][] = []
  try {
    const first = await watchLoop(() => solver.solve(restock(10, 5, 0, 'bulk')))
    console.log('\nbaskets: what each costs beside the plan (1 = as much), certified gaps, times; median (worst)')
    console.log(headOf())
    for (const basketCase of chosen) {
      const seeds = typeof values.seeds === 'string' ? Number(values.seeds) : basketCase.seeds
      const solved: SolvedBasket[] = []
      for (let seed = 1; seed <= seeds; seed++) solved.push(await solve(solver, basketCase, seed))
      delays.push(...solved.map(({ delay }) => delay))
      console.log(rowOf(basketCase, solved))
    }
    return { title: 'baskets, beside the table', rows: rowsOf(first.result.timeMs, delays) }
  } finally {
    await solver.close()
  }
}

function rowsOf(firstMs: number, delays: readonly SolvedBasket['delay'][]): BenchRow[] {
  const own = delays.flatMap(({ ownMs }) => ownMs ?? [])
  return [
    { what: 'the first basket of a process (10×5)', samplesMs: [firstMs], promisedMs: null },
    { what: 'event loop held up', samplesMs: delays.map(({ longestMs }) => longestMs), promisedMs: 20 },
    ...(own.length === 0 ? [] : [{ what: 'of that by our own work', samplesMs: own, promisedMs: 20 }]),
  ]
}

async function solve(solver: BasketSolver, { make, timeLimitMs }: BasketCase, seed: number): Promise<SolvedBasket> {
  const problem = make(seed)
  const { result: plan, delay, processorMs } = await watchLoop(() => solver.solve(problem, { timeLimitMs }))
  if (plan.failure !== null) console.log(`  ${seed}: ${plan.failure}`)
  return {
    plan,
    delay,
    processorMs,
    singleMinor: singleFor(problem),
    searchedMinor: searchAlone(problem, plan.shortagePoints),
  }
}

/** Everything from one supplier, as if it had it all in stock: hardly any really has. */
function singleFor(problem: BasketProblem): number | null {
  const { instance } = numberBasket({
    ...problem,
    offers: problem.offers.map((offer) => ({ ...offer, stockPacks: null })),
  })
  return findBestSingle(instance, [...instance.items.keys()])?.landed ?? null
}

/** null: it leaves more uncovered than the plan, so the costs can't be compared. */
function searchAlone(problem: BasketProblem, shortagePoints: number): number | null {
  const { instance } = numberBasket(problem)
  const { broken, shortage, cost } = runAtOnce(searchLocally(instance, effortFor(instance))).worth
  return broken === 0 && shortage === shortagePoints ? cost : null
}
