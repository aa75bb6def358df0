import type { DomainContext } from '../../platform/context.js'
import { inTransaction } from '../../platform/database.js'
import { InputError } from '../../platform/errors.js'
import { checkSupplierTerms } from './check-supplier-terms.js'
import { saveSuppliers } from './save-suppliers.js'
import { defaultTerms, type SupplierTerms } from './supplier-terms.js'

export type NewSupplier = Pick<SupplierTerms, 'id' | 'name' | 'currency'> & Partial<SupplierTerms>

/** Adds one supplier; `editSupplier` and importing a file change known ones. */
export async function addSupplier(ctx: DomainContext, supplier: NewSupplier): Promise<{ readonly id: string }> {
  const columns = checkSupplierTerms({ ...defaultTerms, ...supplier })
  await inTransaction(ctx, async (tx) => {
    const taken = await tx.db
      .selectFrom('purchasing.suppliers')
      .select('id')
      .where('id', '=', columns.id)
      .executeTakeFirst()
    if (taken !== undefined) throw new InputError(`There is a supplier "${columns.id}" already; choose another id.`)
    await saveSuppliers(tx, [columns], new Map())
  })
  return { id: columns.id }
}
