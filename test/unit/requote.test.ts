import { describe, expect, it } from 'vitest'
import {
  type OfferNow,
  type RequoteOrder,
  requote,
  type SupplierTermsNow,
} from '../../src/purchasing/quotes/requote.js'

/** Ten packs of 6 l at 10.00 with 7 % tax and 5.00 for shipping: 112.00. */
const order: RequoteOrder = {
  currency: 'EUR',
  supplierName: 'Acme',
  shippingMinor: 500,
  discountMinor: 0,
  totalMinor: 11_200,
  lines: [
    {
      lineId: 'lin_1',
      offerId: 'off_1',
      productId: 'prd_1',
      product: 'Beans',
      packs: 10,
      packQuantity: 6,
      unit: 'l',
      packPriceMinor: 1_000,
      taxMinor: 700,
    },
  ],
}
const supplier: SupplierTermsNow = {
  isArchived: false,
  currency: 'EUR',
  taxRate: 0.07,
  shippingFeeMinor: 500,
  freeShippingOverMinor: null,
  minimumOrderMinor: 0,
}
const offer: OfferNow = {
  isArchived: false,
  productId: 'prd_1',
  currency: 'EUR',
  unit: 'l',
  packQuantity: 6,
  packPriceMinor: 1_000,
  breaks: [],
  stockPacks: null,
  minimumPacks: 1,
}

const anew = (changed: Partial<OfferNow> = {}, terms: Partial<SupplierTermsNow> = {}) =>
  requote(order, { ...supplier, ...terms }, new Map([['off_1', { ...offer, ...changed }]]))

describe('a fresh quote of the same lines', () => {
  it.each<[string, Partial<OfferNow>, Partial<SupplierTermsNow>, string]>([
    ['dearer by a cent', { packPriceMinor: 1_001 }, {}, '“Beans” costs 10.01 EUR a pack now instead of 10.00 EUR'],
    [
      'without its price break',
      { packPriceMinor: 1_200, breaks: [{ packs: 11, packPriceMinor: 1_000 }] },
      {},
      '“Beans” costs 12.00 EUR a pack now instead of 10.00 EUR',
    ],
    ['gone', { isArchived: true }, {}, '“Beans” is not offered any more'],
    ['sold out', { stockPacks: 0 }, {}, 'no packs of “Beans” are in stock now, and 10 were ordered'],
    ['short by a pack', { stockPacks: 9 }, {}, 'only 9 packs of “Beans” are in stock now, and 10 were ordered'],
    ['in other packs', { packQuantity: 5 }, {}, 'a pack of “Beans” holds 5 l now instead of 6 l'],
    ['in another unit', { unit: 'kg' }, {}, 'a pack of “Beans” holds 6 kg now instead of 6 l'],
    ['from more packs on', { minimumPacks: 11 }, {}, '“Beans” is sold from 11 packs on now, and 10 were ordered'],
    ['another product', { productId: 'prd_2' }, {}, 'the offer for “Beans” is for another product now'],
    ['in another currency', { currency: 'USD' }, {}, '“Beans” is sold in USD now'],
    ['of a supplier that is gone', {}, { isArchived: true }, 'Acme is not among the suppliers any more'],
    ['of a supplier in another country', {}, { currency: 'USD' }, 'Acme sells in USD now'],
    [
      'below the minimum order',
      {},
      { minimumOrderMinor: 10_001 },
      'Acme takes orders from 100.01 EUR on now, and this one comes to 100.00 EUR',
    ],
    [
      'with dearer shipping',
      {},
      { shippingFeeMinor: 501 },
      'shipping costs 5.01 EUR instead of 5.00 EUR; the total is 112.01 EUR instead of 112.00 EUR',
    ],
    [
      'with a higher tax',
      {},
      { taxRate: 0.19 },
      'the tax is 19.00 EUR instead of 7.00 EUR; the total is 124.00 EUR instead of 112.00 EUR',
    ],
  ])('is worse when it is %s', (_, changed, terms, expected) => {
    const fresh = anew(changed, terms)
    expect(fresh.kind === 'worse' ? fresh.changes.join('; ') : fresh).toBe(expected)
  })

  it('is worse when the supplier or the offer was never there, and tells everything at once', () => {
    expect(requote(order, undefined, new Map())).toMatchObject({ kind: 'worse' })
    expect(requote(order, supplier, new Map())).toMatchObject({ changes: ['“Beans” is not offered any more'] })
    expect(anew({ packPriceMinor: 1_001, stockPacks: 1 })).toMatchObject({ changes: { length: 2 } })
  })

  it('is worse when two lines share a stock that is enough for each of them alone', () => {
    const [line] = order.lines
    if (line === undefined) throw new Error('the order has a line')
    const twice = { ...order, totalMinor: 21_900, lines: [line, { ...line, lineId: 'lin_2' }] }
    const at = (stockPacks: number) => requote(twice, supplier, new Map([['off_1', { ...offer, stockPacks }]])).kind
    expect([at(19), at(20)]).toEqual(['worse', 'same'])
  })

  it.each<[string, Partial<OfferNow>, Partial<SupplierTermsNow>, number]>([
    ['as it was', {}, {}, 11_200],
    [
      'with stock and minimum that just do',
      { stockPacks: 10, minimumPacks: 10 },
      { minimumOrderMinor: 10_000 },
      11_200,
    ],
    ['in the same packs, written otherwise', { unit: 'ml', packQuantity: 6_000 }, {}, 11_200],
    [
      'at a price break that is as low',
      { packPriceMinor: 1_100, breaks: [{ packs: 10, packPriceMinor: 1_000 }] },
      {},
      11_200,
    ],
    ['cheaper', { packPriceMinor: 900 }, {}, 9_000 + 630 + 500],
    [
      'at the best of its price breaks',
      {
        breaks: [
          { packs: 10, packPriceMinor: 800 },
          { packs: 5, packPriceMinor: 900 },
        ],
      },
      {},
      8_000 + 560 + 500,
    ],
    ['shipped for nothing', {}, { freeShippingOverMinor: 10_000 }, 10_700],
    ['dearer to ship, and cheaper in all', { packPriceMinor: 900 }, { shippingFeeMinor: 600 }, 9_000 + 630 + 600],
  ])('is taken when it is %s', (_, changed, terms, totalMinor) => {
    const fresh = anew(changed, terms)
    expect(fresh).toMatchObject({ kind: totalMinor === 11_200 ? 'same' : 'cheaper', terms: { totalMinor } })
    if (fresh.kind === 'worse') return
    const { subtotalMinor, shippingMinor, taxMinor, lines } = fresh.terms
    expect(subtotalMinor + shippingMinor + taxMinor).toBe(totalMinor)
    expect(lines.reduce((sum, line) => sum + line.lineTotalMinor, 0)).toBe(subtotalMinor)
  })
})
