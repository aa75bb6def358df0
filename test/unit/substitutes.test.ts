import { describe, expect, it } from 'vitest'
import { findOwnCode, formatSubstitutes, parseSubstitutes } from '../../src/stock/substitutes.js'

describe('substitutes as people write them', () => {
  it.each([
    ['OM-2', 'sku:OM-2'],
    ['4006381333931', 'gtin:4006381333931'],
    ['prd_0123456789abcd', 'product:prd_0123456789abcd'],
    ['sku:4006381333931', 'sku:4006381333931'],
    [' GTIN: 4006381 333931 |  sku : OM 2|prd_x ', 'gtin:4006381333931|sku:OM 2|product:prd_x'],
    ['012345678905 | A:B', 'gtin:0012345678905|sku:A:B'],
    ['4006381333930', 'sku:4006381333930'],
    ['חלב-1|🥛', 'sku:חלב-1|sku:🥛'],
  ])('%s', (written, stored) => {
    expect(formatSubstitutes(parseSubstitutes(written))).toBe(stored)
    expect(formatSubstitutes(parseSubstitutes(stored))).toBe(stored)
  })

  it.each([
    ['A|B|A', '"sku:A" twice'],
    ['gtin:012345678905|0012345678905', '"gtin:0012345678905" twice'],
    ['A||B', 'blank substitute'],
    ['sku:', 'blank substitute'],
    ['gtin:4006381333930', 'is not a GTIN'],
    ['x'.repeat(65), 'at most 64'],
    [Array.from({ length: 11 }, (_, index) => `S-${index}`).join('|'), 'name at most 10'],
  ])('refuses %s', (written, text) => {
    expect(() => parseSubstitutes(written)).toThrow(text)
  })

  it('are never the item itself', () => {
    const item = { sku: 'OM-1', gtin: '4006381333931', substitutes: 'sku:OM-2' }
    expect(findOwnCode(item)).toBeNull()
    expect(findOwnCode({ ...item, substitutes: 'sku:OM-2|sku:OM-1' })).toBe('sku OM-1 is the item itself; leave it out')
    expect(findOwnCode({ ...item, substitutes: 'gtin:4006381333931' })).toMatch(
      /^gtin 4006381333931 is the item itself/,
    )
    expect(findOwnCode({ ...item, substitutes: 'sku:4006381333931' })).toBeNull()
  })
})
