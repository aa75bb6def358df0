import type { OverviewFacts } from '../../../overview/read-overview.js'
import { formatMoney } from '../../../platform/decimal.js'
import type { Order } from '../../../purchasing/orders/get-order.js'
import type { ListView } from '../../../stock/lists.js'
import { namesOf, zonesOf } from '../lists.js'
import { counted, Day, distance, Name, OrderBadge } from '../parts.js'

export function Waiting({ orders, lists, now }: { orders: readonly Order[]; lists: readonly ListView[]; now: Date }) {
  return (
    <section class="card warn" aria-labelledby="waiting-title">
      <h2 id="waiting-title">Waits for your approval</h2>
      <OrderLines orders={orders} lists={lists} now={now} />
    </section>
  )
}

export function ComingOrders({ facts, lists, now }: { facts: OverviewFacts; lists: readonly ListView[]; now: Date }) {
  return (
    <section class="card" id="coming" aria-labelledby="coming-title">
      <h2 id="coming-title">On its way</h2>
      {facts.coming.count === 0 ? (
        <p>No order is on its way.</p>
      ) : (
        <OrderLines orders={facts.coming.next} lists={lists} now={now} />
      )}
      {facts.coming.count > facts.coming.next.length ? (
        <p>
          <a href="/orders?show=open">All {facts.coming.count}</a>
        </p>
      ) : null}
    </section>
  )
}

function OrderLines({ orders, lists, now }: { orders: readonly Order[]; lists: readonly ListView[]; now: Date }) {
  return (
    <ul class="cards">
      {orders.map((order) => (
        <li>
          <div class="row">
            <a href={`/orders/${order.orderId}`}>
              <Name text={order.supplier} />
            </a>
            <strong class="number last">{formatMoney(order.totalMinor, order.currency)}</strong>
          </div>
          <p class="soft small tight">
            {order.status === 'awaiting_approval' ? null : (
              <>
                <OrderBadge status={order.status} />{' '}
              </>
            )}
            {lists.length > 1 ? (
              <>
                <Name text={namesOf(lists)(order.list)} />,{' '}
              </>
            ) : null}
            {counted(order.lines.length, 'line')}
            <Deadline order={order} timeZone={zonesOf(lists)(order.list)} now={now} />
          </p>
        </li>
      ))}
    </ul>
  )
}

/** Of an order that waits, when it lapses; of others, when they come. */
function Deadline({ order, timeZone, now }: { order: Order; timeZone: string; now: Date }) {
  if (order.status === 'awaiting_approval') {
    return order.approvalExpiresAt === null ? null : <>, lapses {distance(order.approvalExpiresAt, now)}</>
  }
  if (order.expectedAt === null) return null
  return (
    <>
      , expected <Day at={order.expectedAt} timeZone={timeZone} /> ({distance(order.expectedAt, now)})
    </>
  )
}
