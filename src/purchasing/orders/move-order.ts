import type { Updateable } from 'kysely'
import type { DomainContext } from '../../platform/context.js'
import { RefusalError } from '../../platform/errors.js'
import { releaseBudget, settleBudget } from '../limits/reservations.js'
import type { OrderStatus, OrdersTable } from '../tables.js'
import { appendOrderEvents, statusEvents } from './order-events.js'
import { findLines, type OrderRow } from './order-rows.js'
import { assertAllowedMove, budgetEffect } from './order-status.js'

export interface OrderMove {
  readonly to: OrderStatus
  /** Who did it, as the story tells it: `run:…`, `person:…`, `supplier:…` or `restock`. */
  readonly actor: string
  /** For people; null clears what an earlier status said. */
  readonly reason: string | null
  /** More for the story. */
  readonly details?: object
  /** What else of the order changes with the status. */
  readonly set?: Omit<Updateable<OrdersTable>, 'id' | 'status' | 'status_reason' | 'updated_at'>
  /** What it really costs, where that is known by now. */
  readonly realTotalMinor?: number
}

/** Moves an order that the transaction has locked, tells its story and the list, and does right by its budget. */
export async function moveOrder(tx: DomainContext, order: OrderRow, move: OrderMove): Promise<OrderRow> {
  const moved = await changeStatus(tx, order, move)
  await appendOrderEvents(tx, statusEvents(tx, moved, await findLines(tx, order.id)))
  return moved
}

/** The same without telling the list: for callers who append events of their own with it, in one go. */
export async function changeStatus(tx: DomainContext, order: OrderRow, move: OrderMove): Promise<OrderRow> {
  assertAllowedMove(order.id, order.status, move.to)
  const moved = await tx.db
    .updateTable('purchasing.orders')
    .set({ ...move.set, status: move.to, status_reason: move.reason, updated_at: tx.clock.now() })
    .where('id', '=', order.id)
    .where('status', '=', order.status)
    .returningAll()
    .executeTakeFirst()
  if (moved === undefined) {
    throw new RefusalError({
      code: 'order_changed',
      severity: 'recoverable',
      text: `Order ${order.id} has just been changed by somebody else; look at it again.`,
    })
  }
  await recordHistory(tx, order.id, move.to, move.actor, {
    from: order.status,
    ...(move.reason === null ? {} : { reason: move.reason }),
    ...move.details,
  })
  const effect = budgetEffect(move.to)
  if (effect === 'release') await releaseBudget(tx, order.id)
  // Once settled it stays, unless something new is known about the total.
  if (effect === 'settle' && (budgetEffect(order.status) !== 'settle' || move.realTotalMinor !== undefined)) {
    await settleBudget(tx, order.id, move.realTotalMinor ?? moved.total_minor)
  }
  return moved
}

export async function recordHistory(
  tx: DomainContext,
  orderId: string,
  kind: string,
  actor: string,
  details: object,
): Promise<void> {
  await tx.db
    .insertInto('purchasing.order_history')
    .values({ order_id: orderId, at: tx.clock.now(), kind, actor, details: JSON.stringify(details) })
    .execute()
}
