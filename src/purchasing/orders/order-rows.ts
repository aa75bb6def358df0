/** Orders and their lines as the database has them, for the functions that change them. */
import type { Selectable } from 'kysely'
import type { DomainContext } from '../../platform/context.js'
import { InputError } from '../../platform/errors.js'
import type { OrderLinesTable, OrdersTable } from '../tables.js'

export type OrderRow = Selectable<OrdersTable>
export type OrderLineRow = Selectable<OrderLinesTable>

/** The order, locked until the transaction ends; every change of an order starts here. */
export async function lockOrder(tx: DomainContext, orderId: string): Promise<OrderRow> {
  const order = await tx.db
    .selectFrom('purchasing.orders')
    .selectAll()
    .where('id', '=', orderId)
    .forUpdate()
    .executeTakeFirst()
  if (order === undefined) throw orderNotFound(orderId)
  return order
}

export async function findLines(ctx: DomainContext, orderId: string): Promise<OrderLineRow[]> {
  return ctx.db
    .selectFrom('purchasing.order_lines')
    .selectAll()
    .where('order_id', '=', orderId)
    .orderBy('line_number')
    .execute()
}

export function orderNotFound(orderId: string): InputError {
  return new InputError(`There is no order ${orderId}; list the orders to see their ids.`, 'order_not_found')
}
