/**
 * What the limits leave for one quote, before anything is chosen: so that a basket is made to fit instead of being
 * refused whole when it is placed. The placing transaction checks again, with the limits locked. Pure.
 */
import { formatMoney } from '../../platform/decimal.js'
import type { Limits, SpendFacts } from '../limits/limits.js'

export interface Allowance {
  /** The limit's name, as people set it. */
  readonly limit: string
  readonly limitMinor: number
  /** With shipping and tax. */
  readonly leftMinor: number
}

export interface Allowances {
  /** For all orders of the quote together; null: no limit. */
  readonly inAll: Allowance | null
  /** For one order to this supplier; null: no limit. */
  readonly perOrder: (supplierId: string) => Allowance | null
}

/** `runTotals`: what the same run has ordered from each supplier before; it counts as the same order. */
export function readAllowances(limits: Limits, spend: SpendFacts, runTotals: ReadonlyMap<string, number>): Allowances {
  return {
    inAll: tightest([
      allowance('per_day', limits.perDayMinor, spend.dayMinor),
      allowance('per_week', limits.perWeekMinor, spend.weekMinor),
      allowance('per_month', limits.perMonthMinor, spend.monthMinor),
    ]),
    perOrder: (supplierId) => {
      const ofSupplier = limits.perSupplier.get(supplierId)
      const path = `per_supplier.${supplierId}`
      const earlier = runTotals.get(supplierId) ?? 0
      const spent = spend.supplierMonthMinor.get(supplierId) ?? 0
      return tightest([
        allowance('per_order', limits.perOrderMinor, earlier),
        allowance(`${path}.per_order`, ofSupplier?.perOrderMinor ?? null, earlier),
        allowance(`${path}.per_month`, ofSupplier?.perMonthMinor ?? null, spent),
      ])
    },
  }
}

/** '12.30 EUR of 500.00 EUR (per_month)'. */
export function allowanceInWords({ limit, limitMinor, leftMinor }: Allowance, currency: string): string {
  return `${formatMoney(leftMinor, currency)} of ${formatMoney(limitMinor, currency)} (${limit})`
}

function allowance(limit: string, limitMinor: number | null, usedMinor: number): Allowance | null {
  return limitMinor === null ? null : { limit, limitMinor, leftMinor: Math.max(0, limitMinor - usedMinor) }
}

function tightest(allowances: readonly (Allowance | null)[]): Allowance | null {
  let least: Allowance | null = null
  for (const each of allowances) {
    if (each !== null && (least === null || each.leftMinor < least.leftMinor)) least = each
  }
  return least
}
