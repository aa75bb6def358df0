/**
 * Solves baskets: the entrance to this folder.
 *
 *     const solver = createBasketSolver()          // once, where the process is put together
 *     const { offers, removed } = filterOffers(…)  // what may be bought at all, and why the rest may not
 *     const plan = await solver.solve({ needs, offers, suppliers, budgetMinor }, { timeLimitMs, signal })
 *     await solver.close()                         // when the process stops
 *
 * What goes in: quantities as whole thousandths of the item's unit, money in minor units of one currency, a tax rate as
 * hundred-thousandths. `budgetMinor` is the least of what the limits for day, week and month leave; a supplier's
 * `maximumOrderMinor` is the limit per order less what the same run has ordered there before, or what the supplier's own
 * limit leaves. Both are with shipping and tax. A need of priority 0 is a top-up.
 *
 * What comes out: `plan.orders` and `plan.lines` are what to buy, exact and past `checkPlan`; `plan.unmet` is what stays
 * uncovered and why (`no_offer`: look into `removed`); `plan.method`, `plan.gap`, `plan.timeMs` and `plan.comparison` are
 * for the quote to state, `plan.failure` is for the log.
 *
 * A problem in any order gives the same plan unless time runs out. The thread that this is called in is never kept busy
 * for long; don't hold a database transaction open over it.
 */
import { setImmediate } from 'node:timers/promises'
import { assemblePlan, type DescribedPlan } from './assemble-plan.js'
import type { BasketPlan, BasketProblem } from './basket.js'
import { checkPlan } from './check-plan.js'
import { describePlan } from './describe-plan.js'
import { numberInSteps } from './instance.js'
import { runInSlices } from './run-in-slices.js'
import { searchInSlices } from './search-in-slices.js'
import { type Found, solveTiny } from './solve-instance.js'
import { SolverPool } from './solver-pool.js'
import { findWorker } from './solver-thread.js'

export interface SolveOptions {
  /** In all, waiting for a thread included. */
  readonly timeLimitMs?: number
  /** Aborted, the solve is given up and its promise rejects with the signal's reason. */
  readonly signal?: AbortSignal
}

export interface BasketSolver {
  readonly solve: (problem: BasketProblem, options?: SolveOptions) => Promise<BasketPlan>
  /** Ends its threads; solves that are under way go on with what they have. Harmless to call twice. */
  readonly close: () => Promise<void>
}

export interface SolverSettings {
  /** Where the solving thread begins. */
  readonly entry?: URL
  /** Solves at the same time; each takes a processor core. */
  readonly maxThreads?: number
}

const defaultTimeLimitMs = 10_000
/** For the search that stands in when no thread answers. */
const standInMs = 500

export function createBasketSolver(settings: SolverSettings = {}): BasketSolver {
  const pool = new SolverPool(settings.entry ?? findWorker(), settings.maxThreads ?? 2)
  return {
    solve: (problem, options = {}) => solveWith(pool, problem, options),
    close: () => pool.close(),
  }
}

/** For a single basket: starts a solver and ends it. */
export async function solveBasket(problem: BasketProblem, options: SolveOptions = {}): Promise<BasketPlan> {
  const solver = createBasketSolver({ maxThreads: 1 })
  try {
    return await solver.solve(problem, options)
  } finally {
    await solver.close()
  }
}

async function solveWith(pool: SolverPool, problem: BasketProblem, options: SolveOptions): Promise<BasketPlan> {
  const { timeLimitMs = defaultTimeLimitMs, signal } = options
  signal?.throwIfAborted()
  const begin = performance.now()
  const basket = await runInSlices(numberInSteps(problem))
  const describe = (found: Found) => runInSlices(describePlan(basket.instance, found))
  const assemble = (plan: DescribedPlan, failure: string | null) =>
    assemblePlan(problem, basket, plan, { failure, timeMs: performance.now() - begin })

  const tiny = solveTiny(basket.instance)
  if (tiny !== null) return checked(problem, assemble(await describe(tiny), null))

  // Numbering thousands of offers and posting them takes milliseconds each: others may go in between.
  await setImmediate()
  const answer = await pool.solve(basket.instance, timeLimitMs, signal)
  signal?.throwIfAborted()
  let { failure } = answer
  if (answer.plan !== null) {
    try {
      return checked(problem, assemble(answer.plan, failure))
    } catch (error) {
      failure = error instanceof Error ? error.message : String(error)
    }
  }
  const found = await searchInSlices(basket.instance, standInMs)
  signal?.throwIfAborted()
  return checked(problem, assemble(await describe(found), failure))
}

function checked(problem: BasketProblem, plan: BasketPlan): BasketPlan {
  const [violation] = checkPlan(problem, plan)
  if (violation !== undefined) throw new Error(`the plan breaks a rule of its basket: ${violation.text}`)
  return plan
}
