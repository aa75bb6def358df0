import { listServer, orderingServer } from '../agent/mcp-servers.js'
import { type WorkerTools, workerTools } from '../agent/run-tools.js'
import { appliedEventsSchema, orderEventsSchema } from '../agent/tool-results.js'
import type { DomainContext } from '../platform/context.js'
import { failpoint } from '../platform/failpoints.js'
import { syncContext } from '../platform/run-context.js'
import { closeEndedRuns } from './close-runs.js'
import type { Processor, WorkerContext } from './context.js'

/** The list follows ordering by this cursor; the seq of the last event that it has taken. */
const cursorName = 'stock'
const pageSize = 200

/** The job: carries what happened to orders from ordering to the list, and closes runs that ended without being closed. */
export const syncStock: Processor<'sync-stock'> = async (ctx, _payload, attempt) => {
  await syncStockNow(ctx, attempt.signal)
  await closeEndedRuns(ctx)
  return undefined
}

/**
 * Reads ordering's events after the cursor and applies them, page by page, until there are none left. The cursor moves after
 * a page was applied and the list knows each event by its id: dying in between, or two at once, repeats work and changes nothing.
 * Returns how many events the list had not known.
 */
export async function syncStockNow(
  ctx: Pick<WorkerContext, 'mcp' | keyof DomainContext>,
  signal?: AbortSignal,
): Promise<number> {
  const tools = workerTools(
    await ctx.mcp.open(),
    { context: syncContext, secret: ctx.secret, clock: ctx.clock },
    null,
    signal,
  )
  let applied = 0
  let after = await readSyncCursor(ctx)
  for (;;) {
    signal?.throwIfAborted()
    const page = await tools.call(orderingServer, 'read_order_events', { after, limit: pageSize }, orderEventsSchema)
    if (page.events.length > 0) {
      await failpoint('event.before')
      applied += await apply(tools, page.events)
      await failpoint('event.after')
    }
    if (page.next > after) await saveCursor(ctx, page.next)
    // A server that says there is more but doesn't move on would be asked for ever.
    if (!page.has_more || page.next <= after) break
    after = page.next
  }
  if (applied > 0) ctx.log.info({ applied }, 'order events reached the list')
  return applied
}

async function apply(tools: WorkerTools, events: readonly object[]): Promise<number> {
  const { applied } = await tools.call(listServer, 'apply_order_events', { events }, appliedEventsSchema)
  return applied
}

/** The last event that is surely known to the list. */
export async function readSyncCursor(ctx: DomainContext): Promise<number> {
  const row = await ctx.db
    .selectFrom('restock.sync_cursors')
    .select('seq')
    .where('name', '=', cursorName)
    .executeTakeFirst()
  return row?.seq ?? 0
}

/** Never backwards: of two syncs at once, the slower one saves last. */
async function saveCursor(ctx: DomainContext, seq: number): Promise<void> {
  const updatedAt = ctx.clock.now()
  await ctx.db
    .insertInto('restock.sync_cursors')
    .values({ name: cursorName, seq, updated_at: updatedAt })
    .onConflict((conflict) =>
      conflict.column('name').doUpdateSet({ seq, updated_at: updatedAt }).where('restock.sync_cursors.seq', '<', seq),
    )
    .execute()
}
