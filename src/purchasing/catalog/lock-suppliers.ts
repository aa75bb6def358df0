import type { DomainContext } from '../../platform/context.js'

export interface LockedSupplier {
  readonly currency: string
}

/**
 * All suppliers that can be bought from, with the rows of those asked for locked until the transaction ends, in id order:
 * two imports for one supplier run one after the other.
 */
export async function lockSuppliers(tx: DomainContext, ids: readonly string[]): Promise<Map<string, LockedSupplier>> {
  await tx.db
    .selectFrom('purchasing.suppliers')
    .select('id')
    .where('id', 'in', ids)
    .where('archived_at', 'is', null)
    .orderBy('id')
    .forUpdate()
    .execute()
  const rows = await tx.db
    .selectFrom('purchasing.suppliers')
    .select(['id', 'currency'])
    .where('archived_at', 'is', null)
    .orderBy('id')
    .execute()
  return new Map(rows.map((row) => [row.id, { currency: row.currency }]))
}
