import type { DomainContext } from '../platform/context.js'
import { inTransaction } from '../platform/database.js'
import { RefusalError } from '../platform/errors.js'
import { getOrder, type Order } from './get-order.js'
import { moveOrder } from './move-order.js'
import { lockOrder } from './order-rows.js'
import { inWords } from './order-status.js'

/** A person ends the doubt about an order that was sent without an answer: the supplier has it, or it never arrived. */
export async function resolveOrder(
  ctx: DomainContext,
  input: { readonly orderId: string; readonly placed: boolean; readonly by: string },
): Promise<Order> {
  await inTransaction(ctx, async (tx) => {
    const order = await lockOrder(tx, input.orderId)
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
