import type { ListStatus, Status } from '../../overview/read-status.js'
import { formatMoney } from '../../platform/decimal.js'
import { distance } from '../../platform/time-distance.js'
import type { Order } from '../../purchasing/orders/order-view.js'
import { localTime } from '../terminal/local-time.js'
import { firstOf, type Screen } from '../terminal/screen.js'
import { type Column, formatTable } from '../terminal/table.js'
import { describeApproval, describeComing, describeEnd, describeLow } from './describe-list-status.js'

const mostRows = 5

/** A row for each list, and of all lists together what comes first. One in full is one command away. */
export function describeManyLists(status: Status, screen: Screen): string[][] {
  const { lists, at } = status
  const zoneOf = (id: string) => lists.find(({ list }) => list.id === id)?.list.timeZone ?? 'UTC'
  const of = (order: Order) => `${order.list}: `
  const waiting = lists
    .flatMap(({ waiting: { first } }) => first)
    .sort(by(({ approvalExpiresAt }) => approvalExpiresAt))
  const coming = lists.flatMap(({ coming: { first } }) => first).sort(by(({ expectedAt }) => expectedAt))
  const total = (kind: 'waiting' | 'coming') => lists.reduce((sum, list) => sum + list[kind].count, 0)
  // The scarcest of each list in turn: one that lacks everything doesn't hide the others.
  const due = Array.from({ length: mostRows }, (_, place) => lists.flatMap(({ low }) => low.due[place] ?? [])).flat()
  const allDue = lists.reduce((sum, { low }) => sum + low.due.length, 0)
  const mostDue = lists.toSorted((a, b) => b.low.due.length - a.low.due.length)[0]?.list.id ?? ''
  return [
    formatTable(lists, columns(at), screen.space).split('\n'),
    section(
      screen,
      'To approve',
      firstOf(waiting, mostRows, total('waiting'), 'restock orders list --status awaiting_approval'),
      (order) => of(order) + describeApproval(order, at),
    ),
    section(
      screen,
      'Low',
      firstOf(due, mostRows, allDue, `restock items list --due --list ${mostDue}`),
      (item) => `${item.list}: ${describeLow(item)}`,
    ),
    section(
      screen,
      'On its way',
      firstOf(coming, mostRows, total('coming'), 'restock orders list'),
      (order) => of(order) + describeComing(order, zoneOf(order.list), at),
    ),
    [`One list in full: restock status --list ${lists[0]?.list.id ?? ''}`],
  ]
}

function section<Row>(
  { beside, style }: Screen,
  title: string,
  { shown, rest }: { readonly shown: readonly Row[]; readonly rest: string | null },
  describe: (row: Row) => string,
): string[] {
  if (shown.length === 0) return []
  return [
    style.strong(title),
    ...shown.flatMap((row) => beside('  ', describe(row))),
    ...(rest === null ? [] : beside('  ', rest)),
  ]
}

function columns(now: Date): Column<ListStatus>[] {
  const next = ({ schedules }: ListStatus) => schedules.find(({ nextSlot }) => nextSlot !== null)
  return [
    { title: 'list', value: ({ list, budget }) => (budget.isPaused ? `${list.id} (paused)` : list.id) },
    { title: 'items', value: ({ low }) => low.itemCount },
    { title: 'to buy', value: ({ low }) => low.due.length },
    { title: 'to approve', value: ({ waiting }) => waiting.count },
    { title: 'on its way', value: ({ coming }) => coming.count },
    {
      title: 'next run',
      value: (status) => {
        const schedule = next(status)
        return schedule === undefined || schedule.nextSlot === null
          ? null
          : `${localTime(schedule.nextSlot, schedule.timeZone)} (${distance(schedule.nextSlot, now)})`
      },
    },
    {
      title: 'left this month',
      value: ({ list, budget: { month } }) =>
        month.leftMinor === null ? 'no limit' : formatMoney(month.leftMinor, list.currency),
      align: 'right',
    },
    { title: 'last run', value: ({ last }) => (last === null ? null : describeEnd(last)), isFlexible: true },
  ]
}

function by(time: (order: Order) => Date | null): (a: Order, b: Order) => number {
  const at = (order: Order) => time(order)?.getTime() ?? Number.MAX_SAFE_INTEGER
  return (a, b) => at(a) - at(b)
}
