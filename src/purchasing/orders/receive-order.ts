import type { DomainContext } from '../../platform/context.js'
import { inTransaction } from '../../platform/database.js'
import { MAX_QUANTITY, roundQuantity, subtractQuantity } from '../../platform/decimal.js'
import { InputError, RefusalError } from '../../platform/errors.js'
import { getOrder, type Order } from './get-order.js'
import { findLines, lockOrder, type OrderLineRow, type OrderRow } from './order-rows.js'
import { inWords, isAllowedMove, isFinalStatus } from './order-status.js'
import { recordDeliveries } from './record-deliveries.js'

export interface ReceivedLine {
  /** A line's id, or the id of an item that the order has one line for. */
  readonly line: string
  /** What came in this time, in the item's unit; more than was ordered is fine. */
  readonly quantity: number
}

/** Records goods that came in: the lines given, or everything that is still missing. */
export async function receiveOrder(
  ctx: DomainContext,
  input: { readonly orderId: string; readonly lines?: readonly ReceivedLine[] | undefined; readonly by: string },
): Promise<Order> {
  await inTransaction(ctx, async (tx) => {
    const order = await lockOrder(tx, input.orderId)
    assertReceivable(order)
    const lines = await findLines(tx, order.id)
    const received =
      input.lines === undefined
        ? lines.map((line) => ({ line, quantity: subtractQuantity(line.quantity, line.received_quantity) }))
        : input.lines.map((given) => ({ line: findLine(order, lines, given.line), quantity: checked(given) }))
    const at = tx.clock.now()
    const deliveries = received
      .filter(({ quantity }) => quantity > 0)
      .map(({ line, quantity }) => ({ id: tx.newId('dlv'), lineId: line.id, quantity, at }))
    if (deliveries.length === 0) throw new InputError('name at least one line with the quantity that came in')
    await recordDeliveries(tx, order, deliveries, { actor: `person:${input.by}`, source: 'person' })
  })
  return getOrder(ctx, { orderId: input.orderId })
}

/** Throws RefusalError where nothing can come in (any more, or yet). */
export function assertReceivable(order: OrderRow): void {
  if (order.status === 'partially_received' || isAllowedMove(order.status, 'received')) return
  const instead = isFinalStatus(order.status)
    ? 'what came in besides is recorded by counting the item'
    : 'it has not been sent to the supplier yet'
  throw new RefusalError({
    code: 'not_receivable',
    severity: 'final',
    text: `Nothing can be received for order ${order.id}, which is ${inWords(order.status)}; ${instead}.`,
  })
}

/** A line by its id, or by an item that the order has one line for. Throws InputError that names the lines. */
export function findLine(order: OrderRow, lines: readonly OrderLineRow[], ref: string): OrderLineRow {
  const matches = lines.filter((line) => line.id === ref || line.item_id === ref)
  const [line, another] = matches
  if (line === undefined) {
    const known = lines.map((each) => `${each.id} (${each.product})`).join(', ')
    throw new InputError(`order ${order.id} has no line ${ref}; its lines are ${known}`)
  }
  if (another !== undefined)
    throw new InputError(`order ${order.id} has several lines for item ${ref}; name the line's id`)
  return line
}

function checked(given: ReceivedLine): number {
  const isQuantity =
    given.quantity > 0 && given.quantity <= MAX_QUANTITY && roundQuantity(given.quantity) === given.quantity
  if (!isQuantity) throw new InputError(`line ${given.line}: the quantity must be more than 0, with at most 3 decimals`)
  return given.quantity
}
