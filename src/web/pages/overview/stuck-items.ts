import type { OutcomeItem, Run } from '../../../runs/run.js'
import type { ItemView } from '../../../stock/item-view.js'

/** An item that is due, and why the last run of its list did not buy it. */
export interface Stuck {
  readonly item: ItemView
  readonly last: OutcomeItem
}

/** What the next run won't buy either, unless a person does something about it. */
export function findStuck(due: readonly ItemView[], lastRuns: readonly Run[]): readonly Stuck[] {
  const decided = new Map(lastRuns.flatMap(({ outcome }) => (outcome?.items ?? []).map((item) => [item.itemId, item])))
  return due.flatMap((item) => {
    const last = decided.get(item.itemId)
    const isStuck = last !== undefined && ['refused', 'needs_attention', 'unknown'].includes(last.decision)
    return isStuck && item.attention === null ? [{ item, last }] : []
  })
}
