import type { DomainContext } from '../../platform/context.js'
import {
  type Columns,
  csvProblem,
  decimal,
  integer,
  money,
  oneOf,
  readCsv,
  required,
  text,
} from '../../platform/csv.js'
import { inTransaction } from '../../platform/database.js'
import { type ImportCounts, saveSuppliers } from './save-suppliers.js'
import { channels, checkTerms, defaultTerms, type SupplierTerms, TermsError, termsOf } from './supplier-terms.js'

const columns = {
  id: required(text({ maxLength: 40 })),
  name: required(text({ maxLength: 120 })),
  channel: oneOf(channels),
  currency: required(text({ maxLength: 3 })),
  tax_rate: decimal({ min: 0, maxDecimals: 5 }),
  shipping_fee: money(),
  free_shipping_over: money(),
  minimum_order: money(),
  lead_time_days: integer({ min: 0, max: 365 }),
  url: text({ maxLength: 500 }),
  email: text({ maxLength: 254 }),
} satisfies Columns

const columnOf: Readonly<Record<keyof SupplierTerms, keyof typeof columns>> = {
  id: 'id',
  name: 'name',
  channel: 'channel',
  currency: 'currency',
  taxRate: 'tax_rate',
  shippingFee: 'shipping_fee',
  freeShippingOver: 'free_shipping_over',
  minimumOrder: 'minimum_order',
  leadTimeDays: 'lead_time_days',
  url: 'url',
  email: 'email',
}

const moneyColumns = ['shipping_fee', 'free_shipping_over', 'minimum_order'] as const

/**
 * Imports suppliers.csv, whole or not at all; known ids are updated. A column that the file doesn't have leaves what is
 * stored alone, a blank cell means the default. Suppliers that aren't in the file stay.
 */
export async function importSuppliers(
  ctx: DomainContext,
  input: { readonly bytes: Uint8Array; readonly fileName: string },
): Promise<ImportCounts> {
  const file = readCsv(input.bytes, input.fileName, columns)
  const lines = new Map<string, number>()
  for (const { line, values } of file.rows) {
    const first = lines.get(values.id)
    if (first !== undefined) {
      throw csvProblem(input.fileName, line, 'id', `"${values.id}" is in line ${first} already; remove one`)
    }
    lines.set(values.id, line)
  }
  return inTransaction(ctx, async (tx) => {
    const stored = await tx.db
      .selectFrom('purchasing.suppliers')
      .selectAll()
      .where('id', 'in', [...lines.keys()])
      .orderBy('id')
      .forUpdate()
      .execute()
    const existing = new Map(stored.map((row) => [row.id, row]))
    const suppliers = file.rows.map(({ line, values }) => {
      const before = existing.get(values.id)
      const kept = before === undefined ? defaultTerms : termsOf(before)
      const said = (field: keyof typeof columnOf) => file.columns.has(columnOf[field])
      const currency = values.currency.toUpperCase()
      const silent = moneyColumns.filter((column) => !file.columns.has(column))
      if (before !== undefined && before.currency !== currency && silent.length > 0) {
        const mend = `add ${silent.join(', ')} in the new currency`
        throw csvProblem(input.fileName, line, 'currency', `changes from ${before.currency} to ${currency}; ${mend}`)
      }
      const terms: SupplierTerms = {
        id: values.id,
        name: values.name,
        currency,
        channel: said('channel') ? (values.channel ?? defaultTerms.channel) : kept.channel,
        taxRate: said('taxRate') ? (values.tax_rate ?? defaultTerms.taxRate) : kept.taxRate,
        shippingFee: said('shippingFee') ? (values.shipping_fee ?? defaultTerms.shippingFee) : kept.shippingFee,
        freeShippingOver: said('freeShippingOver') ? values.free_shipping_over : kept.freeShippingOver,
        minimumOrder: said('minimumOrder') ? (values.minimum_order ?? defaultTerms.minimumOrder) : kept.minimumOrder,
        leadTimeDays: said('leadTimeDays') ? (values.lead_time_days ?? defaultTerms.leadTimeDays) : kept.leadTimeDays,
        url: said('url') ? values.url : kept.url,
        email: said('email') ? values.email : kept.email,
      }
      try {
        return checkTerms(terms)
      } catch (error) {
        if (!(error instanceof TermsError)) throw error
        throw csvProblem(input.fileName, line, columnOf[error.field], error.message)
      }
    })
    return saveSuppliers(tx, suppliers, existing)
  })
}
