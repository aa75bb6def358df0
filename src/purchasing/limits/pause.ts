/**
 * Stopping all buying, of one list or of every list. While it is stopped nothing is placed or approved, and approved
 * orders that no supplier has heard of yet stay here. What is on its way already is tracked and received as ever.
 */
import { type ExpressionBuilder, sql } from 'kysely'
import type { DomainContext } from '../../platform/context.js'
import type { Database } from '../../platform/database.js'
import { RefusalError } from '../../platform/errors.js'

/** Stands for every list, where a list is asked for. */
export const everyList = '*'

export interface GlobalPause {
  readonly since: Date
  readonly by: string
}

/** Stops or resumes buying for every list; lists that are paused themselves stay so. */
export async function pauseAllBuying(
  ctx: DomainContext,
  input: { readonly paused: boolean; readonly by: string },
): Promise<void> {
  const now = ctx.clock.now()
  const { paused, by } = input
  // Waits for placings in flight, which hold the row: once this is done, none of them commits any more.
  await ctx.db
    .insertInto('purchasing.pause_switch')
    .values({ only_row: true, paused_at: paused ? now : null, paused_by: paused ? by : null })
    .onConflict((conflict) =>
      conflict.column('only_row').doUpdateSet({
        paused_at: paused ? sql<Date>`coalesce(purchasing.pause_switch.paused_at, ${now})` : null,
        paused_by: paused ? sql<string>`coalesce(purchasing.pause_switch.paused_by, ${by})` : null,
      }),
    )
    .execute()
}

/** null: buying isn't stopped for every list. */
export async function findGlobalPause(ctx: DomainContext): Promise<GlobalPause | null> {
  const row = await ctx.db.selectFrom('purchasing.pause_switch').selectAll().executeTakeFirst()
  return toPause(row)
}

/** The same for a transaction that buys: the switch stays as it is until the commit. */
export async function assertNotPausedForAll(tx: DomainContext): Promise<void> {
  const row = await tx.db.selectFrom('purchasing.pause_switch').selectAll().forShare().executeTakeFirst()
  const pause = toPause(row)
  if (pause !== null) throw allPaused(pause)
}

function toPause(row: { paused_at: Date | null; paused_by: string | null } | undefined): GlobalPause | null {
  return row === undefined || row.paused_at === null ? null : { since: row.paused_at, by: row.paused_by ?? 'somebody' }
}

function allPaused(pause: GlobalPause): RefusalError {
  return new RefusalError({
    code: 'buying_paused',
    severity: 'needs_human',
    text: `Buying is paused for every list (paused of *, by ${pause.by} since ${pause.since.toISOString()}); a person has to resume it: restock limits set --all paused false`,
  })
}

export function listPaused(list: string): RefusalError {
  return new RefusalError({
    code: 'buying_paused',
    severity: 'needs_human',
    text: `Buying for list ${list} is paused (paused); a person has to resume it: restock limits set --list ${list} paused false`,
  })
}

/** Lists for which buying is stopped by their own switch. */
export async function findPausedLists(ctx: DomainContext): Promise<string[]> {
  const rows = await ctx.db
    .selectFrom('purchasing.list_limits')
    .select('list')
    .where(sql<boolean>`(paused_at is not null or settings ->> 'paused' = 'true')`)
    .orderBy('list')
    .execute()
  return rows.map((row) => row.list)
}

/** For queries over orders: those whose list may buy now. */
export function isNotPaused(where: ExpressionBuilder<Database, 'purchasing.orders'>) {
  return where.not(
    where.or([
      where.exists(
        where
          .selectFrom('purchasing.pause_switch as switch')
          .select('switch.only_row')
          .where('switch.paused_at', 'is not', null),
      ),
      where.exists(
        where
          .selectFrom('purchasing.list_limits as limits')
          .select('limits.list')
          .whereRef('limits.list', '=', 'purchasing.orders.list')
          .where(sql<boolean>`(limits.paused_at is not null or limits.settings ->> 'paused' = 'true')`),
      ),
    ]),
  )
}

/** Whether orders of this list may be sent to their suppliers now. */
export async function maySubmit(ctx: DomainContext, orderId: string): Promise<boolean> {
  const row = await ctx.db
    .selectFrom('purchasing.orders')
    .select('id')
    .where('id', '=', orderId)
    .where(isNotPaused)
    .executeTakeFirst()
  return row !== undefined
}
