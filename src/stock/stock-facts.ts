import { sql } from 'kysely'
import type { DomainContext } from '../platform/context.js'
import type { Caller } from '../platform/run-context.js'
import type { StockMovement } from './on-hand.js'

/** What ordering told us of an item, summed over its order lines. */
export interface OrderFacts {
  readonly onOrder: number
  readonly received: number
  /** Of the orders that count as ordered: not rejected, declined, expired or cancelled. */
  readonly lastOrderedAt: Date | null
}

export interface LinkFact {
  readonly productId: string
  readonly status: 'confirmed' | 'proposed'
}

/** By item id. An item without rows is not in the map. */
export interface StockFacts {
  readonly movements: ReadonlyMap<string, readonly StockMovement[]>
  readonly orders: ReadonlyMap<string, OrderFacts>
  readonly links: ReadonlyMap<string, readonly LinkFact[]>
}

/** One list, or a few of its items. */
export interface Selection {
  readonly list: string
  readonly itemIds?: readonly string[] | undefined
}

/** Everything that the arithmetic needs of thousands of items, in three queries. Read it on one snapshot. */
export async function readFacts(tx: DomainContext, selection: Selection, caller: Caller): Promise<StockFacts> {
  return {
    movements: await readMovements(tx, selection),
    orders: await readOrders(tx, selection),
    links: await readLinks(tx, selection, caller),
  }
}

/** Of each item the movements from its last count on, or all of them when it was never counted; in the order of time. */
export async function readMovements(
  tx: DomainContext,
  selection: Selection,
): Promise<Map<string, readonly StockMovement[]>> {
  const { rows } = await sql<StockMovement & { item_id: string }>`
    select movement.item_id, movement.kind, movement.quantity, movement.counted, movement.at
    from stock.items item
    left join lateral (
      select at, id from stock.movements
      where item_id = item.id and kind = 'count'
      order by at desc, id desc
      limit 1
    ) as count on true
    join stock.movements movement
      on movement.item_id = item.id
      and (movement.at, movement.id) >= (coalesce(count.at, '-infinity'), coalesce(count.id, 0))
    where item.list = ${selection.list} and item.archived_at is null ${only(selection)}
    order by movement.item_id, movement.at, movement.id`.execute(tx.db)
  return groupBy(rows, (row) => row.item_id)
}

async function readOrders(tx: DomainContext, selection: Selection): Promise<Map<string, OrderFacts>> {
  const { rows } = await sql<{ item_id: string; on_order: number; received: number; last_ordered_at: Date | null }>`
    select line.item_id,
      coalesce(sum(greatest(line.ordered - line.received, 0)) filter (where not line.is_final), 0) as on_order,
      sum(line.received) as received,
      max(line.ordered_at) filter (where line.status not in ('rejected', 'declined', 'expired', 'cancelled')) as last_ordered_at
    from stock.expected_receipts line
    join stock.items item on item.id = line.item_id
    where item.list = ${selection.list} and item.archived_at is null ${only(selection)}
    group by line.item_id`.execute(tx.db)
  return new Map(
    rows.map((row) => [
      row.item_id,
      { onOrder: row.on_order, received: row.received, lastOrderedAt: row.last_ordered_at },
    ]),
  )
}

/** Confirmed links, and of the proposed ones those that this caller may see: a run its own, a person all. */
async function readLinks(
  tx: DomainContext,
  selection: Selection,
  caller: Caller,
): Promise<Map<string, readonly LinkFact[]>> {
  const visible =
    caller.kind === 'run' ? sql`and (link.status = 'confirmed' or link.run_id = ${caller.run})` : sql.raw('')
  const { rows } = await sql<{ item_id: string } & LinkFact>`
    select link.item_id, link.product_id as "productId", min(link.status) as status
    from stock.links link
    join stock.items item on item.id = link.item_id
    where item.list = ${selection.list} and item.archived_at is null ${only(selection)} ${visible}
    group by link.item_id, link.product_id
    order by link.item_id, min(link.status), min(link.created_at), link.product_id`.execute(tx.db)
  const byItem = groupBy(rows, (row) => row.item_id)
  return new Map([...byItem].map(([id, links]) => [id, links.map(({ productId, status }) => ({ productId, status }))]))
}

function only(selection: Selection) {
  return selection.itemIds === undefined ? sql.raw('') : sql`and item.id = any(${[...selection.itemIds]})`
}

function groupBy<T>(rows: readonly T[], key: (row: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const row of rows) {
    const group = groups.get(key(row))
    if (group === undefined) groups.set(key(row), [row])
    else group.push(row)
  }
  return groups
}
