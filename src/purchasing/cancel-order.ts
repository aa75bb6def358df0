import type { DomainContext } from '../platform/context.js'
import { inTransaction } from '../platform/database.js'
import { RefusalError } from '../platform/errors.js'
import { getOrder, type Order } from './get-order.js'
import { moveOrder } from './move-order.js'
import { lockOrder } from './order-rows.js'
import { inWords, isAllowedMove, isFinalStatus } from './order-status.js'
import type { OrderStatus } from './tables.js'

/** Takes back an order that its supplier hasn't heard of yet. Its budget is free again. */
export async function cancelOrder(
  ctx: DomainContext,
  input: { readonly orderId: string; readonly by: string; readonly reason: string },
): Promise<Order> {
  await inTransaction(ctx, async (tx) => {
    const order = await lockOrder(tx, input.orderId)
    if (!isAllowedMove(order.status, 'cancelled')) {
      throw new RefusalError({
        code: 'too_late_to_cancel',
        severity: 'needs_human',
        text: whatElse(order.id, order.status),
      })
    }
    await moveOrder(tx, order, {
      to: 'cancelled',
      actor: `person:${input.by}`,
      reason: input.reason,
      set: { next_attempt_at: null },
    })
  })
  return getOrder(ctx, { orderId: input.orderId })
}

function whatElse(orderId: string, status: OrderStatus): string {
  const subject = `Order ${orderId} can’t be cancelled any more`
  if (isFinalStatus(status)) return `${subject}: it is ${inWords(status)} already.`
  if (status === 'submitting') return `${subject}: it is being sent right now; look at it again in a minute.`
  if (status === 'unknown') {
    return `${subject}: it was sent and nobody knows whether it arrived; find out, then end the doubt with: orders resolve ${orderId} --placed or --not-placed`
  }
  return `${subject}: the supplier has it; cancel it with them, then end it with: orders close ${orderId}`
}
