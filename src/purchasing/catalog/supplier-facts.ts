import type { DomainContext } from '../../platform/context.js'
import type { Message } from '../../platform/errors.js'
import type { ChannelName, Channels } from '../channels/index.js'
import { isVoidStatus, orderStatuses } from '../orders/order-status.js'
import type { QuoteOrder } from '../quotes/quote.js'

export interface SupplierNow {
  readonly channel: ChannelName
  readonly isArchived: boolean
}

/** Whether an order can go to its supplier at all. */
export function checkSupplier(
  order: Pick<QuoteOrder, 'supplierId' | 'supplierName'>,
  supplier: SupplierNow | undefined,
  channels: Channels,
): Message[] {
  if (supplier === undefined || supplier.isArchived) {
    const text = `${order.supplierName} (${order.supplierId}) is not among the suppliers any more; make a new quote.`
    return [{ code: 'supplier_not_available', severity: 'recoverable', text }]
  }
  if (channels[supplier.channel] === undefined) {
    const text = `Orders to ${order.supplierName} go out by ${supplier.channel}, which is not available here; a person has to ${supplier.channel === 'email' ? 'set RESTOCK_SMTP_URL and RESTOCK_MAIL_FROM, or ' : ''}give it another channel.`
    return [{ code: 'channel_not_available', severity: 'needs_human', text }]
  }
  return []
}

/** The quoted suppliers as they are now; one that is gone is missing. */
export async function findSuppliersNow(
  tx: DomainContext,
  orders: readonly QuoteOrder[],
): Promise<Map<string, SupplierNow>> {
  if (orders.length === 0) return new Map()
  const rows = await tx.db
    .selectFrom('purchasing.suppliers')
    .select(['id', 'channel', 'archived_at'])
    .where(
      'id',
      'in',
      orders.map((order) => order.supplierId),
    )
    .execute()
  return new Map(rows.map((row) => [row.id, { channel: row.channel, isArchived: row.archived_at !== null }]))
}

/** Those that this list has bought from before. An order that nobody has approved yet is no acquaintance. */
export async function findKnownSuppliers(
  tx: DomainContext,
  list: string,
  orders: readonly QuoteOrder[],
): Promise<Set<string>> {
  if (orders.length === 0) return new Set()
  const rows = await tx.db
    .selectFrom('purchasing.orders')
    .select('supplier_id')
    .distinct()
    .where('list', '=', list)
    .where(
      'supplier_id',
      'in',
      orders.map((order) => order.supplierId),
    )
    .where('status', 'not in', ['awaiting_approval', ...orderStatuses.filter(isVoidStatus)])
    .execute()
  return new Set(rows.map((row) => row.supplier_id))
}

/** How many orders the run has placed with each supplier so far, whatever became of them. */
export async function countRunOrders(
  tx: DomainContext,
  scope: { readonly list: string; readonly runId: string },
): Promise<Map<string, number>> {
  const rows = await tx.db
    .selectFrom('purchasing.orders as order')
    .innerJoin('purchasing.quotes as quote', 'quote.id', 'order.quote_id')
    .select((select) => ['order.supplier_id', select.fn.countAll<number>().as('orders')])
    .where('quote.run_id', '=', scope.runId)
    .where('order.list', '=', scope.list)
    .groupBy('order.supplier_id')
    .execute()
  return new Map(rows.map((row) => [row.supplier_id, row.orders]))
}

/** What the run has ordered from each supplier so far, in the list's currency. */
export async function findRunTotals(
  tx: DomainContext,
  scope: { readonly list: string; readonly runId: string; readonly exceptOrderId?: string },
): Promise<Map<string, number>> {
  const rows = await tx.db
    .selectFrom('purchasing.orders as order')
    .innerJoin('purchasing.quotes as quote', 'quote.id', 'order.quote_id')
    .select((select) => ['order.supplier_id', select.fn.sum<number>('order.total_minor').as('totalMinor')])
    .where('quote.run_id', '=', scope.runId)
    .where('order.list', '=', scope.list)
    .where('order.status', 'not in', orderStatuses.filter(isVoidStatus))
    .$if(scope.exceptOrderId !== undefined, (query) => query.where('order.id', '<>', scope.exceptOrderId ?? ''))
    .groupBy('order.supplier_id')
    .execute()
  return new Map(rows.map((row) => [row.supplier_id, row.totalMinor]))
}
