import type { DomainContext } from '../platform/context.js'

/**
 * Runs several reads on one snapshot of the database. Without it a delivery that arrives between reading what is on hand
 * and what is on order would be in neither, and be ordered again. Inside a transaction already, it joins that one.
 */
export async function readSnapshot<T, C extends DomainContext>(ctx: C, work: (tx: C) => Promise<T>): Promise<T> {
  if (ctx.db.isTransaction) return work(ctx)
  return ctx.db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute((trx) => work({ ...ctx, db: trx }))
}
