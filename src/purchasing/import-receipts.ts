import type { DomainContext } from '../platform/context.js'
import { type Columns, csvProblem, quantity, readCsv, required, text } from '../platform/csv.js'
import { inTransaction } from '../platform/database.js'
import { InputError, RefusalError } from '../platform/errors.js'
import { findLines, lockOrder } from './order-rows.js'
import { assertReceivable, findLine } from './receive-order.js'
import { recordDeliveries } from './record-deliveries.js'

const columns = {
  /** Whatever names this delivery of this line, such as the delivery note's number and row: it counts once. */
  delivery: required(text({ maxLength: 120 })),
  order: required(text({ maxLength: 64 })),
  /** The line's id, or an item that the order has one line for. */
  line: required(text({ maxLength: 64 })),
  quantity: required(quantity({ above: 0 })),
  at: text({ maxLength: 40 }),
} satisfies Columns

/**
 * Imports receipts.csv, goods that came in, whole or not at all. A delivery that is known already counts for nothing, so
 * importing a file again changes nothing. Without `at` it came in now.
 */
export async function importReceipts(
  ctx: DomainContext,
  input: { readonly bytes: Uint8Array; readonly fileName: string },
): Promise<{ readonly created: number; readonly unchanged: number }> {
  const file = readCsv(input.bytes, input.fileName, columns)
  const byOrder = new Map<string, (typeof file.rows)[number][]>()
  for (const row of file.rows) byOrder.set(row.values.order, [...(byOrder.get(row.values.order) ?? []), row])
  return inTransaction(ctx, async (tx) => {
    const known = new Set(
      (
        await tx.db
          .selectFrom('purchasing.deliveries')
          .select('id')
          .where(
            'id',
            'in',
            file.rows.map((row) => row.values.delivery),
          )
          .execute()
      ).map((row) => row.id),
    )
    let created = 0
    // In id order, so that two imports at once wait for each other and don't deadlock.
    for (const orderId of [...byOrder.keys()].sort()) {
      const rows = (byOrder.get(orderId) ?? []).filter((row) => !known.has(row.values.delivery))
      const [first] = rows
      if (first === undefined) continue
      try {
        const order = await lockOrder(tx, orderId)
        assertReceivable(order)
        const lines = await findLines(tx, order.id)
        const deliveries = rows.map((row) => ({
          id: row.values.delivery,
          lineId: findLine(order, lines, row.values.line).id,
          quantity: row.values.quantity,
          at: readInstant(row.values.at, tx.clock.now()),
        }))
        created += await recordDeliveries(tx, order, deliveries, { actor: 'person:import', source: 'import' })
      } catch (error) {
        if (!(error instanceof InputError || error instanceof RefusalError)) throw error
        throw csvProblem(input.fileName, first.line, null, error.message)
      }
    }
    return { created, unchanged: file.rows.length - created }
  })
}

function readInstant(written: string | null, now: Date): Date {
  if (written === null) return now
  const instant = new Date(written)
  if (!/^\d{4}-\d{2}-\d{2}/.test(written) || Number.isNaN(instant.getTime())) {
    throw new InputError(`at must be a date such as 2026-03-02 or 2026-03-02T08:00:00Z, not "${written.slice(0, 40)}"`)
  }
  return instant
}
