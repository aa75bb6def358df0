import type { DomainContext } from '../../platform/context.js'
import { inTransaction } from '../../platform/database.js'
import { RefusalError } from '../../platform/errors.js'
import { getOrder, type Order } from './get-order.js'
import { moveOrder } from './move-order.js'
import { isToOrderByHand } from './order-attention.js'
import { lockOrder, type OrderRow } from './order-rows.js'
import { inWords } from './order-status.js'

/**
 * A person ends the doubt about an order that was sent without an answer: the supplier has it, or it never arrived. Of one
 * that is for them to order by hand they say that they have, or that it can't be had.
 */
export async function resolveOrder(
  ctx: DomainContext,
  input: { readonly orderId: string; readonly placed: boolean; readonly by: string },
): Promise<Order> {
  await inTransaction(ctx, async (tx): Promise<void> => {
    const order = await lockOrder(tx, input.orderId)
    if (isToOrderByHand(order)) return concludeByHand(tx, order, input)
    if (order.status !== 'unknown') {
      throw new RefusalError({
        code: 'not_in_doubt',
        severity: 'final',
        text: `Order ${order.id} is ${inWords(order.status)}: there is no doubt to end.`,
      })
    }
    await moveOrder(tx, order, {
      to: input.placed ? 'submitted' : 'rejected',
      actor: `person:${input.by}`,
      reason: input.placed ? `placed, says ${input.by}` : `never placed, says ${input.by}`,
    })
  })
  return getOrder(ctx, { orderId: input.orderId })
}

async function concludeByHand(
  tx: DomainContext,
  order: OrderRow,
  input: { readonly placed: boolean; readonly by: string },
): Promise<void> {
  const actor = `person:${input.by}`
  // Nobody has to send it: the person was quicker.
  const taken =
    order.status === 'approved' ? await moveOrder(tx, order, { to: 'submitting', actor, reason: null }) : order
  await moveOrder(tx, taken, {
    to: input.placed ? 'confirmed' : 'rejected',
    actor,
    reason: input.placed ? `ordered by hand, says ${input.by}` : `not to be had, says ${input.by}`,
    set: { next_attempt_at: null, submitted_at: taken.submitted_at ?? tx.clock.now() },
  })
}
