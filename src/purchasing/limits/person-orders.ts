/**
 * What persons' clients order where they need no approval. Each of their quotes stands for itself, so there is no run whose
 * orders count together: without this a client could cut one large order into small ones that nobody has to look at.
 */
import type { DomainContext } from '../../platform/context.js'
import { formatMoney } from '../../platform/decimal.js'
import { isVoidStatus, orderStatuses } from '../orders/order-status.js'
import type { OrderToCheck } from './limits.js'

/** By supplier: what clients have ordered on a local day without anybody having to look at it. */
export async function findUnseenToday(
  tx: DomainContext,
  scope: { readonly list: string; readonly currency: string; readonly localDate: string },
): Promise<Map<string, number>> {
  const rows = await tx.db
    .selectFrom('purchasing.orders as order')
    .innerJoin('purchasing.reservations as reservation', 'reservation.order_id', 'order.id')
    .select((select) => ['order.supplier_id', select.fn.sum<number>('order.total_minor').as('totalMinor')])
    .where('order.list', '=', scope.list)
    .where('order.currency', '=', scope.currency)
    .where('order.placed_by', '=', 'person')
    .where('order.approved_by', 'is', null)
    .where('order.status', 'not in', ['awaiting_approval', ...orderStatuses.filter(isVoidStatus)])
    .where('reservation.placed_on', '=', scope.localDate)
    .groupBy('order.supplier_id')
    .execute()
  return new Map(rows.map((row) => [row.supplier_id, row.totalMinor]))
}

/** Why a person has to look at an order that is small enough by itself; null: nobody has to. Pure. */
export function togetherTooLarge(
  approveAboveMinor: number | null,
  order: Pick<OrderToCheck, 'totalMinor' | 'currency' | 'supplierName' | 'placedBy'>,
  unseenMinor: number,
): string | null {
  const { totalMinor, currency } = order
  if (order.placedBy !== 'person' || approveAboveMinor === null || unseenMinor === 0) return null
  if (totalMinor > approveAboveMinor || unseenMinor + totalMinor <= approveAboveMinor) return null
  const money = (amountMinor: number) => formatMoney(amountMinor, currency)
  return `The total of ${money(totalMinor)} on top of the ${money(unseenMinor)} that was ordered from ${order.supplierName} today through persons’ clients, and nobody looked at, is above ${money(approveAboveMinor)} (approve_above).`
}
