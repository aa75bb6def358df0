/** What a file says of an order that we don't know, checked and added up as if we had placed it; pure. */
import { csvProblem } from '../../platform/csv.js'
import { formatScaled, MAX_QUANTITY, minorUnits, multiplyQuantity, rateOf, toMinor } from '../../platform/decimal.js'
import { InputError } from '../../platform/errors.js'
import type { OrderStatus } from '../tables.js'
import type { FiledOrder, OrderColumn, OrderFileRow } from './order-file.js'
import { isFinalStatus } from './order-status.js'

export interface StatedLine {
  /** Where it stands in the file. */
  readonly fileLine: number
  readonly id: string
  readonly item: string
  readonly product: string
  readonly sku: string | null
  readonly packs: number
  readonly packQuantity: number
  readonly quantity: number
  readonly unit: string
  readonly packPriceMinor: number
  readonly lineTotalMinor: number
  readonly taxRate: number
  readonly taxMinor: number
  readonly receivedQuantity: number
}

export interface StatedOrder {
  readonly id: string
  readonly fileLine: number
  readonly supplierId: string
  readonly status: OrderStatus
  readonly placedAt: Date
  readonly expectedAt: Date | null
  readonly reference: string | null
  readonly currency: string
  readonly subtotalMinor: number
  readonly shippingMinor: number
  readonly taxMinor: number
  readonly discountMinor: number
  readonly totalMinor: number
  readonly lines: readonly StatedLine[]
}

/** Nobody has sent these yet: two who hold one would send it twice. */
const unsent: ReadonlySet<OrderStatus> = new Set(['awaiting_approval', 'approved', 'submitting'])

export function isUnsent(status: OrderStatus): boolean {
  return unsent.has(status)
}

export interface SupplierFacts {
  readonly id: string
  readonly taxRate: number
  readonly leadTimeDays: number
}

const dayMs = 86_400_000
/** A day of the calendar begins earlier in some places than in UTC. */
const futureMs = dayMs

export function stateOrder(
  order: FiledOrder,
  facts: {
    readonly supplier: SupplierFacts
    readonly speaksOf: (column: OrderColumn) => boolean
    readonly fileName: string
    readonly now: Date
  },
): StatedOrder {
  const { first } = order
  const { values } = first
  const problem = (row: OrderFileRow, column: OrderColumn, text: string) =>
    csvProblem(facts.fileName, row.line, column, text)
  const currency = values.currency.toUpperCase()
  const decimals = inColumn(
    () => minorUnits(currency),
    (text) => problem(first, 'currency', text),
  )
  const minor = (row: OrderFileRow, column: OrderColumn, amount: string) =>
    inColumn(
      () => toMinor(amount, decimals),
      (text) => problem(row, column, `${text}, which ${currency} doesn't`),
    )
  const stated = (column: 'order_total' | 'shipping' | 'order_tax' | 'discount') => {
    const amount = values[column]
    return amount === null ? null : minor(first, column, amount)
  }
  if (values.placed_at.getTime() > facts.now.getTime() + futureMs) {
    throw problem(first, 'placed_at', `${values.placed_at.toISOString()} is in the future; write when it was ordered`)
  }
  const lines = order.rows.map((row, index) => stateLine(row, `${order.id}-${index + 1}`))
  checkReceived(order, lines, problem)

  const subtotalMinor = sum(lines.map((line) => line.lineTotalMinor))
  const taxMinor = stated('order_tax') ?? sum(lines.map((line) => line.taxMinor))
  const discountMinor = stated('discount') ?? 0
  const totalSaid = stated('order_total')
  const withoutShipping = subtotalMinor + taxMinor - discountMinor
  const shippingMinor = stated('shipping') ?? (totalSaid === null ? 0 : totalSaid - withoutShipping)
  const totalMinor = withoutShipping + shippingMinor
  if ((totalSaid !== null && totalSaid !== totalMinor) || shippingMinor < 0 || totalMinor < 0) {
    const shown = (amount: number) => formatScaled(BigInt(amount), decimals)
    const parts = `its lines come to ${shown(subtotalMinor)}, with tax of ${shown(taxMinor)}, shipping of ${shown(Math.max(0, shippingMinor))} and a discount of ${shown(discountMinor)}`
    throw problem(first, 'order_total', `${shown(totalSaid ?? totalMinor)} is not what the order adds up to: ${parts}`)
  }
  const expectedAt = facts.speaksOf('expected_at')
    ? values.expected_at
    : new Date(values.placed_at.getTime() + facts.supplier.leadTimeDays * dayMs)
  return {
    id: order.id,
    fileLine: first.line,
    supplierId: values.supplier,
    status: values.status,
    placedAt: values.placed_at,
    expectedAt,
    reference: values.reference,
    currency,
    subtotalMinor,
    shippingMinor,
    taxMinor,
    discountMinor,
    totalMinor,
    lines,
  }

  function stateLine(row: OrderFileRow, id: string): StatedLine {
    const said = row.values
    const quantity = inColumn(
      () => multiplyQuantity(said.pack_quantity, said.packs),
      () => problem(row, 'packs', `${said.packs} packs of ${said.pack_quantity} are too much`),
      RangeError,
    )
    if (quantity > MAX_QUANTITY)
      throw problem(row, 'packs', `${said.packs} packs of ${said.pack_quantity} are too much`)
    if (said.quantity !== null && said.quantity !== quantity) {
      const text = `${said.quantity}, but ${said.packs} packs of ${said.pack_quantity} are ${quantity}; mend one of them`
      throw problem(row, 'quantity', text)
    }
    const packPriceMinor = minor(row, 'pack_price', said.pack_price)
    const lineTotalMinor = said.packs * packPriceMinor
    if (!Number.isSafeInteger(lineTotalMinor)) throw problem(row, 'pack_price', `${said.pack_price} a pack is too much`)
    if (said.line_total !== null && minor(row, 'line_total', said.line_total) !== lineTotalMinor) {
      const text = `${said.line_total}, but ${said.packs} packs at ${said.pack_price} are ${formatScaled(BigInt(lineTotalMinor), decimals)}; mend one of them`
      throw problem(row, 'line_total', text)
    }
    const taxRate = said.tax_rate === null ? facts.supplier.taxRate : Number(said.tax_rate)
    if (taxRate >= 1) throw problem(row, 'tax_rate', `${said.tax_rate} is not below 1; 19 % is written 0.19`)
    return {
      fileLine: row.line,
      id: said.line ?? id,
      item: said.item,
      product: said.product,
      sku: said.sku,
      packs: said.packs,
      packQuantity: said.pack_quantity,
      quantity,
      unit: said.unit,
      packPriceMinor,
      lineTotalMinor,
      taxRate,
      taxMinor: said.tax === null ? rateOf(lineTotalMinor, taxRate) : minor(row, 'tax', said.tax),
      receivedQuantity: said.received_quantity ?? 0,
    }
  }
}

/** A status that what came in doesn't bear out would keep goods on order that are here, or forget those that aren't. */
function checkReceived(
  order: FiledOrder,
  lines: readonly StatedLine[],
  problem: (row: OrderFileRow, column: OrderColumn, text: string) => InputError,
): void {
  const { status } = order.first.values
  const hasSome = lines.some((line) => line.receivedQuantity > 0)
  const missing = lines.find((line) => line.receivedQuantity < line.quantity)
  if (status === 'received' && missing !== undefined) {
    const row = order.rows[lines.indexOf(missing)] ?? order.first
    const text = `${missing.receivedQuantity} of ${missing.quantity}, but the order is received; write closed_short where nothing more will come`
    throw problem(row, 'received_quantity', text)
  }
  if (status === 'partially_received' && !hasSome) {
    throw problem(order.first, 'status', 'partially_received, but nothing of it has come; write confirmed')
  }
  const mayHaveSome = status === 'partially_received' || status === 'received' || status === 'closed_short'
  if (hasSome && !mayHaveSome) {
    const mend = isFinalStatus(status) ? 'closed_short' : 'partially_received'
    throw problem(order.first, 'status', `${status}, but some of it has come; write ${mend}`)
  }
}

function sum(amounts: readonly number[]): number {
  return amounts.reduce((total, amount) => total + amount, 0)
}

function inColumn<T>(
  work: () => T,
  tell: (text: string) => InputError,
  expected: typeof InputError | typeof RangeError = InputError,
): T {
  try {
    return work()
  } catch (error) {
    throw error instanceof expected ? tell(error.message) : error
  }
}
