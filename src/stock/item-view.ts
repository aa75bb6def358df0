import type { Selectable } from 'kysely'
import { type TopUpPortions, topUpPortions, topUpQuantity, urgencyOf } from './buy-along.js'
import { type AutoLevels, deriveLevels, type LeadTime } from './derive-levels.js'
import { isIntervalOver } from './every.js'
import type { LedgerMovement } from './find-doubt.js'
import { itemDemand } from './item-demand.js'
import { itemVersion } from './item-version.js'
import type { ListView } from './lists.js'
import { onHand } from './on-hand.js'
import { type Replenishment, replenish, type Step } from './replenishment.js'
import type { LinkFact, OrderFacts, StockFacts } from './stock-facts.js'
import { readSubstitutes, type Substitute } from './substitutes.js'
import type { ItemKind, ItemsTable, OverMax, Reorder } from './tables.js'

export type ItemRow = Selectable<ItemsTable>

/** An item as everyone sees it: its settings, what is there, what is coming, and what to buy now. */
export interface ItemView extends Replenishment {
  readonly itemId: string
  readonly list: string
  readonly name: string
  readonly kind: ItemKind
  readonly unit: string
  readonly category: string | null
  readonly notes: string | null
  readonly sku: string | null
  readonly gtin: string | null
  /** Major units of the list's currency per item unit, exact; null: no cap. */
  readonly maxUnitPrice: string | null
  readonly onHand: number
  readonly onOrder: number
  /** As stated. */
  readonly dailyUse: number | null
  /** What goes in a day, as stated or else as learned; null: not known. */
  readonly meanDailyUse: number | null
  /** Where that comes from: '2.4 l a day, from 5 counts over 31 days'. */
  readonly useBasis: string | null
  /** How long what is on hand lasts, in whole days; null: not known, or nothing of it goes. */
  readonly daysLeft: number | null
  readonly every: string | null
  readonly reorder: Reorder
  /** In force: as stated, or as worked out from use. */
  readonly reorderPoint: number | null
  readonly orderUpTo: number | null
  readonly reorderQuantity: number | null
  readonly orderMultiple: number | null
  readonly minimumQuantity: number | null
  readonly overMax: OverMax
  readonly leadTimeDays: number | null
  readonly serviceLevel: number | null
  /** What reorder point and level were worked out from; null: they are as stated. */
  readonly auto: AutoLevels | null
  /** In order of preference. */
  readonly substitutes: readonly Substitute[]
  readonly requestedQuantity: number | null
  /** Of a one-off: the last day on which it may come, YYYY-MM-DD on the list's calendar; null: whenever. */
  readonly neededBy: string | null
  readonly steps: readonly Step[]
  readonly links: readonly LinkFact[]
  readonly origin: 'person' | 'agent'
  /** null also when a snooze is over. */
  readonly snoozedUntil: Date | null
  readonly snoozeReason: string | null
  /** How many times an ordinary need it counts where money is short. */
  readonly urgency: number
  /** Not due, but may be bought along where that makes an order cheaper: how much of it; 0: nothing. */
  readonly topUp: number
  /** Which parts of it may be bought; null: any. */
  readonly topUpPortions: TopUpPortions | null
  /** Changes whenever a person changes a setting of the item. */
  readonly version: string
}

export function viewItem(item: ItemRow, facts: StockFacts, list: ListView, now: Date): ItemView {
  const { demandRules } = list
  const orders = facts.orders.get(item.id)
  const movements = facts.movements.get(item.id) ?? []
  const demand = itemDemand(item, movements, demandRules, now)
  const leadTime = leadTimeOf(item, orders, demandRules.leadTimeDays)
  const levels = deriveLevels({
    reorder: item.reorder,
    reorderPoint: item.reorder_point,
    orderUpTo: item.order_up_to,
    orderMultiple: item.order_multiple,
    serviceLevel: item.service_level,
    leadTime,
    demand,
    isWhole: movements.every(isWhole),
    rules: demandRules,
  })
  const isSnoozed = item.snoozed_until !== null && item.snoozed_until > now
  const rules = {
    kind: item.kind,
    onHand: onHand(movements, demand.projected, now),
    onOrder: orders?.onOrder ?? 0,
    reorderPoint: levels.reorderPoint,
    orderUpTo: levels.orderUpTo,
    reorderQuantity: item.reorder_quantity,
    orderMultiple: item.order_multiple,
    minimumQuantity: item.minimum_quantity,
    overMax: item.over_max,
    requestedQuantity: item.requested_quantity,
  }
  const input = {
    ...rules,
    isIntervalOver:
      item.every !== null && isIntervalOver(item.every, orders?.lastOrderedAt ?? null, now, list.timeZone),
    receivedQuantity: orders?.received ?? 0,
    isSnoozed,
  }
  const need = replenish(input)
  const topUp = demand.doubt === null ? topUpQuantity(input, need, demandRules.topUpPercent) : 0
  return {
    itemId: item.id,
    list: item.list,
    name: item.name,
    unit: item.unit,
    category: item.category,
    notes: item.notes,
    sku: item.sku,
    gtin: item.gtin,
    maxUnitPrice: item.max_unit_price,
    dailyUse: item.daily_use,
    meanDailyUse: demand.mean,
    useBasis: demand.basis,
    daysLeft: demand.mean === null || demand.mean === 0 ? null : Math.floor(rules.onHand / demand.mean),
    every: item.every,
    reorder: item.reorder,
    leadTimeDays: item.lead_time_days,
    serviceLevel: item.service_level,
    auto: levels.auto,
    substitutes: readSubstitutes(item.substitutes),
    neededBy: item.needed_by,
    ...rules,
    ...held(need, levels.steps, levels.attention, demand.doubt?.text ?? null),
    urgency: urgencyOf(rules),
    topUp,
    topUpPortions: topUpPortions(input, topUp),
    links: facts.links.get(item.id) ?? [],
    origin: item.origin,
    snoozedUntil: isSnoozed ? item.snoozed_until : null,
    snoozeReason: isSnoozed ? item.snooze_reason : null,
    version: itemVersion(item),
  }
}

/** The need with how its levels came about; none while it rests on something that a person should look at first. */
function held(
  need: Replenishment,
  levelSteps: readonly Step[],
  withoutLevels: string | null,
  doubt: string | null,
): Replenishment {
  const steps = need.due ? [...levelSteps, ...need.steps] : need.steps
  const attention = doubt ?? withoutLevels ?? need.attention
  if (doubt === null || need.need === 0) return { ...need, steps, attention }
  return { ...need, need: 0, steps: [...steps, { rule: 'held', from: need.need, to: 0 }], attention }
}

function leadTimeOf(item: ItemRow, orders: OrderFacts | undefined, byDefault: number): LeadTime {
  if (item.lead_time_days !== null) return { days: item.lead_time_days, basis: 'stated' }
  // Nobody orders more than once a day, so nothing comes sooner in effect.
  const learned = orders?.leadTimeDays ?? null
  return learned === null ? { days: byDefault, basis: 'default' } : { days: Math.max(1, learned), basis: 'deliveries' }
}

function isWhole({ quantity, counted }: LedgerMovement): boolean {
  return Number.isInteger(quantity) && Number.isInteger(counted ?? 0)
}
