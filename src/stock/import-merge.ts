/** What a file would make of a list's items; pure. Everything that could fail half-way is found here, before a write. */
import { csvProblem } from '../platform/csv.js'
import type { ItemColumns, ItemCsvRow } from './import-items.js'
import { findProblem, type ItemSettings, noSettings, settingNames } from './item-settings.js'
import type { ItemRow } from './item-view.js'

export interface MergedRow {
  readonly line: number
  /** The id that a new item is to have; null: any. */
  readonly id: string | null
  /** null: the item is new. */
  readonly before: ItemRow | null
  readonly after: ItemSettings
  readonly changed: readonly (keyof ItemSettings)[]
  readonly onHand: number
}

interface Merge {
  readonly list: string
  readonly rows: readonly ItemCsvRow[]
  readonly existing: readonly ItemRow[]
  readonly columns: ReadonlySet<keyof ItemColumns & string>
  readonly fileName: string
}

type Codes = Pick<ItemSettings, 'name' | 'sku' | 'gtin'>
const codeNames = ['sku', 'gtin', 'name'] as const

export function mergeRows(merge: Merge): MergedRow[] {
  const byId = new Map(merge.existing.map((item) => [item.id, item]))
  const find = indexByCode(merge.existing)
  const lineOf = new Map<string, number>()
  const merged = merge.rows.map((row) => {
    const before = byId.get(row.values.id ?? '') ?? find(row.values)
    if (before !== null) {
      const earlier = lineOf.get(before.id)
      if (earlier !== undefined) throw twice(merge, row.line, earlier, before.name)
      lineOf.set(before.id, row.line)
    }
    return mergeRow(merge, row, before)
  })
  assertNoClash(merge, merged)
  return merged
}

function mergeRow(merge: Merge, row: ItemCsvRow, before: ItemRow | null): MergedRow {
  const { list: _list, on_hand, id, ...cells } = row.values
  const spoken = Object.fromEntries(
    Object.entries(cells).filter(([name]) => merge.columns.has(name as keyof typeof cells)),
  ) as Partial<typeof cells>
  const base: ItemSettings = before ?? { ...noSettings, name: cells.name, unit: cells.unit }
  const after: ItemSettings = { ...base, ...spoken }
  if (before?.kind === 'one_off') {
    throw csvProblem(merge.fileName, row.line, 'name', `"${before.name}" is a one-off request; remove that first`)
  }
  const problem = findProblem(after)
  if (problem !== null) throw csvProblem(merge.fileName, row.line, problem.column, problem.text)
  const changed = before === null ? [] : settingNames.filter((name) => after[name] !== before[name])
  return { line: row.line, id, before, after, changed, onHand: on_hand ?? 0 }
}

/** Names and codes must be each item's own once the whole file is in, whichever row brings them. */
function assertNoClash(merge: Merge, merged: readonly MergedRow[]): void {
  const touched = new Set(merged.map((row) => row.before?.id))
  const owners: (Codes & { line: number | null })[] = [
    ...merge.existing.filter((item) => !touched.has(item.id)).map((item) => ({ ...item, line: null })),
    ...merged.map((row) => ({ ...row.after, line: row.line })),
  ]
  for (const code of codeNames) {
    const seen = new Map<string, (typeof owners)[number]>()
    for (const owner of owners) {
      const value = comparable(code, owner[code])
      if (value === null) continue
      const other = seen.get(value)
      if (other === undefined) seen.set(value, owner)
      else if (owner.line !== null && other.line !== null) throw twice(merge, owner.line, other.line, `${owner[code]}`)
      else {
        const text = `${code} ${owner[code]} belongs to "${other.name}" on list ${merge.list} already; use another`
        throw csvProblem(merge.fileName, owner.line ?? other.line ?? 1, code, text)
      }
    }
  }
}

function indexByCode(existing: readonly ItemRow[]): (codes: Codes) => ItemRow | null {
  const index = new Map<string, ItemRow>()
  for (const item of existing) {
    for (const code of codeNames) {
      const value = comparable(code, item[code])
      if (value !== null) index.set(`${code}:${value}`, item)
    }
  }
  return (codes) => {
    for (const code of codeNames) {
      const value = comparable(code, codes[code])
      const item = value === null ? undefined : index.get(`${code}:${value}`)
      if (item !== undefined) return item
    }
    return null
  }
}

/** Names are one in any case, codes as they are. */
function comparable(code: keyof Codes, value: string | null): string | null {
  return code === 'name' ? (value?.toLowerCase() ?? null) : value
}

function twice(merge: Merge, line: number, earlier: number, what: string) {
  return csvProblem(merge.fileName, line, null, `"${what}" stands in line ${earlier} already; leave one of the two out`)
}
