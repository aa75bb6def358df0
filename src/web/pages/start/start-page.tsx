import { ActionButton, Field, Form, Problem } from '../form.js'
import { examplePath } from '../imports/example-files.js'

import type { ImportKind } from '../imports/preview-import.js'
import { TimeZoneField } from '../time-zone-field.js'

export type StartValues = Readonly<Record<string, string>>

interface StartProps {
  readonly values: StartValues
  readonly problem: string | null
  /** There is no list yet. */
  readonly isFirst: boolean
}

export function Start({ values, problem, isFirst }: StartProps) {
  return (
    <>
      <div class="head">
        <h1>{isFirst ? 'Welcome to Restock' : 'Add a list'}</h1>
      </div>
      {isFirst ? (
        <>
          <p>
            Restock keeps things from running out: it looks at what is there, works out what to buy, and orders it
            inside the limits you set. Begin with a list of what must not run out.
          </p>
          <section class="card" aria-labelledby="example-title">
            <h2 id="example-title">Look around with the example</h2>
            <p>A café with 63 items and five suppliers who exist only here. Nobody is paid.</p>
            <p>
              <ActionButton action="/start/example" text="Set up the example café" kind="secondary" />
            </p>
          </section>
        </>
      ) : null}
      <h2>{isFirst ? 'Or set up your own list' : 'Its settings'}</h2>
      <Form action="/start" hasFiles label="Set up a list">
        <Problem text={problem} />
        <div class="fields">
          <Field label="Name" name="name" value={values.name} isRequired maxLength={100} placeholder="Corner Café" />
          <Field label="Currency" name="currency" value={values.currency} isRequired maxLength={3} />
          <TimeZoneField name="timeZone" value={values.timeZone} isFresh={problem === null} />
          <Field
            label="Id"
            name="id"
            value={values.id}
            maxLength={40}
            hint="for addresses and commands; blank: made from the name"
          />
        </div>
        <fieldset class="fields">
          <legend class="whole">Limits, with shipping and tax; blank: none</legend>
          <Field label="Most per order" name="perOrder" type="number" value={values.perOrder} />
          <Field label="Most a month" name="perMonth" type="number" value={values.perMonth} />
          <Field
            label="Ask me above"
            name="approveAbove"
            type="number"
            value={values.approveAbove}
            hint="larger orders wait for your approval"
          />
        </fieldset>
        <fieldset class="fields">
          <legend class="whole">What is on it and who sells it, from CSV files, now or later</legend>
          <Field
            label="Items"
            name="items"
            type="file"
            accept=".csv,text/csv"
            hint={<Example kind="items" columns="name, unit, on_hand, reorder_point, order_up_to, …" />}
          />
          <Field
            label="Suppliers"
            name="suppliers"
            type="file"
            accept=".csv,text/csv"
            hint={<Example kind="suppliers" columns="id, name, currency, lead_time_days, …" />}
          />
          <Field
            label="Catalog"
            name="catalog"
            type="file"
            accept=".csv,text/csv"
            hint={<Example kind="catalog" columns="supplier, name, unit, pack_quantity, price, …" />}
          />
        </fieldset>
        <p>
          <label>
            <input type="checkbox" name="daily" value="yes" checked={values.daily !== ''} />
            Restock it every day at 6:00
          </label>
        </p>
        <p class="actions">
          <button type="submit">Set it up</button>
        </p>
      </Form>
    </>
  )
}

function Example({ kind, columns }: { kind: ImportKind; columns: string }) {
  return (
    <>
      {columns}{' '}
      <a href={examplePath(kind)} download>
        An example
      </a>
    </>
  )
}
