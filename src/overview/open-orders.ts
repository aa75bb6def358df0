import { sql } from 'kysely'
import type { DomainContext } from '../platform/context.js'
import type { OrderRow } from '../purchasing/orders/order-rows.js'
import { type Order, toOrders } from '../purchasing/orders/order-view.js'
import type { OrderStatus } from '../purchasing/tables.js'

export const comingStatuses: readonly OrderStatus[] = [
  'approved',
  'submitting',
  'submitted',
  'confirmed',
  'partially_received',
]

/** How many there are, and the first few of them. */
export interface SomeOrders {
  readonly count: number
  readonly first: readonly Order[]
}

/** Of each list what waits for approval, what lapses first at the front, and what is on its way, what comes first at the front. */
export interface OpenOrders {
  readonly waiting: ReadonlyMap<string, SomeOrders>
  readonly coming: ReadonlyMap<string, SomeOrders>
}

/** Of each of the lists so many at most, in one query whatever the number of lists, and what belongs to orders. */
export async function findOpenOrders(
  ctx: DomainContext,
  lists: readonly string[],
  mostPerList: number,
): Promise<OpenOrders> {
  const { rows } = await sql<OrderRow & { is_waiting: boolean; of_list: number }>`
    select * from (
      select orders.*, status = 'awaiting_approval' as is_waiting,
        count(*) over (partition by list, status = 'awaiting_approval') as of_list,
        row_number() over (
          partition by list, status = 'awaiting_approval'
          order by case status when 'awaiting_approval' then approval_expires_at else expected_at end asc nulls last, id
        ) as place
      from purchasing.orders
      where status = any(${['awaiting_approval', ...comingStatuses]}) and list = any(${[...lists]})
    ) as open
    where place <= ${mostPerList}
    order by list, place`.execute(ctx.db)
  const orders = new Map((await toOrders(ctx, rows)).map((order) => [order.orderId, order]))
  const ofLists = (isWaiting: boolean) => {
    const found = new Map<string, { count: number; first: Order[] }>()
    for (const row of rows) {
      const order = orders.get(row.id)
      if (order === undefined || row.is_waiting !== isWaiting) continue
      const known = found.get(row.list) ?? { count: row.of_list, first: [] }
      known.first.push(order)
      found.set(row.list, known)
    }
    return found
  }
  return { waiting: ofLists(true), coming: ofLists(false) }
}
