import type { ItemView } from '../../../stock/item-view.js'
import type { ListView } from '../../../stock/lists.js'
import { type DataColumn, DataTable } from '../data-table.js'
import { ListTabs } from '../list-tabs.js'
import { Badge, counted, Empty, Name, Pager, Tabs, withQuery } from '../parts.js'
import { BarKey, PositionBar } from '../position-bar.js'
import { type ItemChoice, type ItemPage, itemsPerPage } from './items-queries.js'

export interface ItemsProps {
  readonly lists: readonly ListView[]
  readonly list: ListView
  readonly show: ItemChoice
  readonly search: string
  readonly page: number
  readonly found: ItemPage
}

const choices: readonly (readonly [ItemChoice, string])[] = [
  ['all', 'All'],
  ['due', 'To buy now'],
  ['odd', 'To look at'],
  ['snoozed', 'Snoozed'],
]

const columns: readonly DataColumn<ItemView>[] = [
  {
    title: 'Item',
    cell: (item) => (
      <a href={`/items/${item.itemId}`}>
        <Name text={item.name} />
      </a>
    ),
  },
  { title: 'Position', cell: (item) => <PositionBar {...item} />, kind: 'wide' },
  { title: 'On hand', cell: ({ onHand, unit }) => `${onHand} ${unit}`, kind: 'number' },
  { title: 'On order', cell: ({ onOrder }) => (onOrder === 0 ? null : onOrder), kind: 'number' },
  { title: 'Days left', cell: ({ daysLeft }) => daysLeft, kind: 'number' },
  { title: 'To buy', cell: ({ due, need, unit }) => (due && need > 0 ? `${need} ${unit}` : null), kind: 'number' },
  { title: 'State', cell: (item) => <State item={item} /> },
]

export function State({ item }: { item: ItemView }) {
  if (item.attention !== null) return <Badge tone="bad">look at it</Badge>
  if (item.snoozedUntil !== null) return <Badge tone="">snoozed</Badge>
  if (item.due && item.need > 0) return <Badge tone="warn">low</Badge>
  if (item.kind === 'one_off') return <Badge tone="">requested once</Badge>
  if (item.every !== null) return <Badge tone="">every {item.every}</Badge>
  return item.onOrder > 0 ? <Badge tone="">on order</Badge> : <Badge tone="good">enough</Badge>
}

export function Items({ lists, list, show, search, page, found }: ItemsProps) {
  const path = (changes: { show?: ItemChoice; page?: number | null; list?: string }) => {
    const query = { list: list.id, show, q: search, page: null as number | null, ...changes }
    return withQuery('/items', { ...query, show: query.show === 'all' ? null : query.show })
  }
  const isLast = page * itemsPerPage >= found.count
  return (
    <>
      <div class="head">
        <h1>Items</h1>
        <div class="actions">
          <a class="button secondary" href={withQuery('/items/import', { list: list.id })}>
            Import CSV
          </a>
          <a class="button secondary" href={withQuery('/items/export.csv', { list: list.id })} download>
            Export
          </a>
          <a class="button secondary" href={withQuery('/items/request', { list: list.id })}>
            Request once
          </a>
          <a class="button" href={withQuery('/items/new', { list: list.id })}>
            Add an item
          </a>
        </div>
      </div>
      <ListTabs lists={lists} chosen={list.id} path="/items" />
      <Tabs
        label="Which items"
        tabs={choices.map(([choice, text]) => ({ href: path({ show: choice }), text, isChosen: choice === show }))}
      />
      <form method="get" action="/items" class="inline" aria-label="Find items">
        <input type="hidden" name="list" value={list.id} />
        {show === 'all' ? null : <input type="hidden" name="show" value={show} />}
        <label>
          Find by name, sku or gtin
          <input
            type="search"
            name="q"
            id="q"
            value={search}
            hx-get="/items"
            hx-trigger="input changed delay:250ms"
            hx-include="closest form"
            hx-target="#found"
            hx-select="#found"
            hx-swap="outerHTML"
            hx-replace-url="true"
          />
        </label>
        <button type="submit" class="secondary">
          Find
        </button>
      </form>
      <div id="found" aria-live="polite">
        {found.items.length === 0 ? (
          <NoItems show={show} search={search} list={list} />
        ) : (
          <>
            <BarKey />
            <DataTable columns={columns} rows={found.items} label={`Items of ${list.name}`} />
          </>
        )}
        <Pager
          first={page > 1 ? path({ page: null }) : null}
          next={isLast ? null : path({ page: page + 1 })}
          text={`${counted(found.count, 'item')}, page ${page}`}
        />
      </div>
    </>
  )
}

function NoItems({ show, search, list }: { show: ItemChoice; search: string; list: ListView }) {
  if (search !== '') return <Empty>No item is like “{search}”.</Empty>
  if (show === 'due') return <Empty>Nothing has to be bought now.</Empty>
  if (show === 'odd') return <Empty>No item needs to be looked at.</Empty>
  if (show === 'snoozed') return <Empty>No item is snoozed.</Empty>
  return (
    <Empty>
      <p>
        The list <Name text={list.name} /> has no items yet.
      </p>
      <p>
        <a href={withQuery('/items/import', { list: list.id })}>Import them from a CSV file</a>, or{' '}
        <a href={withQuery('/items/new', { list: list.id })}>add the first one</a>.
      </p>
    </Empty>
  )
}
