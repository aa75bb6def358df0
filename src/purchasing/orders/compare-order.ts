/** Whether a file says of an order that we know what we know of it; pure. */
import { csvProblem } from '../../platform/csv.js'
import { formatScaled, minorUnits, normalizeDecimal } from '../../platform/decimal.js'
import type { OrderStatus } from '../tables.js'
import type { FiledOrder, OrderColumn, OrderFileRow } from './order-file.js'
import type { OrderLineRow, OrderRow } from './order-rows.js'
import { isAllowedMove, orderStatuses } from './order-status.js'

/**
 * Throws `InputError` for the first difference, by line and column. A blank cell says nothing. A file may be older than
 * the order's last news: a status that the order has passed since, and less received than by now, is no difference.
 */
export function assertSameOrder(
  filed: FiledOrder,
  order: OrderRow,
  lines: readonly OrderLineRow[],
  context: { readonly fileName: string; readonly itemIdOf: (ref: string) => string | undefined },
): void {
  const problem = (row: OrderFileRow, column: OrderColumn | null, text: string) =>
    csvProblem(
      context.fileName,
      row.line,
      column,
      `${text}; orders are changed with "restock orders …" alone, so leave this one out or export it anew`,
    )
  if (filed.rows.length !== lines.length) {
    const text = `order ${order.id} has ${lines.length} line${lines.length === 1 ? '' : 's'}, but the file ${filed.rows.length}`
    throw problem(filed.first, null, text)
  }
  for (const [index, row] of filed.rows.entries()) {
    const line = row.values.line === null ? lines[index] : lines.find((candidate) => candidate.id === row.values.line)
    if (line === undefined) throw problem(row, 'line', `order ${order.id} has no line ${row.values.line}`)
    for (const [column, known] of Object.entries(knownValues(order, line)) as [OrderColumn, string | null][]) {
      const said = saidValue(row, column)
      if (said === null || said === known) continue
      if (column === 'item' && context.itemIdOf(said) === known) continue
      if (column === 'status' && isOnTheWay(row.values.status, order.status)) continue
      if (column === 'received_quantity' && Number(said) < line.received_quantity) continue
      throw problem(row, column, `${said}, but order ${order.id} has ${known ?? 'nothing'} there`)
    }
  }
}

/** As the file would say it, in one spelling. */
function knownValues(order: OrderRow, line: OrderLineRow): Partial<Record<OrderColumn, string | null>> {
  const decimals = minorUnits(order.currency)
  const major = (amountMinor: number) => plain(formatScaled(BigInt(amountMinor), decimals))
  return {
    list: order.list,
    supplier: order.supplier_id,
    status: order.status,
    placed_at: order.placed_at.toISOString(),
    item: line.item_id,
    product: line.product,
    packs: String(line.packs),
    pack_quantity: String(line.pack_quantity),
    quantity: String(line.quantity),
    unit: line.unit,
    pack_price: major(line.pack_price_minor),
    line_total: major(line.line_total_minor),
    tax: major(line.tax_minor),
    received_quantity: String(line.received_quantity),
    order_total: major(order.total_minor),
    currency: order.currency,
    shipping: major(order.shipping_minor),
    order_tax: major(order.tax_minor),
    discount: major(order.discount_minor),
    expected_at: order.expected_at?.toISOString() ?? null,
    tax_rate: String(line.tax_rate),
    sku: line.sku,
    reference: order.supplier_reference,
  }
}

function saidValue({ values }: OrderFileRow, column: OrderColumn): string | null {
  const value = values[column]
  if (value === null) return null
  if (value instanceof Date) return value.toISOString()
  return column === 'currency' ? String(value).toUpperCase() : String(value)
}

function plain(amount: string): string {
  return normalizeDecimal(amount, { maxDecimals: 6 })
}

/** Whether an order that was in one status can be in the other by now. */
function isOnTheWay(from: OrderStatus, to: OrderStatus): boolean {
  const reached = new Set<OrderStatus>([from])
  for (const status of reached) {
    for (const next of orderStatuses) if (isAllowedMove(status, next)) reached.add(next)
  }
  return reached.has(to)
}
