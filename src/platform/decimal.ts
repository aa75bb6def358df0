/**
 * Exact decimals: money as integer minor units, quantities as numbers with at most three decimals, and nothing in
 * between that goes through a binary fraction. Text and numbers are taken by their decimal digits ("0.1" is one tenth),
 * sums run in integer thousandths, ratios are compared as fractions of bigints.
 *
 * Mistakes in what people wrote are `InputError`s whose text quotes the value but knows no file or line; whoever
 * knows the place adds it. A quantity that can't be one (NaN, beyond `MAX_QUANTITY`) is our own fault: `RangeError`.
 */
import { InputError } from './errors.js'
import { quoted } from './quoted.js'

/** Thousandths of it stay far below 2^53, so every quantity and every sum of quantities is exact. */
export const MAX_QUANTITY = 1_000_000_000
/** In major units; four-decimal currencies included, minor units stay below 2^53. */
export const MAX_MONEY = 100_000_000_000

export interface DecimalRules {
  readonly maxDecimals: number
  readonly min?: number
  /** Exclusive: `above: 0` is "more than nothing". */
  readonly above?: number
  readonly max?: number
  /** Read "12,50" as 12.50, as spreadsheets in many countries write it. "1.250" is then refused: nobody can know what it means. */
  readonly decimalComma?: boolean
}

interface Fraction {
  readonly numerator: bigint
  readonly denominator: bigint
}

const DECIMAL = /^([+-]?)(\d*)(?:\.(\d+))?$/
const NUMBER_TEXT = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/
const THOUSANDS_POINT = /^[+-]?[1-9]\d{0,2}(?:\.\d{3})+$/

/** The value times `10 ** maxDecimals`: `parseDecimal('12.5', { maxDecimals: 2 })` is `1250n`. Refuses rather than rounds. */
export function parseDecimal(text: string, rules: DecimalRules): bigint {
  const written = text.trim()
  const shown = quoted(written)
  let digits = written
  if (rules.decimalComma) {
    if (THOUSANDS_POINT.test(written)) {
      const whole = written.replaceAll('.', '')
      throw new InputError(`${shown} may mean a thousand or a fraction; write ${whole} or use a decimal comma`)
    }
    if (!written.includes('.')) digits = written.replace(',', '.')
  }
  const match = DECIMAL.exec(digits)
  const [, sign = '', whole = '', fraction = ''] = match ?? []
  if (!match || whole + fraction === '') {
    const hint =
      /^[+-]?[\d.,' \u00a0\u202f]+$/.test(written) && /\d/.test(written)
        ? 'write it with one decimal sign and without thousands separators, such as 1250.5'
        : 'write digits such as 12.5'
    throw new InputError(`${shown} is not a number; ${hint}`)
  }
  const significant = fraction.replace(/0+$/, '')
  if (significant.length > rules.maxDecimals) {
    throw new InputError(
      rules.maxDecimals === 0
        ? `${shown} is not a whole number`
        : `${shown} has more than ${rules.maxDecimals} decimal${rules.maxDecimals === 1 ? '' : 's'}`,
    )
  }
  const magnitude = BigInt(whole + significant.padEnd(rules.maxDecimals, '0'))
  const scaled = sign === '-' ? -magnitude : magnitude
  const value = { numerator: scaled, denominator: 10n ** BigInt(rules.maxDecimals) }
  if (rules.min !== undefined && compare(value, exactly(rules.min)) < 0) {
    throw new InputError(`${shown} is too small; it must be at least ${rules.min}`)
  }
  if (rules.above !== undefined && compare(value, exactly(rules.above)) <= 0) {
    throw new InputError(`${shown} is too small; it must be more than ${rules.above}`)
  }
  if (rules.max !== undefined && compare(value, exactly(rules.max)) > 0) {
    throw new InputError(`${shown} is too large; it must be at most ${rules.max}`)
  }
  return scaled
}

/** The one way to write a value: '+012,50' (decimal comma) and '12.5' are both '12.5'. */
export function normalizeDecimal(text: string, rules: DecimalRules): string {
  const fixed = formatScaled(parseDecimal(text, rules), rules.maxDecimals)
  return fixed.includes('.') ? fixed.replace(/\.?0+$/, '') : fixed
}

/** `formatScaled(1250n, 2)` is '12.50'. */
export function formatScaled(scaled: bigint, decimals: number): string {
  const digits = (scaled < 0n ? -scaled : scaled).toString().padStart(decimals + 1, '0')
  const sign = scaled < 0n ? '-' : ''
  if (decimals === 0) return sign + digits
  return `${sign}${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`
}

/** A quantity that somebody wrote, as a number with at most three decimals. */
export function parseQuantity(text: string, rules: Omit<DecimalRules, 'maxDecimals'> = {}): number {
  return Number(parseDecimal(text, { max: MAX_QUANTITY, ...rules, maxDecimals: 3 })) / 1000
}

// --- money

const DECIMALS_OF: Readonly<Record<number, string>> = {
  0: 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF',
  3: 'BHD IQD JOD KWD LYD OMR TND',
  4: 'CLF UYW',
}

const MINOR_UNITS: ReadonlyMap<string, number> = new Map(
  Object.entries(DECIMALS_OF).flatMap(([decimals, codes]) => codes.split(' ').map((code) => [code, Number(decimals)])),
)

const CURRENCIES: ReadonlySet<string> = new Set([...Intl.supportedValuesOf('currency'), ...MINOR_UNITS.keys()])

/**
 * How many decimals a currency has (ISO 4217). Our own table and not `Intl`'s: ICU follows what cash is used in practice
 * (0 for IQD) and changes between Node versions, which would change what a stored amount means.
 */
export function minorUnits(currency: string): number {
  if (!CURRENCIES.has(currency)) {
    throw new InputError(`${quoted(currency)} is not a currency; use a three-letter ISO 4217 code such as EUR`)
  }
  return MINOR_UNITS.get(currency) ?? 2
}

/** Major units as written ('12.50', 12.5) to minor units (1250), exactly. `decimals` comes from `minorUnits`. */
export function toMinor(
  amount: string | number,
  decimals: number,
  rules: Omit<DecimalRules, 'maxDecimals'> = {},
): number {
  return Number(parseDecimal(String(amount), { min: -MAX_MONEY, max: MAX_MONEY, ...rules, maxDecimals: decimals }))
}

/** '12.50 EUR'. */
export function formatMoney(amountMinor: number, currency: string): string {
  return `${formatScaled(BigInt(amountMinor), minorUnits(currency))} ${currency}`
}

/** `rate` (0.19 is 19 %) of an amount, rounded half up to the minor unit; half away from zero for a credit. */
export function rateOf(amountMinor: number, rate: number | string): number {
  const { numerator, denominator } = exactly(rate)
  return Number(divideRounded(BigInt(amountMinor) * numerator, denominator))
}

/**
 * Whether a pack's price per unit is at or below the cap, compared as exact fractions: 12.50 for 24 is not an integer
 * of anything. `packQuantity` is in the unit that the cap (in major units) is for.
 */
export function unitPriceWithinCap(
  packPriceMinor: number,
  packQuantity: number,
  cap: string | number,
  currency: string,
): boolean {
  const quantity = exactly(packQuantity)
  if (quantity.numerator <= 0n) throw new RangeError(`a pack of ${packQuantity} has no unit price`)
  const price = {
    numerator: BigInt(packPriceMinor) * quantity.denominator,
    denominator: 10n ** BigInt(minorUnits(currency)) * quantity.numerator,
  }
  return compare(price, exactly(cap)) <= 0
}

// --- quantities

/** To three decimals, half away from zero, by the decimal digits people see: 1.0005 is 1.001. */
export function roundQuantity(value: number): number {
  const { numerator, denominator } = exactly(value)
  return fromThousandths(Number(divideRounded(numerator * 1000n, denominator)))
}

export function addQuantity(a: number, b: number): number {
  return fromThousandths(thousandths(a) + thousandths(b))
}

export function subtractQuantity(a: number, b: number): number {
  return fromThousandths(thousandths(a) - thousandths(b))
}

/** A quantity times a count, a number of days or a conversion factor, rounded once, at the end, to three decimals. */
export function multiplyQuantity(quantity: number, factor: number): number {
  const { numerator, denominator } = exactly(factor)
  return fromThousandths(Number(divideRounded(BigInt(thousandths(quantity)) * numerator, denominator)))
}

/** The smallest multiple that is not below the quantity: `ceilToMultiple(31, 12)` is 36. */
export function ceilToMultiple(quantity: number, multiple: number): number {
  return fromThousandths(steps(quantity, multiple, Math.ceil) * thousandths(multiple))
}

/** The largest multiple that is not above the quantity. */
export function floorToMultiple(quantity: number, multiple: number): number {
  return fromThousandths(steps(quantity, multiple, Math.floor) * thousandths(multiple))
}

/** How many whole packs cover the quantity; 0 when there is nothing to cover. */
export function packsToCover(quantity: number, packQuantity: number): number {
  return Math.max(0, steps(quantity, packQuantity, Math.ceil))
}

function steps(quantity: number, multiple: number, round: (ratio: number) => number): number {
  const step = thousandths(multiple)
  if (step <= 0) throw new RangeError(`${multiple} can't be a multiple; it must be at least 0.001`)
  const whole = thousandths(quantity)
  const rest = whole % step
  // The division is exact once the rest is out, so rounding decides on the rest alone.
  return (whole - rest) / step + round(rest / step)
}

function thousandths(quantity: number): number {
  if (!(Math.abs(quantity) <= MAX_QUANTITY * 1000)) throw new RangeError(`${quantity} is not a quantity`)
  return Math.round(quantity * 1000)
}

function fromThousandths(value: number): number {
  if (!(Math.abs(value) <= Number.MAX_SAFE_INTEGER)) throw new RangeError('a quantity grew beyond what can be exact')
  // Not -0: it prints as "-0" in some places and differs from 0 in tests.
  return value === 0 ? 0 : value / 1000
}

// --- fractions

/** By decimal digits, so that the number 0.1 is exactly one tenth. Takes what `String` makes of numbers, "1e-7" included. */
function exactly(value: number | string): Fraction {
  const match = NUMBER_TEXT.exec(String(value).trim())
  if (!match) throw new RangeError(`${value} is not a decimal`)
  const [, sign, whole = '', fraction = '', exponent = '0'] = match
  const magnitude = BigInt(whole + fraction)
  const numerator = sign === '-' ? -magnitude : magnitude
  const power = Number(exponent) - fraction.length
  return power >= 0
    ? { numerator: numerator * 10n ** BigInt(power), denominator: 1n }
    : { numerator, denominator: 10n ** BigInt(-power) }
}

/** Negative, zero or positive, as `a − b`. */
function compare(a: Fraction, b: Fraction): number {
  const difference = a.numerator * b.denominator - b.numerator * a.denominator
  return difference < 0n ? -1 : difference > 0n ? 1 : 0
}

/** Half away from zero. */
function divideRounded(numerator: bigint, denominator: bigint): bigint {
  const magnitude = ((numerator < 0n ? -numerator : numerator) * 2n + denominator) / (denominator * 2n)
  return numerator < 0n ? -magnitude : magnitude
}
