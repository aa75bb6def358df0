import type { DomainContext } from '../../platform/context.js'
import { inTransaction } from '../../platform/database.js'
import { InputError } from '../../platform/errors.js'
import type { NewSupplier } from './add-supplier.js'
import { checkSupplierTerms } from './check-supplier-terms.js'
import { saveSuppliers } from './save-suppliers.js'
import { defaultTerms, type SupplierTerms, termsOf } from './supplier-terms.js'
import { maskLogin, withStoredLogin } from './supplier-url.js'

export interface EditableSupplier {
  /** The login in its URL is hidden, and stays as it is where that comes back. */
  readonly terms: SupplierTerms
  /** Whether it is bought from. */
  readonly isActive: boolean
}

export async function findEditableSupplier(ctx: DomainContext, id: string): Promise<EditableSupplier> {
  const row = await ctx.db.selectFrom('purchasing.suppliers').selectAll().where('id', '=', id).executeTakeFirst()
  if (row === undefined) throw notFound(id)
  const terms = termsOf(row)
  return { terms: { ...terms, url: maskLogin(terms.url) }, isActive: row.archived_at === null }
}

/**
 * Gives a known supplier these terms; what isn't said takes its default. One that isn't active is not quoted and gets no new
 * orders, while those under way go on. Throws InputError that names the field.
 */
export async function editSupplier(
  ctx: DomainContext,
  { isActive, ...supplier }: NewSupplier & { readonly isActive: boolean },
): Promise<{ readonly isChanged: boolean }> {
  return inTransaction(ctx, async (tx) => {
    const before = await tx.db
      .selectFrom('purchasing.suppliers')
      .selectAll()
      .where('id', '=', supplier.id)
      .forUpdate()
      .executeTakeFirst()
    if (before === undefined) throw notFound(supplier.id)
    const terms = { ...defaultTerms, ...supplier }
    const columns = checkSupplierTerms({ ...terms, url: withStoredLogin(terms.url, before.url) })
    // Saving makes it active; it is compared as what it is to become.
    const now = tx.clock.now()
    const { updated } = await saveSuppliers(tx, [columns], new Map([[before.id, { ...before, archived_at: null }]]))
    const wasActive = before.archived_at === null
    if (isActive !== wasActive || (!isActive && updated > 0)) {
      await tx.db
        .updateTable('purchasing.suppliers')
        .set({ archived_at: isActive ? null : (before.archived_at ?? now), updated_at: now })
        .where('id', '=', before.id)
        .execute()
    }
    return { isChanged: updated > 0 || isActive !== wasActive }
  })
}

function notFound(id: string): InputError {
  return new InputError(`There is no supplier “${id.slice(0, 60)}”.`, 'supplier_not_found')
}
