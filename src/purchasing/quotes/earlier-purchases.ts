import { sql } from 'kysely'
import type { DomainContext } from '../../platform/context.js'
import type { OrderStatus } from '../tables.js'
import { purchaseKey } from './price-orders.js'
import type { Candidate } from './quote-candidates.js'

/** Orders that nobody let through: they prove nothing about what was in them. */
const notBought = [
  'awaiting_approval',
  'rejected',
  'declined',
  'expired',
  'cancelled',
] as const satisfies readonly OrderStatus[]

/** Keys of the item–product pairs that only a proposed link connects and that this list has bought before. */
export async function findEarlierPurchases(
  tx: DomainContext,
  list: string,
  candidates: readonly Candidate[],
): Promise<Set<string>> {
  const proposed = candidates.filter((candidate) => candidate.match.matchedBy === 'proposed_link')
  if (proposed.length === 0) return new Set()
  const items = [...new Set(proposed.map((candidate) => candidate.itemId))]
  const rows = await tx.db
    .selectFrom('purchasing.order_lines as line')
    .innerJoin('purchasing.orders as order', 'order.id', 'line.order_id')
    .select(['line.item_id', 'line.product_id'])
    .distinct()
    .where('order.list', '=', list)
    .where('order.status', 'not in', notBought)
    .where('line.item_id', '=', sql<string>`any(${items}::text[])`)
    .execute()
  return new Set(rows.map((row) => purchaseKey(row.item_id, row.product_id)))
}
