import type { DomainContext } from '../platform/context.js'
import { type CsvFile, type CsvRow, csvProblem, readCsv } from '../platform/csv.js'
import { inTransaction } from '../platform/database.js'
import { InputError } from '../platform/errors.js'
import { actorOf, assertPerson, type By } from './callers.js'
import { type MergedRow, mergeRows } from './import-merge.js'
import { insertItems, rewriteItems } from './import-write.js'
import { itemColumns } from './item-settings.js'
import { findLists, type ListView, pickList } from './lists.js'
import { lockList } from './unique-items.js'
import { findRefusedUnitChanges } from './unit-change.js'

export type ItemColumns = typeof itemColumns
export type ItemCsvRow = CsvRow<ItemColumns>

export interface ImportCounts {
  readonly created: number
  readonly updated: number
  readonly unchanged: number
}

/**
 * Brings items up to what a CSV file says, all rows or none. A row means the item with its id, else its sku, else its gtin,
 * else its name. What a column says counts, a blank cell included; what the file has no column for stays. `on_hand` is the first
 * count of a new item and nothing to one that is there already: that one is counted, not overwritten.
 */
export async function importItems(
  ctx: DomainContext,
  input: { readonly bytes: Uint8Array; readonly fileName: string; readonly list?: string | null | undefined } & By,
): Promise<ImportCounts> {
  assertPerson(input)
  const file = readCsv(input.bytes, input.fileName, itemColumns)
  return inTransaction(ctx, async (tx) => {
    const rowsOf = assignLists(file, input.fileName, await findLists(tx), input.list ?? null)
    const total = { created: 0, updated: 0, unchanged: 0 }
    // Always in the same order, so that two imports at once can't deadlock.
    for (const [list, rows] of [...rowsOf].sort(([a], [b]) => (a < b ? -1 : 1))) {
      await lockList(tx, list)
      const existing = await tx.db
        .selectFrom('stock.items')
        .selectAll()
        .where('list', '=', list)
        .where('archived_at', 'is', null)
        .execute()
      const merged = mergeRows({ list, rows, existing, columns: file.columns, fileName: input.fileName })
      const created = merged.filter((row) => row.before === null)
      const updated = merged.filter((row) => row.before !== null && row.changed.length > 0)
      await assertUnitsMayChange(tx, updated, input.fileName)
      await insertItems(tx, list, created, { actor: actorOf(input), fileName: input.fileName })
      await rewriteItems(tx, updated)
      total.created += created.length
      total.updated += updated.length
      total.unchanged += merged.length - created.length - updated.length
    }
    return total
  })
}

async function assertUnitsMayChange(tx: DomainContext, rows: readonly MergedRow[], fileName: string): Promise<void> {
  const changes = rows.flatMap(({ line, before, after, changed }) =>
    before !== null && changed.includes('unit')
      ? [{ line, itemId: before.id, name: before.name, from: before.unit, to: after.unit }]
      : [],
  )
  const [refused] = await findRefusedUnitChanges(tx, changes)
  if (refused !== undefined) throw csvProblem(fileName, refused.change.line, 'unit', refused.reason)
}

function assignLists(
  file: CsvFile<ItemColumns>,
  fileName: string,
  lists: readonly ListView[],
  wanted: string | null,
): Map<string, ItemCsvRow[]> {
  const byDefault = wanted === null ? null : pickList(lists, wanted).id
  const rowsOf = new Map<string, ItemCsvRow[]>()
  for (const row of file.rows) {
    const list = listOfRow(row, fileName, lists, byDefault)
    const rows = rowsOf.get(list)
    if (rows === undefined) rowsOf.set(list, [row])
    else rows.push(row)
  }
  return rowsOf
}

function listOfRow(row: ItemCsvRow, fileName: string, lists: readonly ListView[], byDefault: string | null): string {
  const named = row.values.list
  if (byDefault !== null) {
    if (named === null || named === byDefault) return byDefault
    throw csvProblem(fileName, row.line, 'list', `"${named}", but the import is for list ${byDefault}; leave one out`)
  }
  try {
    return pickList(lists, named).id
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    throw csvProblem(fileName, row.line, 'list', error.message)
  }
}
