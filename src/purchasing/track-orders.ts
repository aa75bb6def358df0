import type { DomainContext } from '../platform/context.js'
import { inTransaction } from '../platform/database.js'
import { applyAnswer } from './apply-answer.js'
import type { LookUp, OrderReport } from './channels/channel.js'
import { toChannelOrder } from './channels/channel-order.js'
import { builtInChannels, type Channels } from './channels/index.js'
import { expireApprovals } from './expire-approvals.js'
import { findLines, lockOrder, type OrderRow } from './order-rows.js'
import { isAllowedMove } from './order-status.js'
import { recordDeliveries } from './record-deliveries.js'
import { withDeadline } from './submit-order.js'

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

/**
 * Asks the suppliers how the orders are getting on, books deliveries, ends doubts, and lets approvals expire. Doing it
 * twice changes nothing more, and one order's trouble doesn't keep the others waiting.
 */
export async function trackOrders(ctx: DomainContext, channels: Channels = builtInChannels): Promise<Tracking> {
  const expired = await expireApprovals(ctx)
  const orders = await ctx.db
    .selectFrom('purchasing.orders')
    .selectAll()
    .where('status', 'in', ['submitted', 'confirmed', 'partially_received', 'unknown'])
    .orderBy('placed_at')
    .orderBy('id')
    .execute()
  let changed = 0
  let delivered = 0
  let failed = 0
  for (const order of orders) {
    try {
      const result = await trackOrder(ctx, order, channels)
      delivered += result.delivered
      if (result.isChanged) changed += 1
    } catch (error) {
      failed += 1
      ctx.log.warn({ err: error, order: order.id, supplier: order.supplier_id }, 'an order could not be tracked')
    }
  }
  return { tracked: orders.length, changed, delivered, expired: expired.length, failed }
}

async function trackOrder(
  ctx: DomainContext,
  seen: OrderRow,
  channels: Channels,
): Promise<{ isChanged: boolean; delivered: number }> {
  const channel = channels[seen.channel]
  if (channel === undefined) return { isChanged: false, delivered: 0 }
  const message = toChannelOrder(seen, await findLines(ctx, seen.id))
  // A doubtful order is looked up by key: the supplier's own name for it is what we don't have.
  const found: LookUp | null =
    seen.status === 'unknown' ? await withDeadline((signal) => channel.findByKey(ctx, message, signal)) : null
  const report: OrderReport =
    found === null || found.outcome === 'confirmed' || found.outcome === 'submitted'
      ? await withDeadline((signal) => channel.status(ctx, message, signal))
      : { answer: found, deliveries: [] }
  return inTransaction(ctx, (tx) => book(tx, seen, found, report))
}

async function book(
  tx: DomainContext,
  seen: OrderRow,
  found: LookUp | null,
  report: OrderReport,
): Promise<{ isChanged: boolean; delivered: number }> {
  let order = await lockOrder(tx, seen.id)
  if (order.status === 'unknown' && found?.outcome === 'not_found') {
    await noteNotFound(tx, order)
    return { isChanged: false, delivered: 0 }
  }
  // What we asked about may have been ended by a person meanwhile, and an old answer never takes an order back.
  const answer = answerOf(report.answer) ?? (found === null ? null : answerOf(found))
  if (answer !== null && isAllowedMove(order.status, answer.outcome)) order = await applyAnswer(tx, order, answer)
  const isOpen = ['submitted', 'confirmed', 'partially_received', 'unknown'].includes(order.status)
  const delivered = isOpen
    ? await recordDeliveries(tx, order, report.deliveries, {
        actor: `supplier:${order.supplier_id}`,
        source: order.channel,
      })
    : 0
  const { status } = await lockOrder(tx, seen.id)
  return { isChanged: status !== seen.status, delivered }
}

function answerOf(lookUp: LookUp) {
  return lookUp.outcome === 'not_found' || lookUp.outcome === 'cannot_tell' ? null : lookUp
}

/** It may still arrive: a person decides, as nothing sends an order of doubt again. */
async function noteNotFound(tx: DomainContext, order: OrderRow): Promise<void> {
  await tx.db
    .updateTable('purchasing.orders')
    .set({
      status_reason: `the supplier says that it has no such order; end the doubt with: orders resolve ${order.id} --not-placed`,
    })
    .where('id', '=', order.id)
    .execute()
}
