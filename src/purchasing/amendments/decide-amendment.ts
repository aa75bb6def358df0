import type { DomainContext } from '../../platform/context.js'
import { inTransaction } from '../../platform/database.js'
import { RefusalError } from '../../platform/errors.js'
import { lockListLimits } from '../limits/list-limits.js'
import { recordHistory } from '../orders/move-order.js'
import { lockOrder, type OrderRow } from '../orders/order-rows.js'
import { isFinalStatus } from '../orders/order-status.js'
import { requestCancel } from '../orders/request-cancel.js'
import { type AmendmentRow, closeAmendment, findAmendments, readAmendment } from './amendments.js'
import { applyAmendment } from './apply-amendment.js'
import { storyOf } from './book-terms.js'
import { limitsPassed } from './judge-amendment.js'

/**
 * A person takes what the supplier changed of a sent order. Limits hold for them as well. False: nothing waits to be
 * decided for this order.
 *
 * @throws RefusalError `amendment_over_limit`
 */
export async function acceptAmendment(
  ctx: DomainContext,
  input: { readonly orderId: string; readonly by: string },
): Promise<boolean> {
  return decide(ctx, input.orderId, async (tx, order, pending) => {
    const amendment = readAmendment(pending)
    const { settings } = await lockListLimits(tx, { list: order.list })
    const { refusals } = await limitsPassed(tx, order, amendment, settings)
    if (refusals.length > 0) {
      throw new RefusalError({
        code: 'amendment_over_limit',
        severity: 'needs_human',
        text: `Order ${order.id} can't be taken as the supplier changed it. ${refusals.join(' ')}`,
      })
    }
    await closeAmendment(tx, pending, 'accepted', `person:${input.by}`)
    const cleared = await tx.db
      .updateTable('purchasing.orders')
      .set({ cancel_requested_by: null, cancel_refused: null })
      .where('id', '=', order.id)
      .returningAll()
      .executeTakeFirstOrThrow()
    await applyAmendment(tx, cleared, amendment, {
      kind: 'amendment_accepted',
      actor: `person:${input.by}`,
      details: { amendment: pending.id, ...storyOf(order, amendment) },
    })
  })
}

/** A person says no to it: the supplier is asked to cancel, where it can be asked. False: there is nothing to say no to. */
export async function declineAmendment(
  ctx: DomainContext,
  input: { readonly orderId: string; readonly by: string; readonly reason?: string | undefined },
): Promise<boolean> {
  return decide(ctx, input.orderId, async (tx, order, pending) => {
    const actor = `person:${input.by}`
    await closeAmendment(tx, pending, 'declined', actor)
    await recordHistory(tx, order.id, 'amendment_declined', actor, {
      amendment: pending.id,
      ...(input.reason === undefined ? {} : { reason: input.reason }),
    })
    // What has come in whole can only be sent back, and that is between people.
    if (!isFinalStatus(order.status)) await requestCancel(tx, order, { by: actor, reason: input.reason ?? null })
  })
}

/** Locks the list's limits, then the order: the order that placing takes them in. */
async function decide(
  ctx: DomainContext,
  orderId: string,
  work: (tx: DomainContext, order: OrderRow, pending: AmendmentRow) => Promise<void>,
): Promise<boolean> {
  return inTransaction(ctx, async (tx) => {
    const found = await tx.db
      .selectFrom('purchasing.orders as order')
      .innerJoin('purchasing.amendments as amendment', 'amendment.order_id', 'order.id')
      .select('order.list')
      .where('order.id', '=', orderId)
      .where('amendment.state', '=', 'pending')
      .executeTakeFirst()
    if (found === undefined) return false
    await lockListLimits(tx, { list: found.list })
    const order = await lockOrder(tx, orderId)
    const pending = (await findAmendments(tx, orderId)).find(({ state }) => state === 'pending')
    if (pending === undefined) return false
    await work(tx, order, pending)
    return true
  })
}
