import { formatMoney } from '../../../platform/decimal.js'
import type { Order } from '../../../purchasing/orders/get-order.js'
import type { OutcomeOrder, OutcomeOrderLine } from '../../../runs/run.js'
import { type DataColumn, DataTable } from '../data-table.js'
import { Name, OrderBadge, When } from '../parts.js'

export interface OrderCardProps {
  readonly order: OutcomeOrder
  /** As it stands now; null: it isn't ours to look at, another ordering server has it. */
  readonly live: Order | null
  /** Names of items by their ids. */
  readonly names: ReadonlyMap<string, string>
  readonly timeZone: string
}

export function OrderCard({ order, live, names, timeZone }: OrderCardProps) {
  const money = (amountMinor: number) => formatMoney(amountMinor, order.currency)
  const columns: readonly DataColumn<OutcomeOrderLine>[] = [
    { title: 'Product', cell: ({ product }) => <Name text={product} /> },
    { title: 'For', cell: ({ itemId }) => <Name text={names.get(itemId) ?? itemId} /> },
    { title: 'Packs', cell: ({ packs, packQuantity, unit }) => `${packs} × ${packQuantity} ${unit}`, kind: 'number' },
    { title: 'Quantity', cell: ({ quantity, unit }) => `${quantity} ${unit}`, kind: 'number' },
    { title: 'Per pack', cell: ({ packPriceMinor }) => money(packPriceMinor), kind: 'number' },
    { title: 'Net', cell: ({ lineTotalMinor }) => money(lineTotalMinor), kind: 'number' },
  ]
  return (
    <section class="card">
      <div class="row">
        <h3>
          {live === null ? (
            <Name text={order.supplier} />
          ) : (
            <a href={`/orders/${encodeURIComponent(order.id)}`}>
              <Name text={order.supplier} />
            </a>
          )}
        </h3>
        <OrderBadge status={live?.status ?? order.status} />
        <strong class="number last">{money(order.totalMinor)}</strong>
      </div>
      <p class="small soft">
        {order.id}
        {live === null || live.expectedAt === null ? null : (
          <>
            , expected <When at={live.expectedAt} timeZone={timeZone} />
          </>
        )}
      </p>
      {live === null ? null : <OrderNotes order={live} />}
      <DataTable columns={columns} rows={order.lines} label={`Lines of the order from ${order.supplier}`} />
      <p class="row small soft">
        <span>subtotal {money(order.subtotalMinor)}</span>
        {order.shippingMinor === 0 ? null : <span>shipping {money(order.shippingMinor)}</span>}
        {order.taxMinor === 0 ? null : <span>tax {money(order.taxMinor)}</span>}
        {order.discountMinor === 0 ? null : <span>discount {money(order.discountMinor)}</span>}
      </p>
    </section>
  )
}

function OrderNotes({ order }: { order: Order }) {
  return (
    <>
      {order.approvalReasons.length === 0 ? null : (
        <div class="small">
          Needs approval:
          <ul>
            {order.approvalReasons.map((reason) => (
              <li>{reason}</li>
            ))}
          </ul>
        </div>
      )}
      {order.status === 'awaiting_approval' ? (
        <p>
          <a class="button" href={`/orders/${encodeURIComponent(order.orderId)}`}>
            Look at it and decide
          </a>
        </p>
      ) : null}
      {order.statusReason === null ? null : <p class="small">{order.statusReason}</p>}
    </>
  )
}
