import type { Child } from 'hono/jsx'
import type { Order } from '../../purchasing/get-order.js'
import type { OutcomeItem, OutcomeOrder, Run } from '../../runs/run.js'
import { type DataColumn, DataTable } from './data-table.js'
import { page } from './layout.js'
import { OrderCard } from './order-card.js'
import { DecisionBadge, RunBadge, When } from './parts.js'

export interface RunPageProps {
  readonly run: Run
  /** The run's orders as they stand now, which may be further than when the run ended. */
  readonly orders: readonly Order[]
  readonly timeZone: string
}

const itemColumns: readonly DataColumn<OutcomeItem>[] = [
  { title: 'Item', cell: ({ name }) => name },
  { title: 'Decision', cell: ({ decision }) => <DecisionBadge decision={decision} /> },
  { title: 'Need', cell: ({ needQuantity, unit }) => `${needQuantity} ${unit}`, kind: 'number' },
  { title: 'Ordered', cell: ({ orderedQuantity, unit }) => `${orderedQuantity} ${unit}`, kind: 'number' },
  { title: 'Reason', cell: ({ reason }) => reason, kind: 'wide' },
]

export function runPage({ run, orders, timeZone }: RunPageProps) {
  const isAtWork = run.status === 'pending' || run.status === 'running'
  const items = run.outcome?.items ?? []
  const names = new Map(items.map(({ itemId, name }) => [itemId, name]))
  const shown = shownOrders(run, orders)
  return page({
    title: `Run of ${run.list}`,
    refreshSeconds: isAtWork ? 5 : undefined,
    children: (
      <>
        <h1 class="row">
          Run of {run.list} <RunBadge status={run.status} />
        </h1>
        {run.error === null ? null : <p class="notice">{run.error}</p>}
        <dl class="facts">
          {facts(run, timeZone).map(([label, value]) => (
            <>
              <dt>{label}</dt>
              <dd>{value}</dd>
            </>
          ))}
        </dl>
        <h2>Items</h2>
        {run.outcome === null ? (
          <p>{isAtWork ? 'The run is not done yet; this page follows it.' : 'The run left no outcome.'}</p>
        ) : items.length === 0 ? (
          <p>Nothing was due.</p>
        ) : (
          <DataTable columns={itemColumns} rows={items} />
        )}
        {shown.length === 0 ? null : <h2>Orders</h2>}
        <div class="cards">
          {shown.map(({ order, live }) => (
            <OrderCard order={order} live={live} names={names} timeZone={timeZone} />
          ))}
        </div>
        {run.outcome === null ? null : (
          <details>
            <summary>As text</summary>
            <pre>{run.outcome.summary}</pre>
          </details>
        )}
      </>
    ),
  })
}

function facts(run: Run, timeZone: string): (readonly [label: string, value: Child])[] {
  const { outcome, startedAt, finishedAt } = run
  const known: (readonly [string, Child] | null)[] = [
    ['Run', run.id],
    [
      startedAt === null ? 'Asked for' : 'Started',
      <>
        {run.trigger === 'schedule' ? 'by schedule, ' : 'by hand, '}
        <When at={startedAt ?? run.createdAt} timeZone={timeZone} /> <span class="soft">({timeZone})</span>
      </>,
    ],
    startedAt === null || finishedAt === null
      ? null
      : ['Took', `${((finishedAt.getTime() - startedAt.getTime()) / 1_000).toFixed(1)} s`],
    run.dryRun ? ['Dry run', 'nothing was ordered'] : null,
    outcome === null ? null : ['Model', describeModel(outcome.model, outcome.usage)],
    run.epoch > 1 ? ['Attempts', run.epoch] : null,
    run.instructions === null ? null : ['Instructions', run.instructions],
  ]
  return known.filter((fact) => fact !== null)
}

function describeModel(
  model: string,
  usage: { modelCalls: number; inputTokens: number; outputTokens: number },
): string {
  if (usage.modelCalls === 0) return `${model}, not asked`
  const { modelCalls, inputTokens, outputTokens } = usage
  return `${model}, ${modelCalls} ${modelCalls === 1 ? 'call' : 'calls'}, ${inputTokens} tokens in, ${outputTokens} out`
}

/** The orders of the outcome, and those that a run placed without coming to one. */
function shownOrders(run: Run, live: readonly Order[]): { order: OutcomeOrder; live: Order | null }[] {
  const recorded = run.outcome?.orders ?? []
  const recordedIds = new Set(recorded.map(({ id }) => id))
  return [
    ...recorded.map((order) => ({ order, live: live.find(({ orderId }) => orderId === order.id) ?? null })),
    ...live
      .filter(({ orderId }) => !recordedIds.has(orderId))
      .map((order) => ({ order: { ...order, id: order.orderId }, live: order })),
  ]
}
