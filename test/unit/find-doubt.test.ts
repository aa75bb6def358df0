import { describe, expect, it } from 'vitest'
import { defaultDemandRules } from '../../src/stock/demand-rules.js'
import { type DoubtInput, findDoubt, type LedgerMovement } from '../../src/stock/find-doubt.js'

type Written = readonly [kind: LedgerMovement['kind'], day: number, quantity: number]

/** Their places in the list are their ids, from 1. */
function ledger(written: readonly Written[]): LedgerMovement[] {
  return written.map(([kind, day, quantity], index) => ({
    id: index + 1,
    kind,
    quantity: kind === 'count' ? 0 : quantity,
    counted: kind === 'count' ? quantity : null,
    at: new Date(Date.UTC(2026, 0, 1) + day * 24 * 60 * 60 * 1000),
  }))
}

function doubt(written: readonly Written[], overrides: Partial<DoubtInput> = {}) {
  const input = { unit: 'l', statedDailyUse: null, confirmedMovement: null, rules: defaultDemandRules }
  return findDoubt({ ...input, movements: ledger(written), ...overrides })
}

/** Two litres a day, 30 on the shelf on day 20. */
const past: Written[] = [
  ['count', 0, 40],
  ['count', 5, 30],
  ['count', 10, 20],
  ['delivery', 12, 20],
  ['count', 15, 30],
  ['delivery', 18, 10],
  ['count', 20, 30],
]

describe('a count that is hardly true', () => {
  it.each<[string, Written[], RegExp | null]>([
    ['as expected', [['count', 22, 26]], null],
    ['a bad week', [['count', 22, 4]], null],
    ['0 when it was due to run out', [['count', 35, 0]], null],
    [
      '0 right after a delivery',
      [
        ['delivery', 21, 20],
        ['count', 21.5, 0],
      ],
      /0 right after 20 l came in; count it again, or confirm/,
    ],
    [
      '0 within the day, to the hour',
      [
        ['delivery', 21, 20],
        ['count', 22, 0],
      ],
      /right after 20 l/,
    ],
    [
      '0 two days after',
      [
        ['delivery', 21, 20],
        ['count', 23, 0],
      ],
      null,
    ],
    [
      'something left right after a delivery',
      [
        ['delivery', 21, 40],
        ['count', 21.5, 1],
      ],
      /69 l gone in 1.5 days, where 2 l go in a day/,
    ],
    [
      "0 after a delivery of a day's use",
      [
        ['delivery', 21, 2],
        ['count', 21.5, 0],
      ],
      null,
    ],
    [
      '0 where recorded uses took all',
      [
        ['delivery', 21, 20],
        ['use', 21.2, -25],
        ['use', 21.3, -25],
        ['count', 21.5, 0],
      ],
      null,
    ],
    [
      'twenty days of use in one',
      [
        ['delivery', 20.5, 30],
        ['count', 21, 20],
      ],
      /20 l: 40 l gone in 1 day,/,
    ],
    [
      'nineteen and a half',
      [
        ['delivery', 20.5, 30],
        ['count', 21, 21],
      ],
      null,
    ],
    ['more than can be there', [['count', 21, 300]], /300 l, 270 l more than was there or came in/],
    ['found some more', [['count', 21, 60]], null],
    ['a use of forty', [['use', 21, -40]], /A use of 40 l was recorded, but 2 l go in a day/],
    ['a use of thirty-nine', [['use', 21, -39]], null],
    [
      'a use before the last count',
      [
        ['use', 21, -40],
        ['count', 21.1, 1],
      ],
      null,
    ],
  ])('%s', (_name, last, text) => {
    const found = doubt([...past, ...last])
    if (text === null) expect(found).toBeNull()
    else expect(found?.text).toMatch(text)
  })

  it('is no use as large as one that a person stood by', () => {
    const party: Written[] = [...past, ['use', 21, -40]]
    expect(doubt([...party, ['use', 22, -40]])?.movementId).toBe(party.length)
    expect(doubt([...party, ['use', 22, -40]], { confirmedMovement: party.length })).toBeNull()
    expect(doubt([...party, ['use', 22, -400]], { confirmedMovement: party.length })?.movementId).toBe(party.length + 1)
  })

  it('names the movement', () => {
    expect(doubt([...past, ['use', 21, -1], ['use', 21.5, -400]])?.movementId).toBe(past.length + 2)
  })

  it('is believed once somebody has looked again, or stands by it', () => {
    const zero: Written[] = [...past, ['delivery', 21, 20], ['count', 21.5, 0]]
    expect(doubt(zero)).not.toBeNull()
    expect(doubt(zero, { confirmedMovement: zero.length })).toBeNull()
    expect(doubt(zero, { confirmedMovement: zero.length - 1 })).not.toBeNull()
    expect(doubt([...zero, ['count', 21.6, 0]])).toBeNull()
    expect(doubt([...zero, ['count', 21.6, 48]])).toBeNull()
  })

  it('needs a past to be judged by, or a stated daily use', () => {
    const young: Written[] = [
      ['count', 0, 40],
      ['delivery', 1, 20],
      ['count', 1.5, 0],
    ]
    expect(doubt(young)).toBeNull()
    expect(doubt(young, { statedDailyUse: 2 })?.text).toMatch(/right after 20 l/)
    expect(
      doubt(
        [
          ['count', 0, 40],
          ['use', 1, -39],
        ],
        { statedDailyUse: 2 },
      ),
    ).toBeNull()
    expect(
      doubt(
        [
          ['count', 0, 40],
          ['use', 1, -40],
        ],
        { statedDailyUse: 2 },
      )?.text,
    ).toMatch(/A use of 40 l/)
    expect(
      doubt(
        [
          ['count', 0, 40],
          ['use', 1, -40],
        ],
        { statedDailyUse: 0 },
      ),
    ).toBeNull()
  })

  it('is as strict as the list wants it', () => {
    const rules = { ...defaultDemandRules, doubtZeroDays: 3, doubtTimes: 5 }
    expect(doubt([...past, ['delivery', 21, 20], ['count', 23, 0]], { rules })?.text).toMatch(/right after/)
    expect(doubt([...past, ['use', 21, -10]], { rules })?.text).toMatch(/A use of 10 l/)
  })
})
