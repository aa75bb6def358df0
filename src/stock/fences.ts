import type { DomainContext } from '../platform/context.js'
import { RefusalError } from '../platform/errors.js'
import type { Caller } from '../platform/run-context.js'

/**
 * From now on only this claim of the run may write. The same epoch again is fine (a repeated call); a lower one comes
 * from a worker that has lost the run and is refused.
 */
export async function raiseFence(ctx: DomainContext, run: string, epoch: number): Promise<void> {
  const raised = await ctx.db
    .insertInto('stock.fences')
    .values({ run_id: run, epoch })
    .onConflict((conflict) =>
      conflict
        .column('run_id')
        .doUpdateSet((set) => ({ epoch: set.ref('excluded.epoch') }))
        .whereRef('stock.fences.epoch', '<=', 'excluded.epoch'),
    )
    .returning('epoch')
    .executeTakeFirst()
  if (raised === undefined) throw fenced('Another worker has taken over this run; nothing was changed. Stop here.')
}

/** No claim gets as high. */
const forGood = Number.MAX_SAFE_INTEGER

/** The run is over: from now on none of its claims may write, the last one included. Repeating it is harmless. */
export async function closeFence(ctx: DomainContext, run: string, epoch: number): Promise<void> {
  const closed = await ctx.db
    .insertInto('stock.fences')
    .values({ run_id: run, epoch: forGood })
    .onConflict((conflict) =>
      conflict
        .column('run_id')
        .doUpdateSet({ epoch: forGood })
        .where((where) =>
          where.or([where('stock.fences.epoch', '<=', epoch), where('stock.fences.epoch', '=', forGood)]),
        ),
    )
    .returning('epoch')
    .executeTakeFirst()
  if (closed === undefined) throw fenced('Another worker has taken over this run; nothing was changed. Stop here.')
}

/**
 * Call it in the transaction of every write. The row stays share-locked until that transaction ends, so the fence can't
 * be raised between the check and the commit. People have no fence.
 */
export async function assertFence(tx: DomainContext, caller: Caller): Promise<void> {
  if (caller.kind !== 'run') return
  const fence = await tx.db
    .selectFrom('stock.fences')
    .select('epoch')
    .where('run_id', '=', caller.run)
    .forShare()
    .executeTakeFirst()
  if (fence === undefined) throw fenced('This run has not begun here; begin_run comes first. Nothing was changed.')
  if (fence.epoch !== caller.epoch) {
    throw fenced('Another worker has taken over this run; nothing was changed. Stop here.')
  }
}

function fenced(text: string): RefusalError {
  return new RefusalError({ code: 'fenced', severity: 'final', text })
}
