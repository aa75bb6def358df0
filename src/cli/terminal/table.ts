import { createStyle, type Role, type Style } from './style.js'
import { cutToWidth, displayWidth, wrapToWidth } from './text-width.js'

/** One column of a table. Numbers stand on the right; text that a person reads as a number can ask for that too. */
export interface Column<Row> {
  readonly title: string
  readonly value: (row: Row) => string | number | null
  readonly align?: 'left' | 'right'
  /** May be cut with "…" where the terminal is too narrow; other columns keep their width. */
  readonly isFlexible?: boolean
  /** Where the terminal is too narrow for all columns, it stands in a line under its row, with its title. */
  readonly isDetail?: boolean
  /** What the value is to the reader, for its colour. */
  readonly role?: (row: Row) => Role | null
}

export interface TableSpace {
  readonly isTerminal: boolean
  /** Width of the terminal; nothing is cut, wrapped or moved when the output goes elsewhere. */
  readonly columns: number
  readonly env?: Readonly<Record<string, string | undefined>>
}

const gap = '  '
/** A flexible column that is cut to less than this says nothing any more. */
const narrowest = 12

interface Cell {
  readonly title: string
  readonly text: string
  readonly isNumber: boolean
  readonly role: Role | null
}

/**
 * Rows under their titles, one line each. On a terminal that is too narrow for that the details of a row move to a line
 * under it, and where even that is too wide each row is a stack of titles and values. What a terminal shows never wraps.
 */
export function formatTable<Row>(rows: readonly Row[], columns: readonly Column<Row>[], space: TableSpace): string {
  const style = createStyle({ isTerminal: space.isTerminal, env: space.env ?? {} })
  const cells = rows.map((row) => columns.map((column) => toCell(column, row)))
  const all = columns.map((_, at) => at)
  const main = all.filter((at) => columns[at]?.isDetail !== true)
  for (const shown of main.length === columns.length ? [all] : [all, main]) {
    const widths = fitWidths(columns, cells, shown, space)
    if (widths === null) continue
    const details = all.filter((at) => !shown.includes(at))
    return layOut(columns, cells, { shown, widths, details, style, space })
  }
  return cells.flatMap((line) => stack(line, space.columns, style)).join('\n')
}

/** A label, its value, and what the value is to the reader. */
export type Fact = readonly [label: string, value: string | number | null, role?: Role | null]

/** Labels and values, one line each; values that are null are left out. Given a terminal, long values are wrapped beside their labels. */
export function formatFacts(facts: readonly Fact[], space: TableSpace = { isTerminal: false, columns: 0 }): string {
  const style = createStyle({ isTerminal: space.isTerminal, env: space.env ?? {} })
  const shown = facts.filter(([, value]) => value !== null)
  const width = Math.max(0, ...shown.map(([label]) => displayWidth(label)))
  const beside = space.columns - width - gap.length
  return shown
    .flatMap(([label, value, role]) => {
      const text = plainText(String(value))
      const lines = space.isTerminal ? wrapToWidth(text, Math.max(narrowest, beside)) : [text]
      return lines.map((line, at) => {
        const shownLabel = at === 0 ? label : ''
        const filler = ' '.repeat(width - displayWidth(shownLabel))
        return `${style.dim(shownLabel)}${filler}${gap}${paint(style, role ?? null, line)}`
      })
    })
    .join('\n')
}

/**
 * Text of others as one line that can't steer a terminal: control characters, line breaks and marks that reverse the
 * reading direction become spaces.
 */
export function plainText(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]+/gu, ' ').trim()
}

/** As `plainText`, but lines stay lines. */
export function plainLines(text: string): string {
  return text
    .split('\n')
    .map((line) => `${/^ */.exec(line)?.[0] ?? ''}${plainText(line)}`)
    .join('\n')
}

function toCell<Row>({ title, value, role }: Column<Row>, row: Row): Cell {
  const found = value(row)
  return {
    title,
    text: found === null ? '' : plainText(String(found)),
    isNumber: typeof found === 'number',
    role: role?.(row) ?? null,
  }
}

/** The widths of the columns shown, or null when they don't fit however much the flexible ones give. */
function fitWidths<Row>(
  columns: readonly Column<Row>[],
  cells: readonly (readonly Cell[])[],
  shown: readonly number[],
  space: TableSpace,
): number[] | null {
  const widths = shown.map((at) =>
    Math.max(displayWidth(columns[at]?.title ?? ''), ...cells.map((line) => displayWidth(line[at]?.text ?? ''))),
  )
  if (!space.isTerminal) return widths
  let excess = widths.reduce((sum, width) => sum + width, 0) + gap.length * (widths.length - 1) - space.columns
  // Taken from the widest flexible column, again and again.
  while (excess > 0) {
    let widest = -1
    for (const [place, at] of shown.entries()) {
      const width = widths[place] ?? 0
      if (columns[at]?.isFlexible === true && width > narrowest && width > (widths[widest] ?? 0)) widest = place
    }
    const width = widths[widest]
    if (width === undefined) return null
    widths[widest] = width - 1
    excess--
  }
  return widths
}

interface Layout {
  readonly shown: readonly number[]
  readonly widths: readonly number[]
  /** Columns that stand under each row. */
  readonly details: readonly number[]
  readonly style: Style
  readonly space: TableSpace
}

function layOut<Row>(
  columns: readonly Column<Row>[],
  cells: readonly (readonly Cell[])[],
  { shown, widths, details, style, space }: Layout,
): string {
  const isRight = shown.map((at) => {
    const { align } = columns[at] ?? {}
    return align === 'right' || (align === undefined && isNumeric(cells.map((line) => line[at])))
  })
  const line = (texts: readonly string[], look: (text: string, place: number) => string) => {
    const last = texts.findLastIndex((text) => text !== '')
    const padded = texts.slice(0, last + 1).map((text, place) => {
      const kept = cutToWidth(text, widths[place] ?? 0)
      const filler = ' '.repeat(Math.max(0, (widths[place] ?? 0) - displayWidth(kept)))
      const looks = look(kept, place)
      return isRight[place] === true ? filler + looks : place === last ? looks : looks + filler
    })
    return padded.join(gap)
  }
  const titles = line(
    shown.map((at) => columns[at]?.title ?? ''),
    style.dim,
  )
  const lines = cells.flatMap((row) => [
    line(
      shown.map((at) => row[at]?.text ?? ''),
      (text, place) => paint(style, row[shown[place] ?? -1]?.role ?? null, text),
    ),
    ...pairs(
      details.flatMap((at) => row[at] ?? []),
      space.columns,
      style,
    ),
  ])
  return [titles, ...lines].join('\n')
}

function isNumeric(cells: readonly (Cell | undefined)[]): boolean {
  const filled = cells.filter((cell) => cell !== undefined && (cell.isNumber || cell.text !== ''))
  return filled.length > 0 && filled.every((cell) => cell?.isNumber === true)
}

/** One row alone: its first value as a heading, the others under it. */
function stack([first, ...others]: readonly Cell[], columns: number, style: Style): string[] {
  if (first === undefined) return []
  const heading = first.isNumber ? `${first.title} ${first.text}` : first.text
  return [...wrapToWidth(heading, columns).map(style.strong), ...pairs(others, columns, style)]
}

/** As many "title: value" as a line takes, indented; one that is longer than a line goes on in the next. */
function pairs(cells: readonly Cell[], columns: number, style: Style): string[] {
  const width = Math.max(narrowest, columns - gap.length)
  const lines: { looks: string; used: number }[] = []
  for (const { title, text, role } of cells) {
    if (text === '') continue
    const label = `${title}:`
    const [head = '', ...more] = wrapToWidth(`${label} ${text}`, width)
    const rest = head.slice(label.length)
    const looks = head.startsWith(label) ? style.dim(label) + paint(style, role, rest) : style.dim(head)
    const used = displayWidth(head)
    const last = lines.at(-1)
    if (last !== undefined && more.length === 0 && last.used + gap.length + used <= width) {
      last.looks += gap + looks
      last.used += gap.length + used
      continue
    }
    lines.push({ looks, used })
    for (const line of more) lines.push({ looks: paint(style, role, line), used: displayWidth(line) })
  }
  return lines.map(({ looks }) => gap + looks)
}

function paint(style: Style, role: Role | null, text: string): string {
  return role === null ? text : style[role](text)
}
