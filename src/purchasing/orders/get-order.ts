import type { DomainContext } from '../../platform/context.js'
import { orderNotFound } from './order-rows.js'
import { type Order, toOrders } from './order-view.js'

export type { Order, OrderLine } from './order-view.js'

/** One order. With `list`, an order of another list is as good as none. */
export async function getOrder(
  ctx: DomainContext,
  input: { readonly orderId: string; readonly list?: string | undefined },
): Promise<Order> {
  const row = await ctx.db
    .selectFrom('purchasing.orders')
    .selectAll()
    .where('id', '=', input.orderId)
    .$if(input.list !== undefined, (query) => query.where('list', '=', input.list ?? ''))
    .executeTakeFirst()
  const [order] = row === undefined ? [] : await toOrders(ctx, [row])
  if (order === undefined) throw orderNotFound(input.orderId)
  return order
}

export interface OrderStep {
  readonly at: Date
  /** A status, or `placed`, `delivery`. */
  readonly kind: string
  readonly actor: string
  readonly details: unknown
}

/** The story of an order, oldest first: what happened, when, by whom. */
export async function getOrderHistory(ctx: DomainContext, input: { readonly orderId: string }): Promise<OrderStep[]> {
  return ctx.db
    .selectFrom('purchasing.order_history')
    .select(['at', 'kind', 'actor', 'details'])
    .where('order_id', '=', input.orderId)
    .orderBy('id')
    .execute()
}
