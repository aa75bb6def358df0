import { formatMoney } from '../../../platform/decimal.js'
import type { OrderStatus } from '../../../purchasing/tables.js'
import { countDecisions } from '../../../runs/count-decisions.js'
import type { RunStatus } from '../../../runs/tables.js'
import type { ListView } from '../../../stock/lists.js'
import { ActionButton } from '../form.js'
import { ListTabs } from '../list-tabs.js'
import { zonesOf } from '../lists.js'
import { LivePart } from '../live-part.js'
import { writeAfter } from '../paging.js'
import { counted, DecisionBadge, Empty, Name, OrderBadge, Pager, RunBadge, Tabs, When, withQuery } from '../parts.js'
import type { findRunPage, RunChoice, RunOrder, RunSummary } from './run-list-queries.js'
import { took } from './took.js'

export interface RunsProps {
  /** Where they are followed. */
  readonly live: string
  readonly found: Awaited<ReturnType<typeof findRunPage>>
  readonly lists: readonly ListView[]
  readonly choice: RunChoice
  /** What became of orders since their run ended, by order id. */
  readonly orderStatuses: ReadonlyMap<string, OrderStatus>
}

export const runStatuses: readonly RunStatus[] = ['running', 'pending', 'completed', 'failed', 'skipped']

export function Runs({ live, found, lists, choice, orderStatuses }: RunsProps) {
  const { list, status, schedule } = choice
  const query = { list, status, schedule }
  const title = schedule !== null ? `Runs of ${schedule}` : list === null ? 'Runs' : `Runs of ${list}`
  const path = withQuery('/runs', { ...query, after: choice.after === null ? null : writeAfter(choice.after) })
  const zone = zonesOf(lists)
  const runnable = list === null ? (lists.length === 1 ? lists[0] : undefined) : lists.find(({ id }) => id === list)
  return (
    <div data-live={live}>
      <div class="head">
        <h1>{title}</h1>
        <div class="actions">
          {runnable === undefined ? null : (
            <>
              <ActionButton
                action="/runs"
                text="Try a dry run"
                kind="secondary"
                fields={{ list: runnable.id, dry: 'yes' }}
              />
              <ActionButton action="/runs" text="Run now" fields={{ list: runnable.id }} />
            </>
          )}
        </div>
      </div>
      <ListTabs lists={lists} chosen={list} path="/runs" hasAll query={{ status, schedule }} />
      <Tabs
        label="Which runs"
        tabs={[
          { href: withQuery('/runs', { list, schedule }), text: 'All', isChosen: status === null },
          ...runStatuses.map((each) => ({
            href: withQuery('/runs', { list, schedule, status: each }),
            text: each,
            isChosen: each === status,
          })),
        ]}
      />
      <LivePart path={path}>
        {found.runs.length === 0 ? (
          <NoRuns isFiltered={status !== null || choice.after !== null || schedule !== null} />
        ) : (
          <ol class="cards">
            {found.runs.map((run) => (
              <RunCard run={run} timeZone={zone(run.list)} statuses={orderStatuses} />
            ))}
          </ol>
        )}
        <Pager
          first={choice.after === null ? null : withQuery('/runs', query)}
          next={found.next === null ? null : withQuery('/runs', { ...query, after: writeAfter(found.next) })}
        />
      </LivePart>
    </div>
  )
}

function NoRuns({ isFiltered }: { isFiltered: boolean }) {
  if (isFiltered) return <Empty>There are no such runs.</Empty>
  return (
    <Empty>
      <p>
        There are no runs yet. <a href="/schedules/new">A schedule</a> starts them by itself; <em>Run now</em> or{' '}
        <code>restock run</code> starts one at once.
      </p>
    </Empty>
  )
}

interface RunCardProps {
  readonly run: RunSummary
  readonly timeZone: string
  readonly statuses: RunsProps['orderStatuses']
}

function RunCard({ run, timeZone, statuses }: RunCardProps) {
  const duration = took(run)
  return (
    <li class="card">
      <div class="row">
        <RunBadge status={run.status} />
        <h3>
          <a href={`/runs/${encodeURIComponent(run.id)}`}>
            <Name text={run.list} />
          </a>
        </h3>
        <span class="soft">
          {run.schedule === null ? '' : `${run.schedule}, `}
          {run.trigger === 'schedule' ? 'by schedule' : 'by hand'}
        </span>
        {run.dryRun ? <span class="badge">dry run</span> : null}
        <span class="soft small last">
          {duration === null ? '' : `${duration}, `}
          <When at={run.startedAt ?? run.createdAt} timeZone={timeZone} />
        </span>
      </div>
      {run.decisions === null ? null : (
        <p class="row">
          {run.decisions.length === 0
            ? 'Nothing was due.'
            : countDecisions(run.decisions).map(([decision, count]) => (
                <DecisionBadge decision={decision} count={count} />
              ))}
          {run.tokens === 0 ? null : <span class="soft small">{counted(run.tokens, 'token')}</span>}
        </p>
      )}
      {run.orders.map((order) => (
        <p class="row small">
          <a href={`/orders/${encodeURIComponent(order.id)}`}>
            <Name text={order.supplier} />
          </a>
          <OrderBadge status={statuses.get(order.id) ?? order.status} />
          <span class="number last">{formatMoney(order.totalMinor, order.currency)}</span>
        </p>
      ))}
      {run.orders.length > 1 ? (
        <p class="row small">
          <span class="soft">together</span>
          <strong class="number last">{totals(run.orders).join(' + ')}</strong>
        </p>
      ) : null}
      {run.error === null ? null : <p class="wrong clamp">{run.error}</p>}
    </li>
  )
}

function totals(orders: readonly RunOrder[]): string[] {
  const sums = new Map<string, number>()
  for (const { currency, totalMinor } of orders) sums.set(currency, (sums.get(currency) ?? 0) + totalMinor)
  return [...sums].map(([currency, sum]) => formatMoney(sum, currency))
}
