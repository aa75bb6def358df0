import { describe, expect, it } from 'vitest'
import { checkNeed, type NeedFacts, type NeedLine } from '../../src/purchasing/needs/check-need.js'

const eventsSeen = 100
const before = 90
const after = 110

function buildLine(packs: number, packQuantity: number, minimumPacks = 1): NeedLine {
  return { packs, packQuantity, minimumPacks, quantity: packs * packQuantity, unit: 'l' }
}

function check(facts: Partial<NeedFacts>, need: Partial<NeedFacts['need']> = {}): string {
  const verdict = checkNeed({
    need: { name: 'Milk', quantity: 30, unit: 'l', onOrderSeen: 0, eventsSeen, ...need },
    open: 0,
    cameIn: 0,
    ownPlacements: [],
    orderedByOthersSince: 0,
    lines: [buildLine(3, 12)],
    ...facts,
  })
  return verdict?.code ?? 'ok'
}

describe('how much of a need may be bought', () => {
  it.each([
    ['exactly the need', [buildLine(30, 1)], 'ok'],
    ['whole packs past it', [buildLine(3, 12)], 'ok'],
    ['a pack that could be left out', [buildLine(4, 12)], 'over_need'],
    ['less than the need', [buildLine(1, 12)], 'ok'],
    ['split over two pack sizes', [buildLine(2, 12), buildLine(6, 1)], 'ok'],
    ['one pack much larger than the need', [buildLine(1, 500)], 'ok'],
    ['two of those', [buildLine(2, 500)], 'over_need'],
    ['the supplier’s minimum', [buildLine(10, 12, 10)], 'ok'],
    ['one pack above its minimum', [buildLine(11, 12, 10)], 'over_need'],
    ['the whole need twice', [buildLine(30, 1), buildLine(30, 1)], 'over_need'],
    ['small packs that a large one beside them makes superfluous', [buildLine(29, 1), buildLine(1, 500)], 'over_need'],
    ['a single one of them', [buildLine(1, 1), buildLine(1, 30)], 'over_need'],
    ['a large pack and small ones, each wanted', [buildLine(10, 1), buildLine(1, 20)], 'ok'],
    ['a minimum beside packs of which each is wanted', [buildLine(2, 12), buildLine(2, 5, 2)], 'ok'],
    ['two minimums that are both wanted', [buildLine(2, 10, 2), buildLine(2, 10, 2)], 'ok'],
    ['two minimums where one would do', [buildLine(4, 10, 4), buildLine(3, 10, 3)], 'over_need'],
  ])('%s', (_, lines, expected) => {
    expect(check({ lines })).toBe(expected)
  })

  it('counts exactly', () => {
    // 0.1 + 0.2 is more than 0.3 in binary fractions; in litres it is not.
    expect(check({ lines: [buildLine(1, 0.1), buildLine(1, 0.2)] }, { quantity: 0.3 })).toBe('ok')
    expect(check({ open: 0.3, ownPlacements: [{ seq: after, open: 0.1, bought: 0.1 }] }, { onOrderSeen: 0.2 })).toBe(
      'ok',
    )
  })

  it('refuses lines in another unit than the need has by now', () => {
    expect(check({ lines: [buildLine(3, 12)] }, { unit: 'kg' })).toBe('need_stale')
  })
})

describe('whether the need is still what it was', () => {
  it.each([
    ['as seen', 24, 24, 'ok'],
    ['somebody has ordered since', 24, 0, 'need_stale'],
    ['something came in or was called off since', 0, 24, 'need_stale'],
  ])('%s', (_, open, onOrderSeen, expected) => {
    expect(check({ open }, { onOrderSeen })).toBe(expected)
  })

  it('refuses where somebody else has ordered, even if that came in already', () => {
    expect(check({ open: 0, orderedByOthersSince: 12 })).toBe('need_stale')
  })
})

describe('a run that has ordered before', () => {
  const own = (seq: number, open: number, bought = open) => ({ seq, open, bought })

  it.each([
    ['the rest of the need', { open: 6, ownPlacements: [own(after, 6)] }, {}, [buildLine(2, 12)], 'ok'],
    ['more than the rest', { open: 24, ownPlacements: [own(after, 24)] }, {}, [buildLine(2, 12)], 'over_need'],
    ['the same again', { open: 36, ownPlacements: [own(after, 36)] }, {}, [buildLine(3, 12)], 'over_need'],
    [
      'the same again after it came in',
      { open: 0, ownPlacements: [own(after, 0, 36)] },
      {},
      [buildLine(3, 12)],
      'over_need',
    ],
    [
      'a second attempt whose list has heard of the first',
      { open: 20, ownPlacements: [own(before, 20)] },
      { quantity: 10, onOrderSeen: 20 },
      [buildLine(1, 12)],
      'ok',
    ],
    [
      'a second attempt whose list has not',
      { open: 20, ownPlacements: [own(before, 20)] },
      { quantity: 30, onOrderSeen: 0 },
      [buildLine(3, 12)],
      'over_need',
    ],
    [
      'a second attempt whose list has not, ordering the rest',
      { open: 20, ownPlacements: [own(before, 20)] },
      { quantity: 30, onOrderSeen: 0 },
      [buildLine(1, 12)],
      'ok',
    ],
    [
      'a first attempt’s order that is on the shelf already',
      { open: 0, ownPlacements: [own(before, 0, 20)] },
      { quantity: 10, onOrderSeen: 0 },
      [buildLine(1, 12)],
      'ok',
    ],
    [
      'one order seen, one not',
      { open: 32, ownPlacements: [own(after, 12), own(before, 20)] },
      { quantity: 14, onOrderSeen: 20 },
      [buildLine(1, 12)],
      'ok',
    ],
    [
      'one order seen, one not, and too much',
      { open: 32, ownPlacements: [own(before, 20), own(after, 12)] },
      { quantity: 12, onOrderSeen: 20 },
      [buildLine(1, 12)],
      'over_need',
    ],
    [
      'an order of its own and one of somebody else',
      { open: 25, ownPlacements: [own(before, 20)] },
      { quantity: 10, onOrderSeen: 20 },
      [buildLine(1, 12)],
      'need_stale',
    ],
  ] as const)('%s', (_, facts, need, lines, expected) => {
    expect(check({ ...facts, lines }, need)).toBe(expected)
  })
})
