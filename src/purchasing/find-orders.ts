import type { DomainContext } from '../platform/context.js'
import { type Order, toOrders } from './order-view.js'
import type { OrderStatus } from './tables.js'

export const maxOrdersPerListing = 200

/** Orders, newest first. */
export async function findOrders(
  ctx: DomainContext,
  input: {
    readonly list?: string | undefined
    readonly status?: OrderStatus | undefined
    readonly runId?: string | undefined
    /** 50 if not said. */
    readonly limit?: number | undefined
  } = {},
): Promise<Order[]> {
  const { list, status, runId } = input
  let query = ctx.db.selectFrom('purchasing.orders').selectAll()
  if (list !== undefined) query = query.where('list', '=', list)
  if (status !== undefined) query = query.where('status', '=', status)
  if (runId !== undefined) query = query.where('run_id', '=', runId)
  const rows = await query
    .orderBy('placed_at', 'desc')
    .orderBy('id')
    .limit(Math.min(input.limit ?? 50, maxOrdersPerListing))
    .execute()
  return toOrders(ctx, rows)
}
