import type { DomainContext } from '../platform/context.js'
import { inTransaction } from '../platform/database.js'
import { subtractQuantity } from '../platform/decimal.js'
import { appendMovements, bookedQuantity } from './append-movement.js'
import { actorOf, assertPerson, type By } from './callers.js'
import { findItem, lockItem } from './find-item.js'
import { cleanNote, readQuantity } from './item-settings.js'
import { requireList } from './lists.js'
import { readStock } from './read-stock.js'

export interface StockChange {
  /** Id, sku, gtin or name. */
  readonly item: string
  readonly list?: string | null | undefined
  /** In the item's unit. */
  readonly quantity: number
  readonly note?: string | null | undefined
}

export interface StockChanged {
  readonly itemId: string
  readonly name: string
  readonly unit: string
  /** What was believed to be there before. */
  readonly before: number
  readonly onHand: number
  /** Why nothing is bought on the strength of this before a person has looked again; null: it may well be so. */
  readonly doubt: string | null
}

/** Somebody counted: this is what is there, whatever was believed before. Projected use starts again from here. */
export async function countStock(ctx: DomainContext, input: StockChange & By): Promise<StockChanged> {
  assertPerson(input)
  const counted = readQuantity('quantity', input.quantity, { min: 0 })
  return inTransaction(ctx, async (tx) => {
    const item = await findItem(tx, { ...input, ref: input.item })
    await lockItem(tx, item.itemId)
    const list = await requireList(tx, item.list)
    const { onHand: before } = await readStock(tx, list, item.itemId)
    await appendMovements(tx, [
      {
        item_id: item.itemId,
        kind: 'count',
        quantity: subtractQuantity(counted, await bookedQuantity(tx, item.itemId)),
        counted,
        at: tx.clock.now(),
        actor: actorOf(input),
        cause: cleanNote(input.note) ?? 'counted',
        delivery_id: null,
        undoes: null,
      },
    ])
    const { doubt } = await readStock(tx, list, item.itemId)
    return {
      itemId: item.itemId,
      name: item.name,
      unit: item.unit,
      before,
      onHand: counted,
      doubt: doubt?.text ?? null,
    }
  })
}
