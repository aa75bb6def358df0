import { sql } from 'kysely'
import type { DomainContext } from '../../platform/context.js'
import type { OrderStatus } from '../tables.js'

/** Nothing more will come of these orders. */
export const finalStatuses = [
  'received',
  'closed_short',
  'rejected',
  'declined',
  'expired',
  'cancelled',
] as const satisfies readonly OrderStatus[]

/**
 * What is on order for each of the items: ordered minus received, over the list's orders that are not final (awaiting
 * approval and unknown included). Items with nothing on order are 0, so every id asked for has an answer.
 */
export async function openQuantities(
  tx: DomainContext,
  list: string,
  itemIds: readonly string[],
): Promise<Map<string, number>> {
  const open = new Map(itemIds.map((id) => [id, 0]))
  if (itemIds.length === 0) return open
  const rows = await tx.db
    .selectFrom('purchasing.order_lines as line')
    .innerJoin('purchasing.orders as order', 'order.id', 'line.order_id')
    .select([
      'line.item_id',
      // A supplier may deliver more than was ordered; that makes nothing else less open.
      sql<number>`sum(greatest(line.quantity - line.received_quantity, 0))`.as('open'),
    ])
    .where('order.list', '=', list)
    .where('line.item_id', 'in', [...open.keys()])
    .where('order.status', 'not in', finalStatuses)
    .groupBy('line.item_id')
    .execute()
  for (const row of rows) open.set(row.item_id, row.open)
  return open
}

/** For so long goods that came in count as perhaps not known yet to whoever asks for more of them. */
const ofLateMs = 86_400_000

/** What has come in of each of the items within the last day, by when we came to know of it; items without any are missing. */
export async function deliveredOfLate(
  tx: DomainContext,
  list: string,
  itemIds: readonly string[],
): Promise<Map<string, number>> {
  if (itemIds.length === 0) return new Map()
  const rows = await tx.db
    .selectFrom('purchasing.order_lines as line')
    .innerJoin('purchasing.orders as order', 'order.id', 'line.order_id')
    .innerJoin('purchasing.deliveries as delivery', 'delivery.line_id', 'line.id')
    .select((select) => ['line.item_id', select.fn.sum<number>('delivery.quantity').as('quantity')])
    .where('order.list', '=', list)
    .where('line.item_id', 'in', [...new Set(itemIds)])
    .where('delivery.recorded_at', '>', new Date(tx.clock.now().getTime() - ofLateMs))
    .groupBy('line.item_id')
    .execute()
  return new Map(rows.map((row) => [row.item_id, row.quantity]))
}
