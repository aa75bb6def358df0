import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import type { BasketPlan } from '../../src/purchasing/solver/basket.js'
import { numberBasket } from '../../src/purchasing/solver/instance.js'
import { effortFor, searchLocally } from '../../src/purchasing/solver/local-search.js'
import { runAtOnce } from '../../src/purchasing/solver/run-at-once.js'
import { type BasketSolver, createBasketSolver } from '../../src/purchasing/solver/solve-basket.js'
import { type BenchRow, type BenchTable, median } from '../table.js'
import { type BasketCase, basketCases } from './cases.js'

/**
 * Baskets of known families, solved as a quote solves them, beside what others would have paid. All synthetic: costs are
 * exact, how much they differ depends on the families' assumptions. `--family restock|ishop|classical`, `--only 10×5`
 * (part of a name), `--seeds N`.
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
  const rows: BenchRow[] = []
  const blocks: number[] = []
  console.log('\nbaskets: cost beside the plan’s (1 = as cheap), medians; gaps certified')
  try {
    for (const basketCase of chosen) {
      const seeds = typeof values.seeds === 'string' ? Number(values.seeds) : basketCase.seeds
      const solved: Solved[] = []
      for (let seed = 1; seed <= seeds; seed++) solved.push(await solve(solver, basketCase, seed))
      rows.push({
        what: basketCase.name,
        samplesMs: solved.map(({ plan }) => plan.timeMs),
        promisedMs: basketCase.promised.medianMs,
      })
      blocks.push(...solved.map(({ blockedMs }) => blockedMs))
      console.log(summaryOf(basketCase, solved))
    }
  } finally {
    await solver.close()
  }
  rows.push({ what: 'event loop, longest block while solving', samplesMs: blocks, promisedMs: 20 })
  rows.push({
    what: 'the same with nothing to do beside a busy thread',
    samplesMs: await measureNoise(),
    promisedMs: null,
  })
  return { title: 'baskets, from problem to checked plan', rows }
}

interface Solved {
  readonly plan: BasketPlan
  readonly searchedMinor: number | null
  readonly blockedMs: number
}

async function solve(solver: BasketSolver, { make, timeLimitMs }: BasketCase, seed: number): Promise<Solved> {
  const problem = make(seed)
  const delays = monitorEventLoopDelay({ resolution: 1 })
  delays.enable()
  const plan = await solver.solve(problem, { timeLimitMs })
  delays.disable()
  if (plan.failure !== null) console.log(`  ${seed}: ${plan.failure}`)
  return { plan, searchedMinor: searchAlone(problem, plan), blockedMs: delays.max / 1e6 }
}

/** How long this machine keeps a thread waiting anyway. */
async function measureNoise(): Promise<number[]> {
  const busy = new Worker('for (;;) {}', { eval: true })
  const samples: number[] = []
  for (let round = 0; round < 20; round++) {
    const delays = monitorEventLoopDelay({ resolution: 1 })
    delays.enable()
    await setTimeout(300)
    delays.disable()
    samples.push(delays.max / 1e6)
  }
  await busy.terminate()
  return samples
}

/** null: it leaves more uncovered than the plan, so the costs can't be compared. */
function searchAlone(problem: Parameters<typeof numberBasket>[0], plan: BasketPlan): number | null {
  const { instance } = numberBasket(problem)
  const { broken, shortage, cost } = runAtOnce(searchLocally(instance, effortFor(instance))).worth
  return broken === 0 && shortage === plan.shortagePoints ? cost : null
}

function summaryOf({ name, promised }: BasketCase, solved: readonly Solved[]): string {
  const plans = solved.map(({ plan }) => plan)
  const gaps = plans.map(({ gap }) => gap ?? 1)
  const provenPlans = plans.filter(({ status }) => status === 'optimal').length
  const isKept =
    (!promised.isProven || provenPlans === plans.length) &&
    (promised.medianGap === null || median(gaps) <= promised.medianGap) &&
    (promised.worstGap === null || Math.max(...gaps) <= promised.worstGap)
  const beside = (costOf: (each: Solved) => number | null | undefined) => {
    const ratios = solved.flatMap((each) => {
      const cost = costOf(each)
      return cost === null || cost === undefined ? [] : [cost / each.plan.landedMinor]
    })
    const worst = ratios.length === 0 ? '' : ` (worst ${Math.max(...ratios).toFixed(3)})`
    return ratios.length === 0 ? '—' : `${median(ratios).toFixed(3)}${worst}`
  }
  return [
    `  ${name.padEnd(22)} proven ${provenPlans}/${plans.length}`,
    `gap median ${percent(median(gaps))} worst ${percent(Math.max(...gaps))}: ${isKept ? 'kept' : 'NOT KEPT'}`,
    `lowest unit price ${beside(({ plan }) => plan.comparison.lowestUnitPricePerItemMinor)}`,
    `cheapest packs ${beside(({ plan }) => plan.comparison.cheapestPackPerItemMinor)}`,
    `one supplier ${beside(({ plan }) => plan.comparison.bestSingleSupplier?.landedMinor)}`,
    `local search ${beside(({ searchedMinor }) => searchedMinor)}`,
  ].join('   ')
}

function percent(share: number): string {
  return `${(share * 100).toFixed(share === 0 ? 0 : 3)} %`
}
