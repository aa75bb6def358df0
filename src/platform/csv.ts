/**
 * The one reader of all our CSV files, and their writer.
 *
 * UTF-8 with or without BOM, separated by "," or ";" (the header row tells), any column order, header names in any case.
 * Everything is checked before anything is returned, so a file is imported whole or not at all.
 */
import { CsvError, parse } from 'csv-parse/sync'
import type { CellContext, Column } from './csv-columns.js'
import { guardFormula, unguardFormula } from './csv-formula.js'
import { InputError } from './errors.js'
import { nearest } from './nearest.js'
import { quoted } from './quoted.js'

export * from './csv-columns.js'

/** Column name → what its cells may hold, in the order in which people are told about them. */
export type Columns = Readonly<Record<string, Column<unknown>>>

export type Values<C extends Columns> = { readonly [K in keyof C]: C[K] extends Column<infer T> ? T : never }

export interface CsvRow<C extends Columns> {
  /** Where the row begins, counted from 1 as editors do. */
  readonly line: number
  readonly values: Values<C>
}

export interface CsvFile<C extends Columns> {
  /**
   * The columns that the header names. A column that isn't there reads as `null` in every row, like a blank cell, but
   * an import that updates must leave alone what the file doesn't speak of.
   */
  readonly columns: ReadonlySet<keyof C & string>
  readonly rows: readonly CsvRow<C>[]
}

interface RawRow {
  readonly line: number
  readonly cells: readonly string[]
}

/** Throws one `InputError` for the first problem (file, line, column, how to mend), with the number of further ones. */
export function readCsv<C extends Columns>(bytes: Uint8Array, fileName: string, columns: C): CsvFile<C> {
  const names = Object.keys(columns)
  const content = decode(bytes, fileName).replace(/\r\n?/g, '\n')
  const body = content.replace(/^sep=[,;]\n/i, '\n') // a hint that Excel writes for itself; the blank line keeps line numbers right
  const separator = detectSeparator(body)
  const [header, ...rows] = split(body, separator, fileName)
  if (!header) throw new InputError(`${fileName} is empty; its first line must name the columns: ${names.join(', ')}`)

  const places = readHeader(header, fileName, columns)
  if (rows.length === 0) throw new InputError(`${fileName} has a header but no rows; add at least one`)

  const context: CellContext = { decimalComma: separator === ';' }
  const problems: InputError[] = []
  const read = rows.map((row) => ({
    line: row.line,
    values: readRow(row, header, places, columns, context, fileName, problems),
  }))
  throwFirst(problems)
  return { columns: new Set(places.keys()), rows: read }
}

/** An error about a row that only the importer can find ("no such supplier"), worded as `readCsv` words its own. */
export function csvProblem(fileName: string, line: number, column: string | null, problem: string): InputError {
  const where = column === null ? `line ${line}` : `line ${line}, column ${column}`
  return new InputError(`${fileName}, ${where}: ${problem}`, 'invalid_csv')
}

/**
 * Rows as CSV, "," separated, a "\n" after each. Values are quoted where they must be, and text that a spreadsheet would
 * run as a formula is marked as text (see csv-formula.ts); `readCsv` gives the same values again.
 */
export function writeCsv(columns: readonly string[], rows: readonly (readonly (string | number | null)[])[]): string {
  return [columns, ...rows].map((row) => `${row.map(writeCell).join(',')}\n`).join('')
}

function writeCell(value: string | number | null): string {
  if (value === null) return ''
  if (typeof value === 'number') {
    const digits = String(value)
    if (!/^-?\d+(?:\.\d+)?$/.test(digits)) throw new RangeError(`${digits} can't be written as a decimal`)
    return digits
  }
  const text = guardFormula(value)
  return /[",;\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

function decode(bytes: Uint8Array, fileName: string): string {
  const [first, second, third, fourth] = bytes
  const mend = 'save it as "CSV UTF-8" and import it again'
  if (first === 0x50 && second === 0x4b && third === 0x03 && fourth === 0x04) {
    throw new InputError(`${fileName} is a spreadsheet or zip file, not CSV text; ${mend}`, 'wrong_encoding')
  }
  const isUtf16 = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)
  // Text without a BOM whose every other byte is 0 is UTF-16 too; it would pass as UTF-8 full of NULs.
  if (isUtf16 || (bytes.length > 1 && (first === 0 || second === 0))) {
    throw new InputError(`${fileName} is in UTF-16, not in UTF-8; ${mend}`, 'wrong_encoding')
  }
  const decoder = new TextDecoder('utf-8', { fatal: true })
  try {
    return decoder.decode(bytes)
  } catch {
    throw new InputError(`${fileName}, line ${firstUndecodableLine(bytes)}: not in UTF-8; ${mend}`, 'wrong_encoding')
  }
}

/** No UTF-8 sequence contains a line feed byte, so lines can be decoded one by one. */
function firstUndecodableLine(bytes: Uint8Array): number {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let line = 1
  for (let start = 0; start <= bytes.length; line++) {
    const feed = bytes.indexOf(0x0a, start)
    const end = feed === -1 ? bytes.length : feed
    try {
      decoder.decode(bytes.subarray(start, end))
    } catch {
      return line
    }
    start = end + 1
  }
  return line
}

/** Whichever the first line with anything on it has more of, outside quotes. */
function detectSeparator(content: string): ',' | ';' {
  const firstLine = /\S[^\n]*/.exec(content)?.[0].replace(/"[^"]*"/g, '') ?? ''
  return firstLine.split(';').length > firstLine.split(',').length ? ';' : ','
}

/** All rows with anything in them. `content` has "\n" line ends only: the parser miscounts lines where they are mixed. */
function split(content: string, separator: string, fileName: string): RawRow[] {
  const rows: RawRow[] = []
  let end = 0
  try {
    parse(content, {
      delimiter: separator,
      record_delimiter: '\n',
      relax_column_count: true,
      on_record: (cells: string[], { lines }) => {
        const line = end + 1
        end = lines
        const trimmed = cells.map((cell) => cell.trim())
        if (trimmed.some((cell) => cell !== '')) rows.push({ line, cells: trimmed })
        return null
      },
    })
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    throw csvProblem(fileName, end + 1, null, quoteProblem(error.code))
  }
  return rows
}

function quoteProblem(code: string): string {
  if (code === 'CSV_QUOTE_NOT_CLOSED') return 'a quote (") is opened but never closed; close it or remove it'
  return 'a quote (") stands inside a cell; put the whole cell in quotes and double the quote inside ("8"" lid")'
}

/** Column name → its place in the row. */
function readHeader<C extends Columns>(header: RawRow, fileName: string, columns: C): Map<keyof C & string, number> {
  const names = Object.keys(columns)
  const places = new Map<string, number>()
  const problems: InputError[] = []
  const report = (problem: string) => problems.push(csvProblem(fileName, header.line, null, problem))
  const known = header.cells.filter((cell) => names.includes(cell.toLowerCase()))
  if (known.length === 0 && !header.cells.some((cell) => nearest(cell, names))) {
    const tabs = header.cells.some((cell) => cell.includes('\t'))
    const mend = tabs ? 'separate the columns by "," or ";", not by tabs' : `the first line must name the columns`
    throw csvProblem(fileName, header.line, null, `no header row found; ${mend} (${names.join(', ')})`)
  }
  for (const [place, cell] of header.cells.entries()) {
    const name = cell.toLowerCase()
    if (cell === '') continue // spreadsheets add nameless columns at the end; a value in one is refused below
    if (!names.includes(name)) {
      const meant = nearest(
        cell,
        names.filter((candidate) => !known.some((taken) => taken.toLowerCase() === candidate)),
      )
      report(
        `unknown column ${quoted(cell)}; ${meant ? `did you mean ${meant}?` : `the columns are ${names.join(', ')}`}`,
      )
    } else if (places.has(name)) report(`column ${name} is there twice; remove one`)
    else places.set(name, place)
  }
  const missing = names.filter((name) => columns[name]?.required && !places.has(name))
  if (missing.length > 0)
    report(
      `column${missing.length > 1 ? 's' : ''} ${missing.join(', ')} missing; add ${missing.length > 1 ? 'them' : 'it'} to the header`,
    )
  throwFirst(problems)
  return places
}

function readRow<C extends Columns>(
  row: RawRow,
  header: RawRow,
  places: ReadonlyMap<string, number>,
  columns: C,
  context: CellContext,
  fileName: string,
  problems: InputError[],
): Values<C> {
  const values: Record<string, unknown> = {}
  const shape = shapeProblem(row, header)
  if (shape) problems.push(csvProblem(fileName, row.line, null, shape))
  for (const [name, column] of Object.entries(columns)) {
    const place = places.get(name)
    const cell = place === undefined ? '' : unguardFormula(row.cells[place] ?? '')
    try {
      values[name] = shape ? null : column.parse(cell, context)
    } catch (error) {
      if (!(error instanceof InputError)) throw error
      problems.push(csvProblem(fileName, row.line, name, error.message))
    }
  }
  // Each value came from its own column's parser; only the compiler can't follow a loop over keys.
  return values as Values<C>
}

/** Too many or too few cells shift every value behind them: nothing in such a row can be trusted. */
function shapeProblem(row: RawRow, header: RawRow): string | undefined {
  const width = header.cells.length
  const filled = row.cells.findLastIndex((cell) => cell !== '') + 1
  if (filled > width || row.cells.length < width) {
    const count = Math.max(filled, Math.min(row.cells.length, width))
    return `${count} cells, but the header names ${width}; put text that holds the separator in quotes`
  }
  const nameless = row.cells.findIndex((cell, place) => cell !== '' && header.cells[place] === '')
  return nameless === -1 ? undefined : `cell ${nameless + 1} has a value but its column has no name in the header`
}

function throwFirst(problems: readonly InputError[]): void {
  const [first, ...others] = problems
  if (!first) return
  if (others.length === 0) throw first
  throw new InputError(
    `${first.message} (and ${others.length} more problem${others.length > 1 ? 's' : ''})`,
    first.code,
  )
}
