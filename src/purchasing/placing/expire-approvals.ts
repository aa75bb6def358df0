import type { DomainContext } from '../../platform/context.js'
import { inTransaction } from '../../platform/database.js'
import { moveOrder } from '../orders/move-order.js'
import { lockOrder } from '../orders/order-rows.js'

/** Orders wait this long for a person. */
export const approvalTermMs = 72 * 3_600_000

/** Ends orders that nobody approved in time, which frees their budget; the next run quotes again. Returns their ids. */
export async function expireApprovals(ctx: DomainContext): Promise<string[]> {
  const now = ctx.clock.now()
  const overdue = await ctx.db
    .selectFrom('purchasing.orders')
    .select('id')
    .where('status', '=', 'awaiting_approval')
    .where('approval_expires_at', '<=', now)
    .orderBy('id')
    .execute()
  const expired: string[] = []
  for (const { id } of overdue) {
    const isExpired = await inTransaction(ctx, async (tx) => {
      const order = await lockOrder(tx, id)
      // A person may have decided since.
      if (order.status !== 'awaiting_approval') return false
      await moveOrder(tx, order, { to: 'expired', actor: 'restock', reason: 'nobody approved it in time' })
      return true
    })
    if (!isExpired) continue
    expired.push(id)
    ctx.log.warn({ order: id }, 'nobody approved an order in time: it has expired, and the next run quotes it again')
  }
  return expired
}
