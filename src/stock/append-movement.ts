import type { Insertable } from 'kysely'
import type { DomainContext } from '../platform/context.js'
import type { MovementsTable } from './tables.js'

/** Writes movements in the order given. The caller has locked their items. */
export async function appendMovements(
  tx: DomainContext,
  movements: readonly Insertable<MovementsTable>[],
): Promise<void> {
  // A row takes nine parameters, and Postgres takes 65,535.
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
