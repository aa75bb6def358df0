import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { learnDailyUse } from '../../src/stock/learn-daily-use.js'
import type { StockMovement } from '../../src/stock/on-hand.js'

const at = (day: number) => new Date(Date.UTC(2026, 0, day, 12))
const movement = (kind: StockMovement['kind'], day: number, quantity: number): StockMovement =>
  kind === 'count'
    ? { kind, quantity: 0, counted: quantity, at: at(day) }
    : { kind, quantity, counted: null, at: at(day) }
const count = (day: number, counted: number) => movement('count', day, counted)
const use = (day: number, quantity: number) => movement('use', day, -quantity)
const delivery = (day: number, quantity: number) => movement('delivery', day, quantity)
const correction = (day: number, quantity: number) => movement('adjustment', day, quantity)

function learn(movements: readonly StockMovement[], today: number, windowDays = 56) {
  const learned = learnDailyUse(movements, at(today), windowDays)
  return learned === null
    ? null
    : [learned.mean, learned.unrecorded, learned.sigma, learned.counts, learned.uses, learned.days]
}

describe('what goes in a day', () => {
  it.each<[string, StockMovement[], number, ReturnType<typeof learn>]>([
    ['nothing is known', [], 9, null],
    ['one count tells nothing', [count(1, 20)], 30, null],
    ['two counts are too few', [count(1, 20), count(11, 0)], 12, null],
    ['three counts over less than a week are too few', [count(1, 20), count(2, 18), count(6, 10)], 7, null],
    ['steady', [count(1, 20), count(6, 10), count(11, 0)], 11, [2, 2, 0, 3, 0, 10]],
    [
      'deliveries in between are gone, too',
      [count(1, 20), delivery(3, 30), count(6, 40), delivery(8, 5), count(11, 35)],
      11,
      [2, 2, 0, 3, 0, 10],
    ],
    // 30 and 10 in 10 days each: 2 a day; (30 − 20)² / 10 + (10 − 20)² / 10 = 20, over 2 − 1 intervals, √20
    ['uneven', [count(1, 40), count(11, 10), count(21, 0)], 21, [2, 2, 4.472, 3, 0, 20]],
    [
      'recorded uses are part of what went, not on top',
      [count(1, 20), use(3, 5), count(6, 10), count(11, 0)],
      11,
      [2, 1.5, 0, 3, 1, 10],
    ],
    [
      'all of it recorded: nothing goes unseen',
      [count(1, 20), use(3, 5), use(5, 5), count(6, 10), delivery(7, 50), use(8, 10), count(11, 50)],
      11,
      [2, 0, 0, 3, 3, 10],
    ],
    [
      'uses alone, day by day',
      [count(1, 50), use(2, 4), use(5, 4), use(8, 4)],
      9,
      // 12 in 8 days; three days of 4 and five of 0: √((3 · 2.5² + 5 · 1.5²) / 7)
      [1.5, null, 2.07, 0, 3, 8],
    ],
    ['two uses are too few', [count(1, 50), use(2, 4), use(8, 4)], 9, null],
    [
      'days out of stock are left out',
      [count(1, 10), count(6, 0), delivery(16, 20), count(21, 10)],
      21,
      // 10 in 5 days, then 10 in the 5 days after the delivery
      [2, 2, 0, 3, 0, 10],
    ],
    [
      'an interval wholly out of stock says nothing',
      [count(1, 10), count(6, 0), count(16, 0), delivery(16, 20), count(21, 10)],
      21,
      [2, 2, 0, 3, 0, 10],
    ],
    [
      'a delivery that the next count holds is not counted off again',
      [count(1, 20), delivery(4, 10), correction(4, -10), count(6, 20), count(11, 10)],
      11,
      [2, 2, 0, 3, 0, 10],
    ],
    [
      'more was used than was believed: the correction is no delivery',
      [count(1, 10), correction(4, 5), use(4, 15), count(6, 0), delivery(6, 20), count(11, 10)],
      11,
      [2.5, 0.625, expect.any(Number), 3, 1, 8],
    ],
    [
      'a slip corrected on the spot',
      [count(1, 20), { ...count(6, 100) }, { ...count(6, 10), at: new Date(at(6).getTime() + 60_000) }, count(11, 0)],
      11,
      [2, 2, 0, 3, 0, 10],
    ],
    [
      'found again: never below 0',
      [count(1, 10), count(6, 12), count(11, 14)],
      11,
      [0, 0, expect.any(Number), 3, 0, 10],
    ],
    [
      'what ended before the window is forgotten',
      [count(1, 500), count(6, 0), delivery(6, 20), count(60, 20), count(65, 10), count(70, 0)],
      70,
      [0.313, 0.313, expect.any(Number), 4, 0, 64],
    ],
  ])('%s', (_name, movements, today, expected) => {
    expect(learn(movements, today)).toEqual(expected)
  })

  it('forgets what is older than the window', () => {
    const heavy = [count(1, 500), count(20, 0), delivery(20, 40)]
    const light = [count(25, 40), count(30, 35), count(35, 30)]
    expect(learn([...heavy, ...light], 35, 14)?.[0]).toBe(0.667)
    expect(learn([...heavy, ...light], 35, 56)?.[0]).toBeGreaterThan(10)
  })

  it('adds up to what went, however often it is counted', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 3, maxLength: 40 }),
        fc.integer({ min: 0, max: 7 }),
        (gaps, perDay) => {
          let day = 1
          let left = 10_000
          const movements = [count(day, left)]
          for (const gap of gaps) {
            day += gap
            left -= gap * perDay
            movements.push(count(day, left))
          }
          const learned = learnDailyUse(movements, at(day), 1_000)
          if (day - 1 < 7) expect(learned).toBeNull()
          else expect(learned).toMatchObject({ mean: perDay, sigma: 0, days: day - 1, counts: movements.length })
        },
      ),
    )
  })
})
