/**
 * Text that a spreadsheet would run as a formula (`=HYPERLINK(…)`, `+cmd|…`, `@SUM(…)`) is written with an apostrophe
 * before it, which spreadsheets take for "this is text", and read without it. Exact both ways: text that begins with
 * apostrophes and such a character gets one more, and plain numbers stay numbers.
 */
const guarded = /^'+[=+\-@＝＋－＠]/u
const formula = /^[=+\-@＝＋－＠]/u
const plainNumber = /^[+-]?\d+(?:[.,]\d+)?$/

export function guardFormula(value: string): string {
  return guarded.test(value) || (formula.test(value) && !plainNumber.test(value)) ? `'${value}` : value
}

export function unguardFormula(cell: string): string {
  return guarded.test(cell) ? cell.slice(1) : cell
}
