import type { DomainContext } from '../platform/context.js'
import { nearest } from '../platform/nearest.js'

export interface ItemRefs {
  /** By id, sku, gtin or name, the surest first; items that were removed by their id alone. */
  readonly find: (ref: string) => { readonly itemId: string; readonly unit: string } | undefined
  /** The name that was probably meant. */
  readonly suggest: (ref: string) => string | undefined
}

/** All of a list's items by whatever names them: for files that refer to thousands of them. */
export async function readItemRefs(ctx: DomainContext, list: string): Promise<ItemRefs> {
  const rows = await ctx.db
    .selectFrom('stock.items')
    .select(['id as itemId', 'name', 'sku', 'gtin', 'unit', 'archived_at'])
    .where('list', '=', list)
    .execute()
  const live = rows.filter((row) => row.archived_at === null)
  const maps = [
    new Map(rows.map((row) => [row.itemId, row])),
    new Map(live.flatMap((row) => (row.sku === null ? [] : [[row.sku, row] as const]))),
    new Map(live.flatMap((row) => (row.gtin === null ? [] : [[row.gtin, row] as const]))),
  ]
  const byName = new Map(live.map((row) => [row.name.toLowerCase(), row]))
  return {
    find: (ref) => maps.map((map) => map.get(ref)).find((row) => row !== undefined) ?? byName.get(ref.toLowerCase()),
    suggest: (ref) =>
      nearest(
        ref,
        live.map((row) => row.name),
      ),
  }
}
