import { formatMoney } from '../../platform/decimal.js'
import type { Order } from '../../purchasing/get-order.js'
import type { OutcomeItem, Run } from '../../runs/run.js'
import { page } from './layout.js'
import { DecisionBadge, OrderBadge, RunBadge, When } from './parts.js'

export interface RunPageProps {
  readonly run: Run
  /** As they stand now, which may be further than when the run ended. */
  readonly orders: readonly Order[]
  readonly timeZone: string
}

export function runPage({ run, orders, timeZone }: RunPageProps) {
  const isAtWork = run.status === 'pending' || run.status === 'running'
  const items = run.outcome?.items ?? []
  return page({
    title: `Run of ${run.list}`,
    refreshSeconds: isAtWork ? 5 : undefined,
    children: (
      <>
        <h1 class="row">
          Run of {run.list} <RunBadge status={run.status} />
        </h1>
        {run.error === null ? null : <p class="notice">{run.error}</p>}
        <RunFacts run={run} timeZone={timeZone} />
        <h2>Items</h2>
        {run.outcome === null ? (
          <p>{isAtWork ? 'The run is not done yet; this page follows it.' : 'The run left no outcome.'}</p>
        ) : items.length === 0 ? (
          <p>Nothing was due.</p>
        ) : (
          <ItemsTable items={items} />
        )}
        {orders.length === 0 ? null : <h2>Orders</h2>}
        <div class="cards">
          {orders.map((order) => (
            <OrderCard order={order} names={new Map(items.map(({ itemId, name }) => [itemId, name]))} timeZone={timeZone} />
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

function RunFacts({ run, timeZone }: { run: Run; timeZone: string }) {
  const usage = run.outcome?.usage
  return (
    <dl class="facts">
      <dt>Run</dt>
      <dd>{run.id}</dd>
      <dt>Started</dt>
      <dd>
        {run.trigger === 'schedule' ? 'by schedule, ' : 'by hand, '}
        <When at={run.startedAt ?? run.createdAt} timeZone={timeZone} /> <span class="soft">({timeZone})</span>
      </dd>
      {run.finishedAt === null || run.startedAt === null ? null : (
        <>
          <dt>Took</dt>
          <dd>{((run.finishedAt.getTime() - run.startedAt.getTime()) / 1_000).toFixed(1)} s</dd>
        </>
      )}
      {run.dryRun ? (
        <>
          <dt>Dry run</dt>
          <dd>nothing was ordered</dd>
        </>
      ) : null}
      {run.outcome === null ? null : (
        <>
          <dt>Model</dt>
          <dd>
            {run.outcome.model}
            {usage === undefined || usage.modelCalls === 0
              ? null
              : `, ${usage.modelCalls} calls, ${usage.inputTokens} tokens in, ${usage.outputTokens} out`}
          </dd>
        </>
      )}
      {run.epoch > 1 ? (
        <>
          <dt>Attempts</dt>
          <dd>{run.epoch}</dd>
        </>
      ) : null}
      {run.instructions === null ? null : (
        <>
          <dt>Instructions</dt>
          <dd>{run.instructions}</dd>
        </>
      )}
    </dl>
  )
}

// Roles are said again because narrow screens lay the cells out as blocks, and browsers then forget the table.
function ItemsTable({ items }: { items: readonly OutcomeItem[] }) {
  return (
    <table role="table">
      <thead role="rowgroup">
        <tr role="row">
          <th role="columnheader">Item</th>
          <th role="columnheader">Decision</th>
          <th role="columnheader" class="number">
            Need
          </th>
          <th role="columnheader" class="number">
            Ordered
          </th>
          <th role="columnheader">Reason</th>
        </tr>
      </thead>
      <tbody role="rowgroup">
        {items.map((item) => (
          <tr role="row">
            <td role="cell">{item.name}</td>
            <td role="cell" data-label="Decision">
              <DecisionBadge decision={item.decision} />
            </td>
            <td role="cell" class="number" data-label="Need">
              {item.needQuantity} {item.unit}
            </td>
            <td role="cell" class="number" data-label="Ordered">
              {item.orderedQuantity} {item.unit}
            </td>
            <td role="cell" class="wide small">
              {item.reason}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

interface OrderCardProps {
  readonly order: Order
  readonly names: ReadonlyMap<string, string>
  readonly timeZone: string
}

function OrderCard({ order, names, timeZone }: OrderCardProps) {
  const money = (amountMinor: number) => formatMoney(amountMinor, order.currency)
  return (
    <section class="card">
      <div class="row">
        <h3>{order.supplier}</h3>
        <OrderBadge status={order.status} />
        <strong class="number last">{money(order.totalMinor)}</strong>
      </div>
      <p class="small soft">
        {order.orderId}
        {order.expectedAt === null ? null : (
          <>
            , expected <When at={order.expectedAt} timeZone={timeZone} />
          </>
        )}
      </p>
      {order.approvalReasons.length === 0 ? null : (
        <p class="small">
          Needs approval: {order.approvalReasons.join(' ')}
          {order.status === 'awaiting_approval' ? (
            <>
              {' '}
              <code>restock orders approve {order.orderId}</code>
            </>
          ) : null}
        </p>
      )}
      {order.statusReason === null ? null : <p class="small">{order.statusReason}</p>}
      <table role="table">
        <thead role="rowgroup">
          <tr role="row">
            <th role="columnheader">Product</th>
            <th role="columnheader">For</th>
            <th role="columnheader" class="number">
              Packs
            </th>
            <th role="columnheader" class="number">
              Quantity
            </th>
            <th role="columnheader" class="number">
              Per pack
            </th>
            <th role="columnheader" class="number">
              Net
            </th>
          </tr>
        </thead>
        <tbody role="rowgroup">
          {order.lines.map((line) => (
            <tr role="row">
              <td role="cell">{line.product}</td>
              <td role="cell" data-label="For">
                {names.get(line.itemId) ?? line.itemId}
              </td>
              <td role="cell" class="number" data-label="Packs">
                {line.packs} × {line.packQuantity} {line.unit}
              </td>
              <td role="cell" class="number" data-label="Quantity">
                {line.quantity} {line.unit}
              </td>
              <td role="cell" class="number" data-label="Per pack">
                {money(line.packPriceMinor)}
              </td>
              <td role="cell" class="number" data-label="Net">
                {money(line.lineTotalMinor)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="row small soft">
        <span>subtotal {money(order.subtotalMinor)}</span>
        {order.shippingMinor === 0 ? null : <span>shipping {money(order.shippingMinor)}</span>}
        {order.taxMinor === 0 ? null : <span>tax {money(order.taxMinor)}</span>}
        {order.discountMinor === 0 ? null : <span>discount {money(order.discountMinor)}</span>}
      </p>
    </section>
  )
}
