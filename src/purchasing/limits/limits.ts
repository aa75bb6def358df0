/**
 * What may never be bought, and what only a person may let through. Pure: settings and facts in, refusals and reasons
 * out. The placing transaction calls it with the list's limits row locked, so that the facts hold until it commits.
 */
import { formatMoney } from '../../platform/decimal.js'
import type { Message } from '../../platform/errors.js'
import { checkLines, type LineToCheck } from './line-limits.js'

export type { LastPaidPrice, LineToCheck } from './line-limits.js'

/** A list's limits in minor units of its currency; null: no such limit. */
export interface Limits {
  readonly perOrderMinor: number | null
  readonly perDayMinor: number | null
  readonly perWeekMinor: number | null
  readonly perMonthMinor: number | null
  readonly ordersPerDay: number | null
  /** Most orders that one run may place with one supplier: each has its shipping, and the need is the same. */
  readonly ordersPerRun: number | null
  /** Exact decimal text, at most 2 decimals (`overshootReason`). */
  readonly maxTimesNeed: string
  readonly approveAboveMinor: number | null
  /** Most that one order may spend on one item, net. */
  readonly maxLineMinor: number | null
  /** Exact decimal text, at most 2 decimals. */
  readonly maxPriceRisePercent: string | null
  readonly priceRise: 'approve' | 'refuse'
  readonly allowedSuppliers: readonly string[] | null
  /** By supplier id. */
  readonly perSupplier: ReadonlyMap<string, SupplierLimits>
  readonly firstPurchaseNeedsApproval: boolean
  readonly firstSupplierOrderNeedsApproval: boolean
  readonly personOrdersNeedApproval: boolean
}

export interface SupplierLimits {
  readonly perOrderMinor: number | null
  readonly perMonthMinor: number | null
}

/** Spent or promised so far in the local day, week and month, and how many orders were placed today. */
export interface SpendFacts {
  readonly dayMinor: number
  readonly weekMinor: number
  readonly monthMinor: number
  /** Of the month, by supplier id. */
  readonly supplierMonthMinor: ReadonlyMap<string, number>
  readonly ordersToday: number
}

export interface OrderToCheck {
  readonly supplierId: string
  readonly supplierName: string
  readonly totalMinor: number
  /**
   * What the same run has ordered from this supplier before. It counts as the same order wherever size matters: else an
   * agent could cut one large order into small ones.
   */
  readonly earlierInRunMinor: number
  /** How many orders the same run has placed with this supplier before, whatever became of them. */
  readonly ordersInRun: number
  readonly currency: string
  readonly placedBy: 'run' | 'person'
  readonly isFirstFromSupplier: boolean
  readonly lines: readonly LineToCheck[]
}

export interface LimitsVerdict {
  /** Not empty: the order is refused. */
  readonly refusals: readonly Message[]
  /** Why a person has to approve it first, one sentence each; empty: nobody has to. */
  readonly approvals: readonly string[]
}

export function checkLimits(limits: Limits, facts: SpendFacts, order: OrderToCheck): LimitsVerdict {
  const ofLines = checkLines(limits, order)
  return {
    refusals: [
      ...refusalsOf(limits, facts, order),
      ...ofLines.refusals.map(({ code, text }): Message => ({ code, severity: 'needs_human', text })),
    ],
    approvals: [...approvalsOf(limits, order), ...ofLines.approvals],
  }
}

/** The facts as the next order of the same call has to see them. */
export function addSpend(
  facts: SpendFacts,
  { supplierId, totalMinor }: Pick<OrderToCheck, 'supplierId' | 'totalMinor'>,
): SpendFacts {
  const ofSupplier = (facts.supplierMonthMinor.get(supplierId) ?? 0) + totalMinor
  return {
    dayMinor: facts.dayMinor + totalMinor,
    weekMinor: facts.weekMinor + totalMinor,
    monthMinor: facts.monthMinor + totalMinor,
    supplierMonthMinor: new Map([...facts.supplierMonthMinor, [supplierId, ofSupplier]]),
    ordersToday: facts.ordersToday + 1,
  }
}

function refusalsOf(limits: Limits, facts: SpendFacts, order: OrderToCheck): Message[] {
  const refusals: Message[] = []
  const refuse = (code: string, text: string) => refusals.push({ code, severity: 'needs_human', text })
  const money = (amountMinor: number) => formatMoney(amountMinor, order.currency)
  const { supplierId, supplierName } = order

  if (limits.allowedSuppliers !== null && !limits.allowedSuppliers.includes(supplierId)) {
    const allowed = limits.allowedSuppliers.length === 0 ? 'nobody' : limits.allowedSuppliers.join(', ')
    refuse(
      'supplier_not_allowed',
      `${supplierName} (${supplierId}) is not among the suppliers this list may buy from (allowed_suppliers: ${allowed}).`,
    )
  }
  const ofSupplier = limits.perSupplier.get(supplierId)
  const sizes = [
    { code: 'limit_per_order', whose: '', key: 'per_order', limitMinor: limits.perOrderMinor },
    {
      code: 'limit_per_supplier',
      whose: ` from ${supplierName}`,
      key: `per_supplier.${supplierId}.per_order`,
      limitMinor: ofSupplier?.perOrderMinor ?? null,
    },
  ]
  for (const { code, whose, key, limitMinor } of sizes) {
    if (limitMinor === null || order.earlierInRunMinor + order.totalMinor <= limitMinor) continue
    refuse(
      code,
      `The order of ${sizeInWords(order)} is above the limit per order${whose} of ${money(limitMinor)} (${key}).`,
    )
  }
  const budgets = [
    { code: 'limit_per_day', key: 'per_day', words: 'day', limitMinor: limits.perDayMinor, spentMinor: facts.dayMinor },
    {
      code: 'limit_per_week',
      key: 'per_week',
      words: 'week',
      limitMinor: limits.perWeekMinor,
      spentMinor: facts.weekMinor,
    },
    {
      code: 'limit_per_month',
      key: 'per_month',
      words: 'month',
      limitMinor: limits.perMonthMinor,
      spentMinor: facts.monthMinor,
    },
    {
      code: 'limit_per_supplier',
      key: `per_supplier.${supplierId}.per_month`,
      words: `month for ${supplierName}`,
      limitMinor: ofSupplier?.perMonthMinor ?? null,
      spentMinor: facts.supplierMonthMinor.get(supplierId) ?? 0,
    },
  ]
  for (const { code, key, words, limitMinor, spentMinor } of budgets) {
    if (limitMinor === null || spentMinor + order.totalMinor <= limitMinor) continue
    const leftMinor = Math.max(0, limitMinor - spentMinor)
    refuse(
      code,
      `The order of ${money(order.totalMinor)} is above what is left of the limit per ${words}: ${money(leftMinor)} of ${money(limitMinor)} (${key}).`,
    )
  }
  if (limits.ordersPerDay !== null && facts.ordersToday >= limits.ordersPerDay) {
    refuse(
      'limit_orders_per_day',
      `${facts.ordersToday} of ${limits.ordersPerDay} orders a day are placed already, none is left today (orders_per_day).`,
    )
  }
  if (limits.ordersPerRun !== null && order.ordersInRun >= limits.ordersPerRun) {
    refuse(
      'limit_orders_per_run',
      `This run has placed ${order.ordersInRun} of ${limits.ordersPerRun} orders with ${supplierName} already, which is all that one run may (orders_per_run).`,
    )
  }
  return refusals
}

function approvalsOf(limits: Limits, order: OrderToCheck): string[] {
  const approvals: string[] = []
  if (limits.approveAboveMinor !== null && order.earlierInRunMinor + order.totalMinor > limits.approveAboveMinor) {
    const above = formatMoney(limits.approveAboveMinor, order.currency)
    approvals.push(`The total of ${sizeInWords(order)} is above ${above} (approve_above).`)
  }
  if (limits.personOrdersNeedApproval && order.placedBy === 'person') {
    approvals.push('It was ordered through a person’s client and not by a run (person_orders_need_approval).')
  }
  if (limits.firstSupplierOrderNeedsApproval && order.isFirstFromSupplier) {
    approvals.push(`It is the first order from ${order.supplierName} (first_supplier_order_needs_approval).`)
  }
  return approvals
}

function sizeInWords(order: OrderToCheck): string {
  const total = formatMoney(order.totalMinor, order.currency)
  if (order.earlierInRunMinor === 0) return total
  return `${total} on top of the ${formatMoney(order.earlierInRunMinor, order.currency)} that this run has ordered from ${order.supplierName}`
}
