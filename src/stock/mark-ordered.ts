import type { DomainContext } from '../platform/context.js'
import { inTransaction } from '../platform/database.js'
import { type Message, RefusalError } from '../platform/errors.js'
import { type Receipt, readReceipt } from '../platform/receipt.js'
import { assertNotDryRun, assertOwnList, type By, callerOf } from './callers.js'
import { assertFence } from './fences.js'

export interface MarkedLine {
  readonly itemId: string
  readonly orderId: string
  readonly quantity: number
}

export interface MarkedOrdered {
  readonly marked: readonly MarkedLine[]
  /** Lines that the list knew already, from this receipt or from ordering's events. */
  readonly alreadyMarked: number
  readonly messages: readonly Message[]
}

// Nothing more comes of an order in one of these.
const finalStatuses: ReadonlySet<string> = new Set([
  'received',
  'closed_short',
  'rejected',
  'declined',
  'expired',
  'cancelled',
])

/**
 * Counts what ordering accepted as on order, so that it isn't needed again. Only ordering's signed receipt is believed.
 * A line that is known stays as it is: ordering's events, which come by another way, may have told more by now.
 */
export async function markOrdered(
  ctx: DomainContext,
  input: { readonly receipt: string } & By,
): Promise<MarkedOrdered> {
  const caller = callerOf(input)
  const receipt = readReceipt(ctx.secret, input.receipt)
  if (receipt === null) {
    throw new RefusalError({
      code: 'invalid_receipt',
      severity: 'recoverable',
      text: 'This is not a receipt of the ordering server; pass the receipt of place_order unchanged.',
      path: 'receipt',
    })
  }
  assertOwnList(caller, receipt.list)
  assertNotDryRun(caller)
  return inTransaction(ctx, async (tx) => {
    await assertFence(tx, caller)
    const { lines, messages } = await withKnownItems(tx, receipt)
    const inserted = await insertLines(tx, lines)
    return {
      marked: lines
        .filter((line) => inserted.has(line.line_id))
        .map((line) => ({ itemId: line.item_id, orderId: line.order_id, quantity: line.ordered })),
      alreadyMarked: lines.length - inserted.size,
      messages,
    }
  })
}

function linesOf(receipt: Receipt) {
  return receipt.orders.flatMap((order) =>
    order.lines.map((line) => ({
      line_id: line.line_id,
      order_id: order.order_id,
      item_id: line.item_id,
      list: receipt.list,
      supplier_id: order.supplier_id,
      ordered: line.quantity,
      received: 0,
      status: order.status,
      is_final: finalStatuses.has(order.status),
      expected_at: order.expected_at === null ? null : new Date(order.expected_at),
      ordered_at: new Date(receipt.issued_at),
      first_received_at: null,
      last_seq: 0,
    })),
  )
}

type Line = ReturnType<typeof linesOf>[number]

async function withKnownItems(
  tx: DomainContext,
  receipt: Receipt,
): Promise<{ readonly lines: readonly Line[]; readonly messages: readonly Message[] }> {
  const all = linesOf(receipt)
  if (all.length === 0) return { lines: [], messages: [] }
  const known = await tx.db
    .selectFrom('stock.items')
    .select('id')
    .where('list', '=', receipt.list)
    .where(
      'id',
      'in',
      all.map((line) => line.item_id),
    )
    .execute()
  const ids = new Set(known.map((item) => item.id))
  const unknown = new Set(all.map((line) => line.item_id).filter((id) => !ids.has(id)))
  return {
    lines: all.filter((line) => ids.has(line.item_id)),
    messages: [...unknown].map((id) => ({
      code: 'unknown_item',
      severity: 'needs_human',
      text: `Item ${id} was ordered but is not on list ${receipt.list}.`,
    })),
  }
}

async function insertLines(tx: DomainContext, lines: readonly Line[]): Promise<ReadonlySet<string>> {
  if (lines.length === 0) return new Set()
  const inserted = await tx.db
    .insertInto('stock.expected_receipts')
    // In id order, so that two receipts at once can't deadlock.
    .values(lines.toSorted((a, b) => (a.line_id < b.line_id ? -1 : 1)))
    .onConflict((conflict) => conflict.column('line_id').doNothing())
    .returning('line_id')
    .execute()
  return new Set(inserted.map((line) => line.line_id))
}
