import type { DomainContext } from '../../../platform/context.js'
import { findOrders, maxOrdersPerListing } from '../../../purchasing/orders/find-orders.js'
import type { Order } from '../../../purchasing/orders/get-order.js'
import { findQuotes } from '../../../purchasing/quotes/find-quotes.js'
import { explainItem } from '../../../runs/explain-item.js'
import { getRun } from '../../../runs/find-runs.js'
import type { Run } from '../../../runs/run.js'
import { type RunStep, readSteps } from '../../../runs/run-steps.js'
import { findLists } from '../../../stock/lists.js'

export interface RunFacts {
  readonly run: Run
  readonly steps: readonly RunStep[]
  /** The run's orders as they stand now, which may be further than when the run ended. */
  readonly orders: readonly Order[]
  /** How each item's need came about and what became of it, by item id. */
  readonly explanations: ReadonlyMap<string, readonly string[]>
  readonly schedule: string | null
  readonly timeZone: string
}

export async function readRun(ctx: DomainContext, id: string): Promise<RunFacts> {
  const run = await getRun(ctx, id)
  const [steps, orders, quotes, lists, schedule] = await Promise.all([
    readSteps(ctx, run.id),
    findOrders(ctx, { runId: run.id, limit: maxOrdersPerListing }),
    findQuotes(ctx, run.id),
    findLists(ctx),
    findScheduleName(ctx, run.scheduleId),
  ])
  const alternatives = quotes.at(-1)?.alternatives ?? []
  const explanations = (run.snapshot?.items ?? []).map(
    (item) =>
      [
        item.itemId,
        explainItem(
          item,
          undefined,
          run.outcome?.orders ?? [],
          alternatives.filter(({ itemId }) => itemId === item.itemId),
        ).lines,
      ] as const,
  )
  const timeZone = run.snapshot?.timeZone ?? lists.find((list) => list.id === run.list)?.timeZone ?? 'UTC'
  return { run, steps, orders, explanations: new Map(explanations), schedule, timeZone }
}

async function findScheduleName(ctx: DomainContext, id: string | null): Promise<string | null> {
  if (id === null) return null
  const row = await ctx.db.selectFrom('restock.schedules').select('name').where('id', '=', id).executeTakeFirst()
  return row?.name ?? null
}
