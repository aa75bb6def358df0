import type { DomainContext } from '../platform/context.js'
import { RefusalError } from '../platform/errors.js'
import type { Caller } from '../platform/run-context.js'

/**
 * From now on only this claim of the run may write. The same epoch again is fine (a repeated call); a lower one comes
 * from a worker that has lost the run and is refused.
 */
export async function raiseFence(ctx: DomainContext, run: string, epoch: number): Promise<void> {
  const raised = await ctx.db
    .insertInto('purchasing.fences')
    .values({ run_id: run, epoch })
    .onConflict((conflict) =>
      conflict
        .column('run_id')
        .doUpdateSet((set) => ({ epoch: set.ref('excluded.epoch') }))
        .whereRef('purchasing.fences.epoch', '<=', 'excluded.epoch'),
    )
    .returning('epoch')
    .executeTakeFirst()
  if (raised === undefined) throw fenced()
}

/** No claim gets as high. */
const forGood = Number.MAX_SAFE_INTEGER

/** The run is over: from now on none of its claims may write, the last one included. Repeating it is harmless. */
export async function closeFence(ctx: DomainContext, run: string, epoch: number): Promise<void> {
  const closed = await ctx.db
    .insertInto('purchasing.fences')
    .values({ run_id: run, epoch: forGood })
    .onConflict((conflict) =>
      conflict
        .column('run_id')
        .doUpdateSet({ epoch: forGood })
        .where((where) =>
          where.or([where('purchasing.fences.epoch', '<=', epoch), where('purchasing.fences.epoch', '=', forGood)]),
        ),
    )
    .returning('epoch')
    .executeTakeFirst()
  if (closed === undefined) throw fenced()
}

/**
 * Call it in the transaction of every write. The row stays share-locked until that transaction ends, so the fence can't
 * be raised between the check and the commit. People have no fence.
 */
export async function assertFence(tx: DomainContext, caller: Caller): Promise<void> {
  if (caller.kind !== 'run') return
  const fence = await tx.db
    .selectFrom('purchasing.fences')
    .select('epoch')
    .where('run_id', '=', caller.run)
    .forShare()
    .executeTakeFirst()
  if (fence === undefined) {
    throw new RefusalError({
      code: 'fenced',
      severity: 'final',
      text: 'This run has not registered its needs with ordering, so it may not buy anything; the worker does that before the agent starts.',
    })
  }
  if (fence.epoch !== caller.epoch) throw fenced()
}

function fenced(): RefusalError {
  return new RefusalError({
    code: 'fenced',
    severity: 'final',
    text: 'Another worker has taken over this run; nothing was changed. Stop here.',
  })
}
