/** One column of a table. Numbers stand on the right; text that a person reads as a number can ask for that too. */
export interface Column<Row> {
  readonly title: string
  readonly value: (row: Row) => string | number | null
  readonly align?: 'left' | 'right'
  /** May be cut with "…" where the terminal is too narrow; other columns keep their width. */
  readonly isFlexible?: boolean
}

export interface TableSpace {
  readonly isTerminal: boolean
  /** Width of the terminal; nothing is cut when the output goes elsewhere. */
  readonly columns: number
}

const gap = '  '
const narrowest = 8

/** Rows under their titles, one line each, as plain text. */
export function formatTable<Row>(rows: readonly Row[], columns: readonly Column<Row>[], space: TableSpace): string {
  const values = rows.map((row) => columns.map((column) => column.value(row)))
  const cells = values.map((line) => line.map((value) => plainText(value === null ? '' : String(value))))
  const natural = columns.map((column, at) =>
    Math.max(displayWidth(column.title), ...cells.map((line) => displayWidth(line[at] ?? ''))),
  )
  const widths = space.isTerminal ? shrink(columns, natural, space.columns) : natural
  const isRight = columns.map(
    (column, at) =>
      column.align === 'right' || (column.align === undefined && isNumeric(values.map((line) => line[at]))),
  )
  const layOut = (line: readonly string[]) =>
    line
      .map((cell, at) => pad(cut(cell, widths[at] ?? 0), widths[at] ?? 0, isRight[at] ?? false))
      .join(gap)
      .trimEnd()
  return [columns.map((column) => column.title), ...cells].map(layOut).join('\n')
}

/** Labels and values, one line each; values that are null are left out. */
export function formatFacts(facts: readonly (readonly [label: string, value: string | number | null])[]): string {
  const shown = facts.filter(([, value]) => value !== null)
  const width = Math.max(0, ...shown.map(([label]) => label.length))
  return shown.map(([label, value]) => `${label.padEnd(width)}${gap}${plainText(String(value))}`).join('\n')
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

function isNumeric(values: readonly (string | number | null | undefined)[]): boolean {
  return values.some((value) => typeof value === 'number') && values.every((value) => typeof value !== 'string')
}

/** Takes what is missing from the widest flexible column, again and again, until all fits or none can give more. */
function shrink<Row>(columns: readonly Column<Row>[], natural: readonly number[], available: number): number[] {
  const widths = [...natural]
  let excess = widths.reduce((sum, width) => sum + width, 0) + gap.length * (widths.length - 1) - available
  while (excess > 0) {
    let widest = -1
    for (const [at, column] of columns.entries()) {
      const width = widths[at] ?? 0
      if (column.isFlexible === true && width > narrowest && width > (widths[widest] ?? 0)) widest = at
    }
    const width = widths[widest]
    if (width === undefined) return widths
    widths[widest] = width - 1
    excess--
  }
  return widths
}

function cut(text: string, width: number): string {
  if (displayWidth(text) <= width) return text
  let kept = ''
  let used = 0
  for (const { segment } of graphemes.segment(text)) {
    const next = used + graphemeWidth(segment)
    if (next > width - 1) break
    kept += segment
    used = next
  }
  return `${kept.trimEnd()}…`
}

function pad(text: string, width: number, isRight: boolean): string {
  const space = ' '.repeat(Math.max(0, width - displayWidth(text)))
  return isRight ? space + text : text + space
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })
const wide =
  /^(?:\p{Emoji_Presentation}|.\uFE0F|[\u1100-\u115F\u2E80-\u303E\u3041-\u33FF\u3400-\u4DBF\u4E00-\u9FFF\uA000-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE4F\uFF00-\uFF60\uFFE0-\uFFE6]|[\u{20000}-\u{3FFFD}])/u

/** Cells that a text takes on a terminal: two for East Asian characters and emoji, none for what only marks another. */
export function displayWidth(text: string): number {
  if (/^[\x20-\x7E]*$/.test(text)) return text.length
  let width = 0
  for (const { segment } of graphemes.segment(text)) width += graphemeWidth(segment)
  return width
}

function graphemeWidth(grapheme: string): number {
  if (/^\p{M}|^[\u200B-\u200D\uFEFF]/u.test(grapheme)) return 0
  return wide.test(grapheme) ? 2 : 1
}
