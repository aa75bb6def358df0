import { type ListStatus, leftToPerson, type Status } from '../../overview/read-status.js'
import { counted } from '../../platform/counted.js'
import type { Order } from '../../purchasing/orders/order-view.js'
import { countDecisions } from '../../runs/count-decisions.js'
import type { Run } from '../../runs/run.js'
import { localTime, zonedTime } from '../terminal/local-time.js'
import { firstOf, type Screen } from '../terminal/screen.js'
import { describeList } from './describe-list-status.js'
import { describeManyLists } from './describe-many-lists.js'

/** More lists than this are told in a table. */
const mostInFull = 4
const mostTroubles = 5

/** What needs a person comes first, then whether anything is at work, then each list. */
export function describeStatus(status: Status, screen: Screen): string {
  const parts = [
    describePauses(status, screen),
    describeTroubles(status, screen),
    describeWork(status, screen),
    ...(status.lists.length > mostInFull
      ? describeManyLists(status, screen)
      : status.lists.map((list) => describeList(list, status.at, screen))),
  ]
  return parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')
}

function describePauses({ pause, lists }: Status, { beside, style }: Screen): string[] {
  const zone = lists[0]?.list.timeZone
  if (pause !== null) {
    const text = `Buying is PAUSED for every list since ${zonedTime(pause.since, zone)}, by ${pause.by}: nothing is ordered, approved or sent. Go on with: restock limits set --all paused false`
    return beside('', text, { text: style.bad })
  }
  return lists
    .filter(({ budget }) => budget.isPaused)
    .flatMap(({ list }) =>
      beside(
        '',
        `Buying is PAUSED for ${list.id}: nothing is ordered, approved or sent. Go on with: restock limits set paused false --list ${list.id}`,
        { text: style.bad },
      ),
    )
}

function describeTroubles(status: Status, screen: Screen): string[] {
  const { troubledOrders, failedRuns, unsettledRuns, haltedSchedules } = status
  const odd = status.lists.flatMap(({ low }) => low.odd)
  const count = troubledOrders.length + failedRuns.length + unsettledRuns.length + haltedSchedules.length + odd.length
  if (count === 0) return []
  const { style } = screen
  const orders = firstOf(troubledOrders, mostTroubles, troubledOrders.length, 'restock orders list --attention')
  const runs = firstOf(failedRuns, mostTroubles, failedRuns.length, 'restock runs --status failed')
  const unsettled = firstOf(unsettledRuns, mostTroubles, unsettledRuns.length, 'restock runs')
  const schedules = firstOf(haltedSchedules, mostTroubles, haltedSchedules.length, 'restock schedule list')
  const items = firstOf(odd, mostTroubles, odd.length, moreItems(status.lists))
  return [
    style.bad(`Needs you (${count})`),
    ...orders.shown.flatMap((order) => bullet(screen, describeTrouble(order))),
    ...rest(orders.rest),
    ...runs.shown.flatMap((run) => {
      const at = zonedTime(run.finishedAt ?? run.createdAt, zoneOf(status.lists, run.list))
      return bullet(
        screen,
        `Run ${run.id} of ${run.list} failed at ${at}: ${run.error ?? 'no reason is known.'} See: restock runs show ${run.id}`,
      )
    }),
    ...rest(runs.rest),
    ...unsettled.shown.flatMap((run) => bullet(screen, describeUnsettled(run))),
    ...rest(unsettled.rest),
    ...schedules.shown.flatMap(({ name, list, pausedReason }) =>
      bullet(
        screen,
        `Schedule ${name} of ${list} is paused: ${pausedReason ?? ''} Go on with: restock schedule resume ${name}`,
      ),
    ),
    ...rest(schedules.rest),
    ...items.shown.flatMap(({ name, list, attention }) => bullet(screen, `${name} (${list}): ${attention ?? ''}`)),
    ...rest(items.rest),
  ]
}

function describeTrouble({ orderId, supplier, list, status, attention }: Order): string {
  const why =
    attention ?? 'It was sent, and no answer came yet. It is asked for by itself; nothing is sent again before that.'
  return `Order ${orderId} at ${supplier} (${list}) is ${status.replaceAll('_', ' ')}. ${why}`
}

function describeUnsettled(run: Run): string {
  const left = leftToPerson(run)
  const decisions = countDecisions(left).map(([decision, count]) => `${count} ${decision.replaceAll('_', ' ')}`)
  const [first, ...others] = left.map(({ name }) => name)
  const items = others.length === 0 ? (first ?? '') : `${first} and ${counted(others.length, 'other')}`
  return `The last run of ${run.list} did not get all: ${decisions.join(', ')} (${items}). Why: restock runs show ${run.id}`
}

function moreItems(lists: readonly ListStatus[]): string {
  const withOdd = lists.filter(({ low }) => low.odd.length > 0).map(({ list }) => list.id)
  return `restock items list --list ${withOdd.at(-1) ?? ''}`
}

function bullet({ beside, style }: Screen, text: string): string[] {
  return beside('  ! ', text, { head: style.bad })
}

function rest(text: string | null): string[] {
  return text === null ? [] : [`    ${text}`]
}

function zoneOf(lists: readonly ListStatus[], id: string): string | undefined {
  return lists.find(({ list }) => list.id === id)?.list.timeZone
}

/** Somebody may be content with a crontab, so this is a hint and no trouble. Slots that nobody took are. */
function describeWork({ atWork, overdueSchedules, lists }: Status, { beside, style }: Screen): string[] {
  const { workers, schedulers } = atWork
  const overdue = overdueSchedules
    .slice(0, 3)
    .map(({ name, nextSlot, timeZone }) => `${name} (${localTime(nextSlot, timeZone)}, ${timeZone})`)
    .join(', ')
  const more = overdueSchedules.length > 3 ? ` and ${overdueSchedules.length - 3} more` : ''
  const late = overdue === '' ? '' : ` Overdue: ${overdue}${more}.`
  const waiting = lists.reduce((sum, { unfinished }) => sum + unfinished.length, 0)
  const runs = waiting === 0 ? 'runs wait' : `${counted(waiting, 'run')} ${waiting === 1 ? 'waits' : 'wait'}`
  const look = overdue === '' ? style.warn : style.bad
  if (workers === 0 && schedulers === 0) {
    const what = waiting === 0 ? 'no schedule starts a run and no order is sent' : `${runs} and no order is sent`
    return beside('', `Nothing is at work: ${what}. Start everything with: restock up.${late}`, { text: look })
  }
  if (workers === 0) {
    return beside('', `No worker is at work: ${runs} and no order is sent. Start one with: restock worker.${late}`, {
      text: look,
    })
  }
  if (schedulers === 0) {
    return beside('', `No scheduler is at work: schedules start nothing. Start one with: restock scheduler.${late}`, {
      text: look,
    })
  }
  const atWorkText = `${counted(workers, 'worker')} and ${counted(schedulers, 'scheduler')} at work.`
  return beside('', `${atWorkText}${late}`, { text: overdue === '' ? style.good : style.bad })
}
