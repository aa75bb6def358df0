import type { DomainContext } from '../platform/context.js'
import type { Doubt } from './find-doubt.js'
import { itemDemand } from './item-demand.js'
import type { ListView } from './lists.js'
import { onHand } from './on-hand.js'
import { readMovements } from './stock-facts.js'

/** What is there now of one item, and what makes that hardly true; null: nothing does. */
export async function readStock(
  tx: DomainContext,
  list: ListView,
  itemId: string,
): Promise<{ readonly onHand: number; readonly doubt: Doubt | null }> {
  const item = await tx.db
    .selectFrom('stock.items')
    .select(['id', 'kind', 'unit', 'daily_use', 'confirmed_movement'])
    .where('id', '=', itemId)
    .executeTakeFirstOrThrow()
  const now = tx.clock.now()
  const selection = { lists: [list.id], itemIds: [itemId] }
  const movements = (await readMovements(tx, selection, list.demandRules.windowDays)).get(itemId) ?? []
  const { projected, doubt } = itemDemand(item, movements, list.demandRules, now)
  return { onHand: onHand(movements, projected, now), doubt }
}
