import { sql } from 'kysely'
import type { DomainContext } from '../../platform/context.js'
import {
  type Columns,
  csvProblem,
  instant,
  quantity,
  readCsv,
  required,
  text,
  type Values,
} from '../../platform/csv.js'
import { inTransaction } from '../../platform/database.js'
import { InputError, RefusalError } from '../../platform/errors.js'
import { bookStatedDeliveries } from '../sending/book-stated-deliveries.js'
import type { LineDelivery } from './order-events.js'
import { findLines, type OrderLineRow, type OrderRow, orderNotFound } from './order-rows.js'
import { assertReceivable, findLine } from './receive-order.js'
import { recordDeliveries } from './record-deliveries.js'

const columns = {
  /** Whatever names this delivery of this line, such as the delivery note's number and row: it counts once. */
  delivery: required(text({ maxLength: 120 })),
  order: required(text({ maxLength: 64 })),
  /** The line's id, or an item that the order has one line for. */
  line: required(text({ maxLength: 64 })),
  quantity: required(quantity({ above: 0 })),
  at: instant(),
} satisfies Columns

interface Row {
  readonly line: number
  readonly values: Values<typeof columns>
}

const dayMs = 86_400_000

/**
 * Imports receipts.csv, goods that came in, whole or not at all. A delivery that is known already counts for nothing, so
 * importing a file again changes nothing. Without `at` it came in now.
 */
export async function importReceipts(
  ctx: DomainContext,
  input: { readonly bytes: Uint8Array; readonly fileName: string },
): Promise<{ readonly created: number; readonly unchanged: number }> {
  const file = readCsv(input.bytes, input.fileName, columns)
  const problem = (row: Row, column: keyof typeof columns | null, message: string) =>
    csvProblem(input.fileName, row.line, column, message)
  checkRows(file.rows, ctx.clock.now(), problem)
  return inTransaction(ctx, async (tx) => {
    const orders = await lockOrders(
      tx,
      file.rows.map((row) => row.values.order),
    )
    const known = await findDeliveries(
      tx,
      file.rows.map((row) => row.values.delivery),
    )
    const byOrder = new Map<string, Row[]>()
    for (const row of file.rows) {
      const order = orders.get(row.values.order)
      if (order === undefined) throw problem(row, 'order', orderNotFound(row.values.order).message)
      const { lines } = order
      const lineId = named(
        () => findLine(order.order, lines, row.values.line).id,
        (message) => problem(row, 'line', message),
      )
      const before = known.get(row.values.delivery)
      if (before === undefined) {
        byOrder.set(order.order.id, [...(byOrder.get(order.order.id) ?? []), row])
      } else if (before.lineId !== lineId || before.quantity !== row.values.quantity) {
        const text = `delivery ${row.values.delivery} is known, as ${before.quantity} of line ${before.lineId}; give another one another name`
        throw problem(row, before.lineId === lineId ? 'quantity' : 'line', text)
      }
    }
    let created = 0
    for (const [orderId, rows] of byOrder) {
      const [first] = rows
      const order = orders.get(orderId)
      if (first === undefined || order === undefined) continue
      const { lines } = order
      const deliveries = rows.map(
        ({ values }): LineDelivery => ({
          id: values.delivery,
          lineId: findLine(order.order, lines, values.line).id,
          quantity: values.quantity,
          at: values.at ?? tx.clock.now(),
        }),
      )
      const fresh = await bookStatedDeliveries(tx, order.order, lines, deliveries)
      created += deliveries.length - fresh.length
      if (fresh.length === 0) continue
      named(
        () => assertReceivable(order.order),
        (message) => problem(first, 'order', message),
      )
      created += await recordDeliveries(tx, order.order, fresh, { actor: 'person:import', source: 'import' })
    }
    return { created, unchanged: file.rows.length - created }
  })
}

function checkRows(
  rows: readonly Row[],
  now: Date,
  problem: (row: Row, column: keyof typeof columns, message: string) => InputError,
): void {
  const lines = new Map<string, number>()
  for (const row of rows) {
    const { delivery, at } = row.values
    const first = lines.get(delivery)
    if (first !== undefined) {
      const mend = 'a delivery of several lines has a name for each, such as note-17/1 and note-17/2'
      throw problem(row, 'delivery', `${delivery} is in line ${first} already; ${mend}`)
    }
    lines.set(delivery, row.line)
    // A day of the calendar begins earlier in some places than in UTC.
    if (at !== null && at.getTime() > now.getTime() + dayMs) {
      throw problem(row, 'at', `${at.toISOString()} is in the future; write when it came in`)
    }
  }
}

interface LockedOrder {
  readonly order: OrderRow
  readonly lines: readonly OrderLineRow[]
}

/** In id order and before anything is told to the list, so that two who do this at once wait for each other. */
async function lockOrders(tx: DomainContext, ids: readonly string[]): Promise<Map<string, LockedOrder>> {
  const rows = await tx.db
    .selectFrom('purchasing.orders')
    .selectAll()
    .where('id', '=', sql<string>`any(${[...new Set(ids)]}::text[])`)
    .orderBy('id')
    .forUpdate()
    .execute()
  const orders = new Map<string, LockedOrder>()
  for (const order of rows) orders.set(order.id, { order, lines: await findLines(tx, order.id) })
  return orders
}

async function findDeliveries(tx: DomainContext, ids: readonly string[]) {
  const rows = await tx.db
    .selectFrom('purchasing.deliveries')
    .select(['id', 'line_id as lineId', 'quantity'])
    .where('id', '=', sql<string>`any(${[...ids]}::text[])`)
    .execute()
  return new Map(rows.map((row) => [row.id, row]))
}

function named<T>(work: () => T, tell: (message: string) => InputError): T {
  try {
    return work()
  } catch (error) {
    throw error instanceof InputError || error instanceof RefusalError ? tell(error.message) : error
  }
}
