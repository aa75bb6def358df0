import type { ListView } from '../../../stock/lists.js'
import { DataTable } from '../data-table.js'
import { Field, Form, Problem, Select } from '../form.js'
import { Badge, counted, Empty, inWords, Name } from '../parts.js'
import { examplePath } from './example-files.js'
import type { ImportChange, ImportKind, ImportPreview } from './preview-import.js'

export interface KindWords {
  readonly title: string
  readonly path: string
  readonly back: readonly [path: string, text: string]
  readonly columns: string
  readonly one: string
}

export const kindWords: Readonly<Record<ImportKind, KindWords>> = {
  items: {
    title: 'Import items',
    path: '/items/import',
    back: ['/items', 'Items'],
    columns:
      'name, list, sku, gtin, unit, on_hand, daily_use, every, reorder_point, order_up_to, order_multiple, minimum_quantity, max_unit_price, category, notes',
    one: 'item',
  },
  suppliers: {
    title: 'Import suppliers',
    path: '/suppliers/import',
    back: ['/suppliers', 'Suppliers'],
    columns:
      'id, name, channel, currency, tax_rate, shipping_fee, free_shipping_over, minimum_order, lead_time_days, url, email',
    one: 'supplier',
  },
  catalog: {
    title: 'Import a catalog',
    path: '/catalog/import',
    back: ['/suppliers', 'Suppliers'],
    columns:
      'supplier, sku, gtin, name, brand, category, unit, pack_quantity, price, stock, minimum_packs, break_packs, break_price',
    one: 'offer',
  },
}

interface ChooseProps {
  readonly kind: ImportKind
  readonly lists: readonly ListView[]
  readonly list: string | null
  readonly problem: string | null
}

export function ChooseFile({ kind, lists, list, problem }: ChooseProps) {
  const words = kindWords[kind]
  return (
    <>
      <Crumb words={words} />
      <div class="head">
        <h1>{words.title}</h1>
      </div>
      <Problem text={problem} />
      <p>
        From a CSV file (UTF-8, separated by commas or semicolons). What is known is changed, what isn’t in the file
        stays; nothing happens before you have seen what would change.
      </p>
      <Form action={words.path} hasFiles>
        <div class="fields">
          {kind === 'items' && lists.length > 1 ? (
            <Select
              label="List"
              name="list"
              value={list ?? ''}
              options={[
                { value: '', text: 'as each row says' },
                ...lists.map(({ id, name }) => ({ value: id, text: name })),
              ]}
            />
          ) : null}
          <Field label="CSV file" name="file" type="file" accept=".csv,text/csv" isRequired />
        </div>
        <button type="submit">Show what would change</button>
      </Form>
      <details>
        <summary>Which columns there are</summary>
        <p>
          <code>{words.columns}</code>
        </p>
        <p class="small soft">In any order; columns that a file doesn’t have leave things as they are.</p>
        <p>
          <a href={examplePath(kind)} download>
            Download an example
          </a>
        </p>
      </details>
    </>
  )
}

interface PreviewProps {
  readonly kind: ImportKind
  readonly preview: ImportPreview
  /** The file as text that a form can carry. */
  readonly packed: string
  readonly fileName: string
  readonly list: string | null
  readonly isStale: boolean
}

const changesShown = 100

export function ShowPreview({ kind, preview, packed, fileName, list, isStale }: PreviewProps) {
  const words = kindWords[kind]
  const { counts, changes, digest } = preview
  return (
    <>
      <Crumb words={words} />
      <div class="head">
        <h1>{words.title}</h1>
      </div>
      {isStale ? (
        <p class="notice warn" role="alert">
          Something has changed meanwhile, so nothing was imported. This is what would change now.
        </p>
      ) : null}
      <p>
        <Name text={fileName} />: <strong>{counts.created} new</strong>, <strong>{counts.updated} changed</strong>,{' '}
        {counts.unchanged} as they are.
      </p>
      {changes.length === 0 ? (
        <Empty>
          Everything is like that already; there is nothing to import. <a href={words.path}>Choose another file</a>
        </Empty>
      ) : (
        <>
          <Form action={words.path} class="actions">
            <input type="hidden" name="packed" value={packed} />
            <input type="hidden" name="fileName" value={fileName} />
            <input type="hidden" name="list" value={list ?? ''} />
            <input type="hidden" name="digest" value={digest} />
            <button type="submit">Import {counted(counts.created + counts.updated, words.one)}</button>
            <a class="button secondary" href={words.path}>
              Choose another file
            </a>
          </Form>
          <h2>What would change</h2>
          <DataTable
            rows={changes.slice(0, changesShown)}
            label="What would change"
            columns={[
              { title: 'Name', cell: ({ name }) => <Name text={name} /> },
              {
                title: 'What',
                cell: ({ isNew }) => <Badge tone={isNew ? 'good' : 'warn'}>{isNew ? 'new' : 'changed'}</Badge>,
              },
              { title: 'Values', cell: (change) => <Fields change={change} />, kind: 'wide' },
            ]}
          />
          {changes.length > changesShown ? <p class="soft">And {changes.length - changesShown} more.</p> : null}
        </>
      )}
    </>
  )
}

function Fields({ change }: { change: ImportChange }) {
  return (
    <span class="row small">
      {change.fields.map(({ name, before, after }) => (
        <span>
          <span class="soft">{inWords(name)}</span>{' '}
          {change.isNew ? null : (
            <>
              <s>
                <Name text={before ?? 'none'} />
              </s>{' '}
            </>
          )}
          <Name text={after ?? 'none'} />
        </span>
      ))}
    </span>
  )
}

function Crumb({ words: { back } }: { words: KindWords }) {
  return (
    <p class="crumb">
      <a href={back[0]}>{back[1]}</a>
    </p>
  )
}
