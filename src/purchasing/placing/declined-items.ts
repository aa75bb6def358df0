/**
 * What a person said no to is not offered again for a while: quotes leave it out, placing refuses it. It ends with its
 * term, or when the person changes the item. A person's own client may ask for it all the same.
 */
import { sql } from 'kysely'
import type { DomainContext } from '../../platform/context.js'
import type { Message } from '../../platform/errors.js'
import { localDate } from '../../platform/local-date.js'
import { findLines, type OrderRow } from '../orders/order-rows.js'
import type { Unmet } from '../quotes/quote.js'

/** Why an item is left out, in one sentence. */
export interface DeclinedItem {
  readonly code: 'declined'
  readonly text: string
}

/** Remembers all items of a declined order until then; a term that is over forgets them. */
export async function rememberDeclined(
  tx: DomainContext,
  order: OrderRow,
  decision: { readonly by: string; readonly until: Date },
): Promise<void> {
  const itemIds = [...new Set((await findLines(tx, order.id)).map((line) => line.item_id))]
  const now = tx.clock.now()
  if (decision.until <= now) {
    await tx.db
      .deleteFrom('purchasing.declined_items')
      .where('list', '=', order.list)
      .where('item_id', 'in', itemIds)
      .execute()
    return
  }
  const versions = await tx.db
    .selectFrom('purchasing.needs as need')
    .innerJoin('purchasing.quotes as quote', 'quote.run_id', 'need.run_id')
    .select(['need.item_id', 'need.item_version'])
    .where('quote.id', '=', order.quote_id)
    .where('need.item_id', 'in', itemIds)
    .execute()
  const versionOf = new Map(versions.map((row) => [row.item_id, row.item_version]))
  await tx.db
    .insertInto('purchasing.declined_items')
    .values(
      itemIds.map((itemId) => ({
        list: order.list,
        item_id: itemId,
        order_id: order.id,
        item_version: versionOf.get(itemId) ?? null,
        declined_by: decision.by,
        declined_at: now,
        until: decision.until,
      })),
    )
    .onConflict((conflict) =>
      conflict.columns(['list', 'item_id']).doUpdateSet((set) => ({
        order_id: set.ref('excluded.order_id'),
        item_version: set.ref('excluded.item_version'),
        declined_by: set.ref('excluded.declined_by'),
        declined_at: set.ref('excluded.declined_at'),
        until: set.ref('excluded.until'),
      })),
    )
    .execute()
}

/** The items of a run that a person doesn't want offered now, by id. */
export async function findDeclined(
  tx: DomainContext,
  scope: { readonly list: string; readonly runId: string; readonly timeZone: string },
  itemIds: readonly string[],
): Promise<Map<string, DeclinedItem>> {
  if (itemIds.length === 0) return new Map()
  const rows = await tx.db
    .selectFrom('purchasing.declined_items as declined')
    .innerJoin('purchasing.needs as need', 'need.item_id', 'declined.item_id')
    .select(['declined.item_id', 'declined.declined_by', 'declined.declined_at', 'declined.until', 'need.name'])
    .where('declined.list', '=', scope.list)
    .where('need.run_id', '=', scope.runId)
    .where('need.origin', '<>', 'person_client')
    .where('declined.item_id', '=', sql<string>`any(${[...new Set(itemIds)]}::text[])`)
    .where('declined.until', '>', tx.clock.now())
    // Where either side doesn't know the version, only time ends it.
    .where(sql<boolean>`coalesce(declined.item_version = need.item_version, true)`)
    .execute()
  const date = (instant: Date) => localDate(instant, scope.timeZone)
  return new Map(
    rows.map((row) => [
      row.item_id,
      {
        code: 'declined' as const,
        text: `“${row.name}” was declined by ${row.declined_by} on ${date(row.declined_at)} and is not offered again before ${date(row.until)}, or until the item is changed.`,
      },
    ]),
  )
}

/** Takes out of what is to be quoted what a person declined, and says so. */
export async function leaveOutDeclined<
  Need extends { readonly itemId: string; readonly quantity: number },
  Match extends { readonly itemId: string },
>(
  tx: DomainContext,
  terms: { readonly run_id: string; readonly list: string; readonly time_zone: string },
  selected: { readonly needs: readonly Need[]; readonly toMatch: readonly Match[] },
): Promise<{ needs: Need[]; toMatch: Match[]; declined: Unmet[] }> {
  const scope = { list: terms.list, runId: terms.run_id, timeZone: terms.time_zone }
  const found = await findDeclined(
    tx,
    scope,
    selected.needs.map((need) => need.itemId),
  )
  return {
    needs: selected.needs.filter((need) => !found.has(need.itemId)),
    toMatch: selected.toMatch.filter((item) => !found.has(item.itemId)),
    declined: selected.needs.flatMap(({ itemId, quantity }): Unmet[] => {
      const item = found.get(itemId)
      return item === undefined ? [] : [{ itemId, quantity, ...item }]
    }),
  }
}

/** The same as what `place_order` says. */
export function declinedRefusal(item: DeclinedItem): Message {
  return { code: item.code, severity: 'needs_human', text: item.text }
}
