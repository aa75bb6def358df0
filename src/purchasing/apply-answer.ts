import type { DomainContext } from '../platform/context.js'
import type { SupplierAnswer } from './channels/channel.js'
import { moveOrder } from './move-order.js'
import type { OrderRow } from './order-rows.js'

/** Books what the supplier said about an order that the transaction has locked. An answer that is known already changes nothing. */
export async function applyAnswer(tx: DomainContext, order: OrderRow, answer: SupplierAnswer): Promise<OrderRow> {
  const actor = `supplier:${order.supplier_id}`
  const submittedAt = order.submitted_at ?? tx.clock.now()
  if (answer.outcome === 'rejected') {
    return moveOrder(tx, order, { to: 'rejected', actor, reason: answer.reason, set: { next_attempt_at: null } })
  }
  if (answer.outcome === order.status) return order
  const set = {
    next_attempt_at: null,
    submitted_at: submittedAt,
    supplier_reference: answer.reference ?? order.supplier_reference,
  }
  if (answer.outcome === 'submitted') {
    return moveOrder(tx, order, { to: 'submitted', actor, reason: answer.reason ?? null, set })
  }
  return moveOrder(tx, order, {
    to: 'confirmed',
    actor,
    reason: null,
    set: { ...set, expected_at: answer.expectedAt ?? order.expected_at },
    ...(answer.totalMinor === undefined
      ? {}
      : { realTotalMinor: answer.totalMinor, details: { totalMinor: answer.totalMinor } }),
  })
}
