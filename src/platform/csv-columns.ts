/**
 * What a cell of a CSV column may hold. A blank cell is `null`, unless the column is `required`. A parser's error says
 * what is wrong with the value; `readCsv` adds file, line and column.
 */
import { type DecimalRules, MAX_MONEY, normalizeDecimal, parseDecimal, parseQuantity } from './decimal.js'
import { InputError } from './errors.js'
import { parseGtin } from './gtin.js'
import { isCalendarDay } from './local-date.js'
import { nearest } from './nearest.js'
import { quoted } from './quoted.js'

export interface CellContext {
  /** The file is separated by ";", so "12,50" is a number. */
  readonly decimalComma: boolean
}

export interface Column<T> {
  /** The header must name it and no cell may be blank. */
  readonly required: boolean
  /** Gets the trimmed cell, "" when blank. */
  readonly parse: (text: string, context: CellContext) => T
}

interface Bounds {
  readonly min?: number
  /** Exclusive lower bound. */
  readonly above?: number
  readonly max?: number
}

function optional<T>(parse: (text: string, context: CellContext) => T): Column<T | null> {
  return { required: false, parse: (text, context) => (text === '' ? null : parse(text, context)) }
}

/** The same column with no blank cells. */
export function required<T>(column: Column<T | null>): Column<T> {
  return {
    required: true,
    parse: (text, context) => {
      const value = column.parse(text, context)
      if (value === null) throw new InputError('is blank; fill it in')
      return value
    },
  }
}

/** Clean text (see `cleanText`), one line unless `multiline`. */
export function text(rules: { readonly maxLength: number; readonly multiline?: boolean }): Column<string | null> {
  return optional((cell) => {
    const clean = cleanText(cell, rules.multiline ?? false)
    const length = [...clean].length
    if (length > rules.maxLength) {
      throw new InputError(`has ${length} characters; shorten it to at most ${rules.maxLength}`)
    }
    return clean === '' ? null : clean
  })
}

/** An exact decimal in its one spelling ('0.19'), not a number: rates and the like must not pass through binary fractions. */
export function decimal(rules: Bounds & { readonly maxDecimals: number }): Column<string | null> {
  return optional((cell, context) => normalizeDecimal(cell, { ...rules, ...context }))
}

/** A number with at most three decimals. */
export function quantity(rules: Bounds = {}): Column<number | null> {
  return optional((cell, context) => parseQuantity(cell, { ...rules, ...context }))
}

/** Major units as an exact decimal ('12.5'). The currency is known only later; `toMinor` then checks its decimals. */
export function money(rules: Bounds = {}): Column<string | null> {
  const least = rules.above === undefined ? { min: 0 } : {}
  const limits: DecimalRules = { ...least, max: MAX_MONEY, ...rules, maxDecimals: 6 }
  return optional((cell, context) => normalizeDecimal(cell, { ...limits, ...context }))
}

export function integer(rules: Bounds = {}): Column<number | null> {
  const limits: DecimalRules = { max: Number.MAX_SAFE_INTEGER, min: Number.MIN_SAFE_INTEGER, ...rules, maxDecimals: 0 }
  return optional((cell, context) => Number(parseDecimal(cell, { ...limits, ...context })))
}

/** A day of the calendar as YYYY-MM-DD, which compares as text. */
export function date(): Column<string | null> {
  return optional((cell) => {
    if (isCalendarDay(cell)) return cell
    throw new InputError(`${quoted(cell)} is not a date; write it as 2026-03-31`)
  })
}

/** A moment: ISO 8601 with its zone, or a day, which means its beginning in UTC. */
export function instant(): Column<Date | null> {
  return optional((cell) => {
    const [, day = ''] = /^(.{10})(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?:Z|[+-]\d{2}:?\d{2}))?$/.exec(cell) ?? []
    const moment = new Date(cell)
    if (isCalendarDay(day) && !Number.isNaN(moment.getTime())) return moment
    throw new InputError(`${quoted(cell)} is not a date; write it as 2026-03-31 or 2026-03-31T08:00:00Z`)
  })
}

/** One of a few words, in any case. */
export function oneOf<const T extends string>(words: readonly T[]): Column<T | null> {
  return optional((cell) => {
    const found = words.find((word) => word.toLowerCase() === cell.toLowerCase())
    if (found !== undefined) return found
    const meant = nearest(cell, words)
    const hint = meant === undefined ? `use one of ${words.join(', ')}` : `did you mean ${meant}?`
    throw new InputError(`${quoted(cell)} is not possible here; ${hint}`)
  })
}

/** A verified GTIN in the form that `parseGtin` gives. */
export function gtin(): Column<string | null> {
  return optional(parseGtin)
}

/**
 * Unicode NFC, trimmed, control characters stripped (not refused: they come from copying out of other programs, nobody
 * can see them, and they would only break terminals and JSON). Line breaks and tabs stay in multi-line text and are
 * one space elsewhere.
 */
export function cleanText(raw: string, multiline: boolean): string {
  const visible = raw
    .replace(/\r\n?/g, '\n')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what we strip
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\ufeff]/g, '')
  return (multiline ? visible : visible.replace(/\s*[\n\t]\s*/g, ' ')).normalize('NFC').trim()
}
