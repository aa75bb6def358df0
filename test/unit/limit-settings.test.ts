import { describe, expect, it } from 'vitest'
import { InputError } from '../../src/platform/errors.js'
import { parseLimit, parseLimitSettings, toLimits } from '../../src/purchasing/limit-settings.js'

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
    })
    expect(toLimits(settings, 'EUR')).toEqual({
      perOrderMinor: 60_000,
      perDayMinor: null,
      perWeekMinor: null,
      perMonthMinor: 400_050,
      approveAboveMinor: null,
      ordersPerDay: 3,
      allowedSuppliers: ['a', 'b'],
      firstPurchaseNeedsApproval: true,
      firstSupplierOrderNeedsApproval: false,
      personOrdersNeedApproval: true,
    })
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
    ['__proto__', 1, null, /is not a limit/],
  ])('refuses %s: %s', (kind, value, currency, text) => {
    expect(() => parseLimit(kind, value, 'cafe', currency)).toThrow(InputError)
    expect(() => parseLimit(kind, value, 'cafe', currency)).toThrow(text)
  })
})
