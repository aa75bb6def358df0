import type { DomainContext } from '../../platform/context.js'
import { inTransaction } from '../../platform/database.js'
import { failpoint } from '../../platform/failpoints.js'
import { type LookUp, NotSentError, type SupplierAnswer } from '../channels/channel.js'
import { toChannelOrder } from '../channels/channel-order.js'
import { builtInChannels, type Channels } from '../channels/index.js'
import { maySubmit } from '../limits/pause.js'
import { moveOrder } from '../orders/move-order.js'
import { findLines, lockOrder, type OrderRow } from '../orders/order-rows.js'
import type { OrderStatus } from '../tables.js'
import { applyAnswer, lockForAnswer } from './apply-answer.js'
import { backoffMs } from './backoff.js'

export interface Submission {
  readonly orderId: string
  /** The order's status now. */
  readonly status: OrderStatus
  /** When to look again; null: nothing more to do here. */
  readonly retryAt: Date | null
}

/** Whoever sends an order has this long; after it, somebody else asks the supplier what became of it. */
export const submitLeaseMs = 60_000
/** Well inside the lease, so that a call that hangs has ended before anybody takes over. */
const channelTimeoutMs = 30_000

/**
 * Sends an approved order to its supplier, once. "Submitting" is committed before the supplier hears of it, so a crash
 * at any point leaves a trace: whoever comes next asks by key before sending again, and where it can't ask, it doesn't
 * send. No answer makes the order `unknown`.
 */
export async function submitOrder(
  ctx: DomainContext,
  input: { readonly orderId: string },
  channels: Channels = builtInChannels,
): Promise<Submission> {
  if (ctx.db.isTransaction)
    throw new Error('an order is sent outside of any transaction: its steps have to be committed one by one')
  const attempt = await beginAttempt(ctx, input.orderId)
  if (attempt.kind === 'not_now') return attempt.submission
  const { order, isTakeOver } = attempt
  const channel = channels[order.channel]
  if (channel === undefined) {
    // Checked when it was placed: only a setup that has lost a channel since gets here, and nothing was sent.
    return concludeNotSent(ctx, order, `the channel ${order.channel} of ${order.supplier_name} is not available`)
  }

  const message = toChannelOrder(order, await findLines(ctx, order.id))
  const known: LookUp = isTakeOver
    ? await orElse({ outcome: 'cannot_tell' }, () => withDeadline((signal) => channel.findByKey(ctx, message, signal)))
    : { outcome: 'not_found' }
  if (known.outcome === 'cannot_tell') {
    return concludeUnknown(
      ctx,
      order,
      'sending was interrupted, and the supplier can’t be asked whether it got the order',
    )
  }
  if (known.outcome !== 'not_found') return concludeAnswered(ctx, order, known)

  let answer: SupplierAnswer
  await failpoint('submit.before')
  try {
    answer = await withDeadline((signal) => channel.submit(ctx, message, signal))
  } catch (error) {
    ctx.log.warn(
      { err: error, order: order.id, supplier: order.supplier_id },
      'an order got no answer from its supplier',
    )
    if (error instanceof NotSentError) return concludeNotSent(ctx, order, error.message)
    return concludeUnknown(ctx, order, 'sent, but no answer came back')
  }
  await failpoint('submit.after')
  return concludeAnswered(ctx, order, answer)
}

type Attempt =
  | { readonly kind: 'send'; readonly order: OrderRow; readonly isTakeOver: boolean }
  | { readonly kind: 'not_now'; readonly submission: Submission }

async function beginAttempt(ctx: DomainContext, orderId: string): Promise<Attempt> {
  return inTransaction(ctx, async (tx): Promise<Attempt> => {
    const order = await lockOrder(tx, orderId)
    const now = tx.clock.now()
    const isDue = order.next_attempt_at === null || order.next_attempt_at <= now
    if (order.status !== 'approved' && order.status !== 'submitting') {
      return { kind: 'not_now', submission: { orderId, status: order.status, retryAt: null } }
    }
    if (!isDue)
      return { kind: 'not_now', submission: { orderId, status: order.status, retryAt: order.next_attempt_at } }
    // It stays as it is, and is found again when a person resumes buying.
    if (!(await maySubmit(tx, orderId))) {
      return { kind: 'not_now', submission: { orderId, status: order.status, retryAt: null } }
    }
    const set = { submit_attempts: order.submit_attempts + 1, next_attempt_at: new Date(now.getTime() + submitLeaseMs) }
    if (order.status === 'approved') {
      const moved = await moveOrder(tx, order, { to: 'submitting', actor: 'restock', reason: null, set })
      return { kind: 'send', order: moved, isTakeOver: order.ask_first }
    }
    const taken = await tx.db
      .updateTable('purchasing.orders')
      .set({ ...set, updated_at: now })
      .where('id', '=', orderId)
      .returningAll()
      .executeTakeFirstOrThrow()
    return { kind: 'send', order: taken, isTakeOver: true }
  })
}

/** An answer counts even if somebody has taken over meanwhile: it is the truth, unless the order has got further. */
async function concludeAnswered(ctx: DomainContext, attempted: OrderRow, answer: SupplierAnswer): Promise<Submission> {
  return inTransaction(ctx, async (tx) => {
    const order = await lockForAnswer(tx, attempted, answer)
    if (order.status !== 'submitting' && order.status !== 'unknown') return submission(order)
    return submission(await applyAnswer(tx, order, answer))
  })
}

async function concludeUnknown(ctx: DomainContext, attempted: OrderRow, reason: string): Promise<Submission> {
  return inTransaction(ctx, async (tx) => {
    const order = await lockOrder(tx, attempted.id)
    if (!isStillOurs(order, attempted)) return submission(order)
    const set = { next_attempt_at: null, submitted_at: order.submitted_at ?? tx.clock.now() }
    return submission(await moveOrder(tx, order, { to: 'unknown', actor: 'restock', reason, set }))
  })
}

async function concludeNotSent(ctx: DomainContext, attempted: OrderRow, reason: string): Promise<Submission> {
  return inTransaction(ctx, async (tx) => {
    const order = await lockOrder(tx, attempted.id)
    if (!isStillOurs(order, attempted)) return submission(order)
    const retryAt = new Date(tx.clock.now().getTime() + backoffMs(order.submit_attempts))
    const text = `not sent yet, will be tried again: ${reason}`
    return submission(
      await moveOrder(tx, order, { to: 'approved', actor: 'restock', reason: text, set: { next_attempt_at: retryAt } }),
    )
  })
}

function isStillOurs(order: OrderRow, attempted: OrderRow): boolean {
  return order.status === 'submitting' && order.submit_attempts === attempted.submit_attempts
}

function submission(order: OrderRow): Submission {
  return { orderId: order.id, status: order.status, retryAt: order.next_attempt_at }
}

/** For channels that forget their signal: the wait ends all the same. */
export async function withDeadline<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const signal = AbortSignal.timeout(channelTimeoutMs)
  let stopWaiting: () => void = () => undefined
  const deadline = new Promise<never>((_, reject) => {
    stopWaiting = () => reject(new Error(`no answer within ${channelTimeoutMs / 1000} s`))
    signal.addEventListener('abort', stopWaiting, { once: true })
  })
  try {
    return await Promise.race([work(signal), deadline])
  } finally {
    signal.removeEventListener('abort', stopWaiting)
  }
}

async function orElse<T>(fallback: T, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch {
    return fallback
  }
}
