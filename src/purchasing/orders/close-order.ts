import type { DomainContext } from '../../platform/context.js'
import { inTransaction } from '../../platform/database.js'
import { RefusalError } from '../../platform/errors.js'
import { closeAmendment, findAmendments } from '../amendments/amendments.js'
import { getOrder, type Order } from './get-order.js'
import { moveOrder, recordHistory } from './move-order.js'
import { findLines, lockOrder, type OrderLineRow, type OrderRow } from './order-rows.js'
import { inWords, isAllowedMove, isFinalStatus } from './order-status.js'

/**
 * A person ends an order that will not be completed; from now on it costs what came in, and the rest is needed again. Of an
 * order that has ended, it takes note that more came than was ordered.
 */
export async function closeOrder(
  ctx: DomainContext,
  input: { readonly orderId: string; readonly by: string; readonly reason?: string | undefined },
): Promise<Order> {
  await inTransaction(ctx, async (tx) => {
    const order = await lockOrder(tx, input.orderId)
    if (await takeNoteOfExcess(tx, order, input.by)) return
    if (!isAllowedMove(order.status, 'closed_short')) {
      throw new RefusalError({ code: 'not_closable', severity: 'final', text: whatElse(order) })
    }
    for (const amendment of await findAmendments(tx, order.id)) {
      if (amendment.state === 'pending') await closeAmendment(tx, amendment, 'superseded', `person:${input.by}`)
    }
    const realTotalMinor = receivedValue(order, await findLines(tx, order.id))
    await moveOrder(tx, order, {
      to: 'closed_short',
      actor: `person:${input.by}`,
      reason: input.reason ?? null,
      details: { totalMinor: realTotalMinor },
      realTotalMinor,
      set: { next_attempt_at: null, cancel_requested_by: null, cancel_refused: null, excess_seen_by: input.by },
    })
  })
  return getOrder(ctx, { orderId: input.orderId })
}

/** False: there is none to take note of, or the order still goes on. */
async function takeNoteOfExcess(tx: DomainContext, order: OrderRow, by: string): Promise<boolean> {
  if (!isFinalStatus(order.status) || order.excess_seen_by !== null) return false
  const lines = await findLines(tx, order.id)
  if (lines.every((line) => line.received_quantity <= line.quantity)) return false
  await tx.db.updateTable('purchasing.orders').set({ excess_seen_by: by }).where('id', '=', order.id).execute()
  await recordHistory(tx, order.id, 'excess_noted', `person:${by}`, {})
  return true
}

/** The part of the lines that came in, tax included; shipping, tax on it and discount whole as soon as anything came. */
export function receivedValue(order: OrderRow, lines: readonly OrderLineRow[]): number {
  if (lines.every((line) => line.received_quantity === 0)) return 0
  let value = order.total_minor
  for (const line of lines) {
    // The supplier took the line back: it costs nothing.
    if (line.quantity === 0) continue
    const lineMinor = line.line_total_minor + line.tax_minor
    value += proportion(lineMinor, line.received_quantity, line.quantity) - lineMinor
  }
  return Math.max(0, value)
}

/** `amount × part / whole`, rounded half up, in integers. Quantities have at most three decimals. */
function proportion(amountMinor: number, part: number, whole: number): number {
  const numerator = BigInt(amountMinor) * BigInt(Math.round(part * 1000))
  const denominator = BigInt(Math.round(whole * 1000))
  return Number((numerator * 2n + denominator) / (denominator * 2n))
}

function whatElse(order: OrderRow): string {
  const subject = `Order ${order.id} is ${inWords(order.status)}`
  if (isFinalStatus(order.status)) return `${subject}: it has ended already.`
  if (order.status === 'unknown') {
    return `${subject}: say first whether the supplier got it, with: orders resolve ${order.id} --placed or --not-placed`
  }
  if (order.status === 'submitting') return `${subject}: it is being sent right now; look at it again in a minute.`
  return `${subject} and has not been sent; take it back with: orders cancel ${order.id}`
}
