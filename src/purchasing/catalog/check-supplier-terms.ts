import { InputError } from '../../platform/errors.js'
import { checkTerms, type SupplierColumns, type SupplierTerms, TermsError } from './supplier-terms.js'

/** One supplier's terms as a person gives them, as they are stored. Throws InputError that names the field. */
export function checkSupplierTerms(terms: SupplierTerms): SupplierColumns {
  if (terms.name.trim() === '' || terms.name.length > 120) {
    throw new InputError('A supplier needs a name of 1 to 120 characters.')
  }
  if (!Number.isInteger(terms.leadTimeDays) || terms.leadTimeDays < 0 || terms.leadTimeDays > 365) {
    throw new InputError('The lead time is a whole number of days from 0 to 365.')
  }
  if ((terms.url?.length ?? 0) > 500) throw new InputError('URL: at most 500 characters.')
  if ((terms.email?.length ?? 0) > 254) throw new InputError('E-mail: at most 254 characters.')
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
