import type { PastMovement } from '../../../stock/item-history.js'
import type { ItemView } from '../../../stock/item-view.js'
import { Chart, type ChartData } from '../chart.js'
import { DataTable } from '../data-table.js'
import { ActionButton, Field, Form } from '../form.js'
import { Badge, counted, Empty, type Fact, Facts, inWords, Name, OrderBadge, When } from '../parts.js'
import { BarKey, PositionBar } from '../position-bar.js'
import { ProductLinks } from './item-products.js'
import type { ItemFacts } from './item-queries.js'
import { ItemsCrumb } from './items-crumb.js'
import { State } from './items-page.js'
import { stockSeries } from './stock-series.js'

export function Item({ facts, search, now }: { facts: ItemFacts; search: string; now: Date }) {
  const { item, list } = facts
  const path = `/items/${item.itemId}`
  return (
    <>
      <ItemsCrumb list={list} />
      <div class="head">
        <h1>
          <Name text={item.name} />
        </h1>
        <State item={item} />
        <div class="actions">
          <a class="button secondary" href={`${path}/edit`}>
            Edit
          </a>
        </div>
      </div>
      {item.attention === null ? null : (
        <div class="notice warn">
          <p>{item.attention}</p>
          <ActionButton action={`${path}/confirm-count`} text="It is right as recorded" kind="secondary" />
        </div>
      )}
      {facts.stuck === null ? null : (
        <div class="notice warn">
          <p>
            <strong>The last run didn’t buy it:</strong> {facts.stuck.last.reason}
          </p>
        </div>
      )}
      <div class="columns">
        <section class="card" aria-labelledby="position-title">
          <h2 id="position-title">Position</h2>
          <PositionBar {...item} />
          <BarKey />
          <Facts facts={positionFacts(item, list.timeZone)} />
        </section>
        <section class="card" aria-labelledby="change-title">
          <h2 id="change-title">Say what is there</h2>
          <ChangeForms item={item} path={path} />
        </section>
      </div>
      <h2>Stock over time</h2>
      {facts.past.length < 2 ? (
        <Empty>Count it, use it or have it delivered once more, and a chart shows how it goes.</Empty>
      ) : (
        <Chart
          chart={chartOf(facts, now)}
          label={`Stock of ${item.name} over time; the history below has the numbers`}
        />
      )}
      <div class="columns">
        <section aria-labelledby="expected-title">
          <h2 id="expected-title">Expected</h2>
          <Expected facts={facts} />
        </section>
        <section aria-labelledby="products-title">
          <h2 id="products-title">Products</h2>
          <ProductLinks facts={facts} search={search} path={path} />
        </section>
      </div>
      <h2>History</h2>
      <History movements={facts.movements} unit={item.unit} timeZone={list.timeZone} path={path} />
    </>
  )
}

function positionFacts(item: ItemView, timeZone: string): readonly Fact[] {
  const { unit } = item
  const amount = (value: number | null) => (value === null ? null : `${value} ${unit}`)
  return [
    ['On hand', `${item.onHand} ${unit}${item.daysLeft === null ? '' : `, lasts ${counted(item.daysLeft, 'day')}`}`],
    ['On order', amount(item.onOrder)],
    ['Reorder point', amount(item.reorderPoint)],
    ['Order up to', amount(item.orderUpTo)],
    item.auto === null ? null : ['Levels', 'worked out from what goes'],
    ['Use', item.useBasis],
    item.every === null ? null : ['Every', item.every],
    item.requestedQuantity === null ? null : ['Requested', amount(item.requestedQuantity)],
    ['Needed by', item.neededBy],
    ['To buy now', item.due && item.need > 0 ? amount(item.need) : 'nothing'],
    item.steps.length === 0
      ? null
      : ['Because', item.steps.map(({ rule, from, to }) => `${inWords(rule)}: ${from} → ${to}`).join(', ')],
    item.snoozedUntil === null
      ? null
      : [
          'Snoozed',
          <>
            until <When at={item.snoozedUntil} timeZone={timeZone} />, {item.snoozeReason}
          </>,
        ],
    ['Most per unit', item.maxUnitPrice],
    ['Sku', item.sku],
    ['Gtin', item.gtin],
    ['Category', item.category],
    ['Notes', item.notes],
    ['Id', <code>{item.itemId}</code>],
  ]
}

function ChangeForms({ item, path }: { item: ItemView; path: string }) {
  return (
    <div class="cards">
      <Form action={`${path}/count`} class="inline" label="Count">
        <Field label={`Counted (${item.unit})`} name="quantity" type="number" id="count" isRequired isShort />
        <Field label="Note" name="note" id="count-note" maxLength={500} />
        <button type="submit">Count</button>
      </Form>
      <Form action={`${path}/use`} class="inline" label="Use">
        <Field label={`Used (${item.unit})`} name="quantity" type="number" id="use" isRequired isShort />
        <Field label="Note" name="note" id="use-note" maxLength={500} />
        <button type="submit" class="secondary">
          Use
        </button>
      </Form>
      {item.snoozedUntil === null ? (
        <Form action={`${path}/snooze`} class="inline" label="Snooze">
          <Field label="Don’t order for (days)" name="days" type="number" value={7} isRequired isShort />
          <Field label="Because" name="reason" id="snooze-reason" maxLength={500} placeholder="not needed for now" />
          <button type="submit" class="secondary">
            Snooze
          </button>
        </Form>
      ) : (
        <ActionButton action={`${path}/wake`} text="End the snooze" kind="secondary" />
      )}
    </div>
  )
}

function Expected({ facts }: { facts: ItemFacts }) {
  if (facts.expected.length === 0) return <Empty>Nothing is on order.</Empty>
  return (
    <DataTable
      rows={facts.expected}
      label="Expected"
      columns={[
        {
          title: 'Order',
          cell: ({ orderId, supplierId }) => (
            <a href={`/orders/${orderId}`}>
              <Name text={facts.suppliers.get(supplierId) ?? supplierId} />
            </a>
          ),
        },
        { title: 'Status', cell: ({ status }) => <OrderBadge status={status} /> },
        { title: 'Open', cell: ({ openQuantity }) => `${openQuantity} ${facts.item.unit}`, kind: 'number' },
        {
          title: 'Expected',
          cell: ({ expectedAt }) =>
            expectedAt === null ? null : <When at={expectedAt} timeZone={facts.list.timeZone} />,
        },
      ]}
    />
  )
}

interface HistoryProps {
  readonly movements: readonly PastMovement[]
  readonly unit: string
  readonly timeZone: string
  readonly path: string
}

function History({ movements, unit, timeZone, path }: HistoryProps) {
  if (movements.length === 0) return <Empty>Nothing is recorded yet.</Empty>
  return (
    <DataTable
      rows={movements}
      label="History"
      columns={[
        { title: 'When', cell: ({ at }) => <When at={at} timeZone={timeZone} /> },
        { title: 'What', cell: ({ kind }) => <Badge tone={kind === 'delivery' ? 'good' : ''}>{kind}</Badge> },
        { title: 'Change', cell: ({ quantity }) => `${quantity > 0 ? '+' : ''}${quantity} ${unit}`, kind: 'number' },
        { title: 'Counted', cell: ({ counted: found }) => found, kind: 'number' },
        { title: 'By', cell: ({ actor }) => <Name text={actor} /> },
        {
          title: 'Cause',
          cell: ({ cause, undoneBy }) => (
            <>
              <Name text={cause} />
              {undoneBy === null ? '' : ' (undone)'}
            </>
          ),
          kind: 'wide',
        },
        {
          title: 'Undo',
          cell: ({ movementId, undoes, undoneBy }) =>
            undoes !== null || undoneBy !== null ? null : (
              <ActionButton
                action={`${path}/undo`}
                text="Undo"
                kind="secondary"
                label={`Undo movement ${movementId}`}
                fields={{ movement: String(movementId) }}
              />
            ),
        },
      ]}
    />
  )
}

function chartOf(facts: ItemFacts, now: Date): ChartData {
  const { item, list } = facts
  const series = stockSeries({
    movements: facts.past,
    orders: facts.placed,
    dailyUse: item.meanDailyUse,
    onHand: item.onHand,
    now,
  })
  const flat = (value: number | null) => series.times.map(() => value)
  return {
    unit: item.unit,
    timeZone: list.timeZone,
    fromZero: true,
    series: [
      { label: 'On hand', style: 'line' },
      { label: 'Ordered', style: 'order' },
      { label: 'Received', style: 'receipt' },
      { label: 'Reorder point', style: 'guide' },
      { label: 'Order up to', style: 'level' },
    ],
    data: [series.times, series.onHand, series.orders, series.receipts, flat(item.reorderPoint), flat(item.orderUpTo)],
  }
}
