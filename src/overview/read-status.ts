import type { DomainContext } from '../platform/context.js'
import { findGlobalPause, type GlobalPause } from '../purchasing/limits/pause.js'
import type { Order } from '../purchasing/orders/order-view.js'
import type { Decision, OutcomeItem, Run } from '../runs/run.js'
import { type AtWork, countAtWork } from '../runs/workers.js'
import { findSchedules } from '../schedules/change-schedule.js'
import type { Schedule } from '../schedules/schedule.js'
import type { ListView } from '../stock/lists.js'
import { type Budget, findBudgets } from './budgets.js'
import { type LowList, readLow } from './low-items.js'
import { findOpenOrders, type SomeOrders } from './open-orders.js'
import { findLastRuns, findUnfinishedRuns } from './recent-runs.js'
import { findTroubledOrders } from './troubled-orders.js'

/** Where things stand. */
export interface Status {
  readonly at: Date
  /** Buying is stopped for every list; null: it isn't. */
  readonly pause: GlobalPause | null
  readonly atWork: AtWork
  /** Schedules whose slot should have been taken by now: no scheduler is at work, or it is stuck. */
  readonly overdueSchedules: readonly Schedule[]
  /** Orders that a person is needed for, those in doubt first. */
  readonly troubledOrders: readonly Order[]
  /** Lists whose newest run failed. */
  readonly failedRuns: readonly Run[]
  /** Newest runs of their lists that ended with items that a person has to see to. */
  readonly unsettledRuns: readonly Run[]
  /** Schedules that were paused because their runs failed. */
  readonly haltedSchedules: readonly Schedule[]
  readonly lists: readonly ListStatus[]
}

export interface ListStatus {
  readonly list: ListView
  readonly low: LowList
  readonly waiting: SomeOrders
  readonly coming: SomeOrders
  /** By the next slot; paused ones last. */
  readonly schedules: readonly Schedule[]
  readonly unfinished: readonly Run[]
  /** The newest run that has ended; null: none has. */
  readonly last: Run | null
  readonly budget: Budget
}

/** Orders of each kind that are read of a list. */
const mostOrders = 50
/** As many orders as a listing shows, and runs that wait. */
const mostTroubles = 200

const slotPatienceMs = 60_000

/** All that somebody who comes back wants to know, in about thirty queries whatever the number of lists, items and orders. */
export async function readStatus(ctx: DomainContext, lists: readonly ListView[], only?: string): Promise<Status> {
  const ids = lists.map(({ id }) => id)
  const [low, open, troubledOrders, allSchedules, last, unfinished, budgets, pause, atWork] = await Promise.all([
    readLow(ctx, lists),
    findOpenOrders(ctx, ids, mostOrders),
    findTroubledOrders(ctx, { limit: mostTroubles, list: only }),
    findSchedules(ctx),
    findLastRuns(ctx, lists),
    findUnfinishedRuns(ctx, mostTroubles),
    findBudgets(ctx, lists),
    findGlobalPause(ctx),
    countAtWork(ctx),
  ])
  // A run that failed, or could not get all, is not mended by a dry run after it.
  const settled = last.some(({ dryRun }) => dryRun) ? await findLastRuns(ctx, lists, true) : last
  const at = ctx.clock.now()
  const schedules = allSchedules.filter(({ list }) => ids.includes(list)).sort(byNextSlot)
  const lateAt = new Date(at.getTime() - slotPatienceMs)
  const none: SomeOrders = { count: 0, first: [] }
  return {
    at,
    pause,
    atWork,
    overdueSchedules: schedules.filter(({ nextSlot }) => nextSlot !== null && nextSlot < lateAt),
    troubledOrders,
    failedRuns: settled.filter(({ status }) => status === 'failed'),
    unsettledRuns: settled.filter((run) => run.status === 'completed' && leftToPerson(run).length > 0),
    haltedSchedules: schedules.filter(({ pausedReason }) => pausedReason !== null),
    lists: low.flatMap((each, place) => {
      const { list } = each
      const budget = budgets[place]
      if (budget === undefined) return []
      return [
        {
          list,
          low: each,
          waiting: open.waiting.get(list.id) ?? none,
          coming: open.coming.get(list.id) ?? none,
          schedules: schedules.filter((schedule) => schedule.list === list.id),
          unfinished: unfinished.filter((run) => run.list === list.id),
          last: last.find((run) => run.list === list.id) ?? null,
          budget,
        },
      ]
    }),
  }
}

const forPerson: ReadonlySet<Decision> = new Set(['refused', 'needs_attention', 'unknown'])

/** Items of a run that did not get what they need, and get it by nobody but a person. */
export function leftToPerson(run: Run): OutcomeItem[] {
  return (run.outcome?.items ?? []).filter(({ decision }) => forPerson.has(decision))
}

function byNextSlot(a: Schedule, b: Schedule): number {
  return (a.nextSlot?.getTime() ?? Number.POSITIVE_INFINITY) - (b.nextSlot?.getTime() ?? Number.POSITIVE_INFINITY) || 0
}
