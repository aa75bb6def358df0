import type { DomainContext } from '../../platform/context.js'
import type { OrderStatus } from '../tables.js'
import { findAttentionCandidates } from './order-attention.js'
import { type Order, toOrders } from './order-view.js'

export const maxOrdersPerListing = 200

/** Orders, newest first. */
export async function findOrders(
  ctx: DomainContext,
  input: {
    readonly list?: string | undefined
    readonly status?: OrderStatus | undefined
    readonly runId?: string | undefined
    /** Only orders that need a person. */
    readonly attention?: boolean | undefined
    /** Only orders that come after this one. */
    readonly after?: { readonly placedAt: Date; readonly orderId: string } | undefined
    /** 50 if not said. */
    readonly limit?: number | undefined
  } = {},
): Promise<Order[]> {
  const { list, status, runId } = input
  let query = ctx.db.selectFrom('purchasing.orders').selectAll()
  if (list !== undefined) query = query.where('list', '=', list)
  if (status !== undefined) query = query.where('status', '=', status)
  if (runId !== undefined) query = query.where('run_id', '=', runId)
  const { after } = input
  if (after !== undefined) {
    query = query.where((where) =>
      where.and([
        where('placed_at', '<=', after.placedAt),
        where.or([where('placed_at', '<', after.placedAt), where('id', '>', after.orderId)]),
      ]),
    )
  }
  const limit = Math.min(input.limit ?? 50, maxOrdersPerListing + 1)
  query = query.orderBy('placed_at', 'desc').orderBy('id')
  if (input.attention !== true) return toOrders(ctx, await query.limit(limit).execute())
  const candidates = await findAttentionCandidates(ctx, list)
  if (candidates.length === 0) return []
  const orders = await toOrders(ctx, await query.where('id', 'in', candidates).execute())
  return orders.filter(({ attention }) => attention !== null).slice(0, limit)
}
