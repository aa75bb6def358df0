import { ceilToMultiple, multiplyQuantity, roundQuantity } from '../platform/decimal.js'

export interface AutoReorderInput {
  /** Of a day in stock. */
  readonly meanDailyUse: number
  /** Standard deviation of a day's use. */
  readonly sigma: number
  readonly leadTimeDays: number
  /** 0.5 up to, but not including, 1. */
  readonly serviceLevel: number
  readonly reviewDays: number
  /** What the level is rounded up to a multiple of. */
  readonly multiple: number
}

export interface AutoReorder {
  readonly reorderPoint: number
  readonly orderUpTo: number
  /** What goes while an order is on its way. */
  readonly leadTimeUse: number
  /** z · σ · √lead time, on top of that. */
  readonly safetyStock: number
  readonly z: number
}

/**
 * Reorder point and order-up-to level from demand:
 *
 *   safety stock  = z · σ · √L
 *   reorder point = mean · L + safety stock
 *   level         = reorder point + mean · review days, rounded up to the multiple
 *
 * with the mean and standard deviation σ of a day's use, the lead time L in days, and z the standard normal quantile of the
 * service level (the chance that a lead time ends without running out). Demand of different days is taken as independent
 * and near normal over a lead time, and the lead time as certain: P. L. King, "Crack the Code: Understanding safety stock
 * and mastering its equations", APICS Magazine, July/August 2011, first equation; Silver, Pyke and Peterson, "Inventory
 * Management and Production Planning and Scheduling", 3rd ed., 1998, chapter 7 (order-point, order-up-to-level systems).
 *
 * z is taken to three decimals and each quantity is rounded to three, so that a person with a calculator gets the same.
 */
export function autoReorder(input: AutoReorderInput): AutoReorder {
  const z = Math.max(0, Math.round(normalQuantile(input.serviceLevel) * 1000) / 1000)
  if (input.meanDailyUse <= 0) return { reorderPoint: 0, orderUpTo: 0, leadTimeUse: 0, safetyStock: 0, z }
  const leadTimeUse = multiplyQuantity(input.meanDailyUse, input.leadTimeDays)
  const safetyStock = roundQuantity(z * input.sigma * Math.sqrt(input.leadTimeDays))
  const reorderPoint = roundQuantity(leadTimeUse + safetyStock)
  const wanted = roundQuantity(reorderPoint + multiplyQuantity(input.meanDailyUse, input.reviewDays))
  return { reorderPoint, orderUpTo: ceilToMultiple(wanted, input.multiple), leadTimeUse, safetyStock, z }
}

const a = [
  -39.69683028665376, 220.9460984245205, -275.9285104469687, 138.357751867269, -30.66479806614716, 2.506628277459239,
]
const b = [-54.47609879822406, 161.5858368580409, -155.6989798598866, 66.80131188771972, -13.28068155288572, 1]
const c = [
  -0.007784894002430293, -0.3223964580411365, -2.400758277161838, -2.549732539343734, 4.374664141464968,
  2.938163982698783,
]
const d = [0.007784695709041462, 0.3224671290700398, 2.445134137142996, 3.754408661907416, 1]

/** Inverse of the standard normal distribution, for 0 < p < 1: P. J. Acklam's approximation (2003), good to 1.2e-9. */
export function normalQuantile(p: number): number {
  if (!(p > 0 && p < 1)) throw new RangeError(`${p} is not a probability between 0 and 1`)
  const tail = 0.02425
  if (p > 1 - tail) return -normalQuantile(1 - p)
  if (p < tail) {
    const q = Math.sqrt(-2 * Math.log(p))
    return polynomial(c, q) / polynomial(d, q)
  }
  const q = p - 0.5
  return (polynomial(a, q * q) * q) / polynomial(b, q * q)
}

/** Coefficients from the highest power down. */
function polynomial(coefficients: readonly number[], x: number): number {
  return coefficients.reduce((sum, coefficient) => sum * x + coefficient, 0)
}
