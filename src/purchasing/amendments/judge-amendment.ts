import type { DomainContext } from '../../platform/context.js'
import { formatMoney, unitPriceWithinCap } from '../../platform/decimal.js'
import { findRunTotals } from '../catalog/supplier-facts.js'
import { type LimitSettings, toLimits } from '../limits/limit-settings.js'
import { checkLimits, type Limits } from '../limits/limits.js'
import { spendFacts } from '../limits/reservations.js'
import type { OrderRow } from '../orders/order-rows.js'
import { agreedCost } from './agreed-cost.js'
import { type Amendment, isAboveTolerance } from './amendment.js'
import type { AmendmentSettings } from './amendment-settings.js'
import { findAgreed } from './find-agreed.js'
import { judgeAmendedLines } from './judge-amended-lines.js'

/** Why a person has to say yes to what a supplier changed, one sentence each; empty: nobody has to. */
export async function reasonsToAsk(
  tx: DomainContext,
  order: OrderRow,
  amendment: Amendment,
  settings: AmendmentSettings,
  limits: LimitSettings,
): Promise<string[]> {
  const reasons: string[] = []
  const money = (amountMinor: number) => formatMoney(amountMinor, order.currency)
  if (settings.onAmendment !== 'accept') {
    if (amendment.isSubstituted) reasons.push('The supplier would deliver another product than was ordered.')
    const agreedMinor = agreedCost(await findAgreed(tx, order), amendment)
    if (isAboveTolerance(agreedMinor, amendment.totalMinor, settings.tolerancePercent)) {
      const which = agreedMinor === order.total_minor ? '' : ', which is what it would come to as it was agreed on'
      reasons.push(
        `The total of ${money(amendment.totalMinor)} is more than ${settings.tolerancePercent} % above ${money(agreedMinor)}${which} (amendment_tolerance_percent).`,
      )
    }
  }
  // No setting lets a supplier past what a person never allowed to be spent.
  const { refusals, approvals } = await limitsPassed(tx, order, amendment, limits)
  return [...reasons, ...(await capsPassed(tx, order, amendment)), ...refusals, ...approvals]
}

/**
 * The limits that the order would pass with its new total and lines. Its own money counts once, on the day that it counts
 * on.
 */
export async function limitsPassed(
  tx: DomainContext,
  order: OrderRow,
  amendment: Amendment,
  settings: LimitSettings,
): Promise<{ readonly refusals: readonly string[]; readonly approvals: readonly string[] }> {
  const limits = toLimits(settings, order.currency)
  const { run_id: runId, time_zone: timeZone } = await findNeedRun(tx, order)
  const ofLines = await judgeAmendedLines(tx, order, amendment, { limits, runId, timeZone })
  if (amendment.totalMinor <= order.total_minor) return ofLines
  const ofTotal = await totalPassed(tx, order, amendment, { limits, runId })
  return {
    refusals: [...ofTotal.refusals, ...ofLines.refusals],
    approvals: [...ofTotal.approvals, ...ofLines.approvals],
  }
}

async function totalPassed(
  tx: DomainContext,
  order: OrderRow,
  amendment: Amendment,
  { limits, runId }: { readonly limits: Limits; readonly runId: string },
): Promise<{ readonly refusals: readonly string[]; readonly approvals: readonly string[] }> {
  const { local_date: localDate } = await tx.db
    .selectFrom('purchasing.reservations')
    .select('local_date')
    .where('order_id', '=', order.id)
    .executeTakeFirstOrThrow()
  const facts = await spendFacts(tx, {
    list: order.list,
    currency: order.currency,
    localDate,
    exceptOrderId: order.id,
  })
  const inRun = (await findRunTotals(tx, { list: order.list, runId })).get(order.supplier_id) ?? 0
  const withTotal = (totalMinor: number) =>
    checkLimits(
      // Not what the size of an order has nothing to do with.
      {
        ...limits,
        ordersPerDay: null,
        ordersPerRun: null,
        allowedSuppliers: null,
        firstSupplierOrderNeedsApproval: false,
      },
      facts,
      {
        supplierId: order.supplier_id,
        supplierName: order.supplier_name,
        totalMinor,
        earlierInRunMinor: Math.max(0, inRun - order.total_minor),
        ordersInRun: 0,
        currency: order.currency,
        placedBy: 'run',
        isFirstFromSupplier: false,
        lines: [],
      },
    )
  const before = withTotal(order.total_minor)
  const after = withTotal(amendment.totalMinor)
  return {
    refusals: after.refusals.map(({ text }) => text),
    // What needed a person at the old total has had one.
    approvals: before.approvals.length > 0 ? [] : after.approvals,
  }
}

async function capsPassed(tx: DomainContext, order: OrderRow, amendment: Amendment): Promise<string[]> {
  const { run_id: runId } = await findNeedRun(tx, order)
  const rows = await tx.db
    .selectFrom('purchasing.order_lines as line')
    .innerJoin('purchasing.needs as need', 'need.item_id', 'line.item_id')
    .select(['line.id', 'line.pack_price_minor', 'line.pack_quantity', 'need.name', 'need.max_unit_price'])
    .where('line.order_id', '=', order.id)
    .where('need.run_id', '=', runId)
    .execute()
  return rows.flatMap((row) => {
    const after = amendment.lines.find(({ lineId }) => lineId === row.id)
    const cap = row.max_unit_price
    if (after === undefined || cap === null || after.packs === 0) return []
    const isChanged = after.packPriceMinor !== row.pack_price_minor || after.packQuantity !== row.pack_quantity
    if (!isChanged || unitPriceWithinCap(after.packPriceMinor, after.packQuantity, cap, order.currency)) return []
    return [
      `“${row.name}” may cost ${cap} ${order.currency} a unit at most; ${formatMoney(after.packPriceMinor, order.currency)} for ${after.packQuantity} is more.`,
    ]
  })
}

/** The run, or a person's stand-in for one, whose need was ordered. */
async function findNeedRun(
  tx: DomainContext,
  order: OrderRow,
): Promise<{ readonly run_id: string; readonly time_zone: string }> {
  return tx.db
    .selectFrom('purchasing.quotes')
    .select(['run_id', 'time_zone'])
    .where('id', '=', order.quote_id)
    .executeTakeFirstOrThrow()
}
