/**
 * Buying what a quote says: the one place where money is committed. Everything below happens in one transaction, or
 * nothing does. Locks are taken in one order, so that nothing deadlocks: the quote, the run's fence, the pause switch, the
 * list's limits, the items' commitments in id order, the suppliers' stated stock in theirs, and the outbox last.
 */
import type { DomainContext } from '../../platform/context.js'
import { inTransaction } from '../../platform/database.js'
import { type Message, RefusalError } from '../../platform/errors.js'
import { failpoint } from '../../platform/failpoints.js'
import { localDate } from '../../platform/local-date.js'
import { signReceipt } from '../../platform/receipt.js'
import type { Caller } from '../../platform/run-context.js'
import { findSoldOut } from '../catalog/remaining-stock.js'
import {
  checkSupplier,
  countRunOrders,
  findKnownSuppliers,
  findRunTotals,
  findSuppliersNow,
} from '../catalog/supplier-facts.js'
import { builtInChannels, type Channels } from '../channels/index.js'
import { assertFence } from '../fences.js'
import { toLimits } from '../limits/limit-settings.js'
import { addSpend, checkLimits } from '../limits/limits.js'
import { gatherLineFacts } from '../limits/line-facts.js'
import { lockListLimits } from '../limits/list-limits.js'
import { assertNotPausedForAll, listPaused } from '../limits/pause.js'
import { findUnseenToday, togetherTooLarge } from '../limits/person-orders.js'
import { spendFacts } from '../limits/reservations.js'
import { approvalsOfNeeds, itemsOf, refusalsOfNeeds } from '../needs/judge-needs.js'
import { gatherNeedFacts, lockCommitments } from '../needs/need-facts.js'
import { appendOrderEvents } from '../orders/order-events.js'
import { lockQuote, type QuoteRow } from '../quotes/lock-quote.js'
import { type QuoteOrder, quoteContentSchema } from '../quotes/quote.js'
import { declinedRefusal, findDeclined } from './declined-items.js'
import { type InsertedOrder, insertOrder } from './insert-order.js'
import {
  fingerprintOf,
  normalizeRationale,
  type Placement,
  type PlacementResult,
  placementSchema,
} from './placement.js'

export type { Placement, PlacementResult } from './placement.js'

export interface PlaceOrderInput {
  readonly quoteId: string
  /** Why, in the caller's words; kept with the orders. */
  readonly rationale: string
}

type CallContext = DomainContext & { readonly caller: Caller }

/**
 * Places a quote: one order a supplier, each accepted, held for approval or refused as a whole. A quote is placed once;
 * the same call again gets the stored answer, whatever has changed since.
 *
 * In a dry run the same is judged, and nothing is written: the answer says what would become of each order.
 *
 * @throws RefusalError where nothing can be placed at all: `quote_not_found`, `wrong_run`, `fenced`,
 * `idempotency_conflict`, `quote_expired`, `buying_paused`. The quote can then still be placed.
 */
export async function placeOrder(
  ctx: CallContext,
  input: PlaceOrderInput,
  channels: Channels = builtInChannels,
): Promise<Placement> {
  const rationale = normalizeRationale(input.rationale)
  const fingerprint = fingerprintOf(input.quoteId, ctx.caller, rationale)
  return inTransaction(ctx, async (tx) => {
    const quote = await lockQuote(tx, tx.caller, input.quoteId)
    await assertFence(tx, tx.caller)
    if (quote.placed_at !== null) return replay(quote, fingerprint)
    assertPlaceable(tx, quote)
    const placement = await place(tx, quote, { rationale, fingerprint }, channels)
    await failpoint('commit.before')
    return placement
  })
}

function replay(quote: QuoteRow, fingerprint: string): Placement {
  const stored = placementSchema.parse(quote.placed_result)
  if (quote.placed_fingerprint === fingerprint) return { ...stored, replayed: true, isRehearsal: false }
  const orders = stored.results.flatMap((result) => (result.orderId === null ? [] : [result.orderId]))
  const became =
    orders.length === 0
      ? 'every order of it was refused'
      : `its orders are ${orders.join(', ')}; see them with get_order`
  throw refusal(
    'idempotency_conflict',
    'final',
    `Quote ${quote.id} was placed before with another rationale: ${became}. Nothing was done now.`,
  )
}

function assertPlaceable(tx: CallContext, quote: QuoteRow): void {
  if (quote.expires_at <= tx.clock.now()) {
    throw refusal(
      'quote_expired',
      'recoverable',
      `Quote ${quote.id} expired at ${quote.expires_at.toISOString()}; make a new one with create_quote.`,
    )
  }
}

async function place(
  tx: CallContext,
  quote: QuoteRow,
  call: { readonly rationale: string; readonly fingerprint: string },
  channels: Channels,
): Promise<Placement> {
  const quoted = [...quoteContentSchema.parse(quote.content).orders].sort((a, b) =>
    a.supplierId < b.supplierId ? -1 : 1,
  )
  const lines = quoted.flatMap((order) => order.lines)
  const isRehearsal = tx.caller.kind === 'run' && tx.caller.dryRun
  await assertNotPausedForAll(tx)
  const { settings, isPaused } = await lockListLimits(tx, {
    list: quote.list,
    currency: quote.currency,
    timeZone: quote.time_zone,
  })
  if (isPaused) throw listPaused(quote.list)
  const itemIds = lines.map((line) => line.itemId)
  await lockCommitments(tx, quote.list, itemIds)
  const soldOut = await findSoldOut(tx, quoted)

  const limits = toLimits(settings, quote.currency)
  const placedAt = tx.clock.now()
  const today = localDate(placedAt, quote.time_zone)
  const scope = { list: quote.list, runId: quote.run_id, currency: quote.currency, timeZone: quote.time_zone }
  const needFacts = await gatherNeedFacts(tx, scope, lines)
  const suppliers = await findSuppliersNow(tx, quoted)
  const knownSuppliers = await findKnownSuppliers(tx, quote.list, quoted)
  const declined = await findDeclined(tx, scope, itemIds)
  const withFacts = await gatherLineFacts(tx, scope, itemIds)
  const earlierInRun = await findRunTotals(tx, scope)
  const ordersInRun = await countRunOrders(tx, scope)
  const unseen = await findUnseenToday(tx, { ...scope, localDate: today })
  let spend = await spendFacts(tx, { list: quote.list, currency: quote.currency, localDate: today })

  const results: PlacementResult[] = []
  const inserted: InsertedOrder[] = []
  for (const order of quoted) {
    const supplier = suppliers.get(order.supplierId)
    const verdict = checkLimits(limits, spend, {
      ...order,
      earlierInRunMinor: earlierInRun.get(order.supplierId) ?? 0,
      ordersInRun: ordersInRun.get(order.supplierId) ?? 0,
      placedBy: quote.placed_by,
      isFirstFromSupplier: !knownSuppliers.has(order.supplierId),
      lines: withFacts(order.supplierId, order.lines),
    })
    const refusals = [
      ...checkSupplier(order, supplier, channels),
      ...refusalsOfNeeds(order, needFacts),
      ...(soldOut.get(order.supplierId) ?? []),
      ...itemsOf(order).flatMap((itemId) => {
        const item = declined.get(itemId)
        return item === undefined ? [] : [declinedRefusal(item)]
      }),
      ...verdict.refusals,
    ]
    if (refusals.length > 0 || supplier === undefined) {
      results.push(resultOf(order, null, 'refused', refusals))
      continue
    }
    const together = togetherTooLarge(
      limits.approveAboveMinor,
      { ...order, placedBy: quote.placed_by },
      unseen.get(order.supplierId) ?? 0,
    )
    const approvals = [
      ...verdict.approvals,
      ...(together === null ? [] : [together]),
      ...approvalsOfNeeds(order, needFacts, { maxTimesNeed: limits.maxTimesNeed, placedBy: quote.placed_by }),
    ]
    spend = addSpend(spend, order)
    const waits = approvals.map((text): Message => ({ code: 'approval_needed', severity: 'needs_human', text }))
    const outcome = waits.length > 0 ? 'pending_approval' : 'accepted'
    if (isRehearsal) {
      results.push(resultOf(order, null, outcome, waits))
      continue
    }
    const placed = await insertOrder(tx, {
      quoteId: quote.id,
      runId: quote.placed_by === 'run' ? quote.run_id : null,
      list: quote.list,
      timeZone: quote.time_zone,
      rationale: call.rationale,
      channel: supplier.channel,
      approvalReasons: approvals,
      quoted: order,
      needs: needFacts,
      placedAt,
    })
    inserted.push(placed)
    results.push(resultOf(order, placed.order.id, outcome, waits))
  }
  if (isRehearsal) return { results, receipt: null, replayed: false, isRehearsal }

  const stored = { results, receipt: receiptOf(tx, quote, inserted, placedAt) }
  await tx.db
    .updateTable('purchasing.quotes')
    .set({ placed_at: placedAt, placed_fingerprint: call.fingerprint, placed_result: JSON.stringify(stored) })
    .where('id', '=', quote.id)
    .execute()
  await appendOrderEvents(
    tx,
    inserted.flatMap((order) => order.events),
  )
  return { ...stored, replayed: false, isRehearsal }
}

function resultOf(
  order: QuoteOrder,
  orderId: string | null,
  outcome: PlacementResult['outcome'],
  messages: readonly Message[],
): PlacementResult {
  return {
    supplierId: order.supplierId,
    supplier: order.supplierName,
    orderId,
    outcome,
    totalMinor: order.totalMinor,
    currency: order.currency,
    itemIds: itemsOf(order),
    messages: messages.map(({ code, severity, text }) => ({ code, severity, text })),
  }
}

function receiptOf(tx: DomainContext, quote: QuoteRow, placed: readonly InsertedOrder[], at: Date): string | null {
  if (placed.length === 0) return null
  return signReceipt(tx.secret, {
    v: 1,
    run: quote.placed_by === 'run' ? quote.run_id : null,
    list: quote.list,
    currency: quote.currency,
    issued_at: at.toISOString(),
    orders: placed.map(({ order, lines }) => ({
      order_id: order.id,
      supplier_id: order.supplier_id,
      status: order.status,
      expected_at: order.expected_at?.toISOString() ?? null,
      lines: lines.map((line) => ({
        line_id: line.id,
        item_id: line.item_id,
        quantity: line.quantity,
        unit: line.unit,
      })),
    })),
  })
}

function refusal(code: string, severity: Message['severity'], text: string): RefusalError {
  return new RefusalError({ code, severity, text })
}
