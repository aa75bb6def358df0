import type { BudgetUse } from '../../overview/budgets.js'
import type { ListStatus } from '../../overview/read-status.js'
import { counted } from '../../platform/counted.js'
import { formatMoney } from '../../platform/decimal.js'
import { distance } from '../../platform/time-distance.js'
import type { Order } from '../../purchasing/orders/order-view.js'
import { countDecisions } from '../../runs/count-decisions.js'
import type { Run } from '../../runs/run.js'
import type { Schedule } from '../../schedules/schedule.js'
import type { ItemView } from '../../stock/item-view.js'
import { localTime, zonedTime } from '../terminal/local-time.js'
import { firstOf, type Screen } from '../terminal/screen.js'
import { plainText } from '../terminal/table.js'

const mostRows = 5
const mostRuns = 3

/** One list in full. */
export function describeList(status: ListStatus, now: Date, screen: Screen): string[] {
  const { list, low, waiting, coming } = status
  const { style } = screen
  const due = firstOf(low.due, mostRows, low.due.length, `restock items list --list ${list.id} --due`)
  const approvals = firstOf(
    waiting.first,
    mostRows,
    waiting.count,
    `restock orders list --list ${list.id} --status awaiting_approval`,
  )
  const orders = firstOf(coming.first, mostRows, coming.count, `restock orders list --list ${list.id}`)
  const row = (name: string, texts: readonly (string | null)[], text?: (text: string) => string) =>
    texts
      .filter((each) => each !== null)
      .flatMap((each, at) =>
        screen.beside(`  ${(at === 0 ? name : '').padEnd(10)}  `, each, {
          head: style.dim,
          ...(text === undefined ? {} : { text }),
        }),
      )
  return [
    titleOf(status, style.strong),
    ...row('low', [...due.shown.map(describeLow), due.rest]),
    ...row('to approve', [...approvals.shown.map((order) => describeApproval(order, now)), approvals.rest], style.warn),
    ...row('on its way', [...orders.shown.map((order) => describeComing(order, list.timeZone, now)), orders.rest]),
    ...row(
      'at work',
      status.unfinished.slice(0, mostRuns).map((run) => describeUnfinished(run, now)),
    ),
    ...row('next run', describeNextRuns(status.schedules, now)),
    ...row('spent', [describeSpent(status)]),
    ...row('last run', [describeLast(status.last, list.timeZone)]),
  ]
}

function titleOf({ list, low, budget }: ListStatus, strong: (text: string) => string): string {
  const name = plainText(list.name)
  const title = strong(name === list.id ? name : `${name} (${list.id})`)
  const paused = budget.isPaused ? ', buying paused' : ''
  if (low.itemCount === 0)
    return `${title}: no items yet; bring them in with: restock items import FILE --list ${list.id}`
  const due = low.due.length === 0 ? 'nothing to buy now' : `${low.due.length} to buy now`
  return `${title}: ${counted(low.itemCount, 'item')}, ${due}${paused}`
}

export function describeLow({ name, onHand, unit, daysLeft, need }: ItemView): string {
  const days = daysLeft === null ? '' : `, ${counted(daysLeft, 'day')}`
  return `${name}: ${onHand} ${unit} left${days}; to buy: ${need} ${unit}`
}

export function describeApproval(order: Order, now: Date): string {
  const lapses = order.approvalExpiresAt === null ? '' : `, lapses ${distance(order.approvalExpiresAt, now)}`
  return `${order.supplier} ${formatMoney(order.totalMinor, order.currency)}, ${counted(order.lines.length, 'line')}${lapses}: restock orders approve ${order.orderId}`
}

export function describeComing(order: Order, timeZone: string, now: Date): string {
  const { expectedAt, status } = order
  const day = expectedAt === null ? null : localTime(expectedAt, timeZone).slice(0, 10)
  const expected =
    expectedAt === null || day === null
      ? 'no date is known'
      : expectedAt < now
        ? `was expected on ${day}`
        : `expected on ${day} (${distance(expectedAt, now)})`
  return `${order.supplier} ${formatMoney(order.totalMinor, order.currency)}, ${expected}, ${status.replaceAll('_', ' ')} (${order.orderId})`
}

function describeUnfinished(run: Run, now: Date): string {
  const dry = run.dryRun ? ', dry' : ''
  if (run.status === 'pending') return `${run.id}${dry} waits for a worker since ${distance(run.createdAt, now)}`
  return `${run.id}${dry}, started ${distance(run.startedAt ?? run.createdAt, now)}: restock watch ${run.id}`
}

function describeNextRuns(schedules: readonly Schedule[], now: Date): (string | null)[] {
  if (schedules.length === 0) return ['none planned; `restock schedule add` plans them, `restock run` starts one now']
  const planned = schedules.filter(({ nextSlot }) => nextSlot !== null)
  const paused = schedules.length - planned.length
  const { shown, rest } = firstOf(planned, mostRuns, planned.length, 'restock schedule list')
  return [
    ...shown.map(({ name, nextSlot, timeZone }) => `${describeSlot(nextSlot, timeZone, now)}, ${name}`),
    rest,
    paused === 0 ? null : `${counted(paused, 'schedule')} paused: restock schedule list`,
  ]
}

/** On the wall of the schedule's zone. */
export function describeSlot(slot: Date | null, timeZone: string, now: Date): string {
  return slot === null ? '' : `${localTime(slot, timeZone)} ${timeZone} (${distance(slot, now)})`
}

function describeSpent({ list, budget }: ListStatus): string {
  const of = (name: string, { usedMinor, limitMinor, leftMinor }: BudgetUse) =>
    limitMinor === null || leftMinor === null
      ? null
      : `${name} ${formatMoney(usedMinor, list.currency)} of ${formatMoney(limitMinor, list.currency)}, ${formatMoney(leftMinor, list.currency)} left`
  const limited = [of('day', budget.day), of('week', budget.week), of('month', budget.month)].filter(
    (text) => text !== null,
  )
  if (limited.length > 0) return limited.join('; ')
  return `${formatMoney(budget.month.usedMinor, list.currency)} this month; no limit a day, week or month is set`
}

function describeLast(run: Run | null, timeZone: string): string {
  if (run === null) return 'none has ended yet; `restock run --wait` does one now'
  const at = zonedTime(run.finishedAt ?? run.createdAt, timeZone)
  const dry = run.dryRun ? ' (dry run)' : ''
  return `${at}${dry}: ${describeEnd(run)} (${run.id})`
}

/** What became of a run, in a few words. */
export function describeEnd(run: Run): string {
  const decisions = countDecisions(run.outcome?.items ?? []).map(
    ([decision, count]) => `${count} ${decision.replaceAll('_', ' ')}`,
  )
  if (run.status === 'failed') return ['failed', ...decisions].join(', ')
  return decisions.length === 0 ? 'nothing was due' : decisions.join(', ')
}
