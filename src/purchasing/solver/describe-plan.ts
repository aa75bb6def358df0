import type { DescribedPlan } from './assemble-plan.js'
import { comparePlan } from './compare-plan.js'
import { explainShortages } from './explain-shortages.js'
import type { Instance } from './instance.js'
import type { Found } from './solve-instance.js'

/** Adds to plans what they leave uncovered and what they compare with; works that out only when the packs are others. */
export function describePlan(instance: Instance): (found: Found) => DescribedPlan {
  let last: DescribedPlan | null = null
  return (found) => {
    const isSame = last?.packs.every((packs, offer) => packs === found.packs[offer]) ?? false
    const { comparison, shortages } =
      last !== null && isSame
        ? last
        : { comparison: comparePlan(instance, found.packs), shortages: explainShortages(instance, found.packs) }
    last = { ...found, comparison, shortages }
    return last
  }
}
