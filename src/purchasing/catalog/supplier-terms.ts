import { formatScaled, minorUnits, toMinor } from '../../platform/decimal.js'
import { InputError } from '../../platform/errors.js'
import type { SuppliersTable } from '../tables.js'
import { holdsHiddenLogin, maskLogin } from './supplier-url.js'

export const channels = ['simulated', 'http', 'email', 'manual'] as const satisfies readonly SuppliersTable['channel'][]

/** A supplier as people write it: money in major units of its currency, the tax rate as a fraction. */
export interface SupplierTerms {
  readonly id: string
  readonly name: string
  readonly channel: SuppliersTable['channel']
  readonly currency: string
  /** '0.19' for 19 %. */
  readonly taxRate: string
  readonly shippingFee: string
  /** null: shipping is never free. */
  readonly freeShippingOver: string | null
  readonly minimumOrder: string
  readonly leadTimeDays: number
  readonly url: string | null
  readonly email: string | null
}

/** What a new supplier gets where nothing is said. `manual`: nothing is sent anywhere before somebody says how. */
export const defaultTerms: Omit<SupplierTerms, 'id' | 'name' | 'currency'> = {
  channel: 'manual',
  taxRate: '0',
  shippingFee: '0',
  freeShippingOver: null,
  minimumOrder: '0',
  leadTimeDays: 1,
  url: null,
  email: null,
}

/** A supplier's mistake and the field that it is in. */
export class TermsError extends InputError {
  readonly field: keyof SupplierTerms

  constructor(field: keyof SupplierTerms, message: string) {
    super(message, 'invalid_supplier')
    this.field = field
  }
}

export type SupplierColumns = Omit<SuppliersTable, 'created_at' | 'updated_at' | 'archived_at'>

/** Checks what can be checked without a database and gives the row as it is stored. */
export function checkTerms(terms: SupplierTerms): SupplierColumns {
  if (!/^[a-z0-9][a-z0-9_-]{0,39}$/.test(terms.id)) {
    const mend = 'use at most 40 small letters, digits, "-" and "_", such as north-dairy'
    throw new TermsError('id', `"${terms.id.slice(0, 60)}" is not a supplier id; ${mend}`)
  }
  const decimals = inField('currency', () => minorUnits(terms.currency))
  const money = (field: 'shippingFee' | 'minimumOrder' | 'freeShippingOver', amount: string) =>
    inField(field, () => toMinor(amount, decimals, { min: 0 }))
  if (terms.channel === 'http' && terms.url === null) {
    throw new TermsError('url', 'is blank; the http channel sends orders to a URL, so fill it in')
  }
  if (terms.channel === 'email' && terms.email === null) {
    throw new TermsError('email', 'is blank; the email channel sends orders to an address, so fill it in')
  }
  if (terms.url !== null) checkUrl(terms.url)
  if (terms.email !== null && !/^[^\s@,;<>]+@[^\s@,;<>]+\.[^\s@,;<>]+$/.test(terms.email)) {
    throw new TermsError('email', `"${terms.email}" is not one e-mail address, such as orders@example.com`)
  }
  return {
    id: terms.id,
    name: terms.name,
    channel: terms.channel,
    currency: terms.currency,
    tax_rate: checkTaxRate(terms.taxRate),
    shipping_fee_minor: money('shippingFee', terms.shippingFee),
    free_shipping_over_minor:
      terms.freeShippingOver === null ? null : money('freeShippingOver', terms.freeShippingOver),
    minimum_order_minor: money('minimumOrder', terms.minimumOrder),
    lead_time_days: terms.leadTimeDays,
    url: terms.url,
    email: terms.email,
  }
}

/** The stored row as people write it, to be changed in part. */
export function termsOf(row: SupplierColumns): SupplierTerms {
  const decimals = minorUnits(row.currency)
  const major = (amountMinor: number) => formatScaled(BigInt(amountMinor), decimals)
  return {
    id: row.id,
    name: row.name,
    channel: row.channel,
    currency: row.currency,
    taxRate: String(row.tax_rate),
    shippingFee: major(row.shipping_fee_minor),
    freeShippingOver: row.free_shipping_over_minor === null ? null : major(row.free_shipping_over_minor),
    minimumOrder: major(row.minimum_order_minor),
    leadTimeDays: row.lead_time_days,
    url: row.url,
    email: row.email,
  }
}

function checkTaxRate(text: string): number {
  const rate = Number(text)
  if (!(rate >= 0 && rate < 1)) {
    const meant =
      rate >= 1 && rate < 100 ? `; ${rate} % is written ${Number((rate / 100).toFixed(7))}` : '; 19 % is written 0.19'
    throw new TermsError('taxRate', `"${text}" is not a tax rate, which is a fraction from 0 to below 1${meant}`)
  }
  return rate
}

/** Orders carry prices and addresses: plain http only where it never leaves the machine. */
function checkUrl(text: string): void {
  const url = URL.canParse(text) ? new URL(text) : null
  const isLoopback = url !== null && /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(url.hostname)
  if (url === null || !(url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback))) {
    throw new TermsError('url', `"${maskLogin(text).slice(0, 200)}" can't be used; write an https:// URL`)
  }
  if (holdsHiddenLogin(text)) {
    throw new TermsError('url', 'has *** where the user name and password were; write them anew')
  }
}

function inField<T>(field: keyof SupplierTerms, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof InputError) throw new TermsError(field, error.message)
    throw error
  }
}
