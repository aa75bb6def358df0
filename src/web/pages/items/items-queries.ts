import { sql } from 'kysely'
import type { DomainContext } from '../../../platform/context.js'
import type { ItemView } from '../../../stock/item-view.js'
import { readItemViews } from '../../../stock/list-items.js'
import type { ListView } from '../../../stock/lists.js'

export type ItemChoice = 'all' | 'due' | 'odd' | 'snoozed'

export interface ItemPage {
  readonly items: readonly ItemView[]
  /** How many there are on all pages. */
  readonly count: number
}

export const itemsPerPage = 50

/**
 * One page of a list's items by name. Which of them are due follows from arithmetic that the database doesn't do, so for
 * those the whole list is worked out.
 */
export async function findItemPage(
  ctx: DomainContext,
  input: { readonly list: ListView; readonly show: ItemChoice; readonly search: string; readonly page: number },
): Promise<ItemPage> {
  const { list, show, search, page } = input
  const from = (page - 1) * itemsPerPage
  if (show === 'all') {
    const { ids, count } = await findIds(ctx, list.id, search, from)
    const items = ids.length === 0 ? [] : await readItemViews(ctx, list, { itemIds: ids })
    const place = new Map(ids.map((id, index) => [id, index]))
    return { items: [...items].sort((a, b) => (place.get(a.itemId) ?? 0) - (place.get(b.itemId) ?? 0)), count }
  }
  const wanted = search.toLowerCase()
  const all = await readItemViews(ctx, list, {})
  const chosen = all.filter((item) => isChosen(item, show) && item.name.toLowerCase().includes(wanted))
  return { items: chosen.slice(from, from + itemsPerPage), count: chosen.length }
}

function isChosen(item: ItemView, show: ItemChoice): boolean {
  if (show === 'due') return item.due && item.need > 0
  if (show === 'odd') return item.attention !== null
  return item.snoozedUntil !== null
}

async function findIds(ctx: DomainContext, list: string, search: string, from: number) {
  const pattern = `%${search.replace(/[\\%_]/g, '\\$&')}%`
  const items = ctx.db
    .selectFrom('stock.items')
    .where('list', '=', list)
    .where('archived_at', 'is', null)
    .$if(search !== '', (query) =>
      query.where((where) =>
        where.or([where('name', 'ilike', pattern), where('sku', '=', search), where('gtin', '=', search)]),
      ),
    )
  const rows = await items.select('id').orderBy(sql`lower(name)`).limit(itemsPerPage).offset(from).execute()
  const { count } = await items.select(sql<number>`count(*)`.as('count')).executeTakeFirstOrThrow()
  return { ids: rows.map(({ id }) => id), count }
}
