import { describe, expect, it } from 'vitest'
import { InputError } from '../../src/platform/errors.js'
import {
  parseLimit,
  parseLimitSettings,
  readSupplierPath,
  toLimits,
} from '../../src/purchasing/limits/limit-settings.js'

describe('limit settings', () => {
  it('reads what people write, and keeps it readable', () => {
    const settings = parseLimitSettings(
      {
        per_order: 600,
        per_month: '4000.50',
        orders_per_day: '3',
        allowed_suppliers: 'b, a,a',
        paused: 'yes',
        approve_above: null,
        max_line_amount: '099.90',
        max_price_rise_percent: 7.5,
        price_rise: 'refuse',
        per_supplier: { north: { per_month: 500, per_order: null }, constructor: { per_order: '20' }, empty: {} },
      },
      'cafe',
      'EUR',
    )
    expect(settings).toEqual({
      per_order: '600',
      per_month: '4000.5',
      orders_per_day: 3,
      allowed_suppliers: ['a', 'b'],
      paused: true,
      max_line_amount: '99.9',
      max_price_rise_percent: '7.5',
      price_rise: 'refuse',
      per_supplier: { constructor: { per_order: '20' }, north: { per_month: '500' } },
    })
    expect(toLimits(settings, 'EUR')).toEqual({
      perOrderMinor: 60_000,
      perDayMinor: null,
      perWeekMinor: null,
      perMonthMinor: 400_050,
      approveAboveMinor: null,
      maxLineMinor: 9_990,
      maxPriceRisePercent: '7.5',
      priceRise: 'refuse',
      perSupplier: new Map([
        ['constructor', { perOrderMinor: 2_000, perMonthMinor: null }],
        ['north', { perOrderMinor: null, perMonthMinor: 50_000 }],
      ]),
      ordersPerDay: 3,
      ordersPerRun: 3,
      maxTimesNeed: '10',
      allowedSuppliers: ['a', 'b'],
      firstPurchaseNeedsApproval: true,
      firstSupplierOrderNeedsApproval: false,
      personOrdersNeedApproval: true,
    })
  })

  it('holds suppliers that nothing is set for to nothing', () => {
    const { perSupplier } = toLimits({ per_supplier: { north: { per_month: '1' } } }, 'EUR')
    expect([...perSupplier.keys()]).toEqual(['north'])
    expect(toLimits({}, 'EUR').perSupplier.get('constructor')).toBeUndefined()
  })

  it.each([
    ['per_supplier.north-dairy.per_month', { supplierId: 'north-dairy', kind: 'per_month' }],
    ['per_supplier.north.per_day', null],
    ['per_supplier.North.per_month', null],
    ['per_supplier.__proto__.per_month', null],
    ['per_supplier.north', null],
    ['per_supplier.a.b.per_month', null],
    ['per_month', null],
  ])('reads %s as a limit of a supplier, or not', (name, path) => {
    expect(readSupplierPath(name)).toEqual(path)
  })

  it('keeps a budget of nothing apart from no budget', () => {
    expect(toLimits({ per_order: '0' }, 'EUR').perOrderMinor).toBe(0)
    expect(toLimits({}, 'EUR').perOrderMinor).toBeNull()
  })

  it.each([
    ['JPY', '600.999', 600],
    ['EUR', '600.999', 60_099],
    ['KWD', '600.9999', 600_999],
    ['EUR', '.5', 50],
  ])('in %s cuts %s, never raises it', (currency, written, minor) => {
    expect(toLimits({ per_order: written }, currency).perOrderMinor).toBe(minor)
  })

  it.each([
    ['per_order', '-1', 'EUR', /per_order of list cafe.*at least 0/],
    ['per_order', '12.345', 'EUR', /per_order of list cafe.*decimals/],
    ['per_order', 'much', null, /per_order of list cafe.*not a number/],
    ['per_order', true, null, /per_order of list cafe: write an amount/],
    ['orders_per_day', 1.5, null, /orders_per_day of list cafe: write a whole number/],
    ['orders_per_day', '', null, /orders_per_day of list cafe: write a whole number/],
    ['allowed_suppliers', [''], null, /allowed_suppliers of list cafe/],
    ['paused', 'maybe', null, /paused of list cafe: write true or false/],
    ['per_year', 1, null, /per_year \(list cafe\) is not a limit; known limits are per_order/],
    ['per_monht', 1, null, /did you mean per_month\?/],
    ['max_prize_rise_percent', 1, null, /did you mean max_price_rise_percent\?/],
    ['max_line_amount', -1, null, /max_line_amount of list cafe.*at least 0/],
    ['max_price_rise_percent', '10 %', null, /max_price_rise_percent of list cafe.*not a number/],
    ['max_price_rise_percent', 0.125, null, /more than 2 decimals/],
    ['price_rise', 'ask', null, /price_rise of list cafe: write approve or refuse/],
    ['per_supplier', 500, null, /per_supplier of list cafe: name a supplier/],
    ['per_supplier', { 'North Dairy': {} }, null, /"North Dairy" is not a supplier id/],
    ['per_supplier', { north: 500 }, null, /per_supplier\.north of list cafe: write per_order and per_month/],
    ['per_supplier', { north: { per_day: 5 } }, null, /per_supplier\.north\.per_day \(list cafe\) is not a limit/],
    ['per_supplier', { north: { per_month: -5 } }, 'EUR', /per_supplier\.north\.per_month of list cafe.*at least 0/],
    ['__proto__', 1, null, /is not a limit/],
  ])('refuses %s: %s', (kind, value, currency, text) => {
    expect(() => parseLimit(kind, value, 'cafe', currency)).toThrow(InputError)
    expect(() => parseLimit(kind, value, 'cafe', currency)).toThrow(text)
  })
})
