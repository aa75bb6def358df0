import { ceilToMultiple } from '../platform/decimal.js'
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

/** In which quantities a top-up may be bought, as any part of it may do. null: no bound. */
export interface TopUpPortions {
  readonly least: number
  readonly multiple: number | null
  readonly most: number | null
}

/**
 * A part of a top-up is held to what the item states, as a need is; null: any part will do. What is bought each time counts
 * as the least that is. Packs may go past it as they may past a need, unless the item says that its level is not to be
 * passed. Pure.
 */
export function topUpPortions(
  input: Pick<ReplenishInput, 'reorderQuantity' | 'orderMultiple' | 'minimumQuantity' | 'orderUpTo' | 'overMax'>,
  topUp: number,
): TopUpPortions | null {
  const { reorderQuantity, orderMultiple: multiple, minimumQuantity, orderUpTo, overMax } = input
  if (topUp === 0) return null
  const stated = Math.max(minimumQuantity ?? 0, reorderQuantity ?? 0)
  const least = Math.min(topUp, multiple === null ? stated : ceilToMultiple(stated, multiple))
  const most = overMax === 'allow' || orderUpTo === null ? null : topUp
  return least === 0 && multiple === null && most === null ? null : { least, multiple, most }
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
