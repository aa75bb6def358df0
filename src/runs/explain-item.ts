import { formatMoney, subtractQuantity } from '../platform/decimal.js'
import type { OutcomeItem, OutcomeOrder, SnapshotItem } from './run.js'

/** What else could have covered the need, from the quote: whole packs of one offer, goods only. */
export interface Alternative {
  readonly supplier: string
  readonly product: string
  readonly packs: number
  readonly packQuantity: number
  readonly packPriceMinor: number
  readonly goodsMinor: number
  readonly currency: string
}

/** Why an item was ordered or not, in numbers that a person can check by hand. Everything was recorded by the run. */
export interface ItemExplanation {
  readonly itemId: string
  readonly name: string
  readonly lines: readonly string[]
}

/** Position, level, steps, what was bought, what else it could have been, and what came of it; one line each. Pure. */
export function explainItem(
  item: SnapshotItem,
  outcome: OutcomeItem | undefined,
  orders: readonly OutcomeOrder[],
  alternatives: readonly Alternative[],
): ItemExplanation {
  const bought = orders.flatMap((order) =>
    order.lines.filter((line) => line.itemId === item.itemId).map((line) => ({ order, line })),
  )
  return {
    itemId: item.itemId,
    name: item.name,
    lines: [
      describePosition(item),
      ...describeLevel(item),
      ...item.steps.map((step) => `${step.rule.replaceAll('_', ' ')}: ${step.from} → ${step.to} ${item.unit}`),
      ...(item.attention === null ? [] : [item.attention]),
      ...bought.map(
        ({ order, line }) =>
          `bought from ${order.supplier}: ${line.packs} × ${line.packQuantity} ${line.unit} of "${line.product}" at ` +
          `${formatMoney(line.packPriceMinor, order.currency)} = ${formatMoney(line.lineTotalMinor, order.currency)} (${order.status})`,
      ),
      ...alternatives.map((other) => describeAlternative(other, item.unit)),
      ...(outcome === undefined ? [] : [`${outcome.decision.replaceAll('_', ' ')}: ${outcome.reason}`]),
    ],
  }
}

function describePosition(item: SnapshotItem): string {
  return `position: ${item.onHand} on hand + ${item.onOrder} on order = ${item.position} ${item.unit}`
}

function describeLevel(item: SnapshotItem): string[] {
  if (item.kind === 'one_off') {
    const by = item.neededBy == null ? '' : `, needed by ${item.neededBy}`
    return [`requested once: ${item.need} ${item.unit} are still open${by}`]
  }
  if (item.kind === 'standing') return [`standing need: ${item.orderUpTo ?? item.need} ${item.unit} each interval`]
  const point = item.reorderPoint ?? 0
  const level = item.orderUpTo === null ? 'no order-up-to level' : `order up to ${item.orderUpTo} ${item.unit}`
  const below = subtractQuantity(point, item.position)
  return [`reorder point ${point} ${item.unit} (position is ${below === 0 ? 'at it' : `${below} below`}), ${level}`]
}

function describeAlternative(other: Alternative, unit: string): string {
  return (
    `instead: ${other.packs} × ${other.packQuantity} ${unit} of "${other.product}" from ${other.supplier} at ` +
    `${formatMoney(other.packPriceMinor, other.currency)} = ${formatMoney(other.goodsMinor, other.currency)}`
  )
}
