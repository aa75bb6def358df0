import type { DomainContext } from '../../../platform/context.js'
import type { Amendment } from '../../../purchasing/amendments/amendment.js'
import { findAmendments, readAmendment } from '../../../purchasing/amendments/amendments.js'
import { getOrder, getOrderHistory, type Order, type OrderStep } from '../../../purchasing/orders/get-order.js'
import { findLines } from '../../../purchasing/orders/order-rows.js'
import { requoteOrder } from '../../../purchasing/quotes/load-requote.js'
import type { Requote } from '../../../purchasing/quotes/requote.js'
import { findLists } from '../../../stock/lists.js'

/** What a supplier changed and nobody has decided. */
export interface PendingChange {
  readonly id: string
  readonly amendment: Amendment
  readonly askBecause: readonly string[]
  readonly oldTotalMinor: number
}

export interface OrderFacts {
  readonly order: Order
  readonly history: readonly OrderStep[]
  readonly pending: PendingChange | null
  /** What the catalog says of it now; null: that doesn't matter any more. */
  readonly requote: Requote | null
  /** Names of items by their ids. */
  readonly items: ReadonlyMap<string, string>
  readonly timeZone: string
  /** Changes whenever what a person decides about does. */
  readonly seen: string
}

export async function readOrder(ctx: DomainContext, orderId: string): Promise<OrderFacts> {
  const order = await getOrder(ctx, { orderId })
  const [history, amendments, requote, items, lists] = await Promise.all([
    getOrderHistory(ctx, { orderId }),
    findAmendments(ctx, orderId),
    order.status === 'awaiting_approval' ? requoteNow(ctx, orderId) : null,
    findItemNames(ctx, order),
    findLists(ctx),
  ])
  const row = amendments.find(({ state }) => state === 'pending')
  const pending =
    row === undefined
      ? null
      : { id: row.id, amendment: readAmendment(row), askBecause: row.ask_because, oldTotalMinor: row.old_total_minor }
  return {
    order,
    history,
    pending,
    requote,
    items,
    timeZone: lists.find(({ id }) => id === order.list)?.timeZone ?? 'UTC',
    seen: `${order.status}.${order.totalMinor}.${pending?.id ?? ''}.${order.updatedAt.getTime()}`,
  }
}

async function requoteNow(ctx: DomainContext, orderId: string): Promise<Requote> {
  const row = await ctx.db
    .selectFrom('purchasing.orders')
    .selectAll()
    .where('id', '=', orderId)
    .executeTakeFirstOrThrow()
  return requoteOrder(ctx, row, await findLines(ctx, orderId))
}

async function findItemNames(ctx: DomainContext, { lines }: Order): Promise<Map<string, string>> {
  const ids = [...new Set(lines.map(({ itemId }) => itemId))]
  if (ids.length === 0) return new Map()
  const rows = await ctx.db.selectFrom('stock.items').select(['id', 'name']).where('id', 'in', ids).execute()
  return new Map(rows.map(({ id, name }) => [id, name]))
}
