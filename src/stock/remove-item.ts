import type { DomainContext } from '../platform/context.js'
import { inTransaction } from '../platform/database.js'
import { assertPerson, type By } from './callers.js'
import { findItem, lockItem } from './find-item.js'

/** Takes an item off its list. Its history stays, orders that are under way go on, and its name is free again. */
export async function removeItem(
  ctx: DomainContext,
  input: { readonly item: string; readonly list?: string | null | undefined } & By,
): Promise<{ readonly itemId: string; readonly name: string }> {
  assertPerson(input)
  return inTransaction(ctx, async (tx) => {
    const item = await findItem(tx, { ...input, ref: input.item })
    await lockItem(tx, item.itemId)
    const now = tx.clock.now()
    await tx.db
      .updateTable('stock.items')
      .set({ archived_at: now, updated_at: now })
      .where('id', '=', item.itemId)
      .execute()
    return { itemId: item.itemId, name: item.name }
  })
}
