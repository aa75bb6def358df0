import { describe, expect, it } from 'vitest'
import {
  type AmendableLine,
  type AmendableOrder,
  amend,
  isAboveTolerance,
} from '../../src/purchasing/amendments/amendment.js'
import type { ReportedTerms } from '../../src/purchasing/channels/channel.js'

const due = new Date('2026-03-04T00:00:00Z')

function buildLine(overrides: Partial<AmendableLine> = {}): AmendableLine {
  return {
    lineId: 'lin_1',
    product: 'Milk',
    sku: 'M',
    packs: 3,
    packQuantity: 12,
    unit: 'l',
    packPriceMinor: 1_000,
    lineTotalMinor: 3_000,
    taxRate: 0.07,
    taxMinor: 210,
    ...overrides,
  }
}

/** Milk for 30.00, tea for 5.00, shipping 4.90, tax on both lines. */
const order: AmendableOrder = {
  currency: 'EUR',
  subtotalMinor: 3_500,
  shippingMinor: 490,
  taxMinor: 305,
  discountMinor: 0,
  totalMinor: 4_295,
  expectedAt: due,
  lines: [
    buildLine(),
    buildLine({
      lineId: 'lin_2',
      product: 'Tea',
      sku: null,
      packs: 1,
      packPriceMinor: 500,
      lineTotalMinor: 500,
      taxRate: 0.19,
      taxMinor: 95,
    }),
  ],
}

function texts(terms: ReportedTerms, expectedAt?: Date): string[] | null {
  return amend(order, terms, expectedAt)?.changes.map(({ kind, text }) => `${kind}: ${text}`) ?? null
}

describe('what a supplier changed', () => {
  it('is nothing where it says what was ordered', () => {
    expect(amend(order, { lines: [] }, undefined)).toBeNull()
    expect(
      amend(order, { lines: [{ lineId: 'lin_1', packs: 3, packPriceMinor: 1_000 }], totalMinor: 4_295 }, due),
    ).toBeNull()
    expect(
      amend(order, { lines: [{ lineId: 'lin_1', backOrderedUntil: new Date('2026-03-03T00:00:00Z') }] }, undefined)
        ?.changes,
    ).toEqual([])
  })

  it.each<[string, ReportedTerms, string[], number]>([
    [
      'fewer packs',
      { lines: [{ lineId: 'lin_1', packs: 2 }] },
      ['quantity_adjusted: “Milk”: 3 → 2 packs'],
      4_295 - 1_070,
    ],
    [
      'a price, with its tax rounded half up',
      { lines: [{ lineId: 'lin_1', packPriceMinor: 1_005 }] },
      ['price_changed: “Milk”: 10.00 EUR → 10.05 EUR a pack'],
      // 30.15 × 7 % = 2.1105.
      4_295 + 15 + 1,
    ],
    [
      'another product in other packs',
      {
        lines: [
          {
            lineId: 'lin_1',
            substitute: { product: 'Oat', sku: null, packQuantity: 6 },
            packs: 6,
            packPriceMinor: 500,
          },
        ],
      },
      [
        'substituted: “Oat” (6 l a pack) for “Milk”',
        'quantity_adjusted: “Milk”: 3 → 6 packs',
        'price_changed: “Milk”: 10.00 EUR → 5.00 EUR a pack',
      ],
      4_295,
    ],
    ['shipping', { lines: [], shippingMinor: 990 }, ['price_changed: shipping 4.90 EUR → 9.90 EUR'], 4_795],
    ['a total and no reason', { lines: [], totalMinor: 4_400 }, ['price_changed: total 42.95 EUR → 44.00 EUR'], 4_400],
  ])('%s', (_, terms, changes, totalMinor) => {
    const amendment = amend(order, terms, undefined)
    expect(amendment?.changes.map(({ kind, text }) => `${kind}: ${text}`)).toEqual(changes)
    expect(amendment?.totalMinor).toBe(totalMinor)
    if (amendment === null) throw new Error('nothing has changed')
    const { subtotalMinor, shippingMinor, taxMinor, discountMinor, lines } = amendment
    expect(subtotalMinor + shippingMinor + taxMinor - discountMinor).toBe(totalMinor)
    expect(lines.reduce((sum, line) => sum + line.lineTotalMinor, 0)).toBe(subtotalMinor)
    for (const line of lines) expect(line.lineTotalMinor).toBe(line.packs * line.packPriceMinor)
  })

  it('is a delay where a day is later than the one that was known', () => {
    expect(texts({ lines: [] }, new Date('2026-03-09T00:00:00Z'))).toEqual(['back_ordered: expected on 2026-03-09'])
    const terms = { lines: [{ lineId: 'lin_2', backOrderedUntil: new Date('2026-03-20T00:00:00Z') }] }
    expect(texts(terms, due)).toEqual(['back_ordered: “Tea”: not before 2026-03-20'])
    expect(amend(order, terms, due)?.expectedAt).toEqual(new Date('2026-03-20T00:00:00Z'))
  })

  it('is the same however often it is said, and nothing once it holds', () => {
    const terms: ReportedTerms = { lines: [{ lineId: 'lin_1', packs: 2, packPriceMinor: 1_100 }], totalMinor: 3_300 }
    const first = amend(order, terms, undefined)
    expect(amend(order, { ...terms }, undefined)?.fingerprint).toBe(first?.fingerprint)
    if (first === null) throw new Error('nothing has changed')
    expect(amend({ ...order, ...first }, terms, undefined)).toBeNull()
  })

  it.each([
    [1_000, 1_050, '5', false],
    [1_000, 1_051, '5', true],
    [999, 1_049, '5', true],
    [1_000, 1_025, '2.5', false],
    [1_000, 900, '0', false],
    [1_000, 1_001, '0', true],
    [0, 1, '5', true],
  ])('%i → %i is above %s %%: %s', (from, to, tolerance, isAbove) => {
    expect(isAboveTolerance(from, to, tolerance)).toBe(isAbove)
  })
})
