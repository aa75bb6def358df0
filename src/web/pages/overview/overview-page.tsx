import type { Child } from 'hono/jsx'
import type { Budget } from '../../../overview/budgets.js'
import type { LowList } from '../../../overview/low-items.js'
import type { OverviewFacts } from '../../../overview/read-overview.js'
import { formatMoney } from '../../../platform/decimal.js'
import type { Order } from '../../../purchasing/orders/get-order.js'
import { countDecisions } from '../../../runs/count-decisions.js'
import type { Run } from '../../../runs/run.js'
import type { ItemView } from '../../../stock/item-view.js'
import type { ListView } from '../../../stock/lists.js'
import { ActionButton } from '../form.js'
import { zonesOf } from '../lists.js'
import { attentionOnPages } from '../orders/attention-words.js'
import { counted, DecisionBadge, distance, Name, OrderBadge, RunBadge, When, withQuery } from '../parts.js'
import { BarKey, PositionBar } from '../position-bar.js'

export interface OverviewProps {
  /** Where it is followed. */
  readonly live: string
  readonly lists: readonly ListView[]
  readonly low: readonly LowList[]
  readonly facts: OverviewFacts
  readonly now: Date
}

const dueShown = 8

export function Overview({ live, lists, low, facts, now }: OverviewProps) {
  const due = low.flatMap((each) => each.due)
  const odd = low.flatMap((each) => each.odd)
  const failed = facts.last.filter(({ status }) => status === 'failed')
  const troubles = facts.attention.length + failed.length
  return (
    <div data-live={live}>
      <div class="head">
        <h1>Overview</h1>
        <div class="actions">{lists.length === 1 ? <RunButtons list={lists[0]} /> : null}</div>
      </div>
      <div
        id="live"
        class="stack"
        hx-get="/"
        hx-select="#live"
        hx-swap="outerHTML"
        hx-trigger="restock:changed from:closest [data-live]"
      >
        <ul class="tiles">
          <Tile href="#low" count={due.length} text="to buy now" tone={due.length > 0 ? 'warn' : ''} />
          <Tile href="#coming" count={facts.coming.count} text="orders on their way" />
          <Tile
            href={withQuery('/orders', { show: 'awaiting_approval' })}
            count={facts.waitingCount}
            text="wait for approval"
            tone={facts.waitingCount > 0 ? 'warn' : ''}
          />
          <Tile href="#trouble" count={troubles} text="need a person" tone={troubles > 0 ? 'bad' : ''} />
        </ul>
        {troubles === 0 && odd.length === 0 ? null : (
          <Trouble failed={failed} orders={facts.attention} odd={odd} lists={lists} />
        )}
        {facts.waiting.length === 0 ? null : <Waiting orders={facts.waiting} lists={lists} now={now} />}
        <div class="columns">
          <div class="stack">
            <Low low={low} due={due} />
            <LastRuns facts={facts} lists={lists} />
          </div>
          <div class="stack">
            <ComingOrders facts={facts} lists={lists} now={now} />
            <NextRuns facts={facts} now={now} />
            <Budgets budgets={facts.budgets} />
          </div>
        </div>
      </div>
    </div>
  )
}

function RunButtons({ list }: { list: ListView | undefined }) {
  if (list === undefined) return null
  return (
    <>
      <ActionButton action="/runs" text="Try a dry run" kind="secondary" fields={{ list: list.id, dry: 'yes' }} />
      <ActionButton action="/runs" text="Run now" fields={{ list: list.id }} />
    </>
  )
}

function Tile({ href, count, text, tone = '' }: { href: string; count: number; text: string; tone?: string }) {
  return (
    <li>
      <a class={`tile ${tone}`} href={href}>
        <strong>{count}</strong>
        <span>{text}</span>
      </a>
    </li>
  )
}

interface TroubleProps {
  readonly failed: readonly Run[]
  readonly orders: readonly Order[]
  readonly odd: readonly ItemView[]
  readonly lists: readonly ListView[]
}

function Trouble({ failed, orders, odd, lists }: TroubleProps) {
  const zone = zonesOf(lists)
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
              Run of <Name text={run.list} />
            </a>{' '}
            <RunBadge status={run.status} /> <When at={run.finishedAt ?? run.createdAt} timeZone={zone(run.list)} />{' '}
            <span class="clamp">{run.error}</span>
          </li>
        ))}
        {odd.slice(0, 5).map((item) => (
          <li>
            <ItemLink item={item} /> <span class="clamp">{item.attention}</span>
          </li>
        ))}
      </ul>
      {odd.length > 5 ? <p class="soft">And {counted(odd.length - 5, 'more item')}.</p> : null}
    </section>
  )
}

function Waiting({ orders, lists, now }: { orders: readonly Order[]; lists: readonly ListView[]; now: Date }) {
  return (
    <section class="card warn" aria-labelledby="waiting-title">
      <h2 id="waiting-title">Waits for your approval</h2>
      <OrderLines orders={orders} lists={lists} now={now} />
    </section>
  )
}

function OrderLines({ orders, lists, now }: { orders: readonly Order[]; lists: readonly ListView[]; now: Date }) {
  const zone = zonesOf(lists)
  return (
    <ul class="cards">
      {orders.map((order) => (
        <li class="row">
          <a href={`/orders/${order.orderId}`}>
            <Name text={order.supplier} />
          </a>
          <OrderBadge status={order.status} />
          <span class="soft small">
            {lists.length > 1 ? `${order.list}, ` : ''}
            {counted(order.lines.length, 'line')}
            {order.status === 'awaiting_approval' || order.expectedAt === null ? null : (
              <>
                , expected <When at={order.expectedAt} timeZone={zone(order.list)} /> ({distance(order.expectedAt, now)}
                )
              </>
            )}
            {order.status !== 'awaiting_approval' || order.approvalExpiresAt === null
              ? null
              : `, lapses ${distance(order.approvalExpiresAt, now)}`}
          </span>
          <strong class="number last">{formatMoney(order.totalMinor, order.currency)}</strong>
        </li>
      ))}
    </ul>
  )
}

function ItemLink({ item }: { item: ItemView }) {
  return (
    <a href={`/items/${item.itemId}`}>
      <Name text={item.name} />
    </a>
  )
}

function Low({ low, due }: { low: readonly LowList[]; due: readonly ItemView[] }) {
  const hasItems = low.some(({ itemCount }) => itemCount > 0)
  return (
    <section class="card" id="low" aria-labelledby="low-title">
      <h2 id="low-title">Low</h2>
      {due.length > 0 ? (
        <>
          <ul class="cards">
            {due.slice(0, dueShown).map((item) => (
              <li>
                <div class="row">
                  <ItemLink item={item} />
                  {low.length > 1 ? <span class="soft small">{item.list}</span> : null}
                  <span class="small last number">
                    {item.onHand} {item.unit} left{item.daysLeft === null ? '' : `, ${counted(item.daysLeft, 'day')}`}
                  </span>
                </div>
                <PositionBar {...item} />
              </li>
            ))}
          </ul>
          <BarKey />
          <p class="row">
            {low
              .filter((each) => each.due.length > 0)
              .map(({ list, due: ofList }) => (
                <a href={withQuery('/items', { list: list.id, show: 'due' })}>
                  {low.length > 1 ? `${list.name}: ` : 'All '}
                  {ofList.length} to buy
                </a>
              ))}
          </p>
        </>
      ) : hasItems ? (
        <p>Nothing has to be bought now.</p>
      ) : (
        <p>
          There are no items yet. <a href="/items/import">Import them from a CSV file</a> or{' '}
          <a href="/items/new">add one</a>.
        </p>
      )}
    </section>
  )
}

function ComingOrders({ facts, lists, now }: { facts: OverviewFacts; lists: readonly ListView[]; now: Date }) {
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

function NextRuns({ facts, now }: { facts: OverviewFacts; now: Date }) {
  const coming = facts.schedules
    .flatMap((schedule) => (schedule.nextSlot === null ? [] : [{ schedule, at: schedule.nextSlot }]))
    .sort((a, b) => a.at.getTime() - b.at.getTime())
    .slice(0, 5)
  return (
    <section class="card" aria-labelledby="next-title">
      <h2 id="next-title">Runs</h2>
      {facts.atWork.map((run) => (
        <Line
          link={<a href={`/runs/${run.id}`}>{run.list}</a>}
          badge={<RunBadge status={run.status} />}
          text={run.dryRun ? 'dry run' : run.trigger === 'schedule' ? 'by schedule' : 'by hand'}
          last={distance(run.startedAt ?? run.createdAt, now)}
        />
      ))}
      {coming.map(({ schedule, at }) => (
        <Line
          link={<a href={`/schedules/${schedule.name}`}>{schedule.name}</a>}
          badge={null}
          text={<When at={at} timeZone={schedule.timeZone} />}
          last={distance(at, now)}
        />
      ))}
      {coming.length === 0 && facts.atWork.length === 0 ? (
        <p>
          No run is planned. <a href="/schedules/new">Make a schedule</a> to restock by itself.
        </p>
      ) : null}
    </section>
  )
}

function Line({ link, badge, text, last }: { link: Child; badge: Child; text: Child; last: string }) {
  return (
    <p class="row">
      {link}
      {badge}
      <span class="soft small">{text}</span>
      <span class="small last">{last}</span>
    </p>
  )
}

function LastRuns({ facts, lists }: { facts: OverviewFacts; lists: readonly ListView[] }) {
  const zone = zonesOf(lists)
  return (
    <section class="card" aria-labelledby="last-title">
      <h2 id="last-title">Last outcomes</h2>
      {facts.last.length === 0 ? <p>No run has ended yet.</p> : null}
      <ul class="cards">
        {facts.last.slice(0, 8).map((run) => (
          <li class="row">
            <a href={`/runs/${run.id}`}>
              <Name text={run.list} />
            </a>
            {run.status === 'failed' ? <RunBadge status={run.status} /> : null}
            {run.dryRun ? <span class="badge">dry run</span> : null}
            {countDecisions(run.outcome?.items ?? []).map(([decision, count]) => (
              <DecisionBadge decision={decision} count={count} />
            ))}
            {run.outcome?.items.length === 0 ? <span class="soft">nothing was due</span> : null}
            <span class="soft small last">
              <When at={run.finishedAt ?? run.createdAt} timeZone={zone(run.list)} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}

function Budgets({ budgets }: { budgets: readonly Budget[] }) {
  return (
    <section class="card" aria-labelledby="spend-title">
      <h2 id="spend-title">Spent this month</h2>
      {budgets.map(({ list, month: { usedMinor, limitMinor }, isPaused }) => (
        <div>
          <div class="row">
            <a href={withQuery('/limits', { list: list.id })}>
              <Name text={list.name} />
            </a>
            {isPaused ? <span class="badge warn">paused</span> : null}
            <span class="small last number">
              {formatMoney(usedMinor, list.currency)}
              {limitMinor === null ? ', no limit' : ` of ${formatMoney(limitMinor, list.currency)}`}
            </span>
          </div>
          {limitMinor === null ? null : (
            <progress
              value={Math.min(usedMinor, limitMinor)}
              max={Math.max(1, limitMinor)}
              aria-label={`${list.name}: spent of the month’s limit`}
            />
          )}
        </div>
      ))}
    </section>
  )
}
