import { sql } from 'kysely'
import type { DomainContext } from '../platform/context.js'
import type { Caller } from '../platform/run-context.js'
import type { LedgerMovement } from './find-doubt.js'
import type { MovementKind } from './tables.js'

const DAY_MS = 24 * 60 * 60 * 1000

/** What ordering told us of an item, summed over its order lines. */
export interface OrderFacts {
  readonly onOrder: number
  readonly received: number
  /** Of the orders that count as ordered: not rejected, declined, expired or cancelled. */
  readonly lastOrderedAt: Date | null
  /** Mean days from order to delivery over a year; null: nothing was delivered yet. */
  readonly leadTimeDays: number | null
}

export interface LinkFact {
  readonly productId: string
  readonly status: 'confirmed' | 'proposed'
}

/** By item id. An item without rows is not in the map. */
export interface StockFacts {
  readonly movements: ReadonlyMap<string, readonly LedgerMovement[]>
  readonly orders: ReadonlyMap<string, OrderFacts>
  readonly links: ReadonlyMap<string, readonly LinkFact[]>
}

/** Lists, or a few of their items. */
export interface Selection {
  readonly lists: readonly string[]
  readonly itemIds?: readonly string[] | undefined
}

/** Everything that the arithmetic needs of thousands of items, in three queries. Read it on one snapshot. */
export async function readFacts(
  tx: DomainContext,
  selection: Selection,
  caller: Caller,
  windowDays: number,
): Promise<StockFacts> {
  return {
    movements: await readMovements(tx, selection, windowDays),
    orders: await readOrders(tx, selection),
    links: await readLinks(tx, selection, caller),
  }
}

/**
 * Of each item the movements of the window, and before it from the last count on (all of them where there is none), in the
 * order of time: enough for what is there now and for what goes. What was undone is left out with what undid it, as if
 * neither had been.
 */
export async function readMovements(
  tx: DomainContext,
  selection: Selection,
  windowDays: number,
): Promise<Map<string, readonly LedgerMovement[]>> {
  const windowStart = new Date(tx.clock.now().getTime() - windowDays * DAY_MS)
  // One row an item: a hundred thousand rows take the client longer to read than the database to find.
  const { rows } = await sql<{ item_id: string; ledger: readonly LedgerEntry[] }>`
    select item.id as item_id, standing.ledger
    from stock.items item
    left join lateral (
      select at, id from stock.movements counted
      where item_id = item.id and kind = 'count' and at <= ${windowStart}
        and not exists (select from stock.movements undo where undo.undoes = counted.id)
      order by at desc, id desc
      limit 1
    ) as count on true
    cross join lateral (
      select json_agg(
        json_build_array(movement.id, movement.kind, movement.quantity, movement.counted, extract(epoch from movement.at) * 1000)
        order by movement.at, movement.id
      ) as ledger
      from stock.movements movement
      where movement.item_id = item.id
        and (movement.at, movement.id) >= (coalesce(count.at, '-infinity'), coalesce(count.id, 0))
        and movement.undoes is null
        and not exists (select from stock.movements undo where undo.undoes = movement.id)
    ) as standing
    where item.list = any(${[...selection.lists]}) and item.archived_at is null ${only(selection)}
      and standing.ledger is not null`.execute(tx.db)
  return new Map(
    rows.map((row) => [
      row.item_id,
      row.ledger.map(([id, kind, quantity, counted, atMs]) => ({ id, kind, quantity, counted, at: new Date(atMs) })),
    ]),
  )
}

type LedgerEntry = readonly [
  id: number,
  kind: MovementKind,
  quantity: number,
  counted: number | null,
  /** Since the epoch. */
  atMs: number,
]

async function readOrders(tx: DomainContext, selection: Selection): Promise<Map<string, OrderFacts>> {
  const yearAgo = new Date(tx.clock.now().getTime() - 365 * DAY_MS)
  const { rows } = await sql<{
    item_id: string
    on_order: number
    received: number
    last_ordered_at: Date | null
    lead_time: number | null
  }>`
    select item.id as item_id, told.*
    from stock.items item
    cross join lateral (
      select coalesce(sum(greatest(line.ordered - line.received, 0)) filter (where not line.is_final), 0) as on_order,
      sum(line.received) as received,
      max(line.ordered_at) filter (where line.status not in ('rejected', 'declined', 'expired', 'cancelled')) as last_ordered_at,
      round(avg(greatest(extract(epoch from line.first_received_at - line.ordered_at) / 86400, 0))
        filter (where line.ordered_at > ${yearAgo}), 1) as lead_time
      from stock.expected_receipts line
      where line.item_id = item.id
    ) as told
    where item.list = any(${[...selection.lists]}) and item.archived_at is null ${only(selection)}
      and told.received is not null`.execute(tx.db)
  return new Map(
    rows.map((row) => [
      row.item_id,
      {
        onOrder: row.on_order,
        received: row.received,
        lastOrderedAt: row.last_ordered_at,
        leadTimeDays: row.lead_time,
      },
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
  // Item by item: joined at once, the links of all lists would be read for those of one.
  const { rows } = await sql<{ item_id: string } & LinkFact>`
    select item.id as item_id, known."productId", known.status
    from stock.items item
    cross join lateral (
      select link.product_id as "productId", min(link.status) as status, min(link.created_at) as since
      from stock.links link
      where link.item_id = item.id ${visible}
      group by link.product_id
    ) as known
    where item.list = any(${[...selection.lists]}) and item.archived_at is null ${only(selection)}
    order by item.id, known.status, known.since, known."productId"`.execute(tx.db)
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
