import { formatMoney } from '../../../platform/decimal.js'
import { orderStatuses } from '../../../purchasing/orders/order-status.js'
import type { Order } from '../../../purchasing/orders/order-view.js'
import type { ListView } from '../../../stock/lists.js'
import { type DataColumn, DataTable } from '../data-table.js'
import { ListTabs } from '../list-tabs.js'
import { zonesOf } from '../lists.js'
import { LivePart } from '../live-part.js'
import { writeAfter } from '../paging.js'
import { Badge, Day, Empty, inWords, Name, OrderBadge, Pager, Tabs, When, withQuery } from '../parts.js'
import type { findOrderPage, OrderChoice, OrderFilter } from './order-list-queries.js'

export interface OrdersProps {
  /** Where they are followed. */
  readonly live: string
  readonly found: Awaited<ReturnType<typeof findOrderPage>>
  readonly lists: readonly ListView[]
  readonly filter: OrderFilter
}

const tabs: readonly (readonly [OrderChoice, string])[] = [
  ['all', 'All'],
  ['awaiting_approval', 'Wait for approval'],
  ['attention', 'Need a person'],
  ['open', 'On their way'],
  ['received', 'Received'],
]

export function Orders({ live, found, lists, filter }: OrdersProps) {
  const { list, show, supplier } = filter
  const query = { list, supplier, show: show === 'all' ? null : show }
  const path = (changes: { show?: OrderChoice | null; after?: string | null }) =>
    withQuery('/orders', { ...query, ...changes })
  return (
    <div data-live={live}>
      <div class="head">
        <h1>{supplier === null ? 'Orders' : `Orders from ${supplier}`}</h1>
        <div class="actions">
          <form method="get" action="/orders" class="inline">
            {list === null ? null : <input type="hidden" name="list" value={list} />}
            <select name="show" aria-label="Status">
              <option value="">any status</option>
              {orderStatuses.map((status) => (
                <option value={status} selected={status === show}>
                  {inWords(status)}
                </option>
              ))}
            </select>
            <button type="submit" class="secondary">
              Show
            </button>
          </form>
        </div>
      </div>
      <ListTabs lists={lists} chosen={list} path="/orders" hasAll query={{ show: query.show, supplier }} />
      <Tabs
        label="Which orders"
        tabs={tabs.map(([choice, text]) => ({
          href: path({ show: choice === 'all' ? null : choice }),
          text,
          isChosen: choice === show,
        }))}
      />
      <LivePart path={path({ after: filter.after === null ? null : writeAfter(filter.after) })}>
        {found.orders.length === 0 ? (
          <NoOrders show={show} />
        ) : (
          <DataTable columns={columnsFor(lists)} rows={found.orders} label="Orders" />
        )}
        <Pager
          first={filter.after === null ? null : path({})}
          next={found.next === null ? null : path({ after: writeAfter(found.next) })}
        />
      </LivePart>
    </div>
  )
}

function columnsFor(lists: readonly ListView[]): readonly DataColumn<Order>[] {
  const zone = zonesOf(lists)
  return [
    {
      title: 'Supplier',
      cell: ({ orderId, supplier }) => (
        <a href={`/orders/${encodeURIComponent(orderId)}`}>
          <Name text={supplier} />
        </a>
      ),
    },
    {
      title: 'Status',
      cell: ({ status, attention }) => (
        <span class="row">
          <OrderBadge status={status} />
          {attention === null ? null : <Badge tone="bad">needs a person</Badge>}
        </span>
      ),
    },
    ...(lists.length > 1 ? [{ title: 'List', cell: ({ list }: Order) => <Name text={list} /> }] : []),
    { title: 'Lines', cell: ({ lines }) => lines.length, kind: 'number' as const },
    { title: 'Placed', cell: ({ placedAt, list }) => <When at={placedAt} timeZone={zone(list)} /> },
    {
      title: 'Expected',
      cell: ({ expectedAt, list }) => (expectedAt === null ? null : <Day at={expectedAt} timeZone={zone(list)} />),
    },
    { title: 'Total', cell: ({ totalMinor, currency }) => formatMoney(totalMinor, currency), kind: 'number' as const },
  ]
}

function NoOrders({ show }: { show: OrderChoice }) {
  if (show === 'awaiting_approval') return <Empty>No order waits for approval.</Empty>
  if (show === 'attention') return <Empty>No order needs a person.</Empty>
  if (show !== 'all') return <Empty>There are no such orders.</Empty>
  return (
    <Empty>
      There are no orders yet. <a href="/runs">A run</a> places them when something is due.
    </Empty>
  )
}
