/** What the limits have to know of each line before it is bought: its cap, what was last paid, what the run had before. */
import type { DomainContext } from '../../platform/context.js'
import { localDate } from '../../platform/local-date.js'
import { convertQuantity } from '../catalog/units.js'
import { isVoidStatus, orderStatuses } from '../orders/order-status.js'
import { findLastPaid, type LastPaid } from './last-paid.js'
import type { LastPaidPrice, LineToCheck } from './limits.js'

type PlainLine = Omit<LineToCheck, 'maxUnitPrice' | 'lastPaid' | 'itemEarlierInRunMinor'> & {
  readonly productId: string
}

export interface LineScope {
  readonly list: string
  readonly runId: string
  readonly currency: string
  readonly timeZone: string
  /** An order whose own lines don't count as bought before. */
  readonly exceptOrderId?: string
}

/** Adds the facts to each supplier's lines; gathered once for all of them. */
export async function gatherLineFacts(
  tx: DomainContext,
  scope: LineScope,
  itemIds: readonly string[],
): Promise<(supplierId: string, lines: readonly PlainLine[]) => LineToCheck[]> {
  const caps = await findCaps(tx, scope.runId, itemIds)
  const paid = await findLastPaid(tx, scope.list, itemIds, scope.exceptOrderId)
  const earlier = await findEarlierInRun(tx, scope)
  return (supplierId, lines) =>
    lines.map((line) => ({
      ...line,
      maxUnitPrice: caps.get(line.itemId) ?? null,
      lastPaid: priceToCompare(paid, line, scope),
      itemEarlierInRunMinor: earlier.get(JSON.stringify([supplierId, line.itemId])) ?? 0,
    }))
}

/** The last price of this product for the item, else of anything bought for it: another product is no way round the limit. */
function priceToCompare(paid: readonly LastPaid[], line: PlainLine, scope: LineScope): LastPaidPrice | null {
  const ofItem = paid.flatMap((price) => {
    if (price.itemId !== line.itemId || price.currency !== scope.currency) return []
    const packQuantity = convertQuantity(price.packQuantity, price.unit, line.unit)
    return packQuantity === null ? [] : [{ price, packQuantity }]
  })
  const found = ofItem.find(({ price }) => price.productId === line.productId) ?? ofItem[0]
  if (found === undefined) return null
  return {
    packPriceMinor: found.price.packPriceMinor,
    packQuantity: found.packQuantity,
    on: localDate(found.price.at, scope.timeZone),
  }
}

async function findCaps(
  tx: DomainContext,
  runId: string,
  itemIds: readonly string[],
): Promise<Map<string, string | null>> {
  if (itemIds.length === 0) return new Map()
  const rows = await tx.db
    .selectFrom('purchasing.needs')
    .select(['item_id', 'max_unit_price'])
    .where('run_id', '=', runId)
    .where('item_id', 'in', [...new Set(itemIds)])
    .execute()
  return new Map(rows.map((row) => [row.item_id, row.max_unit_price]))
}

async function findEarlierInRun(tx: DomainContext, scope: LineScope): Promise<Map<string, number>> {
  const rows = await tx.db
    .selectFrom('purchasing.order_lines as line')
    .innerJoin('purchasing.orders as order', 'order.id', 'line.order_id')
    .innerJoin('purchasing.quotes as quote', 'quote.id', 'order.quote_id')
    .select((select) => [
      'order.supplier_id',
      'line.item_id',
      select.fn.sum<number>('line.line_total_minor').as('amountMinor'),
    ])
    .where('quote.run_id', '=', scope.runId)
    .where('order.list', '=', scope.list)
    .where('order.status', 'not in', orderStatuses.filter(isVoidStatus))
    .$if(scope.exceptOrderId !== undefined, (query) => query.where('order.id', '<>', scope.exceptOrderId ?? ''))
    .groupBy(['order.supplier_id', 'line.item_id'])
    .execute()
  return new Map(rows.map((row) => [JSON.stringify([row.supplier_id, row.item_id]), row.amountMinor]))
}
