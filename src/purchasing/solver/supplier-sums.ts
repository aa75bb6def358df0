/** What a supplier's order comes to, and by how much it breaks the supplier's rules. Integers throughout. */
import type { InstanceSupplier } from './instance.js'

const rateUnit = 100_000

/** Half up to the minor unit, for amounts that the product with the rate leaves exact (ten billion at 90 %). */
export function taxOf(amountMinor: number, taxRate: number): number {
  const whole = Math.floor(amountMinor / rateUnit)
  const rest = amountMinor - whole * rateUnit
  return whole * taxRate + Math.floor((2 * rest * taxRate + rateUnit) / (2 * rateUnit))
}

export function shippingOf(supplier: InstanceSupplier, subtotal: number): number {
  return supplier.freeOver !== null && subtotal >= supplier.freeOver ? 0 : supplier.fee
}
