import type { ListView } from '../../../stock/lists.js'
import { Crumb } from '../crumb.js'
import { ActionButton, Field, Form, Problem, TextArea } from '../form.js'
import { Name } from '../parts.js'
import { ItemForm, type ItemValues } from './item-form.js'
import { ItemsCrumb } from './items-crumb.js'

interface NewItemProps {
  readonly list: ListView
  readonly values: ItemValues
  readonly problem: string | null
}

export function NewItem({ list, values, problem }: NewItemProps) {
  return (
    <>
      <ItemsCrumb list={list} />
      <div class="head">
        <h1>Add an item</h1>
      </div>
      <ItemForm action="/items/new" values={values} currency={list.currency} problem={problem} isNew list={list.id} />
    </>
  )
}

export function EditItem({ list, values, problem, itemId, name }: NewItemProps & { itemId: string; name: string }) {
  return (
    <>
      <Crumb href={`/items/${itemId}`}>
        <Name text={name} />
      </Crumb>
      <div class="head">
        <h1>Edit</h1>
      </div>
      <ItemForm
        action={`/items/${itemId}/edit`}
        values={values}
        currency={list.currency}
        problem={problem}
        isNew={false}
        list={list.id}
      />
      <details>
        <summary>Take it off the list</summary>
        <p>Its history stays, orders that are under way go on, and nothing more is bought.</p>
        <ActionButton action={`/items/${itemId}/remove`} text="Take it off the list" kind="danger" />
      </details>
    </>
  )
}

export function RequestItem({ list, values, problem }: NewItemProps) {
  return (
    <>
      <ItemsCrumb list={list} />
      <div class="head">
        <h1>Request something once</h1>
      </div>
      <p>It is bought once and not kept in stock. Every run looks at it until it has come.</p>
      <Form action="/items/request">
        <Problem text={problem} />
        <input type="hidden" name="list" value={list.id} />
        <div class="fields">
          <Field label="What" name="name" value={values.name} isRequired maxLength={200} />
          <Field label="How much" name="quantity" type="number" value={values.quantity} isRequired />
          <Field label="Unit" name="unit" value={values.unit} isRequired maxLength={32} hint="kg, l, pcs, …" />
          <Field label="Needed by" name="neededBy" type="date" value={values.neededBy} />
          <TextArea label="Notes" name="notes" value={values.notes} hint="what whoever buys it should know" />
        </div>
        <button type="submit">Request it</button>
      </Form>
    </>
  )
}
