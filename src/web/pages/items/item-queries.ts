import { findLastRuns } from '../../../overview/recent-runs.js'
import type { DomainContext } from '../../../platform/context.js'
import { type CatalogResult, searchCatalog } from '../../../purchasing/catalog/search-catalog.js'
import { getItem, type ItemDetails } from '../../../stock/get-item.js'
import { itemHistory, type PastMovement } from '../../../stock/item-history.js'
import { type ListView, requireList } from '../../../stock/lists.js'
import { findStuck, type Stuck } from '../overview/stuck-items.js'
import type { PlacedOrder } from './stock-series.js'

export interface ItemFacts extends ItemDetails {
  readonly list: ListView
  /** For the chart: the newest few hundred. */
  readonly past: readonly PastMovement[]
  readonly placed: readonly PlacedOrder[]
  readonly products: ReadonlyMap<string, string>
  readonly suppliers: ReadonlyMap<string, string>
  /** What the catalog has for the words asked for; null: nothing was asked. */
  readonly candidates: CatalogResult | null
  /** Why the last run did not buy it; null: it did, or nothing has to be bought. */
  readonly stuck: Stuck | null
}

const chartedMovements = 400

export async function readItem(ctx: DomainContext, ref: string, search: string): Promise<ItemFacts> {
  const details = await getItem(ctx, { item: ref })
  const { itemId, unit, links } = details.item
  const [list, past, placed, products, suppliers, candidates] = await Promise.all([
    requireList(ctx, details.item.list),
    itemHistory(ctx, { item: itemId, limit: chartedMovements }),
    findPlaced(ctx, itemId),
    findProducts(
      ctx,
      links.map(({ productId }) => productId),
    ),
    findSupplierNames(
      ctx,
      details.expected.map(({ supplierId }) => supplierId),
    ),
    search === '' ? null : searchCatalog(ctx, [{ text: search.slice(0, 200), unit, limit: 8 }]),
  ])
  const lastRuns = details.item.due ? await findLastRuns(ctx, [list]) : []
  return {
    ...details,
    list,
    past: past.movements,
    placed,
    products,
    suppliers,
    candidates: candidates?.[0] ?? null,
    stuck: findStuck([details.item], lastRuns)[0] ?? null,
  }
}

async function findPlaced(ctx: DomainContext, itemId: string): Promise<PlacedOrder[]> {
  const rows = await ctx.db
    .selectFrom('stock.expected_receipts')
    .select(['ordered_at', 'ordered'])
    .where('item_id', '=', itemId)
    .where('status', 'not in', ['rejected', 'declined', 'expired', 'cancelled'])
    .orderBy('ordered_at', 'desc')
    .limit(200)
    .execute()
  return rows.map((row) => ({ at: row.ordered_at, quantity: row.ordered }))
}

async function findProducts(ctx: DomainContext, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map()
  const rows = await ctx.db.selectFrom('purchasing.products').select(['id', 'name']).where('id', 'in', ids).execute()
  return new Map(rows.map(({ id, name }) => [id, name]))
}

async function findSupplierNames(ctx: DomainContext, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map()
  const rows = await ctx.db.selectFrom('purchasing.suppliers').select(['id', 'name']).where('id', 'in', ids).execute()
  return new Map(rows.map(({ id, name }) => [id, name]))
}
