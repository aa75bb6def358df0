import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  addQuantity,
  ceilToMultiple,
  floorToMultiple,
  formatMoney,
  formatScaled,
  minorUnits,
  multiplyQuantity,
  normalizeDecimal,
  packsToCover,
  parseDecimal,
  parseQuantity,
  rateOf,
  roundQuantity,
  subtractQuantity,
  toMinor,
  unitPriceWithinCap,
} from '../../src/platform/decimal.js'
import { InputError } from '../../src/platform/errors.js'

/** Quantities as people have them: up to a million, three decimals. */
const quantity = fc.integer({ min: 0, max: 1_000_000_000 }).map((thousandths) => thousandths / 1000)
const positive = fc.integer({ min: 1, max: 100_000_000 }).map((thousandths) => thousandths / 1000)
const inThousandths = (value: number) => BigInt(value.toFixed(3).replace('.', ''))

describe('parseDecimal', () => {
  it.each([
    ['12.5', 2, 1250n],
    ['12.50', 1, 125n],
    [' +007 ', 0, 7n],
    ['-0.05', 2, -5n],
    ['.5', 3, 500n],
    ['0', 3, 0n],
    ['90071992547409931.25', 2, 9007199254740993125n],
  ])('reads %s with %i decimals exactly', (text, maxDecimals, scaled) => {
    expect(parseDecimal(text, { maxDecimals })).toBe(scaled)
  })

  it.each([
    ['abc', '"abc" is not a number; write digits such as 12.5'],
    ['', '"" is not a number'],
    ['.', '"." is not a number'],
    ['1e3', '"1e3" is not a number'],
    ['NaN', '"NaN" is not a number'],
    ['0x10', '"0x10" is not a number'],
    ['12,50', '"12,50" is not a number; write it with one decimal sign and without thousands separators'],
    ['1,250.00', 'without thousands separators'],
    ['1.250.000', 'without thousands separators'],
    ['12.50 €', '"12.50 €" is not a number'],
    ['12.505', '"12.505" has more than 2 decimals'],
  ])('refuses %j', (text, message) => {
    expect(() => parseDecimal(text, { maxDecimals: 2 })).toThrow(InputError)
    expect(() => parseDecimal(text, { maxDecimals: 2 })).toThrow(message)
  })

  it('keeps bounds, exact at the edge', () => {
    const rules = { maxDecimals: 3, min: 0.1, max: 1 }
    expect(parseDecimal('0.1', rules)).toBe(100n)
    expect(parseDecimal('1', rules)).toBe(1000n)
    expect(() => parseDecimal('0.099', rules)).toThrow('"0.099" is too small; it must be at least 0.1')
    expect(() => parseDecimal('1.001', rules)).toThrow('"1.001" is too large; it must be at most 1')
    expect(() => parseDecimal('0', { maxDecimals: 0, above: 0 })).toThrow('it must be more than 0')
    expect(() => parseDecimal('2.5', { maxDecimals: 0 })).toThrow('"2.5" is not a whole number')
  })

  it('reads decimal commas only when told to, and then refuses what could be a thousand', () => {
    const rules = { maxDecimals: 3, decimalComma: true }
    expect(parseDecimal('12,5', rules)).toBe(12500n)
    expect(parseDecimal('12.5', rules)).toBe(12500n)
    expect(parseDecimal('0.250', rules)).toBe(250n)
    expect(() => parseDecimal('1.250', rules)).toThrow('"1.250" may mean a thousand or a fraction; write 1250')
    expect(() => parseDecimal('1.250,50', rules)).toThrow(InputError)
    expect(() => parseDecimal('1,2,3', rules)).toThrow(InputError)
  })

  it('gives back what formatScaled wrote, in one spelling', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n }),
        fc.integer({ min: 0, max: 6 }),
        (scaled, decimals) => {
          const text = formatScaled(scaled, decimals)
          expect(parseDecimal(text, { maxDecimals: decimals })).toBe(scaled)
          const normal = normalizeDecimal(text, { maxDecimals: decimals })
          expect(parseDecimal(normal, { maxDecimals: decimals })).toBe(scaled)
          expect(normalizeDecimal(normal, { maxDecimals: decimals })).toBe(normal)
          expect(normal).not.toMatch(/\.\d*0$|\.$|^-0$/)
        },
      ),
    )
  })
})

describe('money', () => {
  it.each([
    ['12.50', 2, 1250],
    [12.5, 2, 1250],
    ['1.15', 2, 115],
    [0.29, 2, 29],
    ['1250', 0, 1250],
    ['0.005', 3, 5],
  ])('%s with %i decimals is %i minor units', (amount, decimals, minor) => {
    expect(toMinor(amount, decimals)).toBe(minor)
  })

  it('refuses what the currency cannot express or a number cannot hold', () => {
    expect(() => toMinor('12.505', 2)).toThrow('more than 2 decimals')
    expect(() => toMinor(0.1 + 0.2, 2)).toThrow('more than 2 decimals')
    expect(() => toMinor('12.5', 0)).toThrow('not a whole number')
    expect(() => toMinor(1e21, 2)).toThrow(InputError)
    expect(() => toMinor('999999999999', 2)).toThrow('too large')
    expect(() => toMinor('12,50', 2)).toThrow(InputError)
    expect(toMinor('12,50', 2, { decimalComma: true })).toBe(1250)
  })

  it('knows how many decimals a currency has by ISO 4217, whatever ICU thinks', () => {
    expect(['EUR', 'USD', 'HUF', 'JPY', 'ISK', 'KRW', 'CLP', 'VND'].map(minorUnits)).toEqual([2, 2, 2, 0, 0, 0, 0, 0])
    expect(['BHD', 'KWD', 'OMR', 'JOD', 'TND', 'IQD', 'LYD', 'CLF'].map(minorUnits)).toEqual([3, 3, 3, 3, 3, 3, 3, 4])
    expect(() => minorUnits('euro')).toThrow('"euro" is not a currency; use a three-letter ISO 4217 code such as EUR')
    expect(() => minorUnits('ZZZ')).toThrow(InputError)
  })

  it('formats exactly', () => {
    expect(formatMoney(1250, 'EUR')).toBe('12.50 EUR')
    expect(formatMoney(-5, 'EUR')).toBe('-0.05 EUR')
    expect(formatMoney(0, 'EUR')).toBe('0.00 EUR')
    expect(formatMoney(1250, 'JPY')).toBe('1250 JPY')
    expect(formatMoney(1, 'KWD')).toBe('0.001 KWD')
    expect(formatMoney(Number.MAX_SAFE_INTEGER, 'EUR')).toBe('90071992547409.91 EUR')
  })

  it('reads back every amount it formats', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -1e11, max: 1e11 }),
        fc.constantFrom('EUR', 'JPY', 'KWD', 'CLF'),
        (minor, currency) => {
          const [amount = ''] = formatMoney(minor, currency).split(' ')
          expect(toMinor(amount, minorUnits(currency))).toBe(minor)
        },
      ),
    )
  })

  it('rounds a rate half up', () => {
    expect(rateOf(1000, '0.19')).toBe(190)
    expect(rateOf(50, 0.07)).toBe(4) // 3.5
    expect(rateOf(100, 0.145)).toBe(15) // 14.5, which binary fractions make 14.499999999999998
    expect(rateOf(150, '0.07')).toBe(11) // 10.5
    expect(rateOf(-50, 0.07)).toBe(-4)
    expect(rateOf(0, 0.19)).toBe(0)
  })
})

describe('unitPriceWithinCap', () => {
  it.each([
    [1250, 24, '0.520833', false], // 12.50 for 24 is 0.52083333…
    [1250, 24, '0.520834', true],
    [100, 3, '0.333333', false],
    [99, 3, '0.33', true],
    [99, 3, 0.33, true],
    [100, 3, 0.33, false],
    [1740, 1, '17.4', true],
    [520, 0.25, '20.8', true],
    [520, 0.25, '20.799999', false],
    [0, 1, '0', true],
  ])('%i cents for %f against %s is %s', (price, packQuantity, cap, within) => {
    expect(unitPriceWithinCap(price, packQuantity, cap, 'EUR')).toBe(within)
  })

  it('counts minor units by the currency', () => {
    expect(unitPriceWithinCap(500, 1, '500', 'JPY')).toBe(true)
    expect(unitPriceWithinCap(501, 1, '500', 'JPY')).toBe(false)
    expect(unitPriceWithinCap(500, 1, '0.5', 'KWD')).toBe(true)
  })

  it('accepts the cap that is exactly the price, and not a millionth less', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10_000_000 }),
        fc.integer({ min: 1, max: 1_000_000 }),
        (cents, packQuantity) => {
          // The pack costs packQuantity times the unit price, so the unit price is a plain number of cents.
          const price = cents * packQuantity
          expect(unitPriceWithinCap(price, packQuantity, formatScaled(BigInt(cents), 2), 'EUR')).toBe(true)
          expect(unitPriceWithinCap(price, packQuantity, formatScaled(BigInt(cents) * 10_000n - 1n, 6), 'EUR')).toBe(
            false,
          )
        },
      ),
    )
  })
})

describe('quantities', () => {
  it('reads at most three decimals', () => {
    expect(parseQuantity('2.5')).toBe(2.5)
    expect(parseQuantity('0,125', { decimalComma: true })).toBe(0.125)
    expect(() => parseQuantity('0.0005')).toThrow('more than 3 decimals')
    expect(() => parseQuantity('-1', { min: 0 })).toThrow('at least 0')
    expect(() => parseQuantity('1000000001')).toThrow('too large')
  })

  it.each([
    [1.0005, 1.001],
    [1.0004999, 1],
    [-1.0005, -1.001],
    [0.1 + 0.2, 0.3],
    [1e-7, 0],
    [-1e-7, 0],
    [1500000.0000000002, 1500000],
  ])('rounds %f to %f', (value, rounded) => {
    expect(roundQuantity(value)).toBe(rounded)
  })

  it('adds and subtracts without binary dust', () => {
    expect(addQuantity(0.1, 0.2)).toBe(0.3)
    expect(subtractQuantity(0.3, 0.1)).toBe(0.2)
    expect(Object.is(subtractQuantity(1, 1), 0)).toBe(true)
    fc.assert(
      fc.property(quantity, quantity, (a, b) => {
        expect(inThousandths(addQuantity(a, b))).toBe(inThousandths(a) + inThousandths(b))
        expect(subtractQuantity(addQuantity(a, b), b)).toBe(a)
      }),
    )
  })

  it('multiplies exactly and rounds once', () => {
    expect(multiplyQuantity(4.2, 3)).toBe(12.6)
    expect(multiplyQuantity(0.7, 5)).toBe(3.5)
    expect(multiplyQuantity(1.1, 1.1)).toBe(1.21)
    expect(multiplyQuantity(2500, 0.001)).toBe(2.5)
    expect(multiplyQuantity(0.001, 0.5)).toBe(0.001)
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_000_000 }), positive, (packs, pack) => {
        expect(inThousandths(multiplyQuantity(pack, packs))).toBe(inThousandths(pack) * BigInt(packs))
      }),
    )
  })

  it.each([
    [31, 12, 36, 24],
    [36, 12, 36, 36],
    [0.3, 0.1, 0.3, 0.3], // 0.3 / 0.1 is 2.9999999999999996
    [2.1, 0.7, 2.1, 2.1],
    [0, 6, 0, 0],
    [-5, 6, 0, -6],
    [4.5, 0.25, 4.5, 4.5],
  ])('takes %f to a multiple of %f: up %f, down %f', (value, multiple, up, down) => {
    expect(ceilToMultiple(value, multiple)).toBe(up)
    expect(floorToMultiple(value, multiple)).toBe(down)
  })

  it('finds the nearest multiples and the fewest packs', () => {
    fc.assert(
      fc.property(quantity, positive, (value, multiple) => {
        const step = inThousandths(multiple)
        const up = inThousandths(ceilToMultiple(value, multiple))
        const down = inThousandths(floorToMultiple(value, multiple))
        expect(up % step).toBe(0n)
        expect(down % step).toBe(0n)
        expect(up >= inThousandths(value) && up - step < inThousandths(value)).toBe(true)
        expect(down <= inThousandths(value) && down + step > inThousandths(value)).toBe(true)
        expect(BigInt(packsToCover(value, multiple)) * step).toBe(up)
      }),
    )
    expect(packsToCover(-3, 6)).toBe(0)
  })

  it('calls what is no quantity our own fault', () => {
    expect(() => addQuantity(Number.NaN, 1)).toThrow(RangeError)
    expect(() => roundQuantity(Number.POSITIVE_INFINITY)).toThrow(RangeError)
    expect(() => ceilToMultiple(5, 0)).toThrow(RangeError)
    expect(() => unitPriceWithinCap(100, 0, '1', 'EUR')).toThrow(RangeError)
  })
})
