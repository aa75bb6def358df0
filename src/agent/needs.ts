import type { OrderFact } from '../runs/outcome.js'
import type { RunSnapshot, SnapshotItem } from '../runs/run.js'
import { listServer, orderingServer } from './mcp-servers.js'
import { toOrderFact } from './order-facts.js'
import type { RunIdentity, WorkerTools } from './run-tools.js'
import { type BeginRun, beginRunSchema, type NeedItem, ordersSchema, registerNeedsSchema } from './tool-results.js'

/** What the list says is due, as the run sees it and as ordering is told. */
export interface DueNeeds {
  readonly snapshot: RunSnapshot
  readonly begun: BeginRun
}

/** Reads what is due from the list. Raises the run's fence there: whoever worked on the run before can't write any longer. */
export async function readDue(tools: WorkerTools): Promise<DueNeeds> {
  const begun = await tools.call(listServer, 'begin_run', {}, beginRunSchema)
  return { begun, snapshot: toSnapshot(begun) }
}

/**
 * Registers needs with ordering, which lets the run buy that and nothing more, and raises the run's fence there. It is always
 * what is due now that is registered: a conversation that goes on from a journal may have been told of more, and is refused it.
 * `only`: the items that the model was told of; it decided nothing about others, so they are left for the next run.
 */
export async function registerNeeds(
  tools: WorkerTools,
  { begun }: DueNeeds,
  options: { readonly eventsSeen: number; readonly only: ReadonlySet<string> | null },
): Promise<void> {
  const { list, currency, time_zone, items, top_ups } = begun
  const due = items
    .filter((item) => item.need > 0 && (options.only?.has(item.item_id) ?? true))
    .map((item) => toNeed(item, item.need, item.urgency))
  const along = top_ups.filter((item) => item.top_up > 0).map((item) => toNeed(item, item.top_up, 0))
  const args = { list, currency, time_zone, events_seen: options.eventsSeen, needs: [...due, ...along] }
  await tools.call(orderingServer, 'register_needs', args, registerNeedsSchema)
}

/** The orders that a run has made, as they stand now. */
export async function findRunOrders(tools: WorkerTools, { context }: RunIdentity): Promise<OrderFact[]> {
  const args = { list: context.list, run_id: context.run, limit: 100 }
  const { orders } = await tools.call(orderingServer, 'list_orders', args, ordersSchema)
  return orders.map(toOrderFact)
}

/**
 * The snapshot that a run answers for: what its first attempt saw, and what later attempts found due besides. An item keeps
 * the need it was first seen with, since by then some of it may have been ordered.
 */
export function mergeSnapshots(first: RunSnapshot | null, later: RunSnapshot): RunSnapshot {
  if (first === null) return later
  const now = new Map(later.items.map((item) => [item.itemId, item]))
  const kept = first.items.map((item) => (item.need > 0 ? item : (now.get(item.itemId) ?? item)))
  const known = new Set(first.items.map((item) => item.itemId))
  return { ...first, items: [...kept, ...later.items.filter((item) => !known.has(item.itemId))] }
}

function toNeed(item: NeedItem, quantity: number, priority: number | undefined): object {
  return {
    item_id: item.item_id,
    name: item.name,
    quantity,
    unit: item.unit,
    ...(item.sku == null ? {} : { sku: item.sku }),
    ...(item.gtin == null ? {} : { gtin: item.gtin }),
    ...(item.max_unit_price == null ? {} : { max_unit_price: item.max_unit_price }),
    on_order_seen: item.on_order,
    origin: item.origin,
    ...(item.version == null ? {} : { version: item.version }),
    links: item.links,
    // Left out where there are none, for ordering servers that don't know of them.
    ...(item.substitutes.length === 0 ? {} : { substitutes: item.substitutes }),
    ...(item.needed_by == null ? {} : { needed_by: item.needed_by }),
    ...(priority === undefined || priority === 1 ? {} : { priority }),
    ...(priority !== 0 || item.top_up_portions == null ? {} : { portions: item.top_up_portions }),
  }
}

function toSnapshot(begun: BeginRun): RunSnapshot {
  return {
    list: begun.list,
    currency: begun.currency,
    timeZone: begun.time_zone,
    asOf: begun.as_of,
    items: begun.items.map(toSnapshotItem),
    ...(begun.top_ups.length === 0 ? {} : { topUps: begun.top_ups.map(toSnapshotItem) }),
  }
}

function toSnapshotItem(item: NeedItem): SnapshotItem {
  return {
    itemId: item.item_id,
    name: item.name,
    kind: item.kind,
    unit: item.unit,
    category: item.category ?? null,
    notes: item.notes ?? null,
    sku: item.sku ?? null,
    gtin: item.gtin ?? null,
    maxUnitPrice: item.max_unit_price ?? null,
    onHand: item.on_hand,
    onOrder: item.on_order,
    position: item.position,
    reorderPoint: item.reorder_point ?? null,
    orderUpTo: item.order_up_to ?? null,
    need: item.need,
    steps: item.steps,
    links: item.links.map(({ product_id, status }) => ({ productId: product_id, status })),
    origin: item.origin,
    attention: item.attention ?? null,
    useBasis: item.use_basis ?? null,
    daysLeft: item.days_left ?? null,
    neededBy: item.needed_by ?? null,
  }
}
