import { basename } from 'node:path'
import { sql } from 'kysely'
import type { DomainContext } from '../../platform/context.js'
import { csvProblem } from '../../platform/csv.js'
import { inTransaction } from '../../platform/database.js'
import { InputError } from '../../platform/errors.js'
import { nearest } from '../../platform/nearest.js'
import { groupBy } from '../group-by.js'
import { assertSameOrder } from './compare-order.js'
import { appendOrderEvents, type OrderEvent } from './order-events.js'
import { type FiledOrder, type OrderColumn, type OrderFileRow, readOrderFile } from './order-file.js'
import type { OrderLineRow, OrderRow } from './order-rows.js'
import { inWords, isFinalStatus } from './order-status.js'
import { recordOrder } from './record-order.js'
import { isUnsent, type StatedOrder, stateOrder } from './state-order.js'

/** A list whose items orders may be for; who keeps the items says what they are called. */
export interface ItemBook {
  readonly id: string
  readonly currency: string
  readonly timeZone: string
  /** Items by id, sku, gtin or name; those that were removed by id alone. */
  readonly findItems: (refs: readonly string[]) => Promise<ReadonlyMap<string, { itemId: string; unit: string }>>
  readonly suggestItem: (ref: string) => Promise<string | undefined>
}

export interface OrdersImport {
  readonly bytes: Uint8Array
  readonly fileName: string
  /** The list of that id, or the only one there is; throws InputError. */
  readonly book: (list: string | null) => ItemBook
  /** Every order is for this list; null: each row says. */
  readonly list: string | null
  /** Pass over orders that nobody has sent, instead of refusing them: a whole folder shouldn't fail for them. */
  readonly leaveOutUnsent?: boolean
  readonly by: string
}

export interface ImportedOrders {
  readonly created: number
  readonly unchanged: number
  /** What a person should know, one sentence each. */
  readonly notes: readonly string[]
}

// Arbitrary and ours.
const importLock = 7_243_814

/**
 * Imports orders.csv, whole or not at all. An order that is known must be as the file says and stays as it is; one that
 * isn't was placed elsewhere and is recorded, and nothing is ever sent for it.
 */
export async function importOrders(ctx: DomainContext, input: OrdersImport): Promise<ImportedOrders> {
  const { fileName } = input
  const file = readOrderFile(input.bytes, fileName)
  const problem = (row: OrderFileRow, column: OrderColumn, text: string) => csvProblem(fileName, row.line, column, text)
  return inTransaction(ctx, async (tx) => {
    // Two imports of one file at once: the second finds the orders of the first.
    await sql`select pg_advisory_xact_lock(${importLock})`.execute(tx.db)
    const known = await lockKnown(tx, file.orders)
    const suppliers = await findSuppliers(tx)
    const events: OrderEvent[] = []
    const leftOut: FiledOrder[] = []
    const strangers = new Set<string>()
    let created = 0
    for (const filed of file.orders) {
      const { first, rows } = filed
      const book = bookOf(input, first)
      const items = await book.findItems(rows.map((row) => row.values.item))
      const stored = known.get(filed.id)
      if (stored !== undefined) {
        assertSameOrder(filed, stored.order, stored.lines, { fileName, itemIdOf: (ref) => items.get(ref)?.itemId })
        continue
      }
      const supplier = suppliers.get(first.values.supplier)
      if (supplier === undefined) {
        throw problem(first, 'supplier', unknownSupplier(first.values.supplier, [...suppliers.keys()]))
      }
      const { status } = first.values
      if (isUnsent(status)) {
        if (input.leaveOutUnsent === true) {
          leftOut.push(filed)
          continue
        }
        const mend = 'only what a supplier has can be recorded, such as submitted, confirmed or received'
        throw problem(first, 'status', `an order that is ${inWords(status)} has not been sent; ${mend}`)
      }
      const order = stateOrder(filed, {
        supplier,
        speaksOf: (column) => file.columns.has(column),
        fileName,
        now: tx.clock.now(),
      })
      await assertNewLines(tx, order, (row, text) => csvProblem(fileName, row, 'line', text))
      await assertFits(order, rows, book, items, strangers)
      events.push(
        ...(await recordOrder(tx, {
          order,
          list: book,
          supplierName: supplier.name,
          itemIds: new Map([...items].map(([ref, item]) => [ref, item.itemId])),
          by: input.by,
          source: basename(fileName),
        })),
      )
      created += 1
    }
    // Postgres takes 65,535 parameters at once.
    for (let start = 0; start < events.length; start += 1000) {
      await appendOrderEvents(tx, events.slice(start, start + 1000))
    }
    return {
      created,
      unchanged: file.orders.length - created - leftOut.length,
      notes: [...describeLeftOut(leftOut), ...describeStrangers(strangers)],
    }
  })

  async function assertFits(
    order: StatedOrder,
    rows: readonly OrderFileRow[],
    book: ItemBook,
    items: ReadonlyMap<string, { readonly unit: string }>,
    strangers: Set<string>,
  ): Promise<void> {
    const isOpen = !isFinalStatus(order.status)
    if (isOpen && order.currency !== book.currency) {
      const text = `${order.currency}, but list ${book.id} is kept in ${book.currency}; what is still to be paid must be in its currency`
      throw csvProblem(fileName, order.fileLine, 'currency', text)
    }
    for (const row of rows) {
      const { item, unit } = row.values
      const found = items.get(item)
      if (found !== undefined) {
        if (isOpen && found.unit !== unit) {
          throw problem(row, 'unit', `${unit}, but the item is counted in ${found.unit}; write quantities in that`)
        }
        continue
      }
      // Items that are gone keep their orders. A name or sku that nothing has is a slip.
      if (!item.startsWith('itm_')) {
        const meant = await book.suggestItem(item)
        const hint = meant === undefined ? 'add it first, or write its id, sku, gtin or name' : `did you mean ${meant}?`
        throw problem(row, 'item', `list ${book.id} has no item "${item}"; ${hint}`)
      }
      strangers.add(item)
    }
  }
}

function bookOf(input: OrdersImport, row: OrderFileRow): ItemBook {
  const named = row.values.list
  if (input.list !== null && named !== null && named !== input.list) {
    const text = `"${named}", but the import is for list ${input.list}; leave one out`
    throw csvProblem(input.fileName, row.line, 'list', text)
  }
  try {
    return input.book(input.list ?? named)
  } catch (error) {
    throw error instanceof InputError ? csvProblem(input.fileName, row.line, 'list', error.message) : error
  }
}

interface KnownOrder {
  readonly order: OrderRow
  readonly lines: readonly OrderLineRow[]
}

/** Locked in id order: receipts of them may follow in the same transaction. */
async function lockKnown(tx: DomainContext, orders: readonly FiledOrder[]): Promise<Map<string, KnownOrder>> {
  const ids = orders.map((order) => order.id)
  const rows = await tx.db
    .selectFrom('purchasing.orders')
    .selectAll()
    .where('id', '=', sql<string>`any(${ids}::text[])`)
    .orderBy('id')
    .forUpdate()
    .execute()
  const lines = await tx.db
    .selectFrom('purchasing.order_lines')
    .selectAll()
    .where('order_id', '=', sql<string>`any(${ids}::text[])`)
    .orderBy('line_number')
    .execute()
  const byOrder = groupBy(lines, (line) => line.order_id)
  return new Map(rows.map((order) => [order.id, { order, lines: byOrder.get(order.id) ?? [] }]))
}

async function findSuppliers(tx: DomainContext) {
  const rows = await tx.db
    .selectFrom('purchasing.suppliers')
    .select(['id', 'name', 'tax_rate as taxRate', 'lead_time_days as leadTimeDays'])
    .execute()
  return new Map(rows.map((row) => [row.id, row]))
}

async function assertNewLines(
  tx: DomainContext,
  order: StatedOrder,
  problem: (line: number, text: string) => Error,
): Promise<void> {
  const taken = await tx.db
    .selectFrom('purchasing.order_lines')
    .select(['id', 'order_id'])
    .where(
      'id',
      'in',
      order.lines.map((line) => line.id),
    )
    .execute()
  for (const { id, order_id } of taken) {
    const line = order.lines.find((each) => each.id === id)
    throw problem(
      line?.fileLine ?? order.fileLine,
      `${id} is a line of order ${order_id} already; leave the cell blank`,
    )
  }
}

function unknownSupplier(id: string, known: readonly string[]): string {
  const meant = nearest(id, known)
  return `there is no supplier "${id}"; ${meant === undefined ? 'import suppliers first' : `did you mean ${meant}?`}`
}

const namedAtMost = 5

function describeLeftOut(orders: readonly FiledOrder[]): string[] {
  if (orders.length === 0) return []
  const named = orders.slice(0, namedAtMost).map(({ id, first }) => `${id} (${inWords(first.values.status)})`)
  const what = orders.length === 1 ? 'One order was' : `${orders.length} orders were`
  return [`${what} left out, since nobody has sent it to a supplier: ${listed(named, orders.length)}.`]
}

function describeStrangers(items: ReadonlySet<string>): string[] {
  if (items.size === 0) return []
  const named = [...items].slice(0, namedAtMost)
  return [
    `Recorded for items that the list doesn't have (any more), so nothing of it is on order: ${listed(named, items.size)}.`,
  ]
}

function listed(named: readonly string[], count: number): string {
  return count > named.length ? `${named.join(', ')} and ${count - named.length} more` : named.join(', ')
}
