/** orders.csv: what its columns may hold, and which orders its rows are. Pure: nothing here knows what is stored. */
import {
  type Columns,
  type CsvFile,
  csvProblem,
  decimal,
  instant,
  integer,
  money,
  oneOf,
  quantity,
  readCsv,
  required,
  text,
  type Values,
} from '../../platform/csv.js'
import { MAX_MONEY } from '../../platform/decimal.js'
import { orderStatuses } from './order-status.js'

/** A row a line; what is said of the order stands in each of them. The export writes them in this order. */
export const orderColumns = {
  order: required(text({ maxLength: 64 })),
  list: text({ maxLength: 64 }),
  supplier: required(text({ maxLength: 40 })),
  status: required(oneOf(orderStatuses)),
  placed_at: required(instant()),
  /** The line's id; blank: it gets one. */
  line: text({ maxLength: 64 }),
  /** By id, sku, gtin or name. */
  item: required(text({ maxLength: 200 })),
  product: required(text({ maxLength: 300 })),
  packs: required(integer({ min: 0, max: 1_000_000_000 })),
  pack_quantity: required(quantity({ above: 0 })),
  quantity: quantity({ min: 0 }),
  unit: required(text({ maxLength: 32 })),
  pack_price: required(money()),
  line_total: money(),
  /** Of the line; blank: as its rate has it. */
  tax: money(),
  received_quantity: quantity({ min: 0 }),
  /** With shipping and tax; blank: what the rest adds up to. */
  order_total: money(),
  currency: required(text({ maxLength: 3 })),
  /** Of the order, net; blank: what the lines leave of its total. */
  shipping: money(),
  /** Of the order; blank: that of its lines. */
  order_tax: money(),
  /** Below 0: a surcharge. */
  discount: money({ min: -MAX_MONEY }),
  /** Blank: nobody knows. Without the column: after the supplier's lead time. */
  expected_at: instant(),
  /** A fraction; blank: the supplier's. */
  tax_rate: decimal({ min: 0, max: 1, maxDecimals: 5 }),
  sku: text({ maxLength: 64 }),
  /** The supplier's number for the order. */
  reference: text({ maxLength: 200 }),
} satisfies Columns

export type OrderColumn = keyof typeof orderColumns
export type OrderValues = Values<typeof orderColumns>

export interface OrderFileRow {
  /** Where it stands in the file. */
  readonly line: number
  readonly values: OrderValues
}

/** One order of the file, with at least one line. */
export interface FiledOrder {
  readonly id: string
  readonly first: OrderFileRow
  readonly rows: readonly OrderFileRow[]
}

export interface OrderFile {
  readonly columns: CsvFile<typeof orderColumns>['columns']
  readonly orders: readonly FiledOrder[]
}

/** What is said of the order, not of the line. */
const ofTheOrder = [
  'list',
  'supplier',
  'status',
  'placed_at',
  'order_total',
  'currency',
  'shipping',
  'order_tax',
  'discount',
  'expected_at',
  'reference',
] as const satisfies readonly OrderColumn[]

/** The file's orders in its order; rows of one order need not stand together. */
export function readOrderFile(bytes: Uint8Array, fileName: string): OrderFile {
  const file = readCsv(bytes, fileName, orderColumns)
  const byOrder = new Map<string, [OrderFileRow, ...OrderFileRow[]]>()
  const lineIds = new Map<string, number>()
  for (const row of file.rows) {
    const { order, line } = row.values
    checkId(row, 'order', order, fileName)
    if (line !== null) {
      checkId(row, 'line', line, fileName)
      const taken = lineIds.get(line)
      if (taken !== undefined) {
        throw csvProblem(fileName, row.line, 'line', `${line} is in line ${taken} already; leave one of the two out`)
      }
      lineIds.set(line, row.line)
    }
    const rows = byOrder.get(order)
    if (rows === undefined) byOrder.set(order, [row])
    else {
      checkSameOrder(rows[0], row, fileName)
      rows.push(row)
    }
  }
  return { columns: file.columns, orders: [...byOrder].map(([id, rows]) => ({ id, first: rows[0], rows })) }
}

/** Ids go into commands and addresses of pages. */
function checkId(row: OrderFileRow, column: 'order' | 'line', id: string, fileName: string): void {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(id)) return
  const mend = 'use letters, digits, ".", "_" and "-", such as PO-2025-17'
  throw csvProblem(fileName, row.line, column, `"${id}" can't be an id; ${mend}`)
}

function checkSameOrder(first: OrderFileRow, row: OrderFileRow, fileName: string): void {
  for (const column of ofTheOrder) {
    const [said, before] = [written(row.values[column]), written(first.values[column])]
    if (said === before) continue
    const text = `${said || 'blank'} here and ${before || 'blank'} in line ${first.line}, which is the same order; write the same in both`
    throw csvProblem(fileName, row.line, column, text)
  }
}

function written(value: string | Date | null): string {
  return value instanceof Date ? value.toISOString() : (value ?? '')
}
