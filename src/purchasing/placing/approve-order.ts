import type { DomainContext } from '../../platform/context.js'
import { inTransaction } from '../../platform/database.js'
import { formatMoney } from '../../platform/decimal.js'
import { type Message, RefusalError } from '../../platform/errors.js'
import { localDate } from '../../platform/local-date.js'
import { acceptAmendment } from '../amendments/decide-amendment.js'
import { checkSupplier, findRunTotals, type SupplierNow } from '../catalog/supplier-facts.js'
import { builtInChannels, type Channels } from '../channels/index.js'
import { toLimits } from '../limits/limit-settings.js'
import { checkLimits, type Limits } from '../limits/limits.js'
import { gatherLineFacts } from '../limits/line-facts.js'
import { lockListLimits } from '../limits/list-limits.js'
import { assertNotPausedForAll, listPaused } from '../limits/pause.js'
import { moveBudget, spendFacts } from '../limits/reservations.js'
import { getOrder, type Order } from '../orders/get-order.js'
import { moveOrder } from '../orders/move-order.js'
import { findLines, lockOrder, type OrderLineRow, type OrderRow } from '../orders/order-rows.js'
import { assertAllowedMove } from '../orders/order-status.js'
import { requoteOrder } from '../quotes/load-requote.js'
import type { FreshTerms } from '../quotes/requote.js'
import type { SuppliersTable } from '../tables.js'

const dayMs = 86_400_000

/**
 * Lets an order go out exactly as it was placed: that supplier, those lines and quantities, at most that total. It is quoted
 * again first. What has become cheaper is bought at the lower price; where anything is worse than what was asked for, the
 * order expires instead, and the next run quotes anew. Limits hold for a person, too, those of the day of the approval.
 *
 * An order that was sent and then changed by its supplier is taken as the supplier changed it.
 *
 * @throws RefusalError `approval_lapsed` when the offers have changed (the order has then expired); `approval_expired`,
 * `buying_paused`, a limit's code or `order_status` when it can't be approved (now), which leaves it as it was.
 */
export async function approveOrder(
  ctx: DomainContext,
  input: { readonly orderId: string; readonly by: string },
  channels: Channels = builtInChannels,
): Promise<Order> {
  if (ctx.db.isTransaction) throw new Error('an approval is a transaction of its own: a lapse has to be kept')
  // A sent order waits for nobody's approval, but what its supplier changed of it may.
  if (await acceptAmendment(ctx, input)) return getOrder(ctx, { orderId: input.orderId })
  const lapse = await inTransaction(ctx, (tx) => decide(tx, input, channels))
  if (lapse !== null) {
    ctx.log.info({ order: input.orderId, changes: lapse }, 'an approval lapsed: the offers have changed')
    throw refusal({
      code: 'approval_lapsed',
      severity: 'final',
      text: `Order ${input.orderId} was not approved, since it is not what you were asked about any more: ${lapse.join('; ')}. Nothing was bought; the next run quotes its items again.`,
    })
  }
  return getOrder(ctx, { orderId: input.orderId })
}

/** null: approved. Otherwise what has changed, and the order is expired. */
async function decide(
  tx: DomainContext,
  input: { readonly orderId: string; readonly by: string },
  channels: Channels,
): Promise<readonly string[] | null> {
  const order = await lockOrder(tx, input.orderId)
  assertAllowedMove(order.id, order.status, 'approved')
  const now = tx.clock.now()
  if (order.approval_expires_at !== null && order.approval_expires_at <= now) {
    throw refusal({
      code: 'approval_expired',
      severity: 'final',
      text: `Order ${order.id} could be approved until ${order.approval_expires_at.toISOString()}; the next run will quote it again.`,
    })
  }
  await assertNotPausedForAll(tx)
  const quote = await tx.db
    .selectFrom('purchasing.quotes')
    .select(['run_id', 'time_zone'])
    .where('id', '=', order.quote_id)
    .executeTakeFirstOrThrow()
  const terms = { list: order.list, currency: order.currency, timeZone: quote.time_zone }
  const { settings, isPaused } = await lockListLimits(tx, terms)
  if (isPaused) throw listPaused(order.list)

  const lines = await findLines(tx, order.id)
  const fresh = await requoteOrder(tx, order, lines)
  if (fresh.kind === 'worse') {
    const reason = `it was not what was approved any more: ${fresh.changes.join('; ')}`
    await moveOrder(tx, order, { to: 'expired', actor: 'restock', reason, details: { approvedBy: input.by } })
    return fresh.changes
  }
  const today = localDate(now, quote.time_zone)
  const limits = toLimits(settings, order.currency)
  await assertWithinLimits(tx, { order, lines, fresh: fresh.terms, limits, today, ...terms, runId: quote.run_id })
  const supplier = await requireSupplier(tx, order, channels)
  if (fresh.kind === 'cheaper') await takeTerms(tx, order, lines, fresh.terms)
  await moveBudget(tx, order.id, { localDate: today, amountMinor: fresh.terms.totalMinor })
  await moveOrder(tx, order, {
    to: 'approved',
    actor: `person:${input.by}`,
    reason: null,
    details: fresh.kind === 'same' ? {} : { totalMinor: fresh.terms.totalMinor, approvedTotalMinor: order.total_minor },
    set: {
      approved_by: input.by,
      next_attempt_at: now,
      channel: supplier.channel,
      // Its lead time begins now, and not when it was put before a person.
      expected_at: new Date(now.getTime() + supplier.lead_time_days * dayMs),
    },
  })
  return null
}

interface Approval {
  readonly order: OrderRow
  readonly lines: readonly OrderLineRow[]
  readonly fresh: FreshTerms
  readonly limits: Limits
  /** In the list's time zone. */
  readonly today: string
  readonly list: string
  readonly runId: string
  readonly currency: string
  readonly timeZone: string
}

/** Against the budgets of today, with the order itself left out and taken anew. */
async function assertWithinLimits(tx: DomainContext, approval: Approval): Promise<void> {
  const { order, lines, fresh } = approval
  const scope = { ...approval, localDate: approval.today, exceptOrderId: order.id }
  const withFacts = await gatherLineFacts(
    tx,
    scope,
    lines.map((line) => line.item_id),
  )
  const freshLines = new Map(fresh.lines.map((line) => [line.lineId, line]))
  const earlier = await findRunTotals(tx, scope)
  const { refusals } = checkLimits(
    // It was counted among the orders of its run and of the day on which it was placed.
    { ...approval.limits, ordersPerDay: null, ordersPerRun: null },
    await spendFacts(tx, scope),
    {
      supplierId: order.supplier_id,
      supplierName: order.supplier_name,
      totalMinor: fresh.totalMinor,
      earlierInRunMinor: earlier.get(order.supplier_id) ?? 0,
      ordersInRun: 0,
      currency: order.currency,
      placedBy: order.placed_by,
      // Whether a person has to look at it is settled: one does.
      isFirstFromSupplier: false,
      lines: withFacts(
        order.supplier_id,
        lines.map((line) => ({
          itemId: line.item_id,
          itemName: line.product,
          productId: line.product_id,
          product: line.product,
          needsPersonBecause: [],
          packQuantity: line.pack_quantity,
          unit: line.unit,
          packPriceMinor: freshLines.get(line.id)?.packPriceMinor ?? line.pack_price_minor,
          lineTotalMinor: freshLines.get(line.id)?.lineTotalMinor ?? line.line_total_minor,
        })),
      ),
    },
  )
  const [first] = refusals
  if (first !== undefined) throw refusal({ ...first, text: refusals.map(({ text }) => text).join(' ') })
}

async function requireSupplier(
  tx: DomainContext,
  order: OrderRow,
  channels: Channels,
): Promise<SupplierNow & Pick<SuppliersTable, 'lead_time_days'>> {
  const row = await tx.db
    .selectFrom('purchasing.suppliers')
    .select(['channel', 'archived_at', 'lead_time_days'])
    .where('id', '=', order.supplier_id)
    .executeTakeFirstOrThrow()
  const supplier = { channel: row.channel, isArchived: row.archived_at !== null, lead_time_days: row.lead_time_days }
  const [problem] = checkSupplier(
    { supplierId: order.supplier_id, supplierName: order.supplier_name },
    supplier,
    channels,
  )
  if (problem !== undefined) throw refusal(problem)
  return supplier
}

async function takeTerms(
  tx: DomainContext,
  order: OrderRow,
  lines: readonly OrderLineRow[],
  terms: FreshTerms,
): Promise<void> {
  const before = new Map(lines.map((line) => [line.id, line]))
  for (const line of terms.lines) {
    if (
      before.get(line.lineId)?.line_total_minor === line.lineTotalMinor &&
      before.get(line.lineId)?.tax_minor === line.taxMinor
    )
      continue
    await tx.db
      .updateTable('purchasing.order_lines')
      .set({
        pack_price_minor: line.packPriceMinor,
        tax_rate: line.taxRate,
        tax_minor: line.taxMinor,
        line_total_minor: line.lineTotalMinor,
      })
      .where('id', '=', line.lineId)
      .execute()
  }
  await tx.db
    .updateTable('purchasing.orders')
    .set({
      subtotal_minor: terms.subtotalMinor,
      shipping_minor: terms.shippingMinor,
      tax_minor: terms.taxMinor,
      total_minor: terms.totalMinor,
    })
    .where('id', '=', order.id)
    .execute()
  tx.log.info(
    {
      order: order.id,
      was: formatMoney(order.total_minor, order.currency),
      is: formatMoney(terms.totalMinor, order.currency),
    },
    'an approved order has become cheaper',
  )
}

function refusal(message: Message): RefusalError {
  return new RefusalError(message)
}
