import type { DomainContext } from '../../platform/context.js'
import { bookTerms } from '../amendments/book-terms.js'
import type { SupplierAnswer } from '../channels/channel.js'
import { lockListLimits } from '../limits/list-limits.js'
import { moveOrder } from '../orders/move-order.js'
import { endUndelivered } from '../orders/order-ends.js'
import { lockOrder, type OrderRow } from '../orders/order-rows.js'
import { isAllowedMove, isFinalStatus } from '../orders/order-status.js'

/** Locks what booking an answer takes, in the order in which placing takes it: the list's limits where money may change. */
export async function lockForAnswer(
  tx: DomainContext,
  known: Pick<OrderRow, 'id' | 'list'>,
  answer: SupplierAnswer | null,
): Promise<OrderRow> {
  if (answer?.outcome === 'confirmed' && answer.terms !== undefined) await lockListLimits(tx, { list: known.list })
  return lockOrder(tx, known.id)
}

/**
 * Books what the supplier said about an order that `lockForAnswer` has locked. What is known already changes nothing, and
 * an answer that is older than what we know never takes an order back.
 */
export async function applyAnswer(tx: DomainContext, order: OrderRow, answer: SupplierAnswer): Promise<OrderRow> {
  const actor = `supplier:${order.supplier_id}`
  if (answer.outcome === 'rejected' || answer.outcome === 'cancelled') {
    if (isFinalStatus(order.status)) return order
    const isPart = order.status === 'partially_received'
    if (!isPart && !isAllowedMove(order.status, answer.outcome)) return order
    return endUndelivered(tx, order, { to: answer.outcome, actor, reason: answer.reason })
  }
  const set = {
    next_attempt_at: null,
    submitted_at: order.submitted_at ?? tx.clock.now(),
    supplier_reference: answer.reference ?? order.supplier_reference,
  }
  const isNews = answer.outcome !== order.status && isAllowedMove(order.status, answer.outcome)
  if (answer.outcome === 'submitted') {
    return isNews ? moveOrder(tx, order, { to: 'submitted', actor, reason: answer.reason ?? null, set }) : order
  }
  if (!isNews) {
    return isFinalStatus(order.status) ? order : bookTerms(tx, order, answer)
  }
  const confirmed = await moveOrder(tx, order, {
    to: 'confirmed',
    actor,
    reason: null,
    // The first day that the supplier names is its promise; a later one is a delay.
    set: { ...set, expected_at: answer.expectedAt ?? order.expected_at },
  })
  return bookTerms(tx, confirmed, answer)
}
