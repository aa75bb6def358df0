import type { DomainContext } from '../../platform/context.js'
import { inTransaction } from '../../platform/database.js'
import { RefusalError } from '../../platform/errors.js'
import { channelCanCancel } from '../channels/index.js'
import { getOrder, type Order } from './get-order.js'
import { moveOrder } from './move-order.js'
import { lockOrder, type OrderRow } from './order-rows.js'
import { inWords, isFinalStatus } from './order-status.js'
import { requestCancel } from './request-cancel.js'

/**
 * Takes back an order. One that its supplier hasn't heard of is cancelled at once, and its budget is free again. Where the
 * supplier has it and can be asked to cancel, it will be: until it has answered the order stays as it is.
 */
export async function cancelOrder(
  ctx: DomainContext,
  input: { readonly orderId: string; readonly by: string; readonly reason: string },
): Promise<Order> {
  await inTransaction(ctx, async (tx) => {
    const order = await lockOrder(tx, input.orderId)
    const actor = `person:${input.by}`
    if (order.status === 'awaiting_approval' || order.status === 'approved') {
      await moveOrder(tx, order, { to: 'cancelled', actor, reason: input.reason, set: { next_attempt_at: null } })
      return
    }
    if (mayBeAsked(order)) {
      await requestCancel(tx, order, { by: actor, reason: input.reason })
      return
    }
    throw new RefusalError({ code: 'too_late_to_cancel', severity: 'needs_human', text: whatElse(order) })
  })
  return getOrder(ctx, { orderId: input.orderId })
}

function mayBeAsked(order: OrderRow): boolean {
  return channelCanCancel(order.channel) && ['submitted', 'confirmed', 'partially_received'].includes(order.status)
}

function whatElse(order: OrderRow): string {
  const subject = `Order ${order.id} can’t be cancelled any more`
  if (isFinalStatus(order.status)) return `${subject}: it is ${inWords(order.status)} already.`
  if (order.status === 'submitting') return `${subject}: it is being sent right now; look at it again in a minute.`
  if (order.status === 'unknown') {
    return `${subject}: it was sent and nobody knows whether it arrived; find out, then end the doubt with: orders resolve ${order.id} --placed or --not-placed`
  }
  return `${subject}: the supplier has it; cancel it with them, then end it with: orders close ${order.id}`
}
