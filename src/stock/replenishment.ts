import { addQuantity, ceilToMultiple, floorToMultiple, subtractQuantity } from '../platform/decimal.js'
import type { ItemKind, OverMax } from './tables.js'

/** Everything that decides how much of an item to buy. Quantities are in the item's unit, with at most three decimals. */
export interface ReplenishInput {
  readonly kind: ItemKind
  readonly onHand: number
  /** Ordered minus received, over orders that are not final. */
  readonly onOrder: number
  readonly reorderPoint: number | null
  readonly orderUpTo: number | null
  readonly reorderQuantity: number | null
  readonly orderMultiple: number | null
  readonly minimumQuantity: number | null
  readonly overMax: OverMax
  /** Of a standing need: whether its interval since the last order is over. */
  readonly isIntervalOver: boolean
  /** Of a one-off: wanted in all, and come in so far. */
  readonly requestedQuantity: number | null
  readonly receivedQuantity: number
  readonly isSnoozed: boolean
}

export type Rule =
  | 'order_up_to'
  | 'reorder_point'
  | 'reorder_quantity'
  | 'every'
  | 'requested'
  | 'received'
  | 'on_order'
  | 'minimum_quantity'
  | 'order_multiple'
  | 'over_max_round_down'
  | 'over_max_hold'
  | 'auto_lead_time_use'
  | 'auto_reorder_point'
  | 'auto_order_up_to'
  | 'held'

/** One rule that set or changed the quantity. The first starts from 0, each goes on from the one before. */
export interface Step {
  readonly rule: Rule
  readonly from: number
  readonly to: number
}

export interface Replenishment {
  /** On hand and on order together. */
  readonly position: number
  readonly due: boolean
  /** How much to buy now: 0, or at least the minimum and a whole number of multiples. */
  readonly need: number
  /** How `need` came about; empty when nothing is due. */
  readonly steps: readonly Step[]
  /** Why a person should look at it: due but nothing can be ordered, or never due at all. */
  readonly attention: string | null
}

/**
 * Whether an item is due and how much of it to buy:
 * raw need → raised to the minimum → rounded up to the multiple → held back if that passes the order-up-to level and the
 * item says so. In any other order the result is a quantity that nobody can buy.
 */
export function replenish(input: ReplenishInput): Replenishment {
  const position = addQuantity(input.onHand, input.onOrder)
  const raw = input.isSnoozed ? null : rawSteps(input, position)
  if (raw === null) return { position, due: false, need: 0, steps: [], attention: untracked(input) }

  const steps = [...raw]
  const quantity = () => steps.at(-1)?.to ?? 0
  const apply = (rule: Rule, to: number) => {
    if (to !== quantity()) steps.push({ rule, from: quantity(), to })
  }
  const wanted = quantity()
  apply('minimum_quantity', Math.max(wanted, input.minimumQuantity ?? 0))
  if (input.orderMultiple !== null) apply('order_multiple', ceilToMultiple(quantity(), input.orderMultiple))
  const buyable = quantity()
  // Without an order-up-to level there is no maximum to pass.
  if (input.orderUpTo !== null && buyable > wanted) {
    if (input.overMax === 'round_down') apply('over_max_round_down', roundedDown(input, wanted))
    if (input.overMax === 'hold') apply('over_max_hold', 0)
  }
  const need = quantity()
  return { position, due: true, need, steps, attention: need > 0 ? null : whyNothing(input, wanted, buyable) }
}

/** The need before it is made buyable, or null when the item is not due. */
function rawSteps(input: ReplenishInput, position: number): Step[] | null {
  switch (input.kind) {
    case 'stock':
      return levelSteps(input, position)
    case 'standing': {
      if (!input.isIntervalOver) return null
      return subtracting('every', input.orderUpTo ?? input.minimumQuantity ?? 0, [['on_order', input.onOrder]])
    }
    case 'one_off':
      return subtracting('requested', input.requestedQuantity ?? 0, [
        ['received', input.receivedQuantity],
        ['on_order', input.onOrder],
      ])
  }
}

function levelSteps(input: ReplenishInput, position: number): Step[] | null {
  const { reorderPoint, orderUpTo, reorderQuantity } = input
  if (reorderPoint === null || position > reorderPoint) return null
  const gap = subtractQuantity(Math.max(orderUpTo ?? 0, reorderPoint), position)
  const steps: Step[] = [{ rule: orderUpTo === null ? 'reorder_point' : 'order_up_to', from: 0, to: gap }]
  if (reorderQuantity !== null && reorderQuantity > gap) {
    steps.push({ rule: 'reorder_quantity', from: gap, to: reorderQuantity })
  }
  return steps
}

/** A stated quantity less what has come or is coming; null when that covers it. */
function subtracting(rule: Rule, stated: number, covered: readonly (readonly [Rule, number])[]): Step[] | null {
  const steps: Step[] = [{ rule, from: 0, to: stated }]
  let left = stated
  for (const [reason, quantity] of covered) {
    if (quantity <= 0) continue
    const rest = Math.max(0, subtractQuantity(left, quantity))
    steps.push({ rule: reason, from: left, to: rest })
    left = rest
  }
  return left > 0 ? steps : null
}

/** The most that stays within the order-up-to level and can be bought; 0 when there is no such quantity. */
function roundedDown(input: ReplenishInput, wanted: number): number {
  const within = input.orderMultiple === null ? wanted : floorToMultiple(wanted, input.orderMultiple)
  return within < (input.minimumQuantity ?? 0) ? 0 : within
}

function whyNothing(input: ReplenishInput, wanted: number, buyable: number): string {
  if (buyable > 0) {
    return (
      `The smallest quantity that can be bought is ${buyable}, but only ${wanted} fits under its order_up_to of ` +
      `${input.orderUpTo}, and over_max is ${input.overMax}; raise order_up_to or set over_max to allow.`
    )
  }
  return (
    `It stands at its reorder_point of ${input.reorderPoint}, but there is nothing to order up to; ` +
    'set order_up_to above that, or minimum_quantity.'
  )
}

function untracked(input: ReplenishInput): string | null {
  if (input.kind !== 'stock' || input.reorderPoint !== null) return null
  return 'It is never reordered by itself: it has no reorder_point and no every.'
}
