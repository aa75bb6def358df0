import { addQuantity, multiplyQuantity, subtractQuantity } from '../platform/decimal.js'
import type { MovementKind } from './tables.js'

const DAY_MS = 24 * 60 * 60 * 1000

export interface StockMovement {
  readonly kind: MovementKind
  /** Signed change. */
  readonly quantity: number
  /** What a count found; null for the other kinds. */
  readonly counted: number | null
  readonly at: Date
}

/**
 * What is there now: the last count, the movements since, less `dailyUse` for every whole 24 hours since that count.
 *
 * The projected use is taken off up to each movement in turn and stops at 0 there. Taken off in one go at the end, a
 * delivery that came after running dry would be eaten by use that can't have happened.
 *
 * `movements` stand in the order of time; whatever comes before the last count doesn't matter. Without any count the
 * first movement is where projecting starts; without any movement nothing is there.
 */
export function onHand(movements: readonly StockMovement[], dailyUse: number | null, now: Date): number {
  const lastCount = movements.findLastIndex((movement) => movement.kind === 'count')
  const [first, ...later] = movements.slice(Math.max(0, lastCount))
  if (first === undefined) return 0
  let level = atLeastZero(first.counted ?? first.quantity)
  let projectedDays = 0
  const project = (until: Date) => {
    const days = Math.floor((until.getTime() - first.at.getTime()) / DAY_MS)
    if (days <= projectedDays) return
    level = atLeastZero(subtractQuantity(level, multiplyQuantity(dailyUse ?? 0, days - projectedDays)))
    projectedDays = days
  }
  for (const movement of later) {
    project(movement.at)
    level = atLeastZero(addQuantity(level, movement.quantity))
  }
  project(now)
  return level
}

function atLeastZero(quantity: number): number {
  return Math.max(0, quantity)
}
