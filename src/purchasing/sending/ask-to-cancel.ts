import type { DomainContext } from '../../platform/context.js'
import { inTransaction } from '../../platform/database.js'
import type { Channel } from '../channels/channel.js'
import { toChannelOrder } from '../channels/channel-order.js'
import { endUndelivered } from '../orders/order-ends.js'
import { findLines, lockOrder } from '../orders/order-rows.js'
import { isFinalStatus } from '../orders/order-status.js'
import { recordDeliveries } from '../orders/record-deliveries.js'
import { noteCancelRefused } from '../orders/request-cancel.js'
import { withDeadline } from './submit-order.js'

/**
 * Passes on to the supplier that an order is to be cancelled, where somebody has asked for that. Returns whether it has
 * ended now. Throws where the supplier can't be asked; it is then asked again later.
 */
export async function askToCancel(ctx: DomainContext, orderId: string, channel: Channel): Promise<boolean> {
  const order = await ctx.db
    .selectFrom('purchasing.orders')
    .selectAll()
    .where('id', '=', orderId)
    .executeTakeFirstOrThrow()
  // Whether it has it at all has to be known first.
  if (order.cancel_requested_by === null || order.status === 'unknown' || isFinalStatus(order.status)) return false
  const { cancel } = channel
  const message = toChannelOrder(order, await findLines(ctx, order.id))
  const answer =
    cancel === undefined
      ? ({ outcome: 'refused', reason: `${order.supplier_name} can't be asked to by ${order.channel}` } as const)
      : await withDeadline((signal) => cancel(ctx, message, signal))
  // Goods that left before the supplier stopped are bought. While it doesn't say whether there are any, the order stays.
  const deliveries =
    answer.outcome === 'refused'
      ? []
      : (await withDeadline((signal) => channel.status(ctx, message, signal))).deliveries
  return inTransaction(ctx, async (tx) => {
    const now = await lockOrder(tx, orderId)
    if (now.cancel_requested_by === null || isFinalStatus(now.status)) return false
    if (answer.outcome === 'refused') {
      await noteCancelRefused(tx, now, answer.reason)
      return false
    }
    const actor = now.cancel_requested_by
    await recordDeliveries(tx, now, deliveries, { actor: `supplier:${now.supplier_id}`, source: now.channel })
    const left = await lockOrder(tx, orderId)
    if (!isFinalStatus(left.status)) {
      await endUndelivered(tx, left, { to: 'cancelled', actor, reason: left.cancel_reason })
    }
    return true
  })
}
