import type { Budget } from '../../../overview/budgets.js'
import type { LowList } from '../../../overview/low-items.js'
import type { OverviewFacts } from '../../../overview/read-overview.js'
import { formatMoney } from '../../../platform/decimal.js'
import type { ListView } from '../../../stock/lists.js'
import { ActionButton } from '../form.js'
import { Name, withQuery } from '../parts.js'
import { Low } from './low-card.js'
import { ComingOrders, Waiting } from './order-cards.js'
import { LastRuns, NextRuns } from './run-cards.js'
import { findStuck } from './stuck-items.js'
import { Trouble } from './trouble-card.js'

export interface OverviewProps {
  /** Where it is followed. */
  readonly live: string
  readonly lists: readonly ListView[]
  readonly low: readonly LowList[]
  readonly facts: OverviewFacts
  readonly now: Date
}

export function Overview({ live, lists, low, facts, now }: OverviewProps) {
  const due = low.flatMap((each) => each.due)
  const odd = low.flatMap((each) => each.odd)
  const failed = facts.last.filter(({ status }) => status === 'failed')
  const stuck = findStuck(due, facts.last)
  const troubles = facts.attention.length + failed.length + stuck.length + odd.length
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
          <Tile
            href="#coming"
            count={facts.coming.count}
            text={facts.coming.count === 1 ? 'order on its way' : 'orders on their way'}
          />
          <Tile
            href={withQuery('/orders', { show: 'awaiting_approval' })}
            count={facts.waitingCount}
            text={facts.waitingCount === 1 ? 'waits for approval' : 'wait for approval'}
            tone={facts.waitingCount > 0 ? 'warn' : ''}
          />
          <Tile
            href={troubles > 0 ? '#trouble' : withQuery('/orders', { show: 'attention' })}
            count={troubles}
            text={troubles === 1 ? 'needs a person' : 'need a person'}
            tone={troubles > 0 ? 'bad' : ''}
          />
        </ul>
        <div class={troubles > 0 && facts.waiting.length > 0 ? 'columns' : 'stack'}>
          {troubles === 0 ? null : (
            <Trouble failed={failed} orders={facts.attention} stuck={stuck} odd={odd} lists={lists} />
          )}
          {facts.waiting.length === 0 ? null : <Waiting orders={facts.waiting} lists={lists} now={now} />}
        </div>
        <div class="columns">
          <div class="stack">
            <Low low={low} due={due} />
            <LastRuns facts={facts} lists={lists} />
          </div>
          <div class="stack">
            <ComingOrders facts={facts} lists={lists} now={now} />
            <NextRuns facts={facts} lists={lists} now={now} />
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
