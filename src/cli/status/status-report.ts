import type { Budget, BudgetUse } from '../../overview/budgets.js'
import type { SomeOrders } from '../../overview/open-orders.js'
import type { ListStatus, Status } from '../../overview/read-status.js'
import type { Order } from '../../purchasing/orders/order-view.js'
import { countDecisions } from '../../runs/count-decisions.js'
import type { Run } from '../../runs/run.js'
import { describeRun } from '../../runs/run-report.js'
import type { Schedule } from '../../schedules/schedule.js'
import type { ItemView } from '../../stock/item-view.js'

/** Where things stand, as `--json` prints it. Programs read this: a field is never renamed or dropped. */
export function toStatusReport(status: Status) {
  const { pause, atWork } = status
  const paused = status.lists.filter(({ budget }) => budget.isPaused).map(({ list }) => list.id)
  return {
    setUp: true,
    at: status.at.toISOString(),
    buying: {
      pausedForAllSince: pause?.since.toISOString() ?? null,
      pausedForAllBy: pause?.by ?? null,
      pausedLists: paused,
    },
    work: {
      workers: atWork.workers,
      schedulers: atWork.schedulers,
      overdueSchedules: status.overdueSchedules.map(toSchedule),
    },
    attention: {
      orders: status.troubledOrders.map(toOrder),
      failedRuns: status.failedRuns.map(toRun),
      unsettledRuns: status.unsettledRuns.map(toRun),
      haltedSchedules: status.haltedSchedules.map(toSchedule),
      items: status.lists.flatMap(({ low }) => low.odd).map(toItem),
    },
    lists: status.lists.map(toList),
  }
}

/** The same where there is nothing to tell of yet. */
export function toEmptyReport(place: {
  readonly dataDir: string
  readonly configFile: string | null
  readonly next: readonly string[]
}) {
  return { setUp: false, dataDir: place.dataDir, configFile: place.configFile, next: place.next }
}

function toList({ list, low, waiting, coming, schedules, unfinished, last, budget }: ListStatus) {
  return {
    list: list.id,
    name: list.name,
    currency: list.currency,
    timeZone: list.timeZone,
    paused: budget.isPaused,
    items: low.itemCount,
    due: { count: low.due.length, items: low.due.map(toItem) },
    onItsWay: toOrders(coming),
    waiting: toOrders(waiting),
    schedules: schedules.map(toSchedule),
    unfinishedRuns: unfinished.map(toRun),
    lastRun: last === null ? null : toRun(last),
    spent: toBudget(budget),
  }
}

function toItem(item: ItemView) {
  const { itemId, list, name, unit, onHand, onOrder, need, daysLeft, attention } = item
  return { itemId, list, name, unit, onHand, onOrder, need, daysLeft, attention }
}

/** `count` may be more than are listed. */
function toOrders({ count, first }: SomeOrders) {
  return { count, orders: first.map(toOrder) }
}

function toOrder(order: Order) {
  const { orderId, list, supplier, status, totalMinor, currency, expectedAt, approvalExpiresAt, attention } = order
  return {
    orderId,
    list,
    supplier,
    status,
    totalMinor,
    currency,
    lines: order.lines.length,
    expectedAt: expectedAt?.toISOString() ?? null,
    approvalExpiresAt: status === 'awaiting_approval' ? (approvalExpiresAt?.toISOString() ?? null) : null,
    attention,
  }
}

function toSchedule({ name, list, cron, timeZone, nextSlot, pausedAt, pausedReason }: Schedule) {
  return {
    name,
    list,
    cron,
    timeZone,
    nextSlot: nextSlot?.toISOString() ?? null,
    pausedAt: pausedAt?.toISOString() ?? null,
    pausedReason,
  }
}

function toRun(run: Run) {
  return {
    id: run.id,
    list: run.list,
    status: run.status,
    trigger: run.trigger,
    dryRun: run.dryRun,
    createdAt: run.createdAt.toISOString(),
    startedAt: run.startedAt?.toISOString() ?? null,
    finishedAt: run.finishedAt?.toISOString() ?? null,
    decisions: Object.fromEntries(countDecisions(run.outcome?.items ?? [])),
    summary: describeRun(run),
  }
}

function toBudget({ day, week, month }: Budget) {
  return { day: toUse(day), week: toUse(week), month: toUse(month) }
}

function toUse({ usedMinor, limitMinor, leftMinor, until }: BudgetUse) {
  return { usedMinor, limitMinor, leftMinor, until }
}
