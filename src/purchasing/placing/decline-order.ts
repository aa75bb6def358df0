import type { DomainContext } from '../../platform/context.js'
import { inTransaction } from '../../platform/database.js'
import { declineAmendment } from '../amendments/decide-amendment.js'
import { getOrder, type Order } from '../orders/get-order.js'
import { moveOrder, recordHistory } from '../orders/move-order.js'
import { lockOrder } from '../orders/order-rows.js'
import { defaultDeclineMs } from './decline-term.js'
import { rememberDeclined } from './declined-items.js'

/**
 * A person says no to an order that waits for approval. Its budget is free again, and its items are not offered before the
 * term is over. Declining an order again with another term changes only the term.
 */
export async function declineOrder(
  ctx: DomainContext,
  input: {
    readonly orderId: string
    readonly by: string
    readonly reason?: string | undefined
    /** How long its items are left out; 0: not at all. A week where nothing is said. */
    readonly forMs?: number | undefined
  },
): Promise<Order> {
  // A sent order can only be asked back, where its supplier has changed it.
  if (await declineAmendment(ctx, input)) return getOrder(ctx, { orderId: input.orderId })
  await inTransaction(ctx, async (tx) => {
    const order = await lockOrder(tx, input.orderId)
    const until = new Date(tx.clock.now().getTime() + (input.forMs ?? defaultDeclineMs))
    const actor = `person:${input.by}`
    if (order.status === 'declined' && input.forMs !== undefined) {
      await recordHistory(tx, order.id, 'decline_term', actor, { until: until.toISOString() })
    } else {
      const details = { until: until.toISOString() }
      await moveOrder(tx, order, { to: 'declined', actor, reason: input.reason ?? null, details })
    }
    await rememberDeclined(tx, order, { by: input.by, until })
  })
  return getOrder(ctx, { orderId: input.orderId })
}
