import type { DomainContext } from '../platform/context.js'
import { inTransaction } from '../platform/database.js'
import { RefusalError } from '../platform/errors.js'
import { getOrder, type Order } from './get-order.js'
import { moveOrder } from './move-order.js'
import { lockOrder } from './order-rows.js'
import { assertAllowedMove } from './order-status.js'

/** Lets an order go out exactly as it was placed: that supplier, those lines, that total. */
export async function approveOrder(
  ctx: DomainContext,
  input: { readonly orderId: string; readonly by: string },
): Promise<Order> {
  await inTransaction(ctx, async (tx) => {
    const order = await lockOrder(tx, input.orderId)
    assertAllowedMove(order.id, order.status, 'approved')
    const now = tx.clock.now()
    if (order.approval_expires_at !== null && order.approval_expires_at <= now) {
      throw new RefusalError({
        code: 'approval_expired',
        severity: 'final',
        text: `Order ${order.id} could be approved until ${order.approval_expires_at.toISOString()}; the next run will quote it again.`,
      })
    }
    await moveOrder(tx, order, {
      to: 'approved',
      actor: `person:${input.by}`,
      reason: null,
      set: { approved_by: input.by, next_attempt_at: now },
    })
  })
  return getOrder(ctx, { orderId: input.orderId })
}
