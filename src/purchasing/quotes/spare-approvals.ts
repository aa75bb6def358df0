import { groupBy } from '../group-by.js'
import type { BasketLine, BasketPlan, BasketProblem } from '../solver/basket.js'

/** So much more may a basket cost that makes fewer orders wait for a person: a cent is no reason to hold back a whole order. */
const worthOfNotWaiting = 0.01

/**
 * One line that a person has to look at makes its whole order wait. Where such lines can come from fewer orders, at hardly
 * more cost and with nothing left uncovered, they do: supplier by supplier, the one with the fewest such goods first, its
 * offers of that kind are left out and the rest is solved again.
 */
export async function spareApprovals(
  problem: BasketProblem,
  plan: BasketPlan,
  waits: (line: Pick<BasketLine, 'itemId' | 'offerId'>) => boolean,
  solve: (problem: BasketProblem) => Promise<BasketPlan | null>,
): Promise<BasketPlan> {
  const most = weighed(plan) * (1 + worthOfNotWaiting)
  let left = problem
  let best = plan
  for (const supplierId of heldBack(plan.lines, waits)) {
    if (heldLines(best.lines, waits) === 0) break
    const without = {
      ...left,
      offers: left.offers.filter((offer) => offer.supplierId !== supplierId || !waits(offer)),
    }
    const other = await solve(without)
    if (other === null || other.shortagePoints > plan.shortagePoints || weighed(other) > most) continue
    if (heldLines(other.lines, waits) >= heldLines(best.lines, waits)) continue
    left = without
    best = other
  }
  return best
}

function weighed({ landedMinor, effortMinor }: BasketPlan): number {
  return landedMinor + effortMinor
}

/** Suppliers of whose lines only some wait for a person, those with the least of them first. */
function heldBack(lines: readonly BasketLine[], waits: (line: BasketLine) => boolean): string[] {
  const amount = (of: readonly BasketLine[]) => of.reduce((sum, line) => sum + line.packs * line.packPriceMinor, 0)
  return [...groupBy(lines, (line) => line.supplierId)]
    .filter(([, ofSupplier]) => ofSupplier.some(waits) && !ofSupplier.every(waits))
    .sort(([a, ofA], [b, ofB]) => amount(ofA.filter(waits)) - amount(ofB.filter(waits)) || (a < b ? -1 : 1))
    .map(([supplierId]) => supplierId)
}

/** Lines that wait only because another line of their order does. */
function heldLines(lines: readonly BasketLine[], waits: (line: BasketLine) => boolean): number {
  return [...groupBy(lines, (line) => line.supplierId).values()]
    .filter((ofSupplier) => ofSupplier.some(waits))
    .reduce((sum, ofSupplier) => sum + ofSupplier.filter((line) => !waits(line)).length, 0)
}
