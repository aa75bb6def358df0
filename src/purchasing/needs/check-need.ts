/**
 * Whether what a quote buys for one item is still needed, and not more than was registered. Pure; the placing
 * transaction gathers the facts with the item's commitment locked, so that they hold until it commits.
 */
import { addQuantity, subtractQuantity } from '../../platform/decimal.js'
import type { Message } from '../../platform/errors.js'

export interface NeedFacts {
  readonly need: {
    readonly name: string
    readonly quantity: number
    readonly unit: string
    /** What was on order, for all the list knew, when the need was worked out. */
    readonly onOrderSeen: number
    /** The last order event that the list knew of when the need was worked out. */
    readonly eventsSeen: number
  }
  /** On order now, whoever ordered it. */
  readonly open: number
  /** Came in of late, whoever ordered it (`deliveredOfLate`). */
  readonly cameIn: number
  /** What the need's own run has ordered before, oldest first. */
  readonly ownPlacements: readonly OwnPlacement[]
  /** Ordered by others since the need was registered, even if it has come in already. */
  readonly orderedByOthersSince: number
  readonly lines: readonly NeedLine[]
}

export interface OwnPlacement {
  /** Its first event: above `eventsSeen`, the list could not know of it. No clock is asked, since several machines have several. */
  readonly seq: number
  /** Still to come. */
  readonly open: number
  /** Bought for good: ordered, and not rejected, declined, cancelled or closed short since. */
  readonly bought: number
}

export interface NeedLine {
  readonly packs: number
  readonly minimumPacks: number
  readonly packQuantity: number
  readonly quantity: number
  readonly unit: string
}

/** null: go ahead. */
export function checkNeed(facts: NeedFacts): Message | null {
  const { need } = facts
  if (facts.lines.some((line) => line.unit !== need.unit)) {
    return stale(`“${need.name}” is needed in another unit by now.`)
  }
  if (facts.orderedByOthersSince > 0) {
    return stale(`Somebody else has ordered “${need.name}” since this need was worked out.`)
  }
  const bought = boughtSinceSeen(facts)
  if (bought === null) {
    return stale(
      `“${need.name}”: ${need.onOrderSeen} ${need.unit} were on order when this need was worked out, now it is ${facts.open} ${need.unit}.`,
    )
  }
  const remaining = subtractQuantity(need.quantity, bought)
  const quoted = facts.lines.reduce((sum, line) => addQuantity(sum, line.quantity), 0)
  if (remaining > 0 && isPackRounding(subtractQuantity(quoted, remaining), facts.lines)) return null
  const already = bought === 0 ? '' : `, of which this run has ordered ${bought} ${need.unit} already`
  return {
    code: 'over_need',
    severity: 'final',
    text: `“${need.name}”: ${quoted} ${need.unit} would be more than the need of ${need.quantity} ${need.unit}${already}.`,
  }
}

/**
 * How much of the need this run has bought since the need was worked out; null where what is on order is neither what
 * the need saw nor explained by this run's own orders.
 *
 * A second attempt of a run works out its needs anew, and the list may or may not have heard of the first attempt's
 * orders by then. So the orders of this run that the need has seen are its oldest, none to all of them; those after
 * them count against the need.
 */
function boughtSinceSeen(facts: NeedFacts): number | null {
  const placements = groupByPlacing(facts.ownPlacements)
  const openOfOthers = placements.reduce((open, placement) => subtractQuantity(open, placement.open), facts.open)
  let seen = openOfOthers
  for (let count = 0; ; count++) {
    if (seen === facts.need.onOrderSeen) {
      return placements.slice(count).reduce((sum, placement) => {
        // It came in before the need was worked out: the need counts it as stock.
        const isStock = placement.open === 0 && placement.seq <= facts.need.eventsSeen
        return isStock ? sum : addQuantity(sum, placement.bought)
      }, 0)
    }
    const next = placements[count]
    if (next === undefined) return null
    seen = addQuantity(seen, next.open)
  }
}

/** Orders of one transaction reached the list together. */
function groupByPlacing(placements: readonly OwnPlacement[]): OwnPlacement[] {
  const groups = new Map<number, OwnPlacement>()
  for (const placement of placements) {
    const group = groups.get(placement.seq) ?? { seq: placement.seq, open: 0, bought: 0 }
    groups.set(placement.seq, {
      seq: placement.seq,
      open: addQuantity(group.open, placement.open),
      bought: addQuantity(group.bought, placement.bought),
    })
  }
  return [...groups.values()].sort((a, b) => a.seq - b.seq)
}

/**
 * Whole packs may go past the need, a pack that could be left out may not, of whichever line it is. A line at its minimum
 * can only be left out whole.
 */
function isPackRounding(excess: number, lines: readonly NeedLine[]): boolean {
  return lines.every((line) => excess < (line.packs > line.minimumPacks ? line.packQuantity : line.quantity))
}

function stale(what: string): Message {
  return { code: 'need_stale', severity: 'final', text: `${what} The next run works it out anew.` }
}
