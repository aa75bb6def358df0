import { roundQuantity } from '../platform/decimal.js'
import { countIntervals, dayNumber, type UseInterval } from './count-intervals.js'
import type { StockMovement } from './on-hand.js'

const DAY_MS = 24 * 60 * 60 * 1000
/** Fewer than these say more about chance than about use. */
const LEAST_DAYS = 7
const LEAST_COUNTS = 3
const LEAST_USES = 3

export interface LearnedUse {
  /** All that goes on a day in stock, recorded or not. */
  readonly mean: number
  /** Standard deviation of a day's use; null: seen too rarely to tell. */
  readonly sigma: number | null
  /** What goes in a day without being recorded, on top of recorded uses; null: not counted often enough to tell. */
  readonly unrecorded: number | null
  /** What it was learned from; no counts: from recorded uses alone. */
  readonly counts: number
  readonly uses: number
  /** In stock. */
  readonly days: number
}

/**
 * What goes in a day, learned from counts, deliveries and recorded uses of a trailing window; null when they are too few.
 * Recorded uses are part of what went between two counts; the rest is use that nobody wrote down, and goes on unseen after
 * the last count. `movements` stand in the order of time and hold none that was undone.
 */
export function learnDailyUse(movements: readonly StockMovement[], now: Date, windowDays: number): LearnedUse | null {
  const { closed, open } = countIntervals(movements, now, new Date(now.getTime() - windowDays * DAY_MS))
  const countedDays = total(closed, 'days')
  const isCounted = closed.length + 1 >= LEAST_COUNTS && countedDays >= LEAST_DAYS
  const all = open === null ? closed : [...closed, open]
  const days = total(all, 'days')
  const uses = total(all, 'uses')
  if (!isCounted && (uses < LEAST_USES || days < LEAST_DAYS)) return null

  const unrecorded = isCounted
    ? Math.max(0, (total(closed, 'quantity') - total(closed, 'recorded')) / countedDays)
    : null
  const recorded = uses > 0 ? total(all, 'recorded') / days : 0
  return {
    mean: roundQuantity((unrecorded ?? 0) + recorded),
    sigma: deviation(isCounted ? closed : dailyUses(movements, now, windowDays)),
    unrecorded: unrecorded === null ? null : roundQuantity(unrecorded),
    counts: isCounted ? closed.length + 1 : 0,
    uses,
    days: Math.round(uses > 0 ? days : countedDays),
  }
}

/**
 * Standard deviation of one day, from intervals of several: what goes in n independent days varies by √n, so each
 * interval's squared distance from the mean is divided by its days.
 */
function deviation(intervals: readonly Pick<UseInterval, 'days' | 'quantity'>[]): number | null {
  if (intervals.length < 2) return null
  const days = intervals.reduce((sum, interval) => sum + interval.days, 0)
  const mean = intervals.reduce((sum, interval) => sum + interval.quantity, 0) / days
  const squares = intervals.reduce(
    (sum, interval) => sum + (interval.quantity - mean * interval.days) ** 2 / interval.days,
    0,
  )
  return roundQuantity(Math.sqrt(squares / (intervals.length - 1)))
}

/** Recorded uses day by day, from the first movement or the window's start on, days without any included. */
function dailyUses(movements: readonly StockMovement[], now: Date, windowDays: number) {
  const today = dayNumber(now)
  const first = movements[0] === undefined ? today : dayNumber(movements[0].at)
  const start = Math.max(first, today - windowDays)
  const days = Array.from({ length: Math.max(0, today - start) }, () => ({ days: 1, quantity: 0 }))
  for (const { kind, quantity, at } of movements) {
    const day = days[dayNumber(at) - start]
    if (kind === 'use' && day !== undefined) day.quantity -= quantity
  }
  return days
}

function total(intervals: readonly UseInterval[], of: keyof UseInterval): number {
  return intervals.reduce((sum, interval) => sum + interval[of], 0)
}
