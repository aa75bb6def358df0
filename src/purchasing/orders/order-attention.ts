/** Orders that nobody but a person can bring to an end, or that a person should know of. */
import type { DomainContext } from '../../platform/context.js'
import { amendmentSettings } from '../amendments/amendment-settings.js'
import { type AmendmentRow, readAmendment } from '../amendments/amendments.js'
import { groupBy } from '../group-by.js'
import { limitSettingsSchema } from '../limits/limit-settings.js'
import { isNotPaused } from '../limits/pause.js'
import type { OrderStatus } from '../tables.js'
import { excessInWords } from './excess.js'
import type { OrderRow } from './order-rows.js'
import { isFinalStatus } from './order-status.js'

/** Longer than this, and doubt or a supplier that can't be reached doesn't end by itself. */
const patienceMs = 3_600_000
/** So many failures in a row take about as long. */
const patienceFailures = 8

export interface AttentionFacts {
  readonly order: OrderRow
  /** What the supplier changed and nobody has decided, in words; null: nothing. */
  readonly pendingChange: string | null
  /** What came beyond what was ordered, in words; null: nothing. */
  readonly excess: string | null
  /** Nothing may be bought now. */
  readonly isPaused: boolean
  /** After the expected day. */
  readonly graceMs: number
  readonly now: Date
}

/** What a person can do about it; each face says it in its own words. */
export const remedies = [
  /** Take what the supplier changed, or refuse it. */
  'decide_change',
  /** Agree about what came beyond the order, and take note of it. */
  'settle_excess',
  /** The same while the order goes on: nothing to take note of yet. */
  'settle_excess_later',
  /** Order it, then say whether that worked. */
  'order_by_hand',
  /** It was to be cancelled and wasn't: agree with the supplier, then end it. */
  'settle_cancel',
  /** Find out whether the supplier got it, and say so. */
  'end_doubt',
  /** Nothing: sending is tried again. */
  'wait_for_sending',
  /** Nothing: the supplier is asked again. */
  'wait_for_answer',
  /** Ask for what is missing, then book it or end the order. */
  'ask_for_goods',
] as const
export type Remedy = (typeof remedies)[number]

export interface AttentionReason {
  readonly remedy: Remedy
  /** What is the matter, as a sentence without its full stop. */
  readonly text: string
}

/** Why an order needs a person; none: it doesn't. Pure. */
export function attentionOf(facts: AttentionFacts): AttentionReason[] {
  const { order, pendingChange, excess, isPaused, graceMs, now } = facts
  const since = (date: Date | null) => (date === null ? 0 : now.getTime() - date.getTime())
  const reasons: AttentionReason[] = []
  const add = (remedy: Remedy, text: string) => reasons.push({ remedy, text })
  if (pendingChange !== null && mayBeAmended(order.status)) {
    add('decide_change', `The supplier changed it: ${pendingChange}`)
  }
  if (excess !== null && order.excess_seen_by === null) {
    add(isFinalStatus(order.status) ? 'settle_excess' : 'settle_excess_later', `It brought ${excess}`)
  }
  if (isToOrderByHand(order) && !isPaused) {
    add('order_by_hand', `It is for you to order from ${order.supplier_name} by hand`)
  }
  if (order.cancel_refused !== null && isOpenAtSupplier(order.status)) {
    add('settle_cancel', `It was not cancelled: ${order.cancel_refused}`)
  }
  if (order.status === 'unknown' && since(order.submitted_at) >= patienceMs) {
    add('end_doubt', `Nobody knows whether ${order.supplier_name} got it`)
  }
  if ((order.status === 'approved' || order.status === 'submitting') && order.submit_attempts > 0) {
    if (since(order.placed_at) >= patienceMs) {
      add('wait_for_sending', `It could not be sent so far (${order.status_reason ?? 'no reason known'})`)
    }
  }
  if (isOpenAtSupplier(order.status) && order.track_failures >= patienceFailures) {
    add('wait_for_answer', `${order.supplier_name} can't be asked about it for over an hour`)
  }
  const dueSince = order.expected_at === null ? null : since(order.expected_at) - graceMs
  if (isOpenAtSupplier(order.status) && dueSince !== null && dueSince > 0) {
    const day = order.expected_at?.toISOString().slice(0, 10)
    const what = order.status === 'partially_received' ? 'Part of it is missing' : 'It has not come'
    add('ask_for_goods', `${what}, though it was expected on ${day}`)
  }
  return reasons
}

/** A supplier that only a person can order from, and nobody has said yet that they did. */
export function isToOrderByHand(order: Pick<OrderRow, 'channel' | 'status'>): boolean {
  return order.channel === 'manual' && (order.status === 'approved' || order.status === 'submitted')
}

/** Why each of the orders that need a person does, by id. */
export async function findAttention(
  ctx: DomainContext,
  orders: readonly OrderRow[],
): Promise<Map<string, readonly AttentionReason[]>> {
  const mayNeedIt = orders.filter(
    ({ status }) => mayBeAmended(status) || ['approved', 'submitting', 'closed_short'].includes(status),
  )
  if (mayNeedIt.length === 0) return new Map()
  const ids = mayNeedIt.map(({ id }) => id)
  const pending = await findPending(ctx, ids)
  const excesses = await findExcesses(ctx, ids)
  const paused = await findPaused(
    ctx,
    mayNeedIt.filter((order) => order.status === 'approved' && isToOrderByHand(order)).map(({ id }) => id),
  )
  const graces = await findGraces(ctx, [...new Set(mayNeedIt.map(({ list }) => list))])
  const now = ctx.clock.now()
  return new Map(
    mayNeedIt.flatMap((order) => {
      const change = pending.get(order.id)
      const reasons = attentionOf({
        order,
        pendingChange: change === undefined ? null : inWords(change),
        excess: excesses.get(order.id) ?? null,
        isPaused: paused.has(order.id),
        graceMs: graces.get(order.list) ?? amendmentSettings({}).overdueGraceMs,
        now,
      })
      return reasons.length === 0 ? [] : [[order.id, reasons] as const]
    }),
  )
}

/** Ids of orders that may need attention: all that do, and few others. */
export async function findAttentionCandidates(ctx: DomainContext, list: string | undefined): Promise<string[]> {
  const now = ctx.clock.now()
  const orders = ctx.db
    .selectFrom('purchasing.orders as order')
    .select('order.id')
    .$if(list !== undefined, (query) => query.where('order.list', '=', list ?? ''))
  const withExcess = await findWithExcess(ctx)
  // Three questions, each with an index of its own: asked as one they would read every order there ever was.
  const rows = await orders
    .where('order.status', 'in', ['unknown', 'approved', 'submitting', 'submitted', 'confirmed', 'partially_received'])
    .where((where) =>
      where.or([
        where('order.status', '=', 'unknown'),
        where.and([where('order.channel', '=', 'manual'), where('order.status', 'in', ['approved', 'submitted'])]),
        where.and([
          where('order.status', 'in', ['submitted', 'confirmed', 'partially_received']),
          where.or([
            where('order.expected_at', '<', now),
            where('order.cancel_refused', 'is not', null),
            where('order.track_failures', '>=', patienceFailures),
          ]),
        ]),
        where.and([where('order.status', 'in', ['approved', 'submitting']), where('order.submit_attempts', '>', 0)]),
      ]),
    )
    .$if(withExcess.length > 0, (query) =>
      query.union(orders.where('order.excess_seen_by', 'is', null).where('order.id', 'in', withExcess)),
    )
    .union(
      orders.where('order.id', 'in', (select) =>
        select.selectFrom('purchasing.amendments').select('order_id').where('state', '=', 'pending'),
      ),
    )
    .execute()
  return rows.map(({ id }) => id)
}

/** Asked apart: how few these are, the database can't know, and would read all orders beside them. */
async function findWithExcess(ctx: DomainContext): Promise<string[]> {
  const rows = await ctx.db
    .selectFrom('purchasing.order_lines')
    .select('order_id')
    .distinct()
    .whereRef('received_quantity', '>', 'quantity')
    .execute()
  return rows.map(({ order_id }) => order_id)
}

function isOpenAtSupplier(status: OrderStatus): boolean {
  return status === 'submitted' || status === 'confirmed' || status === 'partially_received'
}

/** What came in whole may still have to be paid at another price. */
function mayBeAmended(status: OrderStatus): boolean {
  return isOpenAtSupplier(status) || status === 'unknown' || status === 'received'
}

function inWords(amendment: AmendmentRow): string {
  const changes = readAmendment(amendment).changes.map(({ text }) => text)
  return [...changes, ...amendment.ask_because.map((reason) => reason.replace(/\.$/, ''))].join('; ')
}

async function findPending(ctx: DomainContext, orderIds: readonly string[]): Promise<Map<string, AmendmentRow>> {
  const rows = await ctx.db
    .selectFrom('purchasing.amendments')
    .selectAll()
    .where('state', '=', 'pending')
    .where('order_id', 'in', orderIds)
    .execute()
  return new Map(rows.map((row) => [row.order_id, row]))
}

async function findExcesses(ctx: DomainContext, orderIds: readonly string[]): Promise<Map<string, string>> {
  const rows = await ctx.db
    .selectFrom('purchasing.order_lines')
    .select(['order_id', 'product', 'quantity', 'received_quantity as receivedQuantity', 'unit'])
    .where('order_id', 'in', orderIds)
    .whereRef('received_quantity', '>', 'quantity')
    .orderBy('line_number')
    .execute()
  return new Map(
    [...groupBy(rows, (row) => row.order_id)].flatMap(([id, lines]): [string, string][] => {
      const words = excessInWords(lines)
      return words === null ? [] : [[id, words]]
    }),
  )
}

async function findPaused(ctx: DomainContext, orderIds: readonly string[]): Promise<Set<string>> {
  if (orderIds.length === 0) return new Set()
  const rows = await ctx.db
    .selectFrom('purchasing.orders')
    .select('id')
    .where('id', 'in', orderIds)
    .where((where) => where.not(isNotPaused(where)))
    .execute()
  return new Set(rows.map(({ id }) => id))
}

async function findGraces(ctx: DomainContext, lists: readonly string[]): Promise<Map<string, number>> {
  const rows = await ctx.db
    .selectFrom('purchasing.list_limits')
    .select(['list', 'settings'])
    .where('list', 'in', lists)
    .execute()
  return new Map(
    rows.map(({ list, settings }) => [list, amendmentSettings(limitSettingsSchema.parse(settings)).overdueGraceMs]),
  )
}
