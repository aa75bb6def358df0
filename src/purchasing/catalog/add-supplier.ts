import type { DomainContext } from '../../platform/context.js'
import { inTransaction } from '../../platform/database.js'
import { InputError } from '../../platform/errors.js'
import { saveSuppliers } from './save-suppliers.js'
import { checkTerms, defaultTerms, type SupplierTerms, TermsError } from './supplier-terms.js'

export type NewSupplier = Pick<SupplierTerms, 'id' | 'name' | 'currency'> & Partial<SupplierTerms>

/** Adds one supplier; importing a file is how known ones are changed. */
export async function addSupplier(ctx: DomainContext, supplier: NewSupplier): Promise<{ readonly id: string }> {
  const columns = checked({ ...defaultTerms, ...supplier })
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

function checked(terms: SupplierTerms): ReturnType<typeof checkTerms> {
  if (terms.name.trim() === '' || terms.name.length > 120) {
    throw new InputError('A supplier needs a name of 1 to 120 characters.')
  }
  if (!Number.isInteger(terms.leadTimeDays) || terms.leadTimeDays < 0 || terms.leadTimeDays > 365) {
    throw new InputError('The lead time is a whole number of days from 0 to 365.')
  }
  try {
    return checkTerms(terms)
  } catch (error) {
    if (error instanceof TermsError) throw new InputError(`${label[error.field]}: ${error.message}.`)
    throw error
  }
}

const label: Readonly<Record<keyof SupplierTerms, string>> = {
  id: 'Id',
  name: 'Name',
  channel: 'Channel',
  currency: 'Currency',
  taxRate: 'Tax rate',
  shippingFee: 'Shipping fee',
  freeShippingOver: 'Free shipping over',
  minimumOrder: 'Minimum order',
  leadTimeDays: 'Lead time',
  url: 'URL',
  email: 'E-mail',
}
