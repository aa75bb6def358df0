import { sql } from 'kysely'
import type { DomainContext } from '../platform/context.js'
import { firstCount, newItemRow } from './add-item.js'
import { appendMovements } from './append-movement.js'
import type { MergedRow } from './import-merge.js'
import { kindOf, settingNames } from './item-settings.js'

// A row takes some 30 parameters, and Postgres takes 65,535.
const CHUNK = 2_000

export async function insertItems(
  tx: DomainContext,
  list: string,
  rows: readonly MergedRow[],
  source: { readonly actor: string; readonly fileName: string },
): Promise<void> {
  const now = tx.clock.now()
  const taken = await takenIds(tx, rows)
  const items = rows.map((row) => {
    // An id that another list has, or an item that was removed, stays theirs.
    const id = row.id === null || taken.has(row.id) ? tx.newId('itm') : row.id
    taken.add(id)
    return newItemRow(id, list, row.after, 'person', now)
  })
  for (let start = 0; start < items.length; start += CHUNK) {
    await tx.db
      .insertInto('stock.items')
      .values(items.slice(start, start + CHUNK))
      .execute()
  }
  const cause = `first count, from ${source.fileName}`
  await appendMovements(
    tx,
    items.map((item, index) => firstCount(tx, item.id, rows[index]?.onHand ?? 0, source.actor, cause)),
  )
}

async function takenIds(tx: DomainContext, rows: readonly MergedRow[]): Promise<Set<string>> {
  const wanted = rows.flatMap((row) => (row.id === null ? [] : [row.id]))
  const found = await tx.db
    .selectFrom('stock.items')
    .select('id')
    .where('id', '=', sql<string>`any(${wanted}::text[])`)
    .execute()
  return new Set(found.map((item) => item.id))
}

/** Rewrites the settings of items that are there already, in one statement. */
export async function rewriteItems(tx: DomainContext, rows: readonly MergedRow[]): Promise<void> {
  if (rows.length === 0) return
  const ids = rows.flatMap((row) => (row.before === null ? [] : [row.before.id]))
  // Postgres checks uniqueness row by row, so names and codes that move between items are given up before they are taken.
  await tx.db
    .updateTable('stock.items')
    .set({ name: sql<string>`chr(1) || id`, sku: null, gtin: null })
    .where('id', 'in', sql<string>`(select unnest(${ids}::text[]))`)
    .execute()
  const values = JSON.stringify(rows.map((row) => ({ ...row.after, id: row.before?.id, kind: kindOf(row.after) })))
  const columns = ['kind', ...settingNames].map((name) => sql.ref(name))
  const assignments = columns.map((column) => sql`${column} = changed.${column}`)
  await sql`
    update stock.items as item
    set ${sql.join(assignments)}, updated_at = ${tx.clock.now()}
    from jsonb_populate_recordset(null::stock.items, ${values}::jsonb) as changed
    where item.id = changed.id`.execute(tx.db)
}
