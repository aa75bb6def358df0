import type { DomainContext } from '../../platform/context.js'
import { closeAmendment, findAmendments } from '../amendments/amendments.js'
import { receivedValue } from './close-order.js'
import { moveOrder } from './move-order.js'
import { findLines, type OrderRow } from './order-rows.js'

/**
 * Ends an order of which nothing more will come, by the supplier's word: what came in of it stays bought, and an order of
 * which nothing came costs nothing. The transaction has locked it.
 */
export async function endUndelivered(
  tx: DomainContext,
  order: OrderRow,
  end: { readonly to: 'rejected' | 'cancelled'; readonly actor: string; readonly reason: string | null },
): Promise<OrderRow> {
  for (const amendment of await findAmendments(tx, order.id)) {
    if (amendment.state === 'pending') await closeAmendment(tx, amendment, 'superseded', 'restock')
  }
  const set = { next_attempt_at: null, cancel_requested_by: null, cancel_refused: null }
  if (order.status !== 'partially_received') return moveOrder(tx, order, { ...end, set })
  const realTotalMinor = receivedValue(order, await findLines(tx, order.id))
  return moveOrder(tx, order, {
    to: 'closed_short',
    actor: end.actor,
    reason: end.reason,
    details: { totalMinor: realTotalMinor },
    set,
    realTotalMinor,
  })
}
