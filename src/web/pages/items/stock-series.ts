/** What was on hand over time, for a chart: from the ledger and the use that was projected between. Pure. */
import type { PastMovement } from '../../../stock/item-history.js'

export interface PlacedOrder {
  readonly at: Date
  readonly quantity: number
}

export interface StockSeries {
  /** Seconds since the epoch, ascending. */
  readonly times: readonly number[]
  readonly onHand: readonly (number | null)[]
  /** Set where an order was placed, at what was on hand then. */
  readonly orders: readonly (number | null)[]
  /** Set where goods came in. */
  readonly receipts: readonly (number | null)[]
}

interface Point {
  readonly time: number
  readonly level: number
  readonly kind: 'level' | 'order' | 'receipt'
}

/**
 * `movements` newest first, as the history gives them, those that were undone left out. `dailyUse` is what is projected now;
 * of the past it draws a picture, no more.
 */
export function stockSeries(input: {
  readonly movements: readonly PastMovement[]
  readonly orders: readonly PlacedOrder[]
  readonly dailyUse: number | null
  readonly onHand: number
  readonly now: Date
}): StockSeries {
  const standing = input.movements.filter(({ undoes, undoneBy }) => undoes === null && undoneBy === null)
  const oldestFirst = [...standing].reverse()
  const perMs = (input.dailyUse ?? 0) / 86_400_000
  const points: Point[] = []
  let level = 0
  let last: number | null = null
  const levelAt = (time: number) => (last === null ? level : Math.max(0, level - (time - last) * perMs))
  const first = oldestFirst[0]?.at.getTime()
  const placed = input.orders
    .filter(({ at }) => first !== undefined && at.getTime() >= first)
    .sort((a, b) => a.at.getTime() - b.at.getTime())
  const placeUntil = (time: number) => {
    for (let next = placed[0]; next !== undefined && next.at.getTime() <= time; next = placed[0]) {
      points.push({ time: next.at.getTime(), level: levelAt(next.at.getTime()), kind: 'order' })
      placed.shift()
    }
  }
  for (const movement of oldestFirst) {
    const time = movement.at.getTime()
    placeUntil(time)
    if (last !== null) points.push({ time, level: levelAt(time), kind: 'level' })
    level = movement.counted ?? Math.max(0, levelAt(time) + movement.quantity)
    last = time
    points.push({ time, level, kind: movement.kind === 'delivery' ? 'receipt' : 'level' })
  }
  placeUntil(input.now.getTime())
  if (last !== null) points.push({ time: input.now.getTime(), level: input.onHand, kind: 'level' })
  return toSeries(points)
}

function toSeries(points: readonly Point[]): StockSeries {
  const rounded = (level: number) => Math.round(level * 1000) / 1000
  return {
    times: points.map(({ time }) => time / 1000),
    onHand: points.map(({ level }) => rounded(level)),
    orders: points.map(({ level, kind }) => (kind === 'order' ? rounded(level) : null)),
    receipts: points.map(({ level, kind }) => (kind === 'receipt' ? rounded(level) : null)),
  }
}
