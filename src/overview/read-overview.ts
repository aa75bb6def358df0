import { sql } from 'kysely'
import type { DomainContext } from '../platform/context.js'
import { findOrders } from '../purchasing/orders/find-orders.js'
import { type Order, toOrders } from '../purchasing/orders/order-view.js'
import type { Run } from '../runs/run.js'
import { findSchedules } from '../schedules/change-schedule.js'
import type { Schedule } from '../schedules/schedule.js'
import type { ListView } from '../stock/lists.js'
import { type Budget, findBudgets } from './budgets.js'
import { comingStatuses } from './open-orders.js'
import { findLastRuns, findUnfinishedRuns } from './recent-runs.js'
import { findTroubledOrders } from './troubled-orders.js'

export interface Coming {
  readonly count: number
  readonly next: readonly Order[]
}

export interface OverviewFacts {
  /** The first few of them. */
  readonly waiting: readonly Order[]
  readonly waitingCount: number
  readonly attention: readonly Order[]
  readonly coming: Coming
  readonly schedules: readonly Schedule[]
  /** The newest run of each list that has ended. */
  readonly last: readonly Run[]
  readonly atWork: readonly Run[]
  readonly budgets: readonly Budget[]
}

const shown = 5

/** What a page shows of all lists together. What each list shows for itself is in read-status. */
export async function readOverview(ctx: DomainContext, lists: readonly ListView[]): Promise<OverviewFacts> {
  const [waiting, waitingCount, attention, coming, schedules, last, atWork, budgets] = await Promise.all([
    findOrders(ctx, { status: 'awaiting_approval', limit: shown }),
    countWaiting(ctx),
    findTroubledOrders(ctx, { limit: shown }),
    findComing(ctx),
    findSchedules(ctx),
    findLastRuns(ctx, lists),
    findUnfinishedRuns(ctx, shown),
    findBudgets(ctx, lists),
  ])
  return { waiting, waitingCount, attention, coming, schedules, last, atWork, budgets }
}

async function countWaiting(ctx: DomainContext): Promise<number> {
  const { count } = await ctx.db
    .selectFrom('purchasing.orders')
    .select(sql<number>`count(*)`.as('count'))
    .where('status', '=', 'awaiting_approval')
    .executeTakeFirstOrThrow()
  return count
}

async function findComing(ctx: DomainContext): Promise<Coming> {
  const open = ctx.db.selectFrom('purchasing.orders').where('status', 'in', comingStatuses)
  const rows = await open
    .selectAll()
    .orderBy('expected_at', (order) => order.asc().nullsLast())
    .orderBy('id')
    .limit(shown)
    .execute()
  const { count } = await open.select(sql<number>`count(*)`.as('count')).executeTakeFirstOrThrow()
  return { count, next: await toOrders(ctx, rows) }
}
