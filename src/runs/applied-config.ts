import { sql } from 'kysely'
import type { DomainContext } from '../platform/context.js'

/** The file that lists, limits and schedules of this database came from last. */
export interface AppliedConfig {
  readonly path: string
  readonly hash: string
}

/** null: no file was ever applied to this database. */
export async function findAppliedConfig(ctx: DomainContext): Promise<AppliedConfig | null> {
  const row = await ctx.db.selectFrom('restock.applied_configs').select(['path', 'hash']).executeTakeFirst()
  return row ?? null
}

/** Remembers which file was applied. Part of the transaction that applies it. */
export async function saveAppliedConfig(tx: DomainContext, applied: AppliedConfig): Promise<void> {
  const values = { path: applied.path, hash: applied.hash, applied_at: tx.clock.now() }
  await tx.db
    .insertInto('restock.applied_configs')
    .values(values)
    .onConflict((conflict) => conflict.column('id').doUpdateSet(values))
    .execute()
}

/** Until the transaction ends nobody else applies a file; reading goes on. */
export async function lockAppliedConfig(tx: DomainContext): Promise<void> {
  await sql`lock table restock.applied_configs in share row exclusive mode`.execute(tx.db)
}
