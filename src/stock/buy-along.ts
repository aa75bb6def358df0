import { type ReplenishInput, type Replenishment, replenish } from './replenishment.js'

/**
 * How much of an item that is not due yet could be bought along, where that makes an order cheaper: what it would need if
 * its position were its reorder point. 0: it is due anyway, or too far from it. Pure.
 */
export function topUpQuantity(input: ReplenishInput, now: Replenishment, withinPercent: number | null): number {
  const { kind, reorderPoint, isSnoozed } = input
  if (withinPercent === null || kind !== 'stock' || reorderPoint === null || isSnoozed) return 0
  if (now.due || now.attention !== null || now.position > reorderPoint * (1 + withinPercent / 100)) return 0
  return replenish({ ...input, reorderPoint: now.position }).need
}

/**
 * How many times an ordinary need it counts where money is short: 3 where nothing is left, 2 where less than half of the
 * reorder point is there or coming. Pure.
 */
export function urgencyOf(input: Pick<ReplenishInput, 'kind' | 'onHand' | 'onOrder' | 'reorderPoint'>): number {
  if (input.kind !== 'stock') return 1
  if (input.onHand <= 0) return 3
  return input.onHand + input.onOrder <= (input.reorderPoint ?? 0) / 2 ? 2 : 1
}
