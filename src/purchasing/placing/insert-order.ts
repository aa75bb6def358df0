import type { DomainContext } from '../../platform/context.js'
import { localDate } from '../../platform/local-date.js'
import { reserveBudget } from '../limits/reservations.js'
import type { NeedFacts } from '../needs/check-need.js'
import { recordHistory } from '../orders/move-order.js'
import { lineEvent, type OrderEvent } from '../orders/order-events.js'
import type { OrderLineRow, OrderRow } from '../orders/order-rows.js'
import type { QuoteLine, QuoteOrder } from '../quotes/quote.js'
import type { LineNeed, OrdersTable } from '../tables.js'
import { approvalTermMs } from './expire-approvals.js'

export interface NewOrder {
  readonly quoteId: string
  /** null: a person's client placed it. */
  readonly runId: string | null
  readonly list: string
  readonly timeZone: string
  readonly rationale: string
  readonly channel: OrdersTable['channel']
  /** Empty: it may go out at once. */
  readonly approvalReasons: readonly string[]
  readonly quoted: QuoteOrder
  /** By item. */
  readonly needs: ReadonlyMap<string, NeedFacts>
  readonly placedAt: Date
}

export interface InsertedOrder {
  readonly order: OrderRow
  readonly lines: readonly OrderLineRow[]
  /** For the caller to append at the end of the transaction. */
  readonly events: readonly OrderEvent[]
}

const dayMs = 86_400_000

/** Writes an order with its lines, its budget and the beginning of its story. */
export async function insertOrder(tx: DomainContext, input: NewOrder): Promise<InsertedOrder> {
  const { quoted, placedAt } = input
  const waits = input.approvalReasons.length > 0
  const id = tx.newId('ord')
  const placedBy = input.runId === null ? 'person' : 'run'
  const order = await tx.db
    .insertInto('purchasing.orders')
    .values({
      id,
      idempotency_key: id,
      quote_id: input.quoteId,
      run_id: input.runId,
      list: input.list,
      supplier_id: quoted.supplierId,
      supplier_name: quoted.supplierName,
      channel: input.channel,
      status: waits ? 'awaiting_approval' : 'approved',
      status_reason: null,
      currency: quoted.currency,
      subtotal_minor: quoted.subtotalMinor,
      shipping_minor: quoted.shippingMinor,
      tax_minor: quoted.taxMinor,
      discount_minor: quoted.discountMinor,
      total_minor: quoted.totalMinor,
      rationale: input.rationale,
      placed_by: placedBy,
      approval_reasons: JSON.stringify(input.approvalReasons),
      approval_expires_at: waits ? new Date(placedAt.getTime() + approvalTermMs) : null,
      approved_by: null,
      placed_at: placedAt,
      updated_at: placedAt,
      submitted_at: null,
      expected_at: new Date(placedAt.getTime() + quoted.leadTimeDays * dayMs),
      supplier_reference: null,
      submit_attempts: 0,
      next_attempt_at: waits ? null : placedAt,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
  const lines = await insertLines(tx, id, input)
  await reserveBudget(tx, {
    orderId: id,
    list: input.list,
    supplierId: quoted.supplierId,
    localDate: localDate(placedAt, input.timeZone),
    amountMinor: quoted.totalMinor,
    currency: quoted.currency,
  })
  await recordHistory(tx, id, 'placed', input.runId === null ? 'person:client' : `run:${input.runId}`, {
    status: order.status,
    totalMinor: order.total_minor,
    ...(waits ? { approvalReasons: input.approvalReasons } : {}),
  })
  return { order, lines, events: lines.map((line) => lineEvent(tx, order, line, 'line_opened')) }
}

async function insertLines(tx: DomainContext, orderId: string, input: NewOrder): Promise<OrderLineRow[]> {
  const lines = await tx.db
    .insertInto('purchasing.order_lines')
    .values(
      input.quoted.lines.map((line, index) => ({
        id: tx.newId('lin'),
        order_id: orderId,
        line_number: index + 1,
        item_id: line.itemId,
        offer_id: line.offerId,
        product_id: line.productId,
        product: line.product,
        sku: line.offerSku,
        matched_by: line.matchedBy,
        packs: line.packs,
        pack_quantity: line.packQuantity,
        quantity: line.quantity,
        unit: line.unit,
        pack_price_minor: line.packPriceMinor,
        tax_rate: line.taxRate,
        tax_minor: line.taxMinor,
        line_total_minor: line.lineTotalMinor,
        need: lineNeed(line, input.needs.get(line.itemId)),
      })),
    )
    .returningAll()
    .execute()
  return lines.sort((a, b) => a.line_number - b.line_number)
}

/** What the order is held against later: facts of the moment, which the next registration or import replaces. */
function lineNeed(line: QuoteLine, facts: NeedFacts | undefined): string | null {
  if (facts === undefined) return null
  const { quantity, onOrderSeen } = facts.need
  const same = facts.lines.filter((each) => each.packs === line.packs && each.packQuantity === line.packQuantity)
  const need: LineNeed = { quantity, onOrderSeen, minimumPacks: Math.max(1, ...same.map((each) => each.minimumPacks)) }
  return JSON.stringify(need)
}
