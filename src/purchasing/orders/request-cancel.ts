import type { DomainContext } from '../../platform/context.js'
import { channelCanCancel } from '../channels/index.js'
import { recordHistory } from './move-order.js'
import type { OrderRow } from './order-rows.js'

/**
 * Notes that a sent order is to be cancelled by its supplier; tracking asks for it until there is an answer. Where the
 * channel has no way to ask, a person is told to. The transaction has locked the order.
 */
export async function requestCancel(
  tx: DomainContext,
  order: OrderRow,
  input: { readonly by: string; readonly reason: string | null },
): Promise<OrderRow> {
  if (channelCanCancel(order.channel)) {
    await recordHistory(
      tx,
      order.id,
      'cancel_requested',
      input.by,
      input.reason === null ? {} : { reason: input.reason },
    )
    return change(tx, order, {
      cancel_requested_by: input.by,
      cancel_reason: input.reason,
      cancel_refused: null,
      next_attempt_at: null,
    })
  }
  // Nobody asked for it but a rule: whoever decides about the change will see what can be done.
  if (input.by === 'restock') return order
  return noteCancelRefused(tx, order, `${order.supplier_name} can't be asked to by ${order.channel}`)
}

/** The supplier does not cancel; from here on it is for a person to say how this ends. */
export async function noteCancelRefused(tx: DomainContext, order: OrderRow, reason: string): Promise<OrderRow> {
  await recordHistory(tx, order.id, 'cancel_refused', `supplier:${order.supplier_id}`, { reason })
  return change(tx, order, { cancel_requested_by: null, cancel_refused: reason })
}

async function change(
  tx: DomainContext,
  order: OrderRow,
  set: Partial<Pick<OrderRow, 'cancel_requested_by' | 'cancel_reason' | 'cancel_refused' | 'next_attempt_at'>>,
): Promise<OrderRow> {
  return tx.db
    .updateTable('purchasing.orders')
    .set({ ...set, updated_at: tx.clock.now() })
    .where('id', '=', order.id)
    .returningAll()
    .executeTakeFirstOrThrow()
}
