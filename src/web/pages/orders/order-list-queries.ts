import { sql } from 'kysely'
import type { DomainContext } from '../../../platform/context.js'
import { findOrders } from '../../../purchasing/orders/find-orders.js'
import { type Order, toOrders } from '../../../purchasing/orders/order-view.js'
import type { OrderStatus } from '../../../purchasing/tables.js'
import type { After } from '../paging.js'

/** `open`: on their way. `attention`: those that need a person. */
export type OrderChoice = 'all' | 'awaiting_approval' | 'open' | 'attention' | OrderStatus

export interface OrderFilter {
  readonly list: string | null
  readonly show: OrderChoice
  readonly supplier: string | null
  readonly after: After | null
}

export const ordersPerPage = 25

const openStatuses: readonly OrderStatus[] = ['approved', 'submitting', 'submitted', 'confirmed', 'partially_received']

/** One page of orders, the newest first, and where the next one begins. */
export async function findOrderPage(
  ctx: DomainContext,
  { list, show, supplier, after }: OrderFilter,
): Promise<{ readonly orders: readonly Order[]; readonly next: After | null }> {
  // Never more than a person can see to, and whether an order is one of them isn't the database's to say.
  if (show === 'attention') {
    const orders = await findOrders(ctx, { list: list ?? undefined, attention: true, limit: 200 })
    return { orders, next: null }
  }
  const rows = await ctx.db
    .selectFrom('purchasing.orders')
    .selectAll()
    .$if(list !== null, (query) => query.where('list', '=', list ?? ''))
    .$if(supplier !== null, (query) => query.where('supplier_id', '=', supplier ?? ''))
    .$if(show === 'open', (query) => query.where('status', 'in', openStatuses))
    .$if(show !== 'open' && show !== 'all', (query) => query.where('status', '=', show as OrderStatus))
    .$if(after !== null, (query) =>
      query.where(sql<boolean>`(placed_at, id) < (${after?.at ?? null}, ${after?.id ?? ''})`),
    )
    .orderBy('placed_at', 'desc')
    .orderBy('id', 'desc')
    .limit(ordersPerPage + 1)
    .execute()
  const shown = rows.slice(0, ordersPerPage)
  const last = rows.length > ordersPerPage ? shown.at(-1) : undefined
  return {
    orders: await toOrders(ctx, shown),
    next: last === undefined ? null : { at: last.placed_at, id: last.id },
  }
}
