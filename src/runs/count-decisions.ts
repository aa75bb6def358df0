import type { Decision, OutcomeItem } from './run.js'

const order: readonly Decision[] = ['ordered', 'pending_approval', 'refused', 'unknown', 'needs_attention', 'skipped']

/** How many items came to which end, what was bought first. */
export function countDecisions(items: readonly Pick<OutcomeItem, 'decision'>[]): [Decision, number][] {
  return order.flatMap((decision): [Decision, number][] => {
    const count = items.filter((item) => item.decision === decision).length
    return count === 0 ? [] : [[decision, count]]
  })
}
