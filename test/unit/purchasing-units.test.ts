import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { convertQuantity } from '../../src/purchasing/catalog/units.js'

describe('a pack in the item’s unit', () => {
  test.each([
    [500, 'g', 'kg', 0.5],
    [0.75, 'l', 'ml', 750],
    [1.1, 'L', 'ml', 1100],
    [330, 'ml', 'l', 0.33],
    [70, 'cl', 'litre', 0.7],
    [2, 'Litres', 'l', 2],
    [25, 'KG', 'kg', 25],
    [3, 'kilos', 'g', 3000],
    [5, 'ML', 'l', 0.005],
    [300, 'cm', 'm', 3],
    [2, 'sq m', 'm²', 2],
    [12, 'pcs', 'piece', 12],
    [12, 'St.', 'each', 12],
    [2, 'dozen', 'pcs', 24],
    [6, 'pcs', 'dozen', 0.5],
    [3, 'boxes', 'box', 3],
    [4, 'Roll', 'rolls', 4],
    [1.5, ' kg ', 'KG', 1.5],
  ])('%d %s are %s %s', (quantity, from, to, expected) => {
    expect(convertQuantity(quantity, from, to)).toBe(expected)
  })

  test.each([
    [1, 'kg', 'l'],
    [1, 'box', 'pcs'],
    [1, 'pack', 'box'],
    [1, 'lb', 'kg'],
    [1, 'pcs', 'dozen'],
    [0.4, 'mg', 'kg'],
    [1, 'c', 'f'],
    [1, 'h', 'min'],
    [1, 'mb', 'kb'],
    [1, '', 'kg'],
    [1, 'constructor', 'toString'],
    [1_000_000_000, 't', 'mg'],
  ])('%d %s can’t be had in %s', (quantity, from, to) => {
    expect(convertQuantity(quantity, from, to)).toBeNull()
  })

  test('there and back is the same quantity', () => {
    const pairs = fc.constantFrom(['kg', 'g'], ['l', 'ml'], ['m', 'cm'], ['m2', 'cm2'], ['dozen', 'pcs'])
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), pairs, (thousandths, [large = '', small = '']) => {
        const quantity = thousandths / 1000
        const converted = convertQuantity(quantity, large, small)
        // Too fine for the smaller unit's three decimals is fine; anything else must survive.
        if (converted !== null) expect(convertQuantity(converted, small, large)).toBe(quantity)
        else expect(large).toBe('dozen')
      }),
    )
  })
})
