import { InputError } from '../../../platform/errors.js'
import type { NewSupplier } from '../../../purchasing/catalog/add-supplier.js'
import type { EditableSupplier, SupplierChanges } from '../../../purchasing/catalog/edit-supplier.js'
import { channels, defaultTerms } from '../../../purchasing/catalog/supplier-terms.js'
import { Crumb } from '../crumb.js'
import { Field, Form, Problem, Select } from '../form.js'
import type { FormFields } from '../form-fields.js'
import { Name } from '../parts.js'

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
  'isActive',
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

/** Throws InputError that names the field. */
export function readEdited(form: FormFields): SupplierChanges {
  const { id: _, ...terms } = { ...defaultTerms, ...readSupplier(form) }
  return { ...terms, isActive: form.isChecked('isActive') }
}

/** What stands in the form of a known supplier; nothing of a login in its URL. */
export function valuesOfSupplier({ terms, isActive }: EditableSupplier): SupplierValues {
  return {
    ...terms,
    taxPercent: String(Number((Number(terms.taxRate) * 100).toFixed(3))),
    freeShippingOver: terms.freeShippingOver ?? '',
    leadTimeDays: String(terms.leadTimeDays),
    url: terms.url ?? '',
    email: terms.email ?? '',
    isActive: isActive ? 'yes' : '',
  }
}

interface SupplierFormProps {
  readonly values: SupplierValues
  readonly problem: string | null
}

export function AddSupplier(props: SupplierFormProps) {
  return (
    <>
      <Crumb href="/suppliers">Suppliers</Crumb>
      <div class="head">
        <h1>Add a supplier</h1>
      </div>
      <SupplierForm {...props} />
    </>
  )
}

export function EditSupplier({ id, name, ...props }: SupplierFormProps & { id: string; name: string }) {
  return (
    <>
      <Crumb href={`/suppliers/${id}`}>
        <Name text={name} />
      </Crumb>
      <div class="head">
        <h1>Edit</h1>
      </div>
      <SupplierForm {...props} id={id} />
    </>
  )
}

/** Without `id` for a new one. */
function SupplierForm({ values, problem, id }: SupplierFormProps & { id?: string }) {
  const isNew = id === undefined
  return (
    <Form action={isNew ? '/suppliers/new' : `/suppliers/${id}/edit`}>
      <Problem text={problem} />
      <div class="fields">
        <Field label="Name" name="name" value={values.name} isRequired maxLength={120} />
        {isNew ? (
          <Field label="Id" name="id" value={values.id} isRequired maxLength={40} hint="such as north-dairy" />
        ) : null}
        <Field
          label="Currency"
          name="currency"
          value={values.currency ?? 'EUR'}
          isRequired
          maxLength={3}
          hint={isNew ? undefined : 'of its terms and of what is imported from now on'}
        />
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
        <Field
          label="URL"
          name="url"
          value={values.url}
          maxLength={500}
          hint={
            values.url?.includes('***') === true
              ? 'where HTTP orders are sent; *** stands for the login that is stored, and keeps it'
              : 'where HTTP orders are sent'
          }
        />
        <Field label="E-mail" name="email" type="email" value={values.email} hint="where orders are mailed" />
        {isNew ? null : (
          <div class="field whole">
            <label>
              <input
                type="checkbox"
                name="isActive"
                value="yes"
                checked={values.isActive === 'yes'}
                aria-describedby="hint-isActive"
              />
              Buy from it
            </label>
            <span class="hint" id="hint-isActive">
              Otherwise nothing new is ordered there; orders that are under way go on.
            </span>
          </div>
        )}
      </div>
      <button type="submit">{isNew ? 'Add the supplier' : 'Save'}</button>
    </Form>
  )
}
