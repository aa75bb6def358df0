import type { DomainContext } from '../platform/context.js'
import { inTransaction } from '../platform/database.js'
import { subtractQuantity } from '../platform/decimal.js'
import { appendMovements } from './append-movement.js'
import { actorOf, assertPerson, type By } from './callers.js'
import type { StockChange, StockChanged } from './count-stock.js'
import { findItem, lockItem } from './find-item.js'
import { cleanNote, readQuantity } from './item-settings.js'
import { requireList } from './lists.js'
import { readStock } from './read-stock.js'

/** Of the movement that brings the books up to what was used. */
export const correctionCause = 'more was used than was believed to be there'

/**
 * Somebody took some, on top of the projected `daily_use`. When more was taken than was believed to be there, the belief
 * was wrong: an adjustment brings it up first, so that nothing goes below 0 and the next delivery counts in full.
 */
export async function recordUse(ctx: DomainContext, input: StockChange & By): Promise<StockChanged> {
  assertPerson(input)
  const used = readQuantity('quantity', input.quantity, { above: 0 })
  return inTransaction(ctx, async (tx) => {
    const item = await findItem(tx, { ...input, ref: input.item })
    await lockItem(tx, item.itemId)
    const list = await requireList(tx, item.list)
    const { onHand: before } = await readStock(tx, list, item.itemId)
    const common = {
      item_id: item.itemId,
      counted: null,
      at: tx.clock.now(),
      actor: actorOf(input),
      delivery_id: null,
      undoes: null,
    }
    const missing = subtractQuantity(used, before)
    await appendMovements(tx, [
      ...(missing > 0
        ? [
            {
              ...common,
              kind: 'adjustment' as const,
              quantity: missing,
              cause: correctionCause,
            },
          ]
        : []),
      { ...common, kind: 'use', quantity: -used, cause: cleanNote(input.note) ?? 'used' },
    ])
    const { doubt } = await readStock(tx, list, item.itemId)
    return {
      itemId: item.itemId,
      name: item.name,
      unit: item.unit,
      before,
      onHand: Math.max(0, subtractQuantity(before, used)),
      doubt: doubt?.text ?? null,
    }
  })
}
