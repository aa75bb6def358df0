import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type AutoReorderInput, autoReorder, normalQuantile } from '../../src/stock/auto-reorder.js'

function input(overrides: Partial<AutoReorderInput> = {}): AutoReorderInput {
  return {
    meanDailyUse: 2,
    sigma: 1,
    leadTimeDays: 4,
    serviceLevel: 0.95,
    reviewDays: 14,
    multiple: 0.001,
    ...overrides,
  }
}

describe('reorder point and level from demand', () => {
  // Worked out by hand: z(0.95) = 1.645, z(0.5) = 0, z(0.975) = 1.96, z(0.999) = 3.09.
  it.each<[string, Partial<AutoReorderInput>, number, number]>([
    ['2 a day ± 1, four days: 8 + 1.645 · 1 · 2', {}, 11.29, 39.29],
    ['steady use needs no safety stock', { sigma: 0 }, 8, 36],
    ['one lead time in two: none either', { serviceLevel: 0.5 }, 8, 36],
    ['39 in 40: 8 + 1.96 · 1 · 2', { serviceLevel: 0.975 }, 11.92, 39.92],
    ['999 in 1000: 8 + 3.09 · 3 · 2', { serviceLevel: 0.999, sigma: 3 }, 26.54, 54.54],
    ['nine days: 18 + 1.645 · 1 · 3', { leadTimeDays: 9 }, 22.935, 50.935],
    ['delivered at once: nothing goes on the way', { leadTimeDays: 0 }, 0, 28],
    ['the level is rounded up to the multiple, the point is not', { multiple: 12 }, 11.29, 48],
    ['a level that is a multiple stays', { sigma: 0, multiple: 12 }, 8, 36],
    ['whole pieces', { multiple: 1 }, 11.29, 40],
    ['looked at every day', { reviewDays: 1 }, 11.29, 13.29],
    ['nothing goes', { meanDailyUse: 0 }, 0, 0],
    ['nothing goes, however it varies', { meanDailyUse: 0, sigma: 5 }, 0, 0],
    ['grams of a kilo', { meanDailyUse: 0.02, sigma: 0.01 }, 0.113, 0.393],
  ])('%s', (_name, overrides, reorderPoint, orderUpTo) => {
    expect(autoReorder(input(overrides))).toMatchObject({ reorderPoint, orderUpTo })
  })

  it('shows what it added up', () => {
    expect(autoReorder(input())).toEqual({
      reorderPoint: 11.29,
      orderUpTo: 39.29,
      leadTimeUse: 8,
      safetyStock: 3.29,
      z: 1.645,
    })
  })

  const inputs = fc.record({
    meanDailyUse: fc.integer({ min: 0, max: 1_000_000 }).map((n) => n / 1000),
    sigma: fc.integer({ min: 0, max: 1_000_000 }).map((n) => n / 1000),
    leadTimeDays: fc.integer({ min: 0, max: 3650 }).map((n) => n / 10),
    serviceLevel: fc.integer({ min: 500, max: 999 }).map((n) => n / 1000),
    reviewDays: fc.integer({ min: 0, max: 90 }),
    multiple: fc.constantFrom(0.001, 0.5, 1, 6, 12),
  })
  const more = fc.integer({ min: 0, max: 100_000 }).map((n) => n / 1000)

  it.each(['sigma', 'meanDailyUse', 'leadTimeDays'] as const)('more %s never lowers point or level', (name) => {
    fc.assert(
      fc.property(inputs, more, (base, extra) => {
        const before = autoReorder(base)
        const after = autoReorder({ ...base, [name]: Math.round((base[name] + extra) * 1000) / 1000 })
        expect(after.reorderPoint).toBeGreaterThanOrEqual(before.reorderPoint)
        expect(after.orderUpTo).toBeGreaterThanOrEqual(before.orderUpTo)
      }),
    )
  })

  it('a higher service level never lowers the point, and the level is never below it', () => {
    fc.assert(
      fc.property(inputs, (base) => {
        const { reorderPoint, orderUpTo } = autoReorder(base)
        expect(orderUpTo).toBeGreaterThanOrEqual(reorderPoint)
        expect(autoReorder({ ...base, serviceLevel: 0.999 }).reorderPoint).toBeGreaterThanOrEqual(reorderPoint)
      }),
    )
  })
})

describe('the normal quantile', () => {
  // NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.1.
  it.each([
    [0.5, 0],
    [0.8, 0.841621],
    [0.9, 1.281552],
    [0.95, 1.644854],
    [0.975, 1.959964],
    [0.99, 2.326348],
    [0.999, 3.090232],
    [0.05, -1.644854],
    [0.01, -2.326348],
  ])('of %d is %d', (p, z) => {
    expect(normalQuantile(p)).toBeCloseTo(z, 6)
  })

  it.each([0, 1, -0.1, Number.NaN])('has none for %d', (p) => {
    expect(() => normalQuantile(p)).toThrow(RangeError)
  })
})
