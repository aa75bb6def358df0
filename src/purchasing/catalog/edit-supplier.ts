import type { DomainContext } from '../../platform/context.js'
import { inTransaction } from '../../platform/database.js'
import { InputError } from '../../platform/errors.js'
import { checkSupplierTerms } from './check-supplier-terms.js'
import { saveSuppliers } from './save-suppliers.js'
import { type SupplierTerms, termsOf } from './supplier-terms.js'
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

/** What is given is set; the rest stays as it is. */
export type SupplierChanges = Partial<Omit<SupplierTerms, 'id'>> & { readonly isActive?: boolean | undefined }

/**
 * Changes the terms of a known supplier. One that isn't active is not quoted and gets no new orders, while those under way go
 * on. Throws InputError that names the field.
 */
export async function editSupplier(
  ctx: DomainContext,
  id: string,
  { isActive, ...changes }: SupplierChanges,
): Promise<{ readonly isChanged: boolean }> {
  return inTransaction(ctx, async (tx) => {
    const before = await tx.db
      .selectFrom('purchasing.suppliers')
      .selectAll()
      .where('id', '=', id)
      .forUpdate()
      .executeTakeFirst()
    if (before === undefined) throw notFound(id)
    const silent = amounts.filter((name) => changes[name] === undefined)
    if (changes.currency !== undefined && changes.currency !== before.currency && silent.length > 0) {
      throw new InputError(`Currency: state ${silent.join(', ')} in ${changes.currency} with it.`)
    }
    const terms = { ...termsOf(before), ...changes }
    const columns = checkSupplierTerms({ ...terms, url: withStoredLogin(terms.url, before.url) })
    const wasActive = before.archived_at === null
    const becomesActive = isActive ?? wasActive
    // Saving makes it active; it is compared as what it is to become.
    const now = tx.clock.now()
    const { updated } = await saveSuppliers(tx, [columns], new Map([[id, { ...before, archived_at: null }]]))
    if (becomesActive !== wasActive || (!becomesActive && updated > 0)) {
      await tx.db
        .updateTable('purchasing.suppliers')
        .set({ archived_at: becomesActive ? null : (before.archived_at ?? now), updated_at: now })
        .where('id', '=', id)
        .execute()
    }
    return { isChanged: updated > 0 || becomesActive !== wasActive }
  })
}

const amounts = ['shippingFee', 'freeShippingOver', 'minimumOrder'] as const

function notFound(id: string): InputError {
  return new InputError(`There is no supplier “${id.slice(0, 60)}”.`, 'supplier_not_found')
}
