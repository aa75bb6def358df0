import { formatMoney } from '../../../platform/decimal.js'
import type { Order, OrderLine } from '../../../purchasing/orders/order-view.js'
import { Crumb } from '../crumb.js'
import { type DataColumn, DataTable } from '../data-table.js'
import { type Fact, Facts, Name, OrderBadge, When, withQuery } from '../parts.js'
import { attentionOnPages } from './attention-words.js'
import { OrderActions } from './order-actions.js'
import type { OrderFacts } from './order-queries.js'
import { Story } from './order-story.js'

export function OrderView({ facts }: { facts: OrderFacts }) {
  const { order, timeZone, items, history } = facts
  return (
    <>
      <Crumb href={withQuery('/orders', { list: order.list })}>
        Orders of <Name text={order.list} />
      </Crumb>
      <div class="head">
        <h1>
          Order from <Name text={order.supplier} />
        </h1>
        <OrderBadge status={order.status} />
        <strong class="number">{formatMoney(order.totalMinor, order.currency)}</strong>
      </div>
      <Attention order={order} />
      <OrderActions facts={facts} />
      <h2>Lines</h2>
      <DataTable columns={lineColumns(order, items)} rows={order.lines} label="Lines" />
      <div class="columns">
        <section aria-labelledby="terms-title">
          <h2 id="terms-title">Terms</h2>
          <Facts facts={termFacts(order)} />
        </section>
        <section aria-labelledby="about-title">
          <h2 id="about-title">About it</h2>
          <Facts facts={aboutFacts(order, timeZone)} />
        </section>
      </div>
      <h2>What happened</h2>
      <Story order={order} history={history} timeZone={timeZone} />
    </>
  )
}

function Attention({ order }: { order: Order }) {
  const [first, ...others] = attentionOnPages(order)
  if (first === undefined) return null
  if (others.length === 0) return <p class="notice">{first}</p>
  return (
    <ul class="notice">
      {[first, ...others].map((reason) => (
        <li>{reason}</li>
      ))}
    </ul>
  )
}

function lineColumns(order: Order, items: ReadonlyMap<string, string>): readonly DataColumn<OrderLine>[] {
  const money = (amountMinor: number) => formatMoney(amountMinor, order.currency)
  const isChanged = order.lines.some(({ original }) => original !== null)
  return [
    {
      title: 'Product',
      cell: ({ product, sku }) => (
        <>
          <Name text={product} />
          {sku === null ? null : (
            <span class="soft small">
              {' '}
              <Name text={sku} />
            </span>
          )}
        </>
      ),
    },
    {
      title: 'For',
      cell: ({ itemId }) =>
        items.has(itemId) ? (
          <a href={`/items/${encodeURIComponent(itemId)}`}>
            <Name text={items.get(itemId) ?? itemId} />
          </a>
        ) : (
          itemId
        ),
    },
    { title: 'Packs', cell: ({ packs, packQuantity, unit }) => `${packs} × ${packQuantity} ${unit}`, kind: 'number' },
    { title: 'Quantity', cell: ({ quantity, unit }) => `${quantity} ${unit}`, kind: 'number' },
    { title: 'Received', cell: ({ receivedQuantity }) => receivedQuantity, kind: 'number' },
    { title: 'Per pack', cell: ({ packPriceMinor }) => money(packPriceMinor), kind: 'number' },
    { title: 'Net', cell: ({ lineTotalMinor }) => money(lineTotalMinor), kind: 'number' },
    ...(isChanged
      ? [
          {
            title: 'Ordered, before the supplier changed it',
            cell: ({ original, unit }: OrderLine) =>
              original === null
                ? null
                : `${original.packs} × ${original.packQuantity} ${unit} of “${original.product}” at ${money(original.packPriceMinor)}`,
            kind: 'wide' as const,
          },
        ]
      : []),
  ]
}

function termFacts(order: Order): readonly Fact[] {
  const money = (amountMinor: number) => <span class="number">{formatMoney(amountMinor, order.currency)}</span>
  return [
    ['Subtotal', money(order.subtotalMinor)],
    order.shippingMinor === 0 ? null : ['Shipping', money(order.shippingMinor)],
    order.taxMinor === 0 ? null : ['Tax', money(order.taxMinor)],
    order.discountMinor === 0 ? null : ['Discount', money(-order.discountMinor)],
    ['Total', <strong>{money(order.totalMinor)}</strong>],
    order.originalTotalMinor === null ? null : ['Ordered for', money(order.originalTotalMinor)],
  ]
}

function aboutFacts(order: Order, timeZone: string): readonly Fact[] {
  const when = (at: Date | null) => (at === null ? null : <When at={at} timeZone={timeZone} />)
  return [
    ['Order', <code>{order.orderId}</code>],
    [
      'Supplier',
      <>
        <a href={`/suppliers/${encodeURIComponent(order.supplierId)}`}>
          <Name text={order.supplier} />
        </a>
        , by {order.channel}
      </>,
    ],
    ['Because', order.statusReason],
    [
      'Placed',
      <>
        {when(order.placedAt)} by{' '}
        {order.runId === null ? (
          'a person'
        ) : (
          <a href={`/runs/${encodeURIComponent(order.runId)}`}>
            run <code>{order.runId}</code>
          </a>
        )}
      </>,
    ],
    ['Approved by', order.approvedBy],
    ['Sent', when(order.submittedAt)],
    ['Expected', when(order.expectedAt)],
    ['Supplier’s number', order.supplierReference],
    order.cancelRequestedBy === null
      ? null
      : ['To be cancelled', `${order.cancelRequestedBy} has asked; no answer yet`],
    ['Rationale', order.rationale === '' ? null : order.rationale],
  ]
}
