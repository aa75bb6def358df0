import { describe, expect, it } from 'vitest'
import type { PastMovement } from '../../src/stock/item-history.js'
import { stockSeries } from '../../src/web/pages/items/stock-series.js'

const day = (n: number) => new Date(Date.UTC(2026, 2, n))

function movement(overrides: Partial<PastMovement> & Pick<PastMovement, 'at' | 'kind' | 'quantity'>): PastMovement {
  return { movementId: 1, counted: null, cause: '', actor: '', undoes: null, undoneBy: null, ...overrides }
}

describe('what was on hand over time', () => {
  it('falls by the daily use, jumps to what was counted, and rises by what came in', () => {
    const series = stockSeries({
      movements: [
        movement({ at: day(5), kind: 'delivery', quantity: 12 }),
        movement({ at: day(3), kind: 'count', quantity: -1, counted: 5 }),
        movement({ at: day(1), kind: 'count', quantity: 10, counted: 10 }),
      ],
      orders: [{ at: day(4), quantity: 12 }],
      dailyUse: 2,
      onHand: 11,
      now: day(6),
    })
    expect(series.times).toEqual([1, 3, 3, 4, 5, 5, 6].map((n) => day(n).getTime() / 1000))
    expect(series.onHand).toEqual([10, 6, 5, 3, 1, 13, 11])
    expect(series.orders).toEqual([null, null, null, 3, null, null, null])
    expect(series.receipts).toEqual([null, null, null, null, null, 13, null])
  })

  it('never goes below nothing, and leaves out what was undone with what undid it', () => {
    const series = stockSeries({
      movements: [
        movement({ movementId: 3, at: day(9), kind: 'adjustment', quantity: -50, undoes: 2 }),
        movement({ movementId: 2, at: day(8), kind: 'delivery', quantity: 50, undoneBy: 3 }),
        movement({ at: day(1), kind: 'count', quantity: 4, counted: 4 }),
      ],
      orders: [{ at: day(7), quantity: 6 }],
      dailyUse: 1,
      onHand: 0,
      now: day(10),
    })
    expect(series.onHand).toEqual([4, 0, 0])
    expect(series.receipts).toEqual([null, null, null])
  })

  it('is empty before anything is recorded', () => {
    const nothing = { movements: [], orders: [{ at: day(1), quantity: 1 }], dailyUse: 1, onHand: 0, now: day(2) }
    expect(stockSeries(nothing).times).toEqual([])
  })
})
