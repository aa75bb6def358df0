import type { BasketLine, BasketPlan, BasketProblem } from '../solver/basket.js'
import type { BasketSolver } from '../solver/solve-basket.js'
import type { RefusedLine } from './refused-lines.js'
import { spareApprovals } from './spare-approvals.js'

export interface SolvedQuote {
  readonly plan: BasketPlan
  /** How far its landed cost, with its effort, may be above that of any basket, as a fraction; null: nothing is proven. */
  readonly gap: number | null
  /** Lines that a limit forbade in an earlier plan, and that the last one therefore does without. */
  readonly refused: readonly RefusedLine[]
}

const timeLimitMs = 10_000
const maxRounds = 6

/**
 * Solves the basket and looks at the lines that come out, as whoever places them will: one that a limit forbids would take
 * its whole order with it, so it is taken out of the problem and the rest is solved again. `waits`: an offer that a person
 * has to look at first.
 */
export async function solveQuote(
  solver: Pick<BasketSolver, 'solve'>,
  problem: BasketProblem,
  findRefused: (plan: BasketPlan) => readonly RefusedLine[],
  waits: (line: Pick<BasketLine, 'itemId' | 'offerId'>) => boolean,
): Promise<SolvedQuote> {
  const end = performance.now() + timeLimitMs
  const refused: RefusedLine[] = []
  const solve = (basket: BasketProblem) => solver.solve(basket, { timeLimitMs: Math.max(500, end - performance.now()) })
  let left = problem
  for (let round = 1; ; round++) {
    const plan = await solve(left)
    const found = findRefused(plan)
    if (found.length === 0) {
      const spared = await spareApprovals(left, plan, waits, async (without) => {
        if (performance.now() >= end) return null
        const other = await solve(without)
        return findRefused(other).length === 0 ? other : null
      })
      return { plan: spared, gap: gapOf(spared, plan.boundMinor), refused }
    }
    refused.push(...found)
    // Offer by offer while there are rounds left, then whole items: that always ends.
    const offers = new Set(found.map(({ itemId, offerId }) => JSON.stringify([itemId, offerId])))
    const items = new Set(round < maxRounds ? [] : found.map(({ itemId }) => itemId))
    left = {
      ...left,
      offers: left.offers.filter(
        ({ itemId, offerId }) => !items.has(itemId) && !offers.has(JSON.stringify([itemId, offerId])),
      ),
    }
  }
}

/** Against what is proven of all baskets, not of those alone that spare somebody an approval. */
function gapOf(plan: BasketPlan, boundMinor: number | null): number | null {
  if (boundMinor === null) return null
  const weighed = plan.landedMinor + plan.effortMinor
  return weighed === 0 ? 0 : Math.max(0, weighed - boundMinor) / weighed
}
