import { formatMoney } from '../../platform/decimal.js'
import type { OrderStatus } from '../../purchasing/tables.js'
import type { Decision, Run } from '../../runs/run.js'
import type { ListView } from '../../stock/lists.js'
import { page } from './layout.js'
import { DecisionBadge, OrderBadge, RunBadge, When } from './parts.js'

export interface RunsPageProps {
  readonly runs: readonly Run[]
  readonly lists: readonly ListView[]
  /** The list that was asked for; null: all. */
  readonly list: string | null
  /** What became of orders since their run ended, by order id. */
  readonly orderStatuses: ReadonlyMap<string, OrderStatus>
  readonly limit: number
}

export function runsPage({ runs, lists, list, orderStatuses, limit }: RunsPageProps) {
  const isAnyAtWork = runs.some(({ status }) => status === 'pending' || status === 'running')
  const zones = new Map(lists.map(({ id, timeZone }) => [id, timeZone]))
  return page({
    title: list === null ? 'Runs' : `Runs of ${list}`,
    refreshSeconds: isAnyAtWork ? 10 : undefined,
    children: (
      <>
        <h1>{list === null ? 'Runs' : `Runs of ${list}`}</h1>
        {lists.length > 1 || list !== null ? <ListChoice lists={lists} chosen={list} /> : null}
        {runs.length === 0 ? (
          <p>
            There are no runs yet. A schedule starts them, or <code>restock run</code> does.
          </p>
        ) : (
          <ol class="cards">
            {runs.map((run) => (
              <RunCard
                run={run}
                timeZone={run.snapshot?.timeZone ?? zones.get(run.list) ?? 'UTC'}
                statuses={orderStatuses}
              />
            ))}
          </ol>
        )}
        {runs.length === limit ? (
          <p class="soft">
            These are the newest {limit}. <code>restock runs --limit 1000</code> shows older ones.
          </p>
        ) : null}
      </>
    ),
  })
}

function ListChoice({ lists, chosen }: { lists: readonly ListView[]; chosen: string | null }) {
  return (
    <p class="row">
      {chosen === null ? <strong>all lists</strong> : <a href="/runs">all lists</a>}
      {lists.map(({ id, name }) =>
        id === chosen ? <strong>{name}</strong> : <a href={`/runs?list=${encodeURIComponent(id)}`}>{name}</a>,
      )}
    </p>
  )
}

interface RunCardProps {
  readonly run: Run
  readonly timeZone: string
  readonly statuses: RunsPageProps['orderStatuses']
}

function RunCard({ run, timeZone, statuses }: RunCardProps) {
  const orders = run.outcome?.orders ?? []
  return (
    <li class="card">
      <div class="row">
        <RunBadge status={run.status} />
        <h3>
          <a href={`/runs/${encodeURIComponent(run.id)}`}>{run.list}</a>
        </h3>
        <span class="soft">{run.trigger === 'schedule' ? 'by schedule' : 'by hand'}</span>
        {run.dryRun ? <span class="badge">dry run</span> : null}
        <span class="soft last">
          <When at={run.startedAt ?? run.createdAt} timeZone={timeZone} />
        </span>
      </div>
      {run.outcome === null ? null : (
        <p class="row">
          {run.outcome.items.length === 0
            ? 'Nothing was due.'
            : countDecisions(run).map(([decision, count]) => <DecisionBadge decision={decision} count={count} />)}
        </p>
      )}
      {orders.map((order) => (
        <p class="row small">
          <span>{order.supplier}</span>
          <OrderBadge status={statuses.get(order.id) ?? order.status} />
          <span class="number last">{formatMoney(order.totalMinor, order.currency)}</span>
        </p>
      ))}
      {orders.length > 1 ? (
        <p class="row small">
          <span class="soft">together</span>
          <strong class="number last">{totals(run).join(' + ')}</strong>
        </p>
      ) : null}
      {run.error === null ? null : <p class="notice">{run.error}</p>}
    </li>
  )
}

function countDecisions(run: Run): [Decision, number][] {
  const counts = new Map<Decision, number>()
  for (const { decision } of run.outcome?.items ?? []) counts.set(decision, (counts.get(decision) ?? 0) + 1)
  return [...counts]
}

function totals(run: Run): string[] {
  const sums = new Map<string, number>()
  for (const { currency, totalMinor } of run.outcome?.orders ?? []) {
    sums.set(currency, (sums.get(currency) ?? 0) + totalMinor)
  }
  return [...sums].map(([currency, sum]) => formatMoney(sum, currency))
}
