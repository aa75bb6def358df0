import type { JournalLeg } from './journal.js'
import type { RunSnapshot, SnapshotItem } from './run.js'

/** As long as a quote holds: what was recorded longer ago was said about another day. */
const longestGapMs = 30 * 60_000

/** How an attempt at a run begins: on with the conversation that an earlier attempt left, or with a new one. Why, for the log. */
export type ResumePlan =
  | { readonly kind: 'resume'; readonly leg: JournalLeg; readonly why: string }
  | { readonly kind: 'begin'; readonly why: string }

/**
 * Decides whether the last leg of the journal is gone on with, given what is due now. Once it has written anything it always
 * is: only its record says what was done and what is in doubt. Before that, it is as long as what the model was told is still
 * so; a need that has grown since (as needs do, day by day) is. Otherwise every request would differ, and a new leg is more
 * use. Pure.
 */
export function planResume(legs: readonly JournalLeg[], due: RunSnapshot, now: Date): ResumePlan {
  const leg = legs.at(-1)
  if (leg === undefined) return { kind: 'begin', why: 'nothing was recorded' }
  if (leg.entries.some(({ isWrite }) => isWrite)) return { kind: 'resume', leg, why: 'something was written' }
  if (leg.entries.every(({ error }) => error !== null)) return { kind: 'begin', why: 'nothing was answered' }
  if (now.getTime() - new Date(leg.snapshot.asOf).getTime() > longestGapMs) {
    return { kind: 'begin', why: 'what was recorded is too old' }
  }
  const change = firstChange(leg.snapshot.items, due.items)
  if (change !== null) return { kind: 'begin', why: change }
  return { kind: 'resume', leg, why: 'what is due is the same' }
}

function firstChange(told: readonly SnapshotItem[], due: readonly SnapshotItem[]): string | null {
  const now = new Map(due.map((item) => [item.itemId, item]))
  if (now.size > told.length) return 'more is due by now'
  const changed = told.find((item) => {
    const current = now.get(item.itemId)
    return current === undefined || current.need < item.need || factsOf(current) !== factsOf(item)
  })
  return changed === undefined ? null : `${changed.itemId} has changed since`
}

/** What decides which products are bought and at which price; stock and needs move by themselves. */
function factsOf(item: SnapshotItem): string {
  const { name, unit, sku, gtin, maxUnitPrice, notes, category, origin } = item
  const links = item.links.map(({ productId, status }) => `${productId} ${status}`).sort()
  return JSON.stringify([name, unit, sku, gtin, maxUnitPrice, notes, category, origin, item.need > 0, links])
}
