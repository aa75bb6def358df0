import { describe, expect, it } from 'vitest'
import { type TopUpPortions, topUpPortions, topUpQuantity, urgencyOf } from '../../src/stock/buy-along.js'
import { type ReplenishInput, replenish } from '../../src/stock/replenishment.js'

const coffee: ReplenishInput = {
  kind: 'stock',
  onHand: 12,
  onOrder: 0,
  reorderPoint: 10,
  orderUpTo: 40,
  reorderQuantity: null,
  orderMultiple: null,
  minimumQuantity: null,
  overMax: 'allow',
  isIntervalOver: false,
  requestedQuantity: null,
  receivedQuantity: 0,
  isSnoozed: false,
}

describe('what may be bought along', () => {
  it.each<[string, Partial<ReplenishInput>, number | null, number]>([
    ['an item at the edge of what is near', {}, 20, 28],
    ['by its multiple', { orderMultiple: 6 }, 20, 30],
    ['one that is due is bought anyway', { onHand: 10 }, 20, 0],
    ['one a bit too far', { onHand: 12.001 }, 20, 0],
    ['what is on order counts', { onHand: 2, onOrder: 10 }, 20, 28],
    ['nothing where the list does not ask for it', {}, null, 0],
    ['nothing of what is snoozed', { isSnoozed: true }, 20, 0],
    ['nothing of standing needs', { kind: 'standing' }, 20, 0],
    ['nothing without a level to fill up to', { orderUpTo: null }, 20, 0],
    ['at the very reorder point it is due, not near', { onHand: 10 }, 0, 0],
  ])('%s', (_what, overrides, percent, quantity) => {
    const input = { ...coffee, ...overrides }
    expect(topUpQuantity(input, replenish(input), percent)).toBe(quantity)
  })
})

describe('which parts of it', () => {
  it.each<[string, Partial<ReplenishInput>, number, TopUpPortions | null]>([
    ['any, where the item states nothing', {}, 28, null],
    ['none of nothing', { orderMultiple: 6 }, 0, null],
    ['whole multiples', { orderMultiple: 6 }, 30, { least: 0, multiple: 6, most: null }],
    ['never less than the minimum', { minimumQuantity: 12 }, 28, { least: 12, multiple: null, most: null }],
    [
      'the minimum as a multiple',
      { minimumQuantity: 13, orderMultiple: 6 },
      30,
      { least: 18, multiple: 6, most: null },
    ],
    ['what is bought each time', { reorderQuantity: 50 }, 50, { least: 50, multiple: null, most: null }],
    ['no more than fits', { overMax: 'hold' }, 28, { least: 0, multiple: null, most: 28 }],
    [
      'what fits, though less than what is bought each time',
      { overMax: 'round_down', reorderQuantity: 50, orderMultiple: 6 },
      48,
      { least: 48, multiple: 6, most: 48 },
    ],
  ])('%s', (_what, overrides, topUp, portions) => {
    expect(topUpPortions({ ...coffee, ...overrides }, topUp)).toEqual(portions)
  })
})

describe('urgency', () => {
  it.each<[Partial<ReplenishInput>, number]>([
    [{ onHand: 0, onOrder: 50 }, 3],
    [{ onHand: -1 }, 3],
    [{ onHand: 1, onOrder: 4 }, 2],
    [{ onHand: 5.001 }, 1],
    [{ kind: 'one_off', onHand: 0 }, 1],
  ])('of %o is %i', (overrides, urgency) => {
    expect(urgencyOf({ ...coffee, ...overrides })).toBe(urgency)
  })
})
