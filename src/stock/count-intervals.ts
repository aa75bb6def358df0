import type { StockMovement } from './on-hand.js'

const DAY_MS = 24 * 60 * 60 * 1000
/** Of an interval nearly all out of stock nothing can be learned. */
const LEAST_DAYS_IN_STOCK = 0.5

/** What went over some days in stock. */
export interface UseInterval {
  readonly days: number
  /** All of it, recorded uses included. */
  readonly quantity: number
  readonly recorded: number
  /** How many uses were recorded. */
  readonly uses: number
}

export interface UseHistory {
  /** Between one count and the next, for those that end in the window. */
  readonly closed: readonly UseInterval[]
  /** Since the last count, or the window's start; of this only recorded uses are known. */
  readonly open: UseInterval | null
}

interface Span {
  readonly from: number
  readonly to: number
}

interface Walk {
  anchor: { readonly at: Date; readonly counted: number } | null
  /** Delivered since the anchor. */
  came: number
  uses: { readonly at: Date; readonly quantity: number }[]
  /** By the books alone; it never falls below 0. */
  level: number
  drySince: Date | null
  dry: Span[]
}

/**
 * Cuts an item's movements, in the order of time, into what went between counts: the first count, plus deliveries, less the
 * second. Time at a known level of 0 is left out: nothing can go then, however much is wanted.
 *
 * Counts of one day are one count, the last: a slip corrected on the spot would else look like use. Days are those of UTC,
 * which may shift an interval by a day and its neighbour back.
 */
export function countIntervals(movements: readonly StockMovement[], now: Date, windowStart: Date): UseHistory {
  const closed: { interval: UseInterval; end: Date }[] = []
  const walk: Walk = { anchor: null, came: 0, uses: [], level: 0, drySince: null, dry: [] }
  for (const movement of movements) {
    if (movement.kind !== 'count') {
      if (walk.anchor === null) begin(walk, movement.at, 0)
      step(walk, movement)
      continue
    }
    const counted = movement.counted ?? 0
    if (walk.anchor !== null) close(closed, walk, walk.anchor, movement.at, counted)
    begin(walk, movement.at, counted)
  }
  const intervals = closed.filter(({ end }) => end >= windowStart).map(({ interval }) => interval)
  return { closed: intervals, open: openInterval(walk, now, windowStart) }
}

export function dayNumber(at: Date): number {
  return Math.floor(at.getTime() / DAY_MS)
}

function begin(walk: Walk, at: Date, counted: number): void {
  walk.anchor = { at, counted }
  walk.came = 0
  walk.uses = []
  walk.level = counted
  walk.drySince = counted <= 0 ? at : null
  walk.dry = []
}

function step(walk: Walk, { kind, quantity, at }: StockMovement): void {
  if (kind === 'delivery') walk.came += quantity
  if (kind === 'use') walk.uses.push({ at, quantity: -quantity })
  walk.level = Math.max(0, walk.level + quantity)
  if (walk.level <= 0) walk.drySince ??= at
  else if (walk.drySince !== null) {
    walk.dry.push({ from: walk.drySince.getTime(), to: at.getTime() })
    walk.drySince = null
  }
}

function close(
  closed: { interval: UseInterval; end: Date }[],
  walk: Walk,
  anchor: { readonly at: Date; readonly counted: number },
  at: Date,
  counted: number,
): void {
  const quantity = anchor.counted + walk.came - counted
  const recorded = recordedIn(walk.uses)
  const days = dayNumber(at) - dayNumber(anchor.at)
  const inStock = days - dryDays(walk, anchor.at, at)
  const before = closed.at(-1)
  if (days > 0) {
    if (inStock < LEAST_DAYS_IN_STOCK) return
    closed.push({ interval: { days: inStock, quantity, recorded, uses: walk.uses.length }, end: at })
  } else if (before !== undefined) {
    const { interval } = before
    closed[closed.length - 1] = {
      interval: {
        days: interval.days,
        quantity: interval.quantity + quantity,
        recorded: interval.recorded + recorded,
        uses: interval.uses + walk.uses.length,
      },
      end: at,
    }
  }
}

function openInterval(walk: Walk, now: Date, windowStart: Date): UseInterval | null {
  if (walk.anchor === null) return null
  const from = walk.anchor.at > windowStart ? walk.anchor.at : windowStart
  const days = (now.getTime() - from.getTime()) / DAY_MS - dryDays(walk, from, now)
  if (days <= 0) return null
  const uses = walk.uses.filter((use) => use.at >= from)
  const recorded = recordedIn(uses)
  return { days, quantity: recorded, recorded, uses: uses.length }
}

function recordedIn(uses: readonly { readonly quantity: number }[]): number {
  return uses.reduce((sum, use) => sum + use.quantity, 0)
}

function dryDays(walk: Walk, from: Date, until: Date): number {
  const spans =
    walk.drySince === null ? walk.dry : [...walk.dry, { from: walk.drySince.getTime(), to: until.getTime() }]
  const clipped = spans.map((span) => Math.max(0, span.to - Math.max(span.from, from.getTime())))
  return clipped.reduce((sum, ms) => sum + ms, 0) / DAY_MS
}
