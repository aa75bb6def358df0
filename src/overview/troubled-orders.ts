import type { DomainContext } from '../platform/context.js'
import { findOrders } from '../purchasing/orders/find-orders.js'
import type { Order } from '../purchasing/orders/order-view.js'

/** Those that a person is needed for, and before them those of which nobody knows whether their supplier has them. */
export async function findTroubledOrders(
  ctx: DomainContext,
  { limit, list }: { readonly limit: number; readonly list?: string | undefined },
): Promise<Order[]> {
  const [unknown, attention] = await Promise.all([
    findOrders(ctx, { list, status: 'unknown', limit }),
    findOrders(ctx, { list, attention: true, limit }),
  ])
  const ids = new Set(unknown.map(({ orderId }) => orderId))
  return [...unknown, ...attention.filter(({ orderId }) => !ids.has(orderId))]
}
