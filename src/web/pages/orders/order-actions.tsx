import { formatMoney, subtractQuantity } from '../../../platform/decimal.js'
import { channelCanCancel } from '../../../purchasing/channels/index.js'
import { excessInWords } from '../../../purchasing/orders/excess.js'
import { isToOrderByHand } from '../../../purchasing/orders/order-attention.js'
import { isAllowedMove, isFinalStatus } from '../../../purchasing/orders/order-status.js'
import type { Order } from '../../../purchasing/orders/order-view.js'
import { ActionButton, Field, Form, Select } from '../form.js'
import { Name, When } from '../parts.js'
import type { OrderFacts } from './order-queries.js'

/** What a person can do about the order as it stands; nothing else is offered. */
export function OrderActions({ facts }: { facts: OrderFacts }) {
  const { order, pending } = facts
  const path = `/orders/${encodeURIComponent(order.orderId)}`
  const isWaiting = order.status === 'awaiting_approval' || pending !== null
  const others = [
    mayReceive(order) ? <Receive order={order} path={path} /> : null,
    mayCancel(order) ? <Cancel order={order} path={path} /> : null,
    isAllowedMove(order.status, 'closed_short') ? <Close path={path} /> : null,
  ].filter((each) => each !== null)
  return (
    <div class="stack">
      {isWaiting ? <Decide facts={facts} path={path} /> : null}
      {order.status === 'unknown' ? <Resolve path={path} /> : null}
      {isToOrderByHand(order) ? <ByHand order={order} path={path} /> : null}
      {isFinalStatus(order.status) && order.attention !== null && excessInWords(order.lines) !== null ? (
        <ActionButton action={`${path}/close`} text="What came too much is settled" kind="secondary" />
      ) : null}
      {order.status === 'declined' ? (
        <ActionButton action={`${path}/decline`} text="Offer its items again" kind="secondary" fields={{ for: '0' }} />
      ) : null}
      {others.length === 0 ? null : <div>{others}</div>}
    </div>
  )
}

function mayReceive({ status }: Order): boolean {
  return status === 'partially_received' || isAllowedMove(status, 'received')
}

function mayCancel({ status, channel, cancelRequestedBy }: Order): boolean {
  if (status === 'awaiting_approval' || status === 'approved') return true
  if (cancelRequestedBy !== null) return false
  return channelCanCancel(channel) && ['submitted', 'confirmed', 'partially_received'].includes(status)
}

function Decide({ facts, path }: { facts: OrderFacts; path: string }) {
  const { order, pending, timeZone } = facts
  const total = pending?.amendment.totalMinor ?? order.totalMinor
  return (
    <section class="card warn" aria-labelledby="decide-title">
      <h2 id="decide-title">{pending === null ? 'Waits for your approval' : 'The supplier changed it'}</h2>
      {pending === null ? (
        <Reasons reasons={order.approvalReasons} />
      ) : (
        <>
          <ul>
            {pending.amendment.changes.map(({ text }) => (
              <li>{text}</li>
            ))}
            {pending.askBecause.map((reason) => (
              <li>{reason}</li>
            ))}
          </ul>
          <p>
            Total: <s>{formatMoney(pending.oldTotalMinor, order.currency)}</s>{' '}
            <strong>{formatMoney(pending.amendment.totalMinor, order.currency)}</strong>
          </p>
        </>
      )}
      <Terms facts={facts} />
      <div class="columns">
        <Form action={`${path}/approve`} label="Approve">
          <input type="hidden" name="seen" value={facts.seen} />
          <p>
            {pending === null
              ? 'Exactly the lines, quantities and prices below go out, at most for this total. What has become dearer since lapses instead.'
              : 'It is taken as the supplier changed it, within the limits.'}
          </p>
          <button type="submit">
            {pending === null ? 'Approve' : 'Take it'} for {formatMoney(total, order.currency)}
          </button>
          {order.status !== 'awaiting_approval' || order.approvalExpiresAt === null ? null : (
            <p class="hint">
              Lapses by itself at <When at={order.approvalExpiresAt} timeZone={timeZone} />.
            </p>
          )}
        </Form>
        <Form action={`${path}/decline`} label="Decline">
          <div class="fields">
            <Field label="Because" name="reason" id="decline-reason" maxLength={500} />
            {pending === null ? (
              <Select
                label="Leave its items out for"
                name="for"
                value="1w"
                options={[
                  { value: '1w', text: 'a week' },
                  { value: '2w', text: 'two weeks' },
                  { value: '1m', text: 'a month' },
                  { value: '0', text: 'not at all' },
                ]}
              />
            ) : null}
          </div>
          <button type="submit" class="danger">
            {pending === null ? 'Decline' : 'Refuse the change'}
          </button>
        </Form>
      </div>
    </section>
  )
}

const reasonsShown = 3

function Reasons({ reasons }: { reasons: readonly string[] }) {
  const list = (some: readonly string[]) => (
    <ul>
      {some.map((reason) => (
        <li>{reason}</li>
      ))}
    </ul>
  )
  if (reasons.length <= reasonsShown + 1) return list(reasons)
  return (
    <>
      {list(reasons.slice(0, reasonsShown))}
      <details id="more-reasons">
        <summary>And {reasons.length - reasonsShown} more reasons</summary>
        {list(reasons.slice(reasonsShown))}
      </details>
    </>
  )
}

/** What has become of the prices since it was placed. */
function Terms({ facts: { order, requote } }: { facts: OrderFacts }) {
  if (requote === null) return null
  if (requote.kind === 'worse') {
    return (
      <div class="notice warn">
        <p>The offers have changed since; approved now it lapses, and the next run quotes anew:</p>
        <ul>
          {requote.changes.map((change) => (
            <li>{change}</li>
          ))}
        </ul>
      </div>
    )
  }
  if (requote.kind === 'same') return <p>Prices are as they were when it was placed.</p>
  return (
    <p>
      It has become cheaper: <s>{formatMoney(order.totalMinor, order.currency)}</s>{' '}
      <strong>{formatMoney(requote.terms.totalMinor, order.currency)}</strong> if you approve it now.
    </p>
  )
}

function Resolve({ path }: { path: string }) {
  return (
    <section class="card bad" aria-labelledby="resolve-title">
      <h2 id="resolve-title">It was sent, and no answer came</h2>
      <p>Find out from the supplier whether they have it. Until then it counts as ordered.</p>
      <p class="actions">
        <ActionButton action={`${path}/resolve`} text="They have it" fields={{ placed: 'yes' }} />
        <ActionButton action={`${path}/resolve`} text="They never got it" kind="danger" fields={{ placed: 'no' }} />
      </p>
    </section>
  )
}

function ByHand({ order, path }: { order: Order; path: string }) {
  return (
    <section class="card warn" aria-labelledby="by-hand-title">
      <h2 id="by-hand-title">
        For you to order from <Name text={order.supplier} />
      </h2>
      <p>Nothing is sent to this supplier by itself. Order the lines below there, then say so.</p>
      <p class="actions">
        <ActionButton action={`${path}/resolve`} text="I have ordered it" fields={{ placed: 'yes' }} />
        <ActionButton action={`${path}/resolve`} text="It can’t be had" kind="danger" fields={{ placed: 'no' }} />
      </p>
    </section>
  )
}

function Receive({ order, path }: { order: Order; path: string }) {
  return (
    <details open={order.status === 'partially_received'}>
      <summary>Goods came in</summary>
      <Form action={`${path}/receive`} class="card" label="Goods came in">
        <div class="fields">
          {order.lines.map(({ lineId, product, quantity, receivedQuantity, unit }) => (
            <div class="field">
              <label>
                <Name text={product} />
                <input
                  type="text"
                  inputmode="decimal"
                  name={`line.${lineId}`}
                  value={String(Math.max(0, subtractQuantity(quantity, receivedQuantity)))}
                  autocomplete="off"
                  aria-describedby={`came-${lineId}`}
                />
              </label>
              <span class="hint" id={`came-${lineId}`}>
                {unit}; {receivedQuantity} of {quantity} came before
              </span>
            </div>
          ))}
        </div>
        <button type="submit">Book what came</button>
      </Form>
    </details>
  )
}

function Cancel({ order, path }: { order: Order; path: string }) {
  const isHere = order.status === 'awaiting_approval' || order.status === 'approved'
  return (
    <details>
      <summary>Cancel it</summary>
      <Form action={`${path}/cancel`} class="card inline" label="Cancel it">
        <Field label="Because" name="reason" id="cancel-reason" maxLength={500} />
        <button type="submit" class="danger">
          {isHere ? 'Cancel the order' : 'Ask the supplier to cancel it'}
        </button>
      </Form>
    </details>
  )
}

function Close({ path }: { path: string }) {
  return (
    <details>
      <summary>Nothing more comes of it</summary>
      <Form action={`${path}/close`} class="card inline" label="Nothing more comes of it">
        <Field label="Because" name="reason" id="close-reason" maxLength={500} />
        <button type="submit" class="danger">
          Close it; what is missing is needed again
        </button>
      </Form>
    </details>
  )
}
