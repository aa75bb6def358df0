import type { DomainContext } from '../../platform/context.js'
import { addQuantity, subtractQuantity } from '../../platform/decimal.js'
import { appendOrderEvents, type LineDelivery, lineEvent } from '../orders/order-events.js'
import type { OrderLineRow, OrderRow } from '../orders/order-rows.js'

/**
 * An order that was imported says how much of it has come, and its deliveries may follow in a file of their own. Those up
 * to the import that fit into what was said are what it was said of: they are recorded, and nothing more is received for
 * them, so that they may come for an order that has ended. Returns the others.
 */
export async function bookStatedDeliveries(
  tx: DomainContext,
  order: OrderRow,
  lines: readonly OrderLineRow[],
  deliveries: readonly LineDelivery[],
): Promise<LineDelivery[]> {
  const importedAt = await findImport(tx, order.id)
  if (importedAt === null) return [...deliveries]
  const left = await unexplained(tx, lines)
  const stated: LineDelivery[] = []
  const others: LineDelivery[] = []
  for (const delivery of deliveries) {
    const rest = subtractQuantity(left.get(delivery.lineId) ?? 0, delivery.quantity)
    if (delivery.at > importedAt || rest < 0) {
      others.push(delivery)
      continue
    }
    left.set(delivery.lineId, rest)
    stated.push(delivery)
  }
  if (stated.length === 0) return others
  await tx.db
    .insertInto('purchasing.deliveries')
    .values(
      stated.map(({ id, lineId, quantity, at }) => ({
        id,
        order_id: order.id,
        line_id: lineId,
        quantity,
        at,
        // Known since long ago, if only as a sum.
        recorded_at: at,
        source: 'import',
      })),
    )
    .execute()
  const lineOf = new Map(lines.map((line) => [line.id, line]))
  await appendOrderEvents(
    tx,
    stated.flatMap((delivery) => {
      const line = lineOf.get(delivery.lineId)
      return line === undefined ? [] : [lineEvent(tx, order, line, 'delivery', delivery)]
    }),
  )
  return others
}

async function findImport(tx: DomainContext, orderId: string): Promise<Date | null> {
  const row = await tx.db
    .selectFrom('purchasing.order_history')
    .select('at')
    .where('order_id', '=', orderId)
    .where('kind', '=', 'imported')
    .executeTakeFirst()
  return row?.at ?? null
}

/** By line: how much was said to have come that no delivery stands for. */
async function unexplained(tx: DomainContext, lines: readonly OrderLineRow[]): Promise<Map<string, number>> {
  const rows = await tx.db
    .selectFrom('purchasing.deliveries')
    .select(['line_id', 'quantity'])
    .where(
      'line_id',
      'in',
      lines.map((line) => line.id),
    )
    .execute()
  return new Map(
    lines.map((line) => {
      const known = rows.filter((row) => row.line_id === line.id)
      const delivered = known.reduce((sum, row) => addQuantity(sum, row.quantity), 0)
      return [line.id, subtractQuantity(line.received_quantity, delivered)]
    }),
  )
}
