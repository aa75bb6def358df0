import type { Order } from '../../../purchasing/orders/get-order.js'
import type { Run } from '../../../runs/run.js'
import type { ItemView } from '../../../stock/item-view.js'
import type { ListView } from '../../../stock/lists.js'
import { sentence } from '../act.js'
import { namesOf, zonesOf } from '../lists.js'
import { attentionOnPages } from '../orders/attention-words.js'
import { counted, DecisionBadge, Name, OrderBadge, RunBadge, When } from '../parts.js'
import { ItemLink } from './item-link.js'
import type { Stuck } from './stuck-items.js'

const troubleShown = 5

interface TroubleProps {
  readonly failed: readonly Run[]
  readonly orders: readonly Order[]
  readonly stuck: readonly Stuck[]
  readonly odd: readonly ItemView[]
  readonly lists: readonly ListView[]
}

export function Trouble({ failed, orders, stuck, odd, lists }: TroubleProps) {
  const zone = zonesOf(lists)
  const name = namesOf(lists)
  const more = Math.max(0, odd.length - troubleShown) + Math.max(0, stuck.length - troubleShown)
  return (
    <section class="card bad" id="trouble" aria-labelledby="trouble-title">
      <h2 id="trouble-title">Needs a person</h2>
      <ul>
        {orders.map((order) => (
          <li>
            <a href={`/orders/${order.orderId}`}>
              <Name text={order.supplier} />
            </a>{' '}
            <OrderBadge status={order.status} />{' '}
            <span class="clamp">{attentionOnPages(order).join(' ') || 'It was sent, and no answer came yet.'}</span>
          </li>
        ))}
        {failed.map((run) => (
          <li>
            <a href={`/runs/${run.id}`}>
              Run of <Name text={name(run.list)} />
            </a>{' '}
            <RunBadge status={run.status} /> <When at={run.finishedAt ?? run.createdAt} timeZone={zone(run.list)} />{' '}
            <span class="clamp">{run.error}</span>
          </li>
        ))}
        {odd.slice(0, troubleShown).map((item) => (
          <li>
            <ItemLink item={item} /> <span class="clamp">{item.attention}</span>
          </li>
        ))}
        {stuck.slice(0, troubleShown).map(({ item, last }) => (
          <li>
            <ItemLink item={item} /> <DecisionBadge decision={last.decision} />{' '}
            <span class="clamp">{sentence(last.reason)}</span>
          </li>
        ))}
      </ul>
      {more > 0 ? (
        <p>
          <a href="#low">And {counted(more, 'more item')}</a>
        </p>
      ) : null}
    </section>
  )
}
