import type { DomainContext } from '../../platform/context.js'
import type { ReportedTerms } from '../channels/channel.js'
import { findListLimits } from '../limits/list-limits.js'
import { recordHistory } from '../orders/move-order.js'
import { endUndelivered } from '../orders/order-ends.js'
import { appendOrderEvents, statusEvents } from '../orders/order-events.js'
import { findLines, type OrderLineRow, type OrderRow } from '../orders/order-rows.js'
import { requestCancel } from '../orders/request-cancel.js'
import { type Amendment, amend } from './amendment.js'
import { amendmentSettings } from './amendment-settings.js'
import { closeAmendment, findAmendments, insertAmendment } from './amendments.js'
import { applyAmendment } from './apply-amendment.js'
import { reasonsToAsk } from './judge-amendment.js'

export interface ReportedDeal {
  readonly terms?: ReportedTerms | undefined
  readonly expectedAt?: Date | undefined
}

/**
 * Books what a supplier will really deliver and charge for an order that the transaction has locked (and its list's
 * limits before it, where there are terms). A change within the tolerance and the limits holds at once; any other waits
 * for a person, and until then the order, its budget and the list stay as they are. What was said before changes nothing.
 */
export async function bookTerms(tx: DomainContext, order: OrderRow, deal: ReportedDeal): Promise<OrderRow> {
  if (deal.terms === undefined && deal.expectedAt === undefined) return order
  const lines = await findLines(tx, order.id)
  const amendment = amend(toAmendable(order, lines), deal.terms ?? { lines: [] }, deal.expectedAt)
  const earlier = await findAmendments(tx, order.id)
  const pending = earlier.find(({ state }) => state === 'pending')
  const actor = `supplier:${order.supplier_id}`
  if (amendment === null || !touchesDeal(order, amendment)) {
    // It is back at what the order says: there is nothing to decide any more.
    if (pending !== undefined && deal.terms !== undefined) await closeAmendment(tx, pending, 'superseded', 'restock')
    return amendment === null ? order : moveDate(tx, order, lines, amendment, actor)
  }
  if (pending?.fingerprint === amendment.fingerprint) return order
  if (pending !== undefined) await closeAmendment(tx, pending, 'superseded', 'restock')
  if (earlier.some((each) => each.state === 'declined' && each.fingerprint === amendment.fingerprint)) return order
  if (amendment.lines.every((line) => line.packs === 0)) {
    return endUndelivered(tx, order, { to: 'rejected', actor, reason: 'the supplier delivers nothing of it' })
  }

  const limits = (await findListLimits(tx, order.list))?.settings ?? {}
  const settings = amendmentSettings(limits)
  const askBecause = await reasonsToAsk(tx, order, amendment, settings, limits)
  const state = askBecause.length === 0 ? 'applied' : 'pending'
  const id = await insertAmendment(tx, order, { amendment, terms: deal.terms ?? null, askBecause, state })
  const details = { amendment: id, ...storyOf(order, amendment) }
  if (state === 'applied') return applyAmendment(tx, order, amendment, { kind: 'amended', actor, details })
  await recordHistory(tx, order.id, 'amendment_pending', actor, { ...details, askBecause })
  if (settings.onAmendment !== 'cancel') return order
  return requestCancel(tx, order, { by: 'restock', reason: 'the supplier changed it (on_amendment)' })
}

/** What the story of the order tells of an amendment. */
export function storyOf(order: OrderRow, amendment: Amendment): object {
  return {
    changes: amendment.changes,
    ...(amendment.totalMinor === order.total_minor
      ? {}
      : { fromTotalMinor: order.total_minor, totalMinor: amendment.totalMinor }),
  }
}

/** Whether goods or money change, and not only the day. */
function touchesDeal(order: OrderRow, amendment: Amendment): boolean {
  return amendment.totalMinor !== order.total_minor || amendment.changes.some(({ kind }) => kind !== 'back_ordered')
}

/** A delay needs nobody's leave, as there is nothing to refuse; an order that stays away too long surfaces by itself. */
async function moveDate(
  tx: DomainContext,
  order: OrderRow,
  lines: readonly OrderLineRow[],
  amendment: Amendment,
  actor: string,
): Promise<OrderRow> {
  if (amendment.expectedAt?.getTime() === order.expected_at?.getTime()) return order
  const moved = await tx.db
    .updateTable('purchasing.orders')
    .set({ expected_at: amendment.expectedAt, updated_at: tx.clock.now() })
    .where('id', '=', order.id)
    .returningAll()
    .executeTakeFirstOrThrow()
  await recordHistory(tx, order.id, 'rescheduled', actor, {
    changes: amendment.changes,
    fromExpectedAt: order.expected_at,
    expectedAt: amendment.expectedAt,
  })
  await appendOrderEvents(tx, statusEvents(tx, moved, lines))
  return moved
}

function toAmendable(order: OrderRow, lines: readonly OrderLineRow[]) {
  return {
    currency: order.currency,
    subtotalMinor: order.subtotal_minor,
    taxMinor: order.tax_minor,
    shippingMinor: order.shipping_minor,
    discountMinor: order.discount_minor,
    totalMinor: order.total_minor,
    expectedAt: order.expected_at,
    lines: lines.map((line) => ({
      lineId: line.id,
      product: line.product,
      sku: line.sku,
      packs: line.packs,
      packQuantity: line.pack_quantity,
      unit: line.unit,
      packPriceMinor: line.pack_price_minor,
      lineTotalMinor: line.line_total_minor,
      taxRate: line.tax_rate,
      taxMinor: line.tax_minor,
    })),
  }
}
