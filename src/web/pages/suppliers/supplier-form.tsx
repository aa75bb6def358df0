import { InputError } from '../../../platform/errors.js'
import type { NewSupplier } from '../../../purchasing/catalog/add-supplier.js'
import { channels } from '../../../purchasing/catalog/supplier-terms.js'
import { Field, Form, Problem, Select } from '../form.js'
import type { FormFields } from '../form-fields.js'

const names = [
  'id',
  'name',
  'channel',
  'currency',
  'taxPercent',
  'shippingFee',
  'freeShippingOver',
  'minimumOrder',
  'leadTimeDays',
  'url',
  'email',
] as const

export type SupplierValues = Readonly<Partial<Record<(typeof names)[number], string>>>

export function supplierValues(form: FormFields): SupplierValues {
  return Object.fromEntries(names.map((name) => [name, form.text(name)]))
}

/** Throws InputError that names the field. */
export function readSupplier(form: FormFields): NewSupplier {
  const amount = (name: string) => form.optional(name)?.replace(',', '.')
  const leadTimeDays = form.number('leadTimeDays', 'Lead time')
  const channel = channels.find((each) => each === form.text('channel'))
  if (channel === undefined) throw new InputError('Say how orders get there.')
  const tax = form.number('taxPercent', 'Tax')
  return {
    id: form.text('id'),
    name: form.text('name'),
    channel,
    currency: form.text('currency').toUpperCase(),
    url: form.optional('url'),
    email: form.optional('email'),
    freeShippingOver: amount('freeShippingOver') ?? null,
    shippingFee: amount('shippingFee') ?? '0',
    minimumOrder: amount('minimumOrder') ?? '0',
    ...(tax === null ? {} : { taxRate: String(Number((tax / 100).toFixed(5))) }),
    ...(leadTimeDays === null ? {} : { leadTimeDays }),
  }
}

export function SupplierForm({ values, problem }: { values: SupplierValues; problem: string | null }) {
  return (
    <>
      <p class="crumb">
        <a href="/suppliers">Suppliers</a>
      </p>
      <div class="head">
        <h1>Add a supplier</h1>
      </div>
      <Form action="/suppliers/new">
        <Problem text={problem} />
        <div class="fields">
          <Field label="Name" name="name" value={values.name} isRequired maxLength={120} />
          <Field label="Id" name="id" value={values.id} isRequired maxLength={40} hint="such as north-dairy" />
          <Field label="Currency" name="currency" value={values.currency ?? 'EUR'} isRequired maxLength={3} />
          <Select
            label="Orders go by"
            name="channel"
            value={values.channel ?? 'manual'}
            options={[
              { value: 'manual', text: 'me: they wait for a person' },
              { value: 'email', text: 'e-mail' },
              { value: 'http', text: 'HTTP' },
              { value: 'simulated', text: 'nobody: it is only simulated' },
            ]}
          />
          <Field label="Tax (%)" name="taxPercent" type="number" value={values.taxPercent} />
          <Field label="Shipping fee" name="shippingFee" type="number" value={values.shippingFee} />
          <Field label="Free shipping over" name="freeShippingOver" type="number" value={values.freeShippingOver} />
          <Field label="Minimum order" name="minimumOrder" type="number" value={values.minimumOrder} />
          <Field label="Lead time (days)" name="leadTimeDays" type="number" value={values.leadTimeDays} />
          <Field label="URL" name="url" value={values.url} maxLength={500} hint="where HTTP orders are sent" />
          <Field label="E-mail" name="email" type="email" value={values.email} hint="where orders are mailed" />
        </div>
        <button type="submit">Add the supplier</button>
      </Form>
    </>
  )
}
