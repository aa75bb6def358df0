import type { Insertable } from 'kysely'
import type { DomainContext } from '../platform/context.js'
import { onHand } from './on-hand.js'
import { readMovements } from './stock-facts.js'
import type { MovementsTable } from './tables.js'

/** Writes movements in the order given. The caller has locked their items. */
export async function appendMovements(
  tx: DomainContext,
  movements: readonly Insertable<MovementsTable>[],
): Promise<void> {
  // A row takes eight parameters, and Postgres takes 65,535.
  for (let start = 0; start < movements.length; start += 5_000) {
    await tx.db
      .insertInto('stock.movements')
      .values(movements.slice(start, start + 5_000))
      .execute()
  }
}

/** What the books say: the sum of all movements, without projected use. */
export async function bookedQuantity(tx: DomainContext, itemId: string): Promise<number> {
  const { booked } = await tx.db
    .selectFrom('stock.movements')
    .select((query) => query.fn.coalesce(query.fn.sum<number>('quantity'), query.lit(0)).as('booked'))
    .where('item_id', '=', itemId)
    .executeTakeFirstOrThrow()
  return booked
}

/** What is there now, projected use taken off. */
export async function readOnHand(tx: DomainContext, list: string, itemId: string): Promise<number> {
  const item = await tx.db
    .selectFrom('stock.items')
    .select('daily_use')
    .where('id', '=', itemId)
    .executeTakeFirstOrThrow()
  const movements = await readMovements(tx, { list, itemIds: [itemId] })
  return onHand(movements.get(itemId) ?? [], item.daily_use, tx.clock.now())
}
