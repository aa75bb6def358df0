import { sql } from 'kysely'
import type { DomainContext } from '../../platform/context.js'
import type { OrderStatus } from '../tables.js'

/** Orders whose prices the supplier has stood by. */
const paidStatuses = [
  'confirmed',
  'partially_received',
  'received',
  'closed_short',
] as const satisfies readonly OrderStatus[]

export interface LastPaid {
  readonly itemId: string
  readonly productId: string
  readonly product: string
  readonly supplierId: string
  readonly supplier: string
  readonly orderId: string
  readonly at: Date
  readonly packPriceMinor: number
  /** In `unit`, the item's when it was bought. */
  readonly packQuantity: number
  readonly unit: string
  readonly currency: string
}

/** What was last paid for an item, once for each product that it was bought as, newest first. */
export async function lastPaid(
  ctx: DomainContext,
  input: { readonly list: string; readonly itemId: string },
): Promise<LastPaid[]> {
  return findLastPaid(ctx, input.list, [input.itemId])
}

/** The same for many items at once. Lines of which nothing ever came say nothing, where the order has ended. */
export async function findLastPaid(
  ctx: DomainContext,
  list: string,
  itemIds: readonly string[],
  exceptOrderId?: string,
): Promise<LastPaid[]> {
  if (itemIds.length === 0) return []
  const rows = await ctx.db
    .selectFrom('purchasing.order_lines as line')
    .innerJoin('purchasing.orders as order', 'order.id', 'line.order_id')
    .distinctOn(['line.item_id', 'line.product_id'])
    .select([
      'line.item_id as itemId',
      'line.product_id as productId',
      'line.product',
      'order.supplier_id as supplierId',
      'order.supplier_name as supplier',
      'order.id as orderId',
      'order.placed_at as at',
      'line.pack_price_minor as packPriceMinor',
      'line.pack_quantity as packQuantity',
      'line.unit',
      'order.currency',
    ])
    .where('order.list', '=', list)
    .where('order.status', 'in', paidStatuses)
    .$if(exceptOrderId !== undefined, (query) => query.where('order.id', '<>', exceptOrderId ?? ''))
    .where(sql<boolean>`("order".status <> 'closed_short' or line.received_quantity > 0)`)
    .where('line.item_id', '=', sql<string>`any(${[...new Set(itemIds)]}::text[])`)
    .orderBy('line.item_id')
    .orderBy('line.product_id')
    .orderBy('order.placed_at', 'desc')
    .orderBy('order.id', 'desc')
    .orderBy('line.line_number')
    .execute()
  return rows.sort((a, b) => b.at.getTime() - a.at.getTime() || (a.productId < b.productId ? -1 : 1))
}
