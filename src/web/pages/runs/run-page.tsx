import type { Child } from 'hono/jsx'
import type { Order } from '../../../purchasing/orders/get-order.js'
import type { Decision, OutcomeItem, OutcomeOrder, Run } from '../../../runs/run.js'
import { Crumb } from '../crumb.js'
import { ActionButton } from '../form.js'
import { LivePart } from '../live-part.js'
import { DecisionBadge, Empty, type Fact, Facts, Name, RunBadge, When, withQuery } from '../parts.js'
import { OrderCard } from './order-card.js'
import type { RunFacts } from './run-queries.js'
import { Steps } from './steps.js'
import { took } from './took.js'

/** `live`: where it is followed; null: it has ended. */
export function RunView({ facts, live }: { facts: RunFacts; live: string | null }) {
  const { run, orders, timeZone, steps, explanations } = facts
  const isAtWork = run.status === 'pending' || run.status === 'running'
  const path = `/runs/${encodeURIComponent(run.id)}`
  const names = new Map((run.outcome?.items ?? []).map(({ itemId, name }) => [itemId, name]))
  const shown = shownOrders(run, orders)
  return (
    <div data-live={live ?? undefined}>
      <Crumb href={withQuery('/runs', { list: run.list })}>
        Runs of <Name text={run.list} />
      </Crumb>
      <LivePart path={path}>
        <div class="head">
          <h1>
            Run of <Name text={run.list} />
          </h1>
          <span role="status">
            <RunBadge status={run.status} />
          </span>
          {run.dryRun ? <span class="badge">dry run</span> : null}
          <div class="actions">
            {steps.length === 0 ? null : (
              <a class="button secondary" href={`${path}/replay`}>
                Replay
              </a>
            )}
            {isAtWork ? null : <ActionButton action={`${path}/again`} text="Run again" />}
          </div>
        </div>
        {run.error === null ? null : <p class="notice">{run.error}</p>}
        <Facts facts={runFacts(facts)} />
        <h2>Items</h2>
        {run.outcome !== null ? (
          <OutcomeItems items={run.outcome.items} explanations={explanations} />
        ) : isAtWork ? (
          <DueItems run={run} />
        ) : (
          <Empty>The run left no outcome.</Empty>
        )}
        {shown.length === 0 ? null : <h2>Orders</h2>}
        <div class="cards">
          {shown.map(({ order, live }) => (
            <OrderCard order={order} live={live} names={names} timeZone={timeZone} />
          ))}
        </div>
        <h2>Step by step</h2>
        {steps.length === 0 ? (
          <p class="soft">{isAtWork ? 'Nothing was done yet.' : 'No steps are kept of this run.'}</p>
        ) : (
          <Steps runId={run.id} steps={steps} started={run.startedAt} />
        )}
        {isAtWork ? <p class="soft pulse">At work; this page follows it.</p> : null}
        {run.outcome === null ? null : (
          <details id="as-text">
            <summary>Outcome as text</summary>
            <pre>{run.outcome.summary}</pre>
          </details>
        )}
      </LivePart>
    </div>
  )
}

function OutcomeItems({
  items,
  explanations,
}: {
  items: readonly OutcomeItem[]
  explanations: RunFacts['explanations']
}) {
  if (items.length === 0) return <Empty>Nothing was due.</Empty>
  return (
    <ul class="cards">
      {[...items].sort(troubleFirst).map((item, index) => {
        const lines = explanations.get(item.itemId) ?? []
        return (
          <li class="card">
            <div class="row">
              <DecisionBadge decision={item.decision} />
              <h3>
                <a href={`/items/${encodeURIComponent(item.itemId)}`}>
                  <Name text={item.name} />
                </a>
              </h3>
              <span class="number small last">
                {`${item.orderedQuantity} ordered, ${item.needQuantity} ${item.unit} needed`}
              </span>
            </div>
            <p>{item.reason}</p>
            {lines.length === 0 ? null : (
              <details id={`why-${index}`}>
                <summary class="small">How it came about</summary>
                <ul class="small">
                  {lines.map((line) => (
                    <li>{line}</li>
                  ))}
                </ul>
              </details>
            )}
          </li>
        )
      })}
    </ul>
  )
}

const byTrouble: readonly Decision[] = [
  'unknown',
  'refused',
  'needs_attention',
  'pending_approval',
  'ordered',
  'skipped',
]

function troubleFirst(a: OutcomeItem, b: OutcomeItem): number {
  return byTrouble.indexOf(a.decision) - byTrouble.indexOf(b.decision)
}

function DueItems({ run }: { run: Run }) {
  const items = run.snapshot?.items ?? []
  if (run.snapshot === null) return <p class="soft">What is due is not known yet.</p>
  if (items.length === 0) return <Empty>Nothing is due.</Empty>
  return (
    <ul class="cards">
      {items.map(({ name, need, unit }) => (
        <li class="row">
          <Name text={name} />
          <span class="number small last">
            {need} {unit} needed
          </span>
        </li>
      ))}
    </ul>
  )
}

function runFacts({ run, timeZone, schedule }: RunFacts): readonly Fact[] {
  const { outcome, startedAt } = run
  const job = `run-${run.id}-${Math.max(1, run.epoch)}`
  return [
    ['Run', <code>{run.id}</code>],
    [
      startedAt === null ? 'Asked for' : 'Started',
      <>
        {schedule === null ? null : (
          <>
            <a href={`/schedules/${encodeURIComponent(schedule)}`}>{schedule}</a>,{' '}
          </>
        )}
        {run.trigger === 'schedule' ? 'by schedule, ' : 'by hand, '}
        <When at={startedAt ?? run.createdAt} timeZone={timeZone} /> <span class="soft">({timeZone})</span>
      </>,
    ],
    run.slot === null ? null : ['Slot', <When at={run.slot} timeZone={timeZone} />],
    ['Took', took(run)],
    run.dryRun ? ['Dry run', 'nothing was ordered'] : null,
    outcome === null ? null : ['Model', describeModel(outcome.model, outcome.usage)],
    run.epoch > 1 ? ['Attempts', run.epoch] : null,
    run.instructions === null ? null : ['Instructions', run.instructions],
    ['Job', (<a href={`/queues/queue/replenish/${encodeURIComponent(job)}`}>{job}</a>) as Child],
  ]
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
