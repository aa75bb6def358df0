import type { DomainContext } from '../../platform/context.js'
import { inTransaction } from '../../platform/database.js'
import { failpoint } from '../../platform/failpoints.js'
import type { Channel, LookUp, OrderReport } from '../channels/channel.js'
import { toChannelOrder } from '../channels/channel-order.js'
import { builtInChannels, type Channels } from '../channels/index.js'
import { moveOrder } from '../orders/move-order.js'
import { findLines, lockOrder, type OrderRow } from '../orders/order-rows.js'
import { recordDeliveries } from '../orders/record-deliveries.js'
import { expireApprovals } from '../placing/expire-approvals.js'
import type { OrderStatus } from '../tables.js'
import { applyAnswer, lockForAnswer } from './apply-answer.js'
import { askToCancel } from './ask-to-cancel.js'
import { backoffMs } from './backoff.js'
import { submitLeaseMs, withDeadline } from './submit-order.js'

export interface Tracking {
  /** Orders that were asked about. */
  readonly tracked: number
  /** Orders with a status other than before. */
  readonly changed: number
  /** Deliveries that were new. */
  readonly delivered: number
  readonly expired: number
  /** Orders whose supplier could not be asked this time. */
  readonly failed: number
}

/** The supplier has these, or may have them. */
export const trackedStatuses = [
  'submitted',
  'confirmed',
  'partially_received',
  'unknown',
] as const satisfies readonly OrderStatus[]

/** A supplier that fails so often in one round is left alone until the next. */
const failuresPerRound = 3
/** A supplier that keeps losing an order gets no more of it: a person has to look. */
const maxSendings = 5

/**
 * Asks the suppliers how the orders that are due are getting on, books deliveries and changes, passes on cancellations,
 * ends doubts, and lets approvals expire. Doing it twice changes nothing more, one order's trouble doesn't keep the others
 * waiting, and a supplier that is down is asked less and less often.
 */
export async function trackOrders(ctx: DomainContext, channels: Channels = builtInChannels): Promise<Tracking> {
  const expired = await expireApprovals(ctx)
  const now = ctx.clock.now()
  const orders = await ctx.db
    .selectFrom('purchasing.orders')
    .selectAll()
    .where('status', 'in', trackedStatuses)
    .where((where) => where.or([where('next_attempt_at', 'is', null), where('next_attempt_at', '<=', now)]))
    .orderBy('placed_at')
    .orderBy('id')
    .execute()
  const failures = new Map<string, number>()
  let changed = 0
  let delivered = 0
  let failed = 0
  for (const order of orders) {
    const channel = channels[order.channel]
    if (channel === undefined) continue
    const failedBefore = failures.get(order.supplier_id) ?? 0
    if (failedBefore >= failuresPerRound) {
      failed += 1
      continue
    }
    try {
      const result = await trackOrder(ctx, order, channel)
      delivered += result.delivered
      if (result.isChanged) changed += 1
      failures.delete(order.supplier_id)
    } catch (error) {
      failed += 1
      failures.set(order.supplier_id, failedBefore + 1)
      ctx.log.warn({ err: error, order: order.id, supplier: order.supplier_id }, 'an order could not be tracked')
      await askLater(ctx, order, { failures: order.track_failures + 1, waitMs: backoffMs(order.track_failures + 1) })
    }
  }
  return { tracked: orders.length, changed, delivered, expired: expired.length, failed }
}

interface Booked {
  readonly isChanged: boolean
  readonly delivered: number
}

async function trackOrder(ctx: DomainContext, seen: OrderRow, channel: Channel): Promise<Booked> {
  const message = toChannelOrder(seen, await findLines(ctx, seen.id))
  // A doubtful order is looked up by key: the supplier's own name for it is what we don't have.
  const found: LookUp | null =
    seen.status === 'unknown' ? await withDeadline((signal) => channel.findByKey(ctx, message, signal)) : null
  const known = found !== null && 'reference' in found ? { ...message, reference: found.reference } : message
  const report: OrderReport =
    found === null || found.outcome === 'confirmed' || found.outcome === 'submitted'
      ? await withDeadline((signal) => channel.status(ctx, known, signal))
      : { answer: found, deliveries: [] }
  const booked = await inTransaction(ctx, (tx) => book(tx, seen, found, report, channel))
  if (booked.delivered > 0) await failpoint('delivery.after')
  const isCancelled = await askToCancel(ctx, seen.id, channel)
  const askEveryMs = channel.askEveryMs ?? 0
  // Doubt is looked into sooner.
  const waitMs = seen.status === 'unknown' ? Math.min(askEveryMs, submitLeaseMs) : askEveryMs
  await askLater(ctx, seen, { failures: 0, waitMs })
  return isCancelled ? { ...booked, isChanged: true } : booked
}

async function book(
  tx: DomainContext,
  seen: OrderRow,
  found: LookUp | null,
  report: OrderReport,
  channel: Channel,
): Promise<Booked> {
  const answer = answerOf(report.answer) ?? (found === null ? null : answerOf(found))
  let order = await lockForAnswer(tx, seen, answer)
  if (order.status === 'unknown' && found?.outcome === 'not_found') {
    return { isChanged: await concludeNotFound(tx, order, channel), delivered: 0 }
  }
  // A rejection ends the order, and what came in by then belongs to it.
  const isEnd = answer?.outcome === 'rejected' || answer?.outcome === 'cancelled'
  // What we asked about may have been ended by a person meanwhile, and an old answer never takes an order back.
  if (answer !== null && !isEnd && isTracked(order)) order = await applyAnswer(tx, order, answer)
  const delivered = isTracked(order)
    ? await recordDeliveries(tx, order, report.deliveries, {
        actor: `supplier:${order.supplier_id}`,
        source: order.channel,
      })
    : 0
  if (answer !== null && isEnd) {
    const latest = await lockOrder(tx, seen.id)
    if (isTracked(latest)) await applyAnswer(tx, latest, answer)
  }
  const { status } = await lockOrder(tx, seen.id)
  return { isChanged: status !== seen.status, delivered }
}

function isTracked(order: OrderRow): boolean {
  return (trackedStatuses as readonly string[]).includes(order.status)
}

function answerOf(lookUp: LookUp) {
  return lookUp.outcome === 'not_found' || lookUp.outcome === 'cannot_tell' ? null : lookUp
}

/**
 * The supplier is sure that it never got the order. Where it takes our key for one order however often it comes, the order
 * goes out again once nothing of the first sending can be on its way any more. Elsewhere it may still arrive: a person
 * decides. Returns whether the status has changed.
 */
async function concludeNotFound(tx: DomainContext, order: OrderRow, channel: Channel): Promise<boolean> {
  const now = tx.clock.now()
  const isSettled = order.submitted_at !== null && now.getTime() - order.submitted_at.getTime() >= submitLeaseMs
  if (channel.isRepeatSafe === true && order.submit_attempts < maxSendings) {
    if (!isSettled) return false
    await moveOrder(tx, order, {
      to: 'approved',
      actor: 'restock',
      reason: 'the supplier never got it, so it is sent again under the same key',
      set: { next_attempt_at: now, submitted_at: null },
    })
    return true
  }
  await tx.db
    .updateTable('purchasing.orders')
    .set({
      status_reason: 'the supplier says that it has no such order; whoever is sure of that says that it was not placed',
    })
    .where('id', '=', order.id)
    .execute()
  return false
}

/** Notes when the supplier is asked again; somebody who has moved the order meanwhile, or wants it asked at once, decides. */
async function askLater(
  ctx: DomainContext,
  seen: OrderRow,
  next: { readonly failures: number; readonly waitMs: number },
): Promise<void> {
  if (next.waitMs === 0 && seen.next_attempt_at === null && seen.track_failures === next.failures) return
  await ctx.db
    .updateTable('purchasing.orders')
    .set({
      track_failures: next.failures,
      next_attempt_at: next.waitMs === 0 ? null : new Date(ctx.clock.now().getTime() + next.waitMs),
    })
    .where('id', '=', seen.id)
    .where('status', 'in', trackedStatuses)
    .where('cancel_requested_by', 'is not distinct from', seen.cancel_requested_by)
    .execute()
}
