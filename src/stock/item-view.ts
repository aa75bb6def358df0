import type { Selectable } from 'kysely'
import { isIntervalOver } from './every.js'
import { onHand } from './on-hand.js'
import { type Replenishment, replenish, type Step } from './replenishment.js'
import type { LinkFact, StockFacts } from './stock-facts.js'
import type { ItemKind, ItemsTable, OverMax } from './tables.js'

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
  readonly dailyUse: number | null
  readonly every: string | null
  readonly reorderPoint: number | null
  readonly orderUpTo: number | null
  readonly reorderQuantity: number | null
  readonly orderMultiple: number | null
  readonly minimumQuantity: number | null
  readonly overMax: OverMax
  readonly requestedQuantity: number | null
  readonly steps: readonly Step[]
  readonly links: readonly LinkFact[]
  readonly origin: 'person' | 'agent'
  /** null also when a snooze is over. */
  readonly snoozedUntil: Date | null
  readonly snoozeReason: string | null
}

export function viewItem(item: ItemRow, facts: StockFacts, timeZone: string, now: Date): ItemView {
  const orders = facts.orders.get(item.id)
  const isSnoozed = item.snoozed_until !== null && item.snoozed_until > now
  const rules = {
    kind: item.kind,
    onHand: onHand(facts.movements.get(item.id) ?? [], item.daily_use, now),
    onOrder: orders?.onOrder ?? 0,
    reorderPoint: item.reorder_point,
    orderUpTo: item.order_up_to,
    reorderQuantity: item.reorder_quantity,
    orderMultiple: item.order_multiple,
    minimumQuantity: item.minimum_quantity,
    overMax: item.over_max,
    requestedQuantity: item.requested_quantity,
  }
  const need = replenish({
    ...rules,
    isIntervalOver: item.every !== null && isIntervalOver(item.every, orders?.lastOrderedAt ?? null, now, timeZone),
    receivedQuantity: orders?.received ?? 0,
    isSnoozed,
  })
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
    every: item.every,
    ...rules,
    ...need,
    links: facts.links.get(item.id) ?? [],
    origin: item.origin,
    snoozedUntil: isSnoozed ? item.snoozed_until : null,
    snoozeReason: isSnoozed ? item.snooze_reason : null,
  }
}
