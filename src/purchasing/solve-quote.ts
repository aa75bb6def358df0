import type { RefusedLine } from './refused-lines.js'
import type { BasketPlan, BasketProblem } from './solver/basket.js'
import type { BasketSolver } from './solver/solve-basket.js'

export interface SolvedQuote {
  readonly plan: BasketPlan
  /** Lines that a limit forbade in an earlier plan, and that the last one therefore does without. */
  readonly refused: readonly RefusedLine[]
}

const timeLimitMs = 10_000
const maxRounds = 6

/**
 * Solves the basket and looks at the lines that come out, as whoever places them will: one that a limit forbids would take
 * its whole order with it, so it is taken out of the problem and the rest is solved again.
 */
export async function solveQuote(
  solver: Pick<BasketSolver, 'solve'>,
  problem: BasketProblem,
  findRefused: (plan: BasketPlan) => readonly RefusedLine[],
): Promise<SolvedQuote> {
  const end = performance.now() + timeLimitMs
  const refused: RefusedLine[] = []
  let left = problem
  for (let round = 1; ; round++) {
    const plan = await solver.solve(left, { timeLimitMs: Math.max(500, end - performance.now()) })
    const found = findRefused(plan)
    if (found.length === 0) return { plan, refused }
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
