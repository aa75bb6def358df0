import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { floorToMultiple } from '../../src/platform/decimal.js'
import { type ReplenishInput, replenish } from '../../src/stock/replenishment.js'

/** A stocked item with nothing set and nothing there. */
function input(overrides: Partial<ReplenishInput> = {}): ReplenishInput {
  return {
    kind: 'stock',
    onHand: 0,
    onOrder: 0,
    reorderPoint: null,
    orderUpTo: null,
    reorderQuantity: null,
    orderMultiple: null,
    minimumQuantity: null,
    overMax: 'allow',
    isIntervalOver: false,
    requestedQuantity: null,
    receivedQuantity: 0,
    isSnoozed: false,
    ...overrides,
  }
}

describe('the worked example: reorder point 10, level 40, multiple 6, minimum 12', () => {
  const item = { reorderPoint: 10, orderUpTo: 40, orderMultiple: 6, minimumQuantity: 12 }

  it.each([
    { onHand: 8, onOrder: 0, due: true, need: 36, path: ['order_up_to 0→32', 'order_multiple 32→36'] },
    { onHand: 8, onOrder: 30, due: false, need: 0, path: [] },
    { onHand: 10, onOrder: 0, due: true, need: 30, path: ['order_up_to 0→30'] },
    { onHand: 2, onOrder: 0, due: true, need: 42, path: ['order_up_to 0→38', 'order_multiple 38→42'] },
    { onHand: 11, onOrder: 0, due: false, need: 0, path: [] },
  ])('on hand $onHand, on order $onOrder → $need', ({ onHand, onOrder, due, need, path }) => {
    const result = replenish(input({ ...item, onHand, onOrder }))
    expect({ due: result.due, need: result.need, path: pathOf(result) }).toEqual({ due, need, path })
    expect(result.position).toBe(onHand + onOrder)
    expect(result.attention).toBeNull()
  })
})

describe('by the level', () => {
  it.each<[string, Partial<ReplenishInput>, number, string[]]>([
    ['the level alone', { onHand: 3, reorderPoint: 5, orderUpTo: 20 }, 17, ['order_up_to 0→17']],
    ['no level: up to the reorder point', { onHand: 3, reorderPoint: 5 }, 2, ['reorder_point 0→2']],
    [
      'a level below the reorder point counts for nothing',
      { onHand: 3, reorderPoint: 5, orderUpTo: 4 },
      2,
      ['order_up_to 0→2'],
    ],
    [
      'a fixed quantity when it is larger',
      { onHand: 3, reorderPoint: 5, orderUpTo: 6, reorderQuantity: 10 },
      10,
      ['order_up_to 0→3', 'reorder_quantity 3→10'],
    ],
    [
      'not when it is smaller',
      { onHand: 3, reorderPoint: 5, orderUpTo: 20, reorderQuantity: 10 },
      17,
      ['order_up_to 0→17'],
    ],
    [
      'minimum first, multiple after',
      { onHand: 9, reorderPoint: 10, orderUpTo: 12, minimumQuantity: 10, orderMultiple: 6 },
      12,
      ['order_up_to 0→3', 'minimum_quantity 3→10', 'order_multiple 10→12'],
    ],
    [
      'at the reorder point with nothing to order up to, the minimum is bought',
      { onHand: 10, reorderPoint: 10, minimumQuantity: 4 },
      4,
      ['reorder_point 0→0', 'minimum_quantity 0→4'],
    ],
    [
      'thousandths stay exact',
      { onHand: 0.1, onOrder: 0.2, reorderPoint: 0.3, orderUpTo: 1.1 },
      0.8,
      ['order_up_to 0→0.8'],
    ],
    [
      'multiples of thousandths as well',
      { onHand: 0.7, reorderPoint: 1, orderUpTo: 1, orderMultiple: 0.1 },
      0.3,
      ['order_up_to 0→0.3'],
    ],
    ['a reorder point of 0 is one', { onHand: 0, reorderPoint: 0, orderUpTo: 6 }, 6, ['order_up_to 0→6']],
  ])('%s', (_name, overrides, need, path) => {
    const result = replenish(input(overrides))
    expect({ due: result.due, need: result.need, path: pathOf(result) }).toEqual({ due: true, need, path })
  })

  it('is never due without a reorder point, and says so', () => {
    expect(replenish(input({ orderUpTo: 10 }))).toMatchObject({ due: false, need: 0, steps: [] })
    expect(replenish(input({ orderUpTo: 10 })).attention).toMatch(/no reorder_point and no every/)
  })

  it('is never due while snoozed, and says nothing about it', () => {
    const result = replenish(input({ reorderPoint: 10, orderUpTo: 40, isSnoozed: true }))
    expect(result).toEqual({ position: 0, due: false, need: 0, steps: [], attention: null })
  })

  it('says so when it is due and there is nothing to order up to', () => {
    const result = replenish(input({ onHand: 10, reorderPoint: 10, orderMultiple: 6 }))
    expect(result).toMatchObject({ due: true, need: 0 })
    expect(result.attention).toMatch(/nothing to order up to/)
  })
})

describe('past the order-up-to level', () => {
  const item = { onHand: 8, reorderPoint: 10, orderUpTo: 40, orderMultiple: 6 }

  it.each<[string, Partial<ReplenishInput>, number, string[]]>([
    ['allow passes it', { overMax: 'allow' }, 36, ['order_up_to 0→32', 'order_multiple 32→36']],
    [
      'round_down takes the multiple below',
      { overMax: 'round_down' },
      30,
      ['order_up_to 0→32', 'order_multiple 32→36', 'over_max_round_down 36→30'],
    ],
    [
      'round_down to less than the minimum is nothing',
      { overMax: 'round_down', minimumQuantity: 32 },
      0,
      ['order_up_to 0→32', 'order_multiple 32→36', 'over_max_round_down 36→0'],
    ],
    [
      'round_down below one multiple is nothing',
      { overMax: 'round_down', orderMultiple: 50 },
      0,
      ['order_up_to 0→32', 'order_multiple 32→50', 'over_max_round_down 50→0'],
    ],
    ['hold buys nothing', { overMax: 'hold' }, 0, ['order_up_to 0→32', 'order_multiple 32→36', 'over_max_hold 36→0']],
    [
      'hold goes for the minimum too',
      { overMax: 'hold', orderMultiple: null, minimumQuantity: 33 },
      0,
      ['order_up_to 0→32', 'minimum_quantity 32→33', 'over_max_hold 33→0'],
    ],
    ['hold does nothing to what fits', { overMax: 'hold', onHand: 10 }, 30, ['order_up_to 0→30']],
    [
      'a fixed quantity may pass it whatever the rule',
      { overMax: 'hold', reorderQuantity: 60 },
      60,
      ['order_up_to 0→32', 'reorder_quantity 32→60'],
    ],
    [
      'without a level there is nothing to pass',
      { overMax: 'hold', orderUpTo: null },
      6,
      ['reorder_point 0→2', 'order_multiple 2→6'],
    ],
  ])('%s', (_name, overrides, need, path) => {
    const result = replenish(input({ ...item, ...overrides }))
    expect({ need: result.need, path: pathOf(result) }).toEqual({ need, path })
    if (need > 0) expect(result.attention).toBeNull()
    else expect(result.attention).toMatch(/smallest quantity that can be bought is (33|36|50), but only 32 fits/)
  })
})

describe('standing needs and one-offs', () => {
  it.each<[string, Partial<ReplenishInput>, boolean, number, string[]]>([
    ['the interval is over', { isIntervalOver: true, orderUpTo: 180, orderMultiple: 30 }, true, 180, ['every 0→180']],
    ['whatever was counted', { isIntervalOver: true, orderUpTo: 180, onHand: 500 }, true, 180, ['every 0→180']],
    [
      'less what is on order, in whole multiples',
      { isIntervalOver: true, orderUpTo: 180, orderMultiple: 30, onOrder: 100 },
      true,
      90,
      ['every 0→180', 'on_order 180→80', 'order_multiple 80→90'],
    ],
    ['what is on order covers it', { isIntervalOver: true, orderUpTo: 180, onOrder: 180 }, false, 0, []],
    ['the interval is not over', { isIntervalOver: false, orderUpTo: 180 }, false, 0, []],
    ['the minimum stands in for the level', { isIntervalOver: true, minimumQuantity: 6 }, true, 6, ['every 0→6']],
    ['snoozed', { isIntervalOver: true, orderUpTo: 180, isSnoozed: true }, false, 0, []],
  ])('every: %s', (_name, overrides, due, need, path) => {
    const result = replenish(input({ kind: 'standing', ...overrides }))
    expect({ due: result.due, need: result.need, path: pathOf(result) }).toEqual({ due, need, path })
    expect(result.attention).toBeNull()
  })

  it.each<[string, Partial<ReplenishInput>, boolean, number, string[]]>([
    ['nothing came yet', {}, true, 5, ['requested 0→5']],
    ['some came', { receivedQuantity: 2 }, true, 3, ['requested 0→5', 'received 5→3']],
    [
      'some came, some is coming',
      { receivedQuantity: 2, onOrder: 1 },
      true,
      2,
      ['requested 0→5', 'received 5→3', 'on_order 3→2'],
    ],
    ['all of it is coming', { onOrder: 6 }, false, 0, []],
    ['what is on the shelf is something else', { onHand: 9 }, true, 5, ['requested 0→5']],
    ['snoozed', { isSnoozed: true }, false, 0, []],
  ])('one-off: %s', (_name, overrides, due, need, path) => {
    const result = replenish(input({ kind: 'one_off', requestedQuantity: 5, ...overrides }))
    expect({ due: result.due, need: result.need, path: pathOf(result) }).toEqual({ due, need, path })
  })
})

describe('whatever the settings', () => {
  const quantity = fc.integer({ min: 0, max: 200_000 }).map((thousandths) => thousandths / 1000)
  const positive = fc.integer({ min: 1, max: 100_000 }).map((thousandths) => thousandths / 1000)
  const orNull = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null })
  const anyInput = fc.record<ReplenishInput>({
    kind: fc.constantFrom('stock', 'standing', 'one_off'),
    onHand: quantity,
    onOrder: quantity,
    reorderPoint: orNull(quantity),
    orderUpTo: orNull(quantity),
    reorderQuantity: orNull(positive),
    orderMultiple: orNull(positive),
    minimumQuantity: orNull(positive),
    overMax: fc.constantFrom('allow', 'round_down', 'hold'),
    isIntervalOver: fc.boolean(),
    requestedQuantity: orNull(positive),
    receivedQuantity: quantity,
    isSnoozed: fc.boolean(),
  })
  const runs = { numRuns: 2_000 }

  it('needs nothing when what is on order covers it', () => {
    const covered = fc.tuple(anyInput, positive).map(([item, above]): ReplenishInput => {
      const wanted = Math.max(
        item.reorderPoint ?? 0,
        item.orderUpTo ?? 0,
        item.minimumQuantity ?? 0,
        item.requestedQuantity ?? 0,
      )
      return { ...item, onOrder: wanted + above }
    })
    fc.assert(
      fc.property(covered, (item) => {
        expect(replenish(item)).toMatchObject({ due: false, need: 0, steps: [] })
      }),
      runs,
    )
  })

  it('needs nothing or at least the minimum, in whole multiples', () => {
    fc.assert(
      fc.property(anyInput, (item) => {
        const { need, due } = replenish(item)
        if (!due) expect(need).toBe(0)
        if (need !== 0) expect(need).toBeGreaterThanOrEqual(item.minimumQuantity ?? 0.001)
        if (item.orderMultiple !== null) expect(floorToMultiple(need, item.orderMultiple)).toBe(need)
        expect(Math.round(need * 1000) / 1000).toBe(need)
      }),
      runs,
    )
  })

  it('explains each quantity by steps that follow one another', () => {
    fc.assert(
      fc.property(anyInput, (item) => {
        const { due, need, steps, attention } = replenish(item)
        expect(steps.length > 0).toBe(due)
        expect(steps[0]?.from ?? 0).toBe(0)
        for (const [index, step] of steps.entries()) {
          if (index > 0) expect(step.from).toBe(steps[index - 1]?.to)
        }
        expect(steps.at(-1)?.to ?? 0).toBe(need)
        if (due) expect(attention === null).toBe(need > 0)
      }),
      runs,
    )
  })

  it('needs no less when there is less, under allow', () => {
    fc.assert(
      fc.property(anyInput, positive, (any, more) => {
        const item: ReplenishInput = { ...any, overMax: 'allow' }
        const richer: ReplenishInput = { ...item, onOrder: Math.round((item.onOrder + more) * 1000) / 1000 }
        expect(replenish(richer).need).toBeLessThanOrEqual(replenish(item).need)
      }),
      runs,
    )
  })

  it('stays under the order-up-to level unless allowed to pass it', () => {
    const strict = fc
      .tuple(anyInput, fc.constantFrom('round_down' as const, 'hold' as const), positive, quantity)
      .map(([item, overMax, reorderPoint, above]): ReplenishInput => {
        const orderUpTo = Math.round((reorderPoint + above) * 1000) / 1000
        return { ...item, kind: 'stock', overMax, reorderPoint, orderUpTo, reorderQuantity: null }
      })
    fc.assert(
      fc.property(strict, (item) => {
        const { position, need } = replenish(item)
        if (need > 0)
          expect(Math.round((position + need) * 1000)).toBeLessThanOrEqual(Math.round((item.orderUpTo ?? 0) * 1000))
      }),
      runs,
    )
  })
})

function pathOf(result: ReturnType<typeof replenish>): string[] {
  return result.steps.map((step) => `${step.rule} ${step.from}→${step.to}`)
}
