import type { DomainContext } from '../platform/context.js'
import { inTransaction } from '../platform/database.js'
import { appendMovements } from './append-movement.js'
import { actorOf, assertPerson, type By } from './callers.js'
import { findItem, lockItem } from './find-item.js'
import { requireList } from './lists.js'
import { readStock } from './read-stock.js'

export interface ConfirmedCount {
  readonly itemId: string
  readonly name: string
  /** What was doubted until now; null: nothing was, and nothing has changed. */
  readonly doubt: string | null
}

/** A person stands by the last count and the uses since, however odd they look: what is due may be bought again. */
export async function confirmCount(
  ctx: DomainContext,
  input: { readonly item: string; readonly list?: string | null | undefined } & By,
): Promise<ConfirmedCount> {
  assertPerson(input)
  return inTransaction(ctx, async (tx) => {
    const item = await findItem(tx, { ...input, ref: input.item })
    await lockItem(tx, item.itemId)
    const { doubt } = await readStock(tx, await requireList(tx, item.list), item.itemId)
    if (doubt === null) return { itemId: item.itemId, name: item.name, doubt: null }
    const now = tx.clock.now()
    await appendMovements(tx, [
      {
        item_id: item.itemId,
        kind: 'adjustment',
        quantity: 0,
        counted: null,
        at: now,
        actor: actorOf(input),
        cause: `confirmed: ${doubt.text}`,
        delivery_id: null,
        undoes: null,
      },
    ])
    await tx.db
      .updateTable('stock.items')
      .set((set) => ({
        confirmed_movement: set
          .selectFrom('stock.movements')
          .select((query) => query.fn.max<number>('id').as('id'))
          .where('item_id', '=', item.itemId),
        updated_at: now,
      }))
      .where('id', '=', item.itemId)
      .execute()
    return { itemId: item.itemId, name: item.name, doubt: doubt.text }
  })
}
