import { type RawBuilder, sql } from 'kysely'

/**
 * Orders that were placed elsewhere and recorded here from a file: no quote, need or limit of ours ever held for them, and
 * what came in of them may have come before we heard of it.
 */
export function wasImported(orderId: string): RawBuilder<boolean> {
  return sql<boolean>`exists (
    select from purchasing.order_history imported
    where imported.order_id = ${sql.ref(orderId)} and imported.kind = 'imported')`
}
