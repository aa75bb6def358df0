import type { DomainContext } from '../../platform/context.js'
import type { SuppliersTable } from '../tables.js'
import type { SupplierColumns } from './supplier-terms.js'

export interface ImportCounts {
  readonly created: number
  readonly updated: number
  readonly unchanged: number
}

/** Creates and updates; a supplier that was archived comes back. Runs in the caller's transaction. */
export async function saveSuppliers(
  tx: DomainContext,
  suppliers: readonly SupplierColumns[],
  existing: ReadonlyMap<string, SuppliersTable>,
): Promise<ImportCounts> {
  const now = tx.clock.now()
  let created = 0
  let updated = 0
  for (const supplier of suppliers) {
    const before = existing.get(supplier.id)
    if (before === undefined) {
      await tx.db
        .insertInto('purchasing.suppliers')
        .values({ ...supplier, created_at: now, updated_at: now, archived_at: null })
        .execute()
      created++
    } else if (before.archived_at !== null || isChanged(supplier, before)) {
      await tx.db
        .updateTable('purchasing.suppliers')
        .set({ ...supplier, updated_at: now, archived_at: null })
        .where('id', '=', supplier.id)
        .execute()
      updated++
    }
  }
  return { created, updated, unchanged: suppliers.length - created - updated }
}

function isChanged(after: SupplierColumns, before: SuppliersTable): boolean {
  return Object.entries(after).some(([column, value]) => before[column as keyof SupplierColumns] !== value)
}
