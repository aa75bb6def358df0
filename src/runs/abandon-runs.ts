import type { DomainContext } from '../platform/context.js'

/** Ends every run that waits or is at work, for a reason that people read. Whoever works on one finds its claim gone. */
export async function abandonRuns(tx: DomainContext, reason: string): Promise<number> {
  const rows = await tx.db
    .updateTable('restock.runs')
    .set((eb) => ({
      status: 'failed',
      epoch: eb('epoch', '+', 1),
      error: reason,
      claimed_by: null,
      lease_until: null,
      finished_at: tx.clock.now(),
    }))
    .where('status', 'in', ['pending', 'running'])
    .returning('id')
    .execute()
  return rows.length
}
