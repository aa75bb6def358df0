import { describe, expect, it } from 'vitest'
import { onHand, type StockMovement } from '../../src/stock/on-hand.js'

const noon = (day: number) => new Date(Date.UTC(2026, 2, day, 12))
const count = (day: number, counted: number): StockMovement => ({ kind: 'count', quantity: 0, counted, at: noon(day) })
const use = (day: number, quantity: number): StockMovement => ({
  kind: 'use',
  quantity: -quantity,
  counted: null,
  at: noon(day),
})
const delivery = (day: number, quantity: number): StockMovement => ({
  kind: 'delivery',
  quantity,
  counted: null,
  at: noon(day),
})

describe('on hand now', () => {
  it.each<[string, StockMovement[], number | null, Date, number]>([
    ['nothing is known', [], 3, noon(9), 0],
    ['just counted', [count(1, 10)], 3, noon(1), 10],
    ['no daily use: a count stays true', [count(1, 10)], null, noon(30), 10],
    ['23 hours are no day', [count(1, 10)], 3, new Date(Date.UTC(2026, 2, 2, 11)), 10],
    ['24 hours are one', [count(1, 10)], 3, noon(2), 7],
    ['three days and a bit', [count(1, 10)], 3, new Date(Date.UTC(2026, 2, 4, 20)), 1],
    ['never below 0', [count(1, 10)], 3, noon(30), 0],
    ['thousandths stay exact', [count(1, 1)], 0.1, noon(4), 0.7],
    ['use and deliveries since the count', [count(1, 10), use(2, 4), delivery(3, 20)], null, noon(4), 26],
    ['both stated use and projected use', [count(1, 10), use(2, 4)], 1, noon(3), 4],
    ['only the last count counts', [count(1, 100), use(2, 4), count(3, 10), delivery(4, 5)], 1, noon(5), 13],
    ['a delivery after running dry is there in full', [count(1, 6), delivery(20, 30)], 2, noon(20), 30],
    ['and is used up from then on', [count(1, 6), delivery(20, 30)], 2, noon(23), 24],
    ['a delivery before running dry is used up too', [count(1, 6), delivery(2, 30)], 2, noon(20), 0],
    ['dry twice', [count(1, 6), delivery(10, 5), delivery(20, 7)], 2, noon(21), 5],
    ['without a count the first movement begins it', [delivery(1, 8)], 1, noon(4), 5],
    ['the clock went backwards', [count(5, 8)], 1, noon(1), 8],
  ])('%s', (_name, movements, dailyUse, now, expected) => {
    expect(onHand(movements, dailyUse, now)).toBe(expected)
  })

  it('counts whole days from the count, however many movements lie between', () => {
    const hourly = Array.from({ length: 47 }, (_, hour) => ({
      ...delivery(1, 1),
      at: new Date(noon(1).getTime() + (hour + 1) * 3_600_000),
    }))
    expect(onHand([count(1, 100), ...hourly], 10, noon(3))).toBe(127)
  })
})
