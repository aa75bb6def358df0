import type { DomainContext } from '../platform/context.js'

/** From now on no run that has begun may write: this is a restored backup, and their workers belong to another time. */
export async function closeAllFences(tx: DomainContext): Promise<void> {
  await tx.db.updateTable('stock.fences').set({ epoch: Number.MAX_SAFE_INTEGER }).execute()
}
