import type { DomainContext } from '../platform/context.js'
import { findOrders } from '../purchasing/orders/find-orders.js'
import type { Run } from './run.js'

/** The run with its orders as they stand now: by the time it is shown they have gone further than when it ended. */
export async function withLiveOrders(ctx: DomainContext, run: Run): Promise<Run> {
  if (run.outcome === null) return run
  const live = new Map((await findOrders(ctx, { runId: run.id })).map((order) => [order.orderId, order.status]))
  return {
    ...run,
    outcome: {
      ...run.outcome,
      summary: run.outcome.orders.reduce(
        (text, order) =>
          text.replace(`(${order.id}, ${order.status},`, `(${order.id}, ${live.get(order.id) ?? order.status},`),
        run.outcome.summary,
      ),
      orders: run.outcome.orders.map((order) => ({ ...order, status: live.get(order.id) ?? order.status })),
    },
  }
}
