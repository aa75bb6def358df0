import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { restock } from '../../bench/basket/families.js'
import { packageRoot } from '../../src/config/paths.js'
import { checkPlan } from '../../src/purchasing/solver/check-plan.js'
import {
  type BasketSolver,
  createBasketSolver,
  type SolverSettings,
  solveBasket,
} from '../../src/purchasing/solver/solve-basket.js'
import { shuffle } from '../helpers/solver-baskets.js'

const small = restock(10, 5, 2, 'bulk')
/** Not to be proven within seconds. */
const large = restock(150, 30, 1, 'lean')

let folder: string
const solvers: BasketSolver[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'restock-solver-'))
})
afterEach(async () => {
  await Promise.all(solvers.splice(0).map((solver) => solver.close()))
})
afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
})

function start(settings: SolverSettings = {}): BasketSolver {
  const solver = createBasketSolver(settings)
  solvers.push(solver)
  return solver
}

/** A solving thread that isn't ours. */
async function threadThat(does: string): Promise<URL> {
  const path = join(folder, `${does.length}.mjs`)
  await writeFile(
    path,
    `import { parentPort } from 'node:worker_threads'\nparentPort.on('message', () => { ${does} })\n`,
  )
  return pathToFileURL(path)
}

describe('a basket solved in its thread', () => {
  test('is proven, passes the checker and says what others would have paid', async () => {
    const plan = await start().solve(small, { timeLimitMs: 30_000 })
    expect(plan).toMatchObject({
      status: 'optimal',
      method: 'integer_program',
      landedMinor: 601_697,
      boundMinor: 601_697,
      gap: 0,
      unmet: [],
      failure: null,
    })
    expect(checkPlan(small, plan)).toEqual([])
    const { cheapestPackPerItemMinor, lowestUnitPricePerItemMinor, bestSingleSupplier } = plan.comparison
    expect(cheapestPackPerItemMinor).toBeGreaterThan(plan.landedMinor)
    expect(lowestUnitPricePerItemMinor).toBeGreaterThanOrEqual(cheapestPackPerItemMinor ?? Infinity)
    expect(bestSingleSupplier?.landedMinor).toBeGreaterThan(plan.landedMinor)
  })

  test('is the same plan every time, and in whatever order it is given', async () => {
    const solver = start()
    const { timeMs: _, ...plan } = await solver.solve(small, { timeLimitMs: 30_000 })
    for (const seed of [1, 2, 3]) {
      const { timeMs: __, ...again } = await solver.solve(shuffle(small, seed), { timeLimitMs: 30_000 })
      expect(again).toEqual(plan)
    }
  })

  test('covers what matters most where the budget ends, and says why the rest stays open', async () => {
    const budgetMinor = 300_000
    const plan = await start().solve({ ...small, budgetMinor }, { timeLimitMs: 30_000 })
    expect(plan).toMatchObject({ status: 'optimal', shortageBoundPoints: plan.shortagePoints })
    expect(plan.grossMinor).toBeLessThanOrEqual(budgetMinor)
    expect(plan.shortagePoints).toBeGreaterThan(0)
    expect(plan.unmet.length).toBeGreaterThan(0)
    expect(plan.unmet.map(({ reason }) => reason)).toEqual(plan.unmet.map(() => 'over_budget'))
    expect(checkPlan({ ...small, budgetMinor }, plan)).toEqual([])
  })
})

describe('time', () => {
  test('up, it gives the best plan so far with the gap that is proven', async () => {
    const plan = await start().solve(large, { timeLimitMs: 4000 })
    expect(plan).toMatchObject({ shortagePoints: 0, unmet: [], failure: null })
    expect(checkPlan(large, plan)).toEqual([])
    // How much is proven by then depends on the machine; what is claimed goes together.
    if (plan.boundMinor === null) expect(plan.gap).toBeNull()
    else expect(plan.gap).toBeCloseTo((plan.landedMinor - plan.boundMinor) / plan.landedMinor, 9)
    expect(plan.status).toBe(plan.gap === 0 ? 'optimal' : 'within_gap')
  })

  test('too short for anything, it gives the plan of the local search', async () => {
    const plan = await start().solve(large, { timeLimitMs: 1 })
    // How far it gets in the time that is left depends on the machine; what it gives holds, and claims no proof.
    expect(plan).toMatchObject({ method: 'local_search', gap: null })
    expect(checkPlan(large, plan)).toEqual([])
  })

  test.each([20, 60, 120, 250, 500])('of only %i ms is enough to cover every need', async (timeLimitMs) => {
    const solver = start()
    for (const round of ['with a new thread', 'with a warm one']) {
      const plan = await solver.solve(large, { timeLimitMs })
      expect(plan, round).toMatchObject({ status: 'within_gap', unmet: [], shortagePoints: 0 })
      expect(checkPlan(large, plan)).toEqual([])
    }
  })

  test('up, a thread that doesn’t stop is killed, and the next basket gets a new one', async () => {
    const solver = start({ entry: await threadThat('for (;;) {}') })
    const plan = await solver.solve(small, { timeLimitMs: 300 })
    expect(plan).toMatchObject({ status: 'within_gap', method: 'local_search', failure: null })
    expect(checkPlan(small, plan)).toEqual([])
    expect((await solver.solve(small, { timeLimitMs: 300 })).landedMinor).toBe(plan.landedMinor)
  })

  test('is shared by those that wait for a thread', async () => {
    const solver = start({ entry: await threadThat('for (;;) {}'), maxThreads: 1 })
    const begin = performance.now()
    const plans = await Promise.all([1, 2, 3].map(() => solver.solve(small, { timeLimitMs: 400 })))
    expect(plans.map((plan) => plan.method)).toEqual(['local_search', 'local_search', 'local_search'])
    expect(performance.now() - begin).toBeLessThan(5000)
  })
})

describe('a thread that breaks', () => {
  test.each([
    ['throws', 'throw new Error("no memory")', 'no memory'],
    ['ends', 'process.exit(3)', 'the solving thread ended early'],
    ['says that it failed', 'parentPort.postMessage({ kind: "failed", message: "bad wasm" })', 'bad wasm'],
  ])('%s: the local search stands in, and the log can say why', async (_, does, failure) => {
    const plan = await start({ entry: await threadThat(does) }).solve(small)
    expect(plan).toMatchObject({ status: 'within_gap', method: 'local_search', failure })
    expect(checkPlan(small, plan)).toEqual([])
  })

  test.each([
    ['a plan that breaks a rule', 1, /^the plan breaks a rule/],
    ['packs that nobody offers', 99, /^99 packs/],
  ])('lies: %s is not used', async (_, packs, failure) => {
    const entry = await threadThat(`
      const packs = new Int32Array(1000).fill(${packs})
      const comparison = { cheapestPackPerItem: null, lowestUnitPricePerItem: null, bestSingleSupplier: null }
      const plan = { packs, method: 'integer_program', shortageBound: 0, bound: 0, comparison, shortages: [] }
      parentPort.postMessage({ kind: 'done', plan, memoryBytes: 0 })`)
    const plan = await start({ entry }).solve(small)
    expect(plan).toMatchObject({ method: 'local_search' })
    expect(plan.failure).toMatch(failure)
    expect(checkPlan(small, plan)).toEqual([])
  })
})

describe('a solver', () => {
  test.each([
    ['at once', false],
    ['under way', true],
  ])('gives up a basket that nobody wants any more, %s', async (_, isRunning) => {
    const solver = start()
    const controller = new AbortController()
    const begin = performance.now()
    const solving = Promise.allSettled([1, 2, 3].map(() => solver.solve(large, { signal: controller.signal })))
    const abort = () => controller.abort(new Error('the run was cancelled'))
    if (isRunning) setTimeout(abort, 500)
    else abort()
    const given = await solving
    expect(given.map((each) => each.status === 'rejected' && String(each.reason))).toEqual(
      Array(3).fill('Error: the run was cancelled'),
    )
    expect(performance.now() - begin).toBeLessThan(3000)
    await expect(solver.solve(small, { signal: controller.signal })).rejects.toThrow('the run was cancelled')
    expect((await solver.solve(small)).status).toBe('optimal')
  })

  test('closed, starts no thread any more; closing twice is harmless', async () => {
    const solver = start()
    await solver.solve(small)
    await solver.close()
    await solver.close()
    expect(await solver.solve(small)).toMatchObject({ method: 'local_search', failure: 'the solver is closed' })
  })

  test('keeps no process alive while it has nothing to do', async () => {
    const script = join(folder, 'once.mjs')
    const module = (path: string) => JSON.stringify(pathToFileURL(join(packageRoot, 'dist', path)).href)
    await writeFile(
      script,
      `import { restock } from ${module('bench/basket/families.js')}
       import { createBasketSolver } from ${module('src/purchasing/solver/solve-basket.js')}
       console.log((await createBasketSolver().solve(restock(10, 5, 2, 'bulk'))).status)`,
    )
    const { stdout } = await promisify(execFile)(process.execPath, [script], { timeout: 20_000 })
    expect(stdout).toBe('optimal\n')
  })

  test('of one basket ends with it', async () => {
    expect((await solveBasket(small)).status).toBe('optimal')
  })
})
