import { sql } from 'kysely'
import type { DomainContext } from '../../platform/context.js'
import { isVoidStatus, orderStatuses } from '../orders/order-status.js'
import type { QuoteLine } from '../quotes/quote.js'
import type { NeedFacts, NeedLine, OwnPlacement } from './check-need.js'
import { deliveredOfLate, openQuantities } from './open-quantities.js'

export interface NeedScope {
  readonly list: string
  /** The run, or a person's stand-in for one, that registered the needs. */
  readonly runId: string
}

/**
 * Locks the items, in id order so that nothing deadlocks: what is on order for them changes only by our own hand until
 * the commit.
 */
export async function lockCommitments(tx: DomainContext, list: string, itemIds: readonly string[]): Promise<void> {
  const ids = [...new Set(itemIds)].sort()
  if (ids.length === 0) return
  await tx.db
    .insertInto('purchasing.item_commitments')
    .values(ids.map((id) => ({ list, item_id: id })))
    .onConflict((conflict) => conflict.columns(['list', 'item_id']).doNothing())
    .execute()
  await tx.db
    .selectFrom('purchasing.item_commitments')
    .select('item_id')
    .where('list', '=', list)
    .where('item_id', 'in', ids)
    .orderBy('item_id')
    .forUpdate()
    .execute()
}

/** The facts for each item of a quote. An item whose need is not registered any more is missing from the answer. */
export async function gatherNeedFacts(
  tx: DomainContext,
  scope: NeedScope,
  lines: readonly QuoteLine[],
): Promise<Map<string, NeedFacts>> {
  const facts = new Map<string, NeedFacts>()
  const itemIds = [...new Set(lines.map((line) => line.itemId))]
  if (itemIds.length === 0) return facts
  const needs = await tx.db
    .selectFrom('purchasing.needs')
    .selectAll()
    .where('run_id', '=', scope.runId)
    .where('item_id', 'in', itemIds)
    .execute()
  const open = await openQuantities(tx, scope.list, itemIds)
  const cameIn = await deliveredOfLate(tx, scope.list, itemIds)
  const minimums = await minimumPacks(tx, lines)
  const placements = await findPlacements(tx, scope, itemIds)
  for (const need of needs) {
    const ofItem = placements.filter((placement) => placement.itemId === need.item_id)
    facts.set(need.item_id, {
      need: {
        name: need.name,
        quantity: need.quantity,
        unit: need.unit,
        onOrderSeen: need.on_order_seen,
        eventsSeen: need.events_seen,
      },
      open: open.get(need.item_id) ?? 0,
      cameIn: cameIn.get(need.item_id) ?? 0,
      ownPlacements: ofItem.filter((placement) => placement.isOwn),
      orderedByOthersSince: ofItem
        .filter((placement) => !placement.isOwn && placement.seq > need.events_seen)
        .reduce((sum, placement) => sum + placement.bought, 0),
      lines: lines
        .filter((line) => line.itemId === need.item_id)
        .map((line): NeedLine => ({ ...line, minimumPacks: minimums.get(line.offerId) ?? 1 })),
    })
  }
  return facts
}

interface Placement extends OwnPlacement {
  readonly itemId: string
  readonly isOwn: boolean
}

const voidStatuses = orderStatuses.filter(isVoidStatus)
const endedStatuses = sql.join(['received', 'closed_short'])

/** What was ordered of the items by this run ever, and by others; orders that came to nothing left out. */
async function findPlacements(tx: DomainContext, scope: NeedScope, itemIds: readonly string[]): Promise<Placement[]> {
  return (
    tx.db
      .selectFrom('purchasing.order_lines as line')
      .innerJoin('purchasing.orders as order', 'order.id', 'line.order_id')
      .innerJoin('purchasing.quotes as quote', 'quote.id', 'order.quote_id')
      .select([
        'line.item_id as itemId',
        // Orders of one placing share its first event.
        sql<number>`coalesce((select min(event.seq) from purchasing.events event join purchasing.orders sibling on sibling.id = event.order_id where sibling.quote_id = "order".quote_id), 0)`.as(
          'seq',
        ),
        sql<boolean>`quote.run_id = ${scope.runId}`.as('isOwn'),
        sql<number>`case when "order".status in (${endedStatuses}) then 0 else greatest(line.quantity - line.received_quantity, 0) end`.as(
          'open',
        ),
        sql<number>`case when "order".status = 'closed_short' then line.received_quantity else greatest(line.quantity, line.received_quantity) end`.as(
          'bought',
        ),
      ])
      .where('order.list', '=', scope.list)
      .where('line.item_id', 'in', itemIds)
      .where('order.status', 'not in', voidStatuses)
      // Old orders of others say nothing new: what is left of them is in what is on order.
      .where((where) =>
        where.or([
          where('quote.run_id', '=', scope.runId),
          where.exists(
            where
              .selectFrom('purchasing.events as event')
              .select('event.seq')
              .whereRef('event.order_id', '=', 'order.id')
              .where(
                'event.seq',
                '>',
                where
                  .selectFrom('purchasing.needs')
                  .select((select) => select.fn.min('events_seen').as('since'))
                  .where('run_id', '=', scope.runId),
              ),
          ),
        ]),
      )
      .orderBy('order.placed_at')
      .execute()
  )
}

async function minimumPacks(tx: DomainContext, lines: readonly QuoteLine[]): Promise<Map<string, number>> {
  const rows = await tx.db
    .selectFrom('purchasing.offers')
    .select(['id', 'minimum_packs'])
    .where('id', 'in', [...new Set(lines.map((line) => line.offerId))])
    .execute()
  return new Map(rows.map((row) => [row.id, row.minimum_packs]))
}
