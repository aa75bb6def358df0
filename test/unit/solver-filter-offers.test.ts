import { describe, expect, test } from 'vitest'
import { type FilterRequest, filterOffers, type OfferToFilter } from '../../src/purchasing/solver/filter-offers.js'

function filter(offer: Partial<OfferToFilter>, change: Partial<FilterRequest> = {}) {
  const { offers, removed } = filterOffers({
    needs: [{ itemId: 'milk', maxUnitPrice: null, neededInDays: null }],
    offers: [
      {
        offerId: 'o',
        supplierId: 'a',
        itemId: 'milk',
        packQuantity: 24_000,
        packPriceMinor: 1250,
        breaks: [],
        minimumPacks: 1,
        stockPacks: null,
        currency: 'EUR',
        ...offer,
      },
    ],
    suppliers: [{ supplierId: 'a', leadTimeDays: 3, currency: 'EUR' }],
    currency: 'EUR',
    allowedSuppliers: null,
    ...change,
  })
  expect(offers.length + removed.length).toBe(1)
  return removed[0]?.reason ?? offers[0]
}

const capped = (maxUnitPrice: string): Partial<FilterRequest> => ({
  needs: [{ itemId: 'milk', maxUnitPrice, neededInDays: null }],
})

describe('an offer', () => {
  test('stays as it is where nothing is against it', () => {
    expect(filter({ breaks: [{ packs: 10, packPriceMinor: 1100 }], minimumPacks: 2, stockPacks: 9 })).toEqual({
      offerId: 'o',
      supplierId: 'a',
      itemId: 'milk',
      packQuantity: 24_000,
      tiers: [
        { minPacks: 1, packPriceMinor: 1250 },
        { minPacks: 10, packPriceMinor: 1100 },
      ],
      minimumPacks: 2,
      fewestPacks: 2,
      stockPacks: 9,
    })
  })

  test('is compared with the cap as an exact fraction: 12.50 for 24 is 0.52083… a piece', () => {
    expect(filter({}, capped('0.5208'))).toBe('above_unit_price_cap')
    expect(filter({}, capped('0.5209'))).toMatchObject({ fewestPacks: 1 })
  })

  test('that only a price break brings within the cap is bought from there on', () => {
    const breaks = [
      { packs: 10, packPriceMinor: 1000 },
      { packs: 5, packPriceMinor: 1200 },
    ]
    expect(filter({ breaks }, capped('0.50'))).toMatchObject({ minimumPacks: 1, fewestPacks: 5 })
    expect(filter({ breaks, minimumPacks: 7 }, capped('0.50'))).toMatchObject({ minimumPacks: 7, fewestPacks: 7 })
    expect(filter({ breaks, stockPacks: 4 }, capped('0.50'))).toBe('above_unit_price_cap')
  })

  test('keeps the first reason that is against it', () => {
    expect(filter({}, { allowedSuppliers: ['b'] })).toBe('supplier_not_allowed')
    expect(filter({}, { allowedSuppliers: ['a', 'b'] })).toMatchObject({ offerId: 'o' })
    expect(filter({ currency: 'USD' })).toBe('currency_mismatch')
    expect(filter({}, { suppliers: [{ supplierId: 'a', leadTimeDays: 0, currency: 'USD' }] })).toBe('currency_mismatch')
    const neededIn = (neededInDays: number) => ({ needs: [{ itemId: 'milk', maxUnitPrice: null, neededInDays }] })
    expect(filter({}, neededIn(2))).toBe('too_late')
    expect(filter({}, neededIn(3))).toMatchObject({ offerId: 'o' })
    expect(filter({ stockPacks: 0 })).toBe('out_of_stock')
    expect(filter({ stockPacks: 2, minimumPacks: 3 })).toBe('out_of_stock')
  })

  test('judges each of many prices as if it were the only one', () => {
    const prices = [130, 120, 121, 126, 124, 125, 122, 127, 0, 123, 125, 124, 126]
    const { offers, removed } = filterOffers({
      needs: [{ itemId: 'milk', maxUnitPrice: '0.125', neededInDays: null }],
      offers: prices.flatMap((price, index) =>
        [10, 20].map((packs) => ({
          offerId: `${packs}-${index}`,
          supplierId: 'a',
          itemId: 'milk',
          packQuantity: packs * 1000,
          packPriceMinor: packs === 10 ? price : 2 * price + 1,
          breaks: [],
          minimumPacks: 1,
          stockPacks: null,
          currency: 'EUR',
        })),
      ),
      suppliers: [{ supplierId: 'a', leadTimeDays: 0, currency: 'EUR' }],
      currency: 'EUR',
      allowedSuppliers: null,
    })
    const priced = (size: number) =>
      offers.flatMap(({ packQuantity, tiers }) => (packQuantity === size ? (tiers[0]?.packPriceMinor ?? []) : []))
    expect(priced(10_000)).toEqual([120, 121, 124, 125, 122, 0, 123, 125, 124])
    expect(priced(20_000)).toEqual([241, 243, 249, 245, 1, 247, 249])
    expect(offers.length + removed.length).toBe(2 * prices.length)
  })

  test('asks nobody to pay more for buying more', () => {
    const breaks = [
      { packs: 20, packPriceMinor: 1240 },
      { packs: 10, packPriceMinor: 1200 },
      { packs: 10, packPriceMinor: 1230 },
    ]
    expect(filter({ breaks })).toMatchObject({
      tiers: [
        { minPacks: 1, packPriceMinor: 1250 },
        { minPacks: 10, packPriceMinor: 1200 },
      ],
    })
  })
})
