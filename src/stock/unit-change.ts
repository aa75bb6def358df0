import { sql } from 'kysely'
import type { DomainContext } from '../platform/context.js'
import { InputError } from '../platform/errors.js'

export interface UnitChange {
  readonly itemId: string
  readonly name: string
  readonly from: string
  readonly to: string
}

/** Why the unit may not change, in the order given; one that may is left out. What is on order would come in as something else. */
export async function findRefusedUnitChanges<T extends UnitChange>(
  tx: DomainContext,
  changes: readonly T[],
): Promise<{ readonly change: T; readonly reason: string }[]> {
  const ids = changes.map(({ itemId }) => itemId)
  if (ids.length === 0) return []
  const rows = await tx.db
    .selectFrom('stock.expected_receipts')
    .select(['item_id', sql<number>`sum(greatest(ordered - received, 0))`.as('open')])
    .where('item_id', '=', sql<string>`any(${ids}::text[])`)
    .where('is_final', '=', false)
    .groupBy('item_id')
    .execute()
  const open = new Map(rows.map((row) => [row.item_id, row.open]))
  return changes.flatMap((change) => {
    const quantity = open.get(change.itemId) ?? 0
    if (quantity === 0) return []
    const reason = `the unit of “${change.name}” can't change from ${change.from} to ${change.to} while ${quantity} ${change.from} are on order; wait until they have come, or end the order first (restock orders list)`
    return [{ change, reason }]
  })
}

/** @throws InputError `unit_in_use` while some of the item is on order. */
export async function assertUnitMayChange(tx: DomainContext, change: UnitChange): Promise<void> {
  const [refused] = await findRefusedUnitChanges(tx, [change])
  if (refused !== undefined) throw new InputError(refused.reason, 'unit_in_use')
}
