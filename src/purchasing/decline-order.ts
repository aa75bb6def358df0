import type { DomainContext } from '../platform/context.js'
import { inTransaction } from '../platform/database.js'
import { getOrder, type Order } from './get-order.js'
import { moveOrder } from './move-order.js'
import { lockOrder } from './order-rows.js'

/** A person says no to an order that waits for approval. Its budget is free again. */
export async function declineOrder(
  ctx: DomainContext,
  input: { readonly orderId: string; readonly by: string; readonly reason?: string | undefined },
): Promise<Order> {
  await inTransaction(ctx, async (tx) => {
    const order = await lockOrder(tx, input.orderId)
    await moveOrder(tx, order, { to: 'declined', actor: `person:${input.by}`, reason: input.reason ?? null })
  })
  return getOrder(ctx, { orderId: input.orderId })
}
