/** What packs of an instance's offers come to, and which rules they break. For the solver's own use: `checkPlan` judges. */
import { at, priceAt } from './covers.js'
import type { Instance } from './instance.js'
import { isPackRounding, isPortion, type RoundedLine } from './pack-rounding.js'
import { shippingOf, taxOf } from './supplier-sums.js'

export interface PlanSums {
  readonly shortage: number
  /** Goods, shipping and effort: what is minimised. */
  readonly cost: number
  /** With tax. */
  readonly gross: number
  /** Items of which more is bought than the rule on pack rounding lets through, or another quantity than a top-up has. */
  readonly badlyRounded: readonly number[]
  /** Above the budget or a maximum order. */
  readonly isTooDear: boolean
  /** Below a minimum order, or more than there is. */
  readonly isRefused: boolean
}

export function isAllowed(sums: PlanSums): boolean {
  return sums.badlyRounded.length === 0 && !sums.isTooDear && !sums.isRefused
}

export function sumUp(instance: Instance, packs: ArrayLike<number>): PlanSums {
  const orders = instance.suppliers.map(() => ({ subtotal: 0, tax: 0, lines: 0 }))
  const lines: RoundedLine[][] = instance.items.map(() => [])
  for (const [number, offer] of instance.offers.entries()) {
    const bought = packs[number] ?? 0
    if (bought === 0) continue
    const amount = bought * priceAt(offer, bought)
    const order = at(orders, offer.supplier)
    order.subtotal += amount
    order.tax += taxOf(amount, at(instance.suppliers, offer.supplier).taxRate)
    order.lines += 1
    at(lines, offer.item).push({ packs: bought, pack: offer.pack, minimum: offer.minimum })
  }
  let cost = 0
  let gross = 0
  let isTooDear = false
  let isRefused = instance.sharedStocks.some(
    ({ stock, offers }) => offers.reduce((sum, offer) => sum + (packs[offer] ?? 0), 0) > stock,
  )
  for (const [number, { subtotal, tax, lines: count }] of orders.entries()) {
    if (count === 0) continue
    const supplier = at(instance.suppliers, number)
    const net = subtotal + shippingOf(supplier, subtotal)
    cost += net + supplier.effort
    gross += net + tax
    if (supplier.maximum !== null && net + tax > supplier.maximum) isTooDear = true
    if (subtotal < supplier.minimum) isRefused = true
  }
  if (instance.budget !== null && gross > instance.budget) isTooDear = true
  const badlyRounded: number[] = []
  let shortage = 0
  for (const [item, { need, step, points, portions }] of instance.items.entries()) {
    const bought = at(lines, item)
    const covered = bought.reduce((sum, line) => sum + line.packs * line.pack, 0)
    shortage += (Math.max(0, need - covered) / step) * points
    if (!isPackRounding(need, bought) || !isPortion(portions, covered)) badlyRounded.push(item)
  }
  return { shortage, cost, gross, badlyRounded, isTooDear, isRefused }
}
