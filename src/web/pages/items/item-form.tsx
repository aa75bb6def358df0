import { InputError } from '../../../platform/errors.js'
import type { ItemInput, ItemSettings } from '../../../stock/item-settings.js'
import { Field, Form, Problem, Select, TextArea } from '../form.js'
import type { FormFields } from '../form-fields.js'

/** What stands in the form, by field. */
export type ItemValues = Readonly<Record<string, string>>

export const numberFields = {
  reorderPoint: 'Reorder point',
  orderUpTo: 'Order up to',
  dailyUse: 'Daily use',
  orderMultiple: 'Order in multiples of',
  minimumQuantity: 'Least to order',
  reorderQuantity: 'Order at least',
  leadTimeDays: 'Lead time',
  serviceLevel: 'Service level',
} as const

const textFields = ['name', 'unit', 'sku', 'gtin', 'category', 'notes', 'every', 'maxUnitPrice', 'substitutes'] as const

/** The form as settings; blank fields clear. Throws InputError that names the field. */
export function readItemForm(form: FormFields): ItemInput & { readonly name: string; readonly unit: string } {
  const numbers = Object.fromEntries(
    Object.entries(numberFields).map(([name, label]) => [name, form.number(name, label)]),
  )
  const texts = Object.fromEntries(textFields.map((name) => [name, form.optional(name)]))
  const [name, unit] = [form.text('name'), form.text('unit')]
  if (name === '') throw new InputError('Name: say what it is called.')
  if (unit === '') throw new InputError('Unit: say in what it is counted, such as kg, l or pcs.')
  return {
    ...numbers,
    ...texts,
    name,
    unit,
    maxUnitPrice: form.optional('maxUnitPrice')?.replace(',', '.') ?? null,
    reorder: form.text('reorder') === 'auto' ? 'auto' : 'fixed',
    overMax: overMaxOf(form.text('overMax')),
  }
}

function overMaxOf(text: string): 'allow' | 'round_down' | 'hold' {
  return text === 'round_down' || text === 'hold' ? text : 'allow'
}

/** What a form had when it came in, to be shown again. */
export function valuesOf(form: FormFields): ItemValues {
  const names = [...textFields, ...Object.keys(numberFields), 'reorder', 'overMax', 'onHand', 'quantity', 'neededBy']
  return Object.fromEntries(names.map((name) => [name, form.text(name)]))
}

export function valuesOfSettings(item: ItemSettings): ItemValues {
  const text = (value: string | number | null) => (value === null ? '' : String(value))
  return {
    name: item.name,
    unit: item.unit,
    sku: text(item.sku),
    gtin: text(item.gtin),
    category: text(item.category),
    notes: text(item.notes),
    every: text(item.every),
    maxUnitPrice: text(item.max_unit_price),
    substitutes: text(item.substitutes),
    reorderPoint: text(item.reorder_point),
    orderUpTo: text(item.order_up_to),
    dailyUse: text(item.daily_use),
    orderMultiple: text(item.order_multiple),
    minimumQuantity: text(item.minimum_quantity),
    reorderQuantity: text(item.reorder_quantity),
    leadTimeDays: text(item.lead_time_days),
    serviceLevel: text(item.service_level),
    reorder: item.reorder,
    overMax: item.over_max,
  }
}

interface ItemFormProps {
  readonly action: string
  readonly values: ItemValues
  readonly currency: string
  readonly problem: string | null
  readonly isNew: boolean
  readonly list: string
}

export function ItemForm({ action, values, currency, problem, isNew, list }: ItemFormProps) {
  const unit = values.unit === undefined || values.unit === '' ? 'unit' : values.unit
  const number = (name: keyof typeof numberFields, hint?: string) => (
    <Field label={numberFields[name]} name={name} type="number" value={values[name]} hint={hint} />
  )
  return (
    <Form action={action}>
      <Problem text={problem} />
      <input type="hidden" name="list" value={list} />
      <div class="fields">
        <Field label="Name" name="name" value={values.name} isRequired maxLength={200} />
        <Field label="Unit" name="unit" value={values.unit} isRequired maxLength={32} hint="kg, l, pcs, …" />
        {isNew ? <Field label="On hand now" name="onHand" type="number" value={values.onHand} /> : null}
        {number('reorderPoint', 'order when no more than this is there or on its way')}
        {number('orderUpTo', 'the level to order up to')}
        {number('dailyUse', `${unit} that go in a day when nobody counts`)}
      </div>
      <details open={hasMore(values)}>
        <summary>More about how it is bought</summary>
        <div class="fields">
          <Select
            label="Levels"
            name="reorder"
            value={values.reorder}
            options={[
              { value: 'fixed', text: 'as stated' },
              { value: 'auto', text: 'worked out from what goes' },
            ]}
          />
          <Field label="Every" name="every" value={values.every} hint="a standing need: 3d, 2w or 1m" maxLength={10} />
          {number('orderMultiple')}
          {number('minimumQuantity')}
          {number('reorderQuantity')}
          <Select
            label="Where a multiple would pass the level"
            name="overMax"
            value={values.overMax}
            options={[
              { value: 'allow', text: 'buy it all the same' },
              { value: 'round_down', text: 'buy less' },
              { value: 'hold', text: 'ask' },
            ]}
          />
          {number('leadTimeDays', 'days from order to delivery')}
          {number('serviceLevel', 'such as 0.95')}
          <Field label={`Most per unit (${currency})`} name="maxUnitPrice" type="number" value={values.maxUnitPrice} />
          <Field label="Sku" name="sku" value={values.sku} maxLength={64} />
          <Field label="Gtin" name="gtin" value={values.gtin} maxLength={20} />
          <Field label="Category" name="category" value={values.category} maxLength={100} />
          <Field
            label="Substitutes"
            name="substitutes"
            value={values.substitutes}
            hint="best first: sku:OM-2 | gtin:4006381333931"
          />
          <TextArea label="Notes" name="notes" value={values.notes} hint="what whoever buys it should know" />
        </div>
      </details>
      <p class="actions">
        <button type="submit">{isNew ? 'Add the item' : 'Save'}</button>
      </p>
    </Form>
  )
}

const more = ['every', 'orderMultiple', 'minimumQuantity', 'reorderQuantity', 'maxUnitPrice', 'sku', 'gtin', 'notes']

function hasMore(values: ItemValues): boolean {
  return values.reorder === 'auto' || more.some((name) => (values[name] ?? '') !== '')
}
