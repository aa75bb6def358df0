import type { DomainContext } from '../platform/context.js'
import { writeCsv } from '../platform/csv.js'
import type { By } from './callers.js'
import { itemColumns, noSettings } from './item-settings.js'
import { compareItems, listFor, readItemViews } from './list-items.js'
import { readSnapshot } from './snapshot-read.js'

/**
 * The items of a list as the CSV that `importItems` reads; importing it again changes nothing. One-off requests are left
 * out: a file of what is kept in stock would ask for them again.
 */
export async function exportItems(
  ctx: DomainContext,
  input: { readonly list?: string | null | undefined } & By,
): Promise<string> {
  return readSnapshot(ctx, async (tx) => {
    const list = await listFor(tx, input)
    const items = await tx.db
      .selectFrom('stock.items')
      .selectAll()
      .where('list', '=', list.id)
      .where('kind', '<>', 'one_off')
      .where('archived_at', 'is', null)
      .execute()
    const views = await readItemViews(tx, list, input)
    const onHand = new Map(views.map((view) => [view.itemId, view.onHand]))
    const names = Object.keys(itemColumns) as (keyof typeof itemColumns)[]
    const rows = items
      .map((item) => ({ ...item, itemId: item.id, list: list.id, on_hand: onHand.get(item.id) ?? 0 }))
      .sort(compareItems)
      .map((item) => names.map((name) => cell(name, item[name])))
    return writeCsv(names, rows)
  })
}

/** What says nothing stays blank, so that a file is as short as whoever filled it in would make it. */
function cell(name: keyof typeof itemColumns, value: string | number | null): string | number | null {
  const isPreset = (name === 'reorder' || name === 'over_max') && noSettings[name] === value
  return isPreset ? null : value
}
