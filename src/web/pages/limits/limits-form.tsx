import { Field, Form, Problem, Select } from '../form.js'
import type { FormFields } from '../form-fields.js'
import { Name } from '../parts.js'
import { limitWords } from './limit-words.js'
import type { LimitsProps } from './limits-page.js'

const texts = [
  'per_order',
  'per_day',
  'per_week',
  'per_month',
  'approve_above',
  'max_line_amount',
  'order_effort',
  'orders_per_day',
  'orders_per_run',
  'max_times_need',
  'max_price_rise_percent',
  'amendment_tolerance_percent',
  'overdue_grace_days',
  'allowed_suppliers',
] as const

const choices = {
  price_rise: [
    { value: 'approve', text: 'waits for approval' },
    { value: 'refuse', text: 'is refused' },
  ],
  on_amendment: [
    { value: 'ask', text: 'waits for a person' },
    { value: 'cancel', text: 'is to be cancelled' },
    { value: 'accept', text: 'is taken' },
  ],
} as const

const flags = [
  'first_purchase_needs_approval',
  'first_supplier_order_needs_approval',
  'person_orders_need_approval',
] as const

const supplierKinds = ['per_order', 'per_month'] as const

/** The form as settings, checked when they are applied; blank: not set. */
export function readLimits(form: FormFields): Record<string, unknown> {
  const limits: Record<string, unknown> = {}
  for (const kind of texts) {
    const text = form.optional(kind)
    if (text !== null) limits[kind] = kind === 'allowed_suppliers' ? text : text.replace(',', '.')
  }
  for (const kind of [...Object.keys(choices), ...flags]) {
    const text = form.optional(kind)
    if (text !== null) limits[kind] = text
  }
  const ofSuppliers: Record<string, Record<string, string>> = {}
  for (const [name, value] of form.startingWith('per_supplier.')) {
    const [id = '', kind = ''] = name.split('.')
    ofSuppliers[id] = { ...ofSuppliers[id], [kind]: value.replace(',', '.') }
  }
  if (Object.keys(ofSuppliers).length > 0) limits.per_supplier = ofSuppliers
  return limits
}

/** What a form had when it came in, to be shown again. */
export function limitValues(form: FormFields): Record<string, string> {
  const names = [...texts, ...Object.keys(choices), ...flags]
  return {
    ...Object.fromEntries(names.map((name) => [name, form.text(name)])),
    ...Object.fromEntries(form.startingWith('per_supplier.').map(([name, value]) => [`per_supplier.${name}`, value])),
  }
}

export function LimitsForm({ list, settings, suppliers, values, problem }: LimitsProps) {
  const stored = settings as Readonly<Record<string, unknown>>
  const shownOf = (kind: string) => {
    if (values !== null) return values[kind] ?? ''
    const value = stored[kind]
    return value === undefined ? '' : Array.isArray(value) ? value.join(', ') : String(value)
  }
  const ofSupplier = (id: string, kind: (typeof supplierKinds)[number]) => {
    const name = `per_supplier.${id}.${kind}`
    return values === null ? String(settings.per_supplier?.[id]?.[kind] ?? '') : (values[name] ?? '')
  }
  const words = (kind: keyof typeof limitWords) => limitWords[kind] ?? [kind, '']
  return (
    <details open={problem !== null || Object.keys(stored).length === 0}>
      <summary>Change the limits</summary>
      <Form action="/limits" label={`Limits of ${list.name}`}>
        <Problem text={problem} />
        <input type="hidden" name="list" value={list.id} />
        <p class="soft">Amounts in {list.currency}. Blank: no such limit, or what is usual.</p>
        <div class="fields">
          {texts.map((kind) => (
            <Field
              label={words(kind)[0]}
              name={kind}
              type={kind === 'allowed_suppliers' ? 'text' : 'number'}
              value={shownOf(kind)}
              hint={words(kind)[1] === '' ? undefined : words(kind)[1]}
            />
          ))}
          {(['price_rise', 'on_amendment'] as const).map((kind) => (
            <Select
              label={words(kind)[0]}
              name={kind}
              value={shownOf(kind)}
              options={[{ value: '', text: 'as usual' }, ...choices[kind]]}
            />
          ))}
          {flags.map((kind) => (
            <Select
              label={words(kind)[0]}
              name={kind}
              value={shownOf(kind)}
              hint={words(kind)[1] === '' ? undefined : words(kind)[1]}
              options={[
                { value: '', text: 'as usual' },
                { value: 'true', text: 'yes' },
                { value: 'false', text: 'no' },
              ]}
            />
          ))}
        </div>
        {suppliers.length === 0 ? null : (
          <details open={Object.keys(settings.per_supplier ?? {}).length > 0}>
            <summary>For single suppliers</summary>
            {suppliers.map(({ id, name }) => (
              <fieldset class="fields">
                <legend class="whole">
                  <Name text={name} />
                </legend>
                <Field
                  label="Most per order"
                  name={`per_supplier.${id}.per_order`}
                  type="number"
                  value={ofSupplier(id, 'per_order')}
                />
                <Field
                  label="Most a month"
                  name={`per_supplier.${id}.per_month`}
                  type="number"
                  value={ofSupplier(id, 'per_month')}
                />
              </fieldset>
            ))}
          </details>
        )}
        <p class="actions">
          <button type="submit">Save the limits</button>
        </p>
      </Form>
    </details>
  )
}
