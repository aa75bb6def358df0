import type { DescribedPlan } from './assemble-plan.js'
import { comparePlan } from './compare-plan.js'
import { explainShortages } from './explain-shortages.js'
import type { Instance } from './instance.js'
import { runAtOnce } from './run-at-once.js'
import type { Found } from './solve-instance.js'

/** Adds to a plan what it leaves uncovered and what it compares with. Yields every few milliseconds. */
export function* describePlan(instance: Instance, found: Found): Generator<void, DescribedPlan> {
  yield
  const comparison = comparePlan(instance, found.packs)
  yield
  const shortages = yield* explainShortages(instance, found.packs)
  return { ...found, comparison, shortages }
}

/** The same, plan after plan; works it out only when the packs are others. */
export function describePlans(instance: Instance): (found: Found) => DescribedPlan {
  let last: DescribedPlan | null = null
  return (found) => {
    const isSame = last?.packs.every((packs, offer) => packs === found.packs[offer]) ?? false
    last = last !== null && isSame ? { ...last, ...found } : runAtOnce(describePlan(instance, found))
    return last
  }
}
