import { sql } from 'kysely'
import type { DomainContext } from '../../platform/context.js'
import { moveOrder } from './move-order.js'
import { lockOrder } from './order-rows.js'

export interface RestoredOrders {
  /** Orders that were on their way out: nobody knows here whether they have been sent since. */
  readonly inDoubt: number
  /** Orders that wait for a person's approval, and may have got it since. */
  readonly awaiting: number
}

/**
 * What was true of buying at the time of a backup isn't any more: orders may have been sent, and others placed, that the backup
 * knows nothing of. Orders on their way out become `unknown`, no order of the backup is sent without asking its supplier by key,
 * nothing that was begun may go on, and buying is paused for every list until a person has looked. In one transaction.
 */
export async function settleRestoredOrders(tx: DomainContext, backupAt: Date): Promise<RestoredOrders> {
  const now = tx.clock.now()
  const backup = `the backup of ${backupAt.toISOString()}`
  // First, since in this order everybody takes these locks.
  await tx.db
    .insertInto('purchasing.pause_switch')
    .values({ only_row: true, paused_at: now, paused_by: `restoring ${backup}` })
    .onConflict((conflict) =>
      conflict.column('only_row').doUpdateSet({ paused_at: now, paused_by: `restoring ${backup}` }),
    )
    .execute()
  await tx.db.updateTable('purchasing.fences').set({ epoch: Number.MAX_SAFE_INTEGER }).execute()
  await tx.db
    .updateTable('purchasing.quotes')
    .set({ expires_at: now })
    .where('placed_at', 'is', null)
    .where('expires_at', '>', now)
    .execute()
  await tx.db
    .updateTable('purchasing.orders')
    .set({ ask_first: true })
    .where('status', 'in', ['awaiting_approval', 'approved', 'submitting', 'unknown'])
    .execute()
  const reason = `restored from ${backup}: it may have been sent since then`
  const doubtful = await tx.db
    .selectFrom('purchasing.orders')
    .select('id')
    .where('status', 'in', ['approved', 'submitting'])
    .orderBy('id')
    .execute()
  for (const { id } of doubtful) {
    const order = await lockOrder(tx, id)
    const sent =
      order.status === 'approved'
        ? await moveOrder(tx, order, { to: 'submitting', actor: 'restock', reason: null })
        : order
    const set = { next_attempt_at: null, track_failures: 0, submitted_at: order.submitted_at ?? now }
    await moveOrder(tx, sent, { to: 'unknown', actor: 'restock', reason, set })
  }
  const warning = `restored from ${backup}: it may have been approved and sent since then, ask the supplier first`
  const awaiting = await tx.db
    .updateTable('purchasing.orders')
    .set({ approval_reasons: sql`approval_reasons || ${JSON.stringify([warning])}::jsonb` })
    .where('status', '=', 'awaiting_approval')
    .returning('id')
    .execute()
  return { inDoubt: doubtful.length, awaiting: awaiting.length }
}
