import type { DomainContext } from '../platform/context.js'
import { subtractQuantity } from '../platform/decimal.js'
import { InputError } from '../platform/errors.js'
import type { By } from './callers.js'
import { findItem } from './find-item.js'
import { type PastMovement, readHistory } from './item-history.js'
import type { ItemView } from './item-view.js'
import { readItemViews } from './list-items.js'
import { requireList } from './lists.js'
import { readSnapshot } from './snapshot-read.js'

export interface ItemDetails {
  readonly item: ItemView
  /** The newest first, 20 at most. */
  readonly movements: readonly PastMovement[]
  /** What is still to come of orders that are not final, the earliest first. */
  readonly expected: readonly {
    readonly orderId: string
    readonly supplierId: string
    readonly openQuantity: number
    readonly expectedAt: Date | null
    readonly status: string
  }[]
}

export async function getItem(
  ctx: DomainContext,
  input: { readonly item: string; readonly list?: string | null | undefined } & By,
): Promise<ItemDetails> {
  return readSnapshot(ctx, async (tx) => {
    const { itemId, list } = await findItem(tx, { ...input, ref: input.item })
    const [item] = await readItemViews(tx, await requireList(tx, list), { ...input, itemIds: [itemId] })
    if (item === undefined) throw new InputError(`item ${itemId} has just been removed`, 'unknown_item')
    const movements = await readHistory(tx, itemId, 20)
    const expected = await tx.db
      .selectFrom('stock.expected_receipts')
      .select(['order_id', 'supplier_id', 'ordered', 'received', 'expected_at', 'status'])
      .where('item_id', '=', itemId)
      .where('is_final', '=', false)
      .orderBy('expected_at', (order) => order.asc().nullsLast())
      .orderBy('line_id')
      .execute()
    return {
      item,
      movements,
      expected: expected.map((line) => ({
        orderId: line.order_id,
        supplierId: line.supplier_id,
        openQuantity: Math.max(0, subtractQuantity(line.ordered, line.received)),
        expectedAt: line.expected_at,
        status: line.status,
      })),
    }
  })
}
