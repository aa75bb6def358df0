import type { DomainContext } from '../platform/context.js'
import { storableText, toStoredJson } from '../platform/plain-text.js'
import type { RunOutcome, RunSnapshot } from './run.js'

/** What a worker holds after a claim. Writes under it count only while its epoch is the newest. */
export interface HeldRun {
  readonly runId: string
  readonly epoch: number
}

/** Thrown when a write came under an epoch that is no longer the run's: another worker took over. */
export class LostClaimError extends Error {
  override readonly name = 'LostClaimError'

  constructor(held: HeldRun) {
    super(`Run ${held.runId} was taken over by another worker (epoch ${held.epoch} is no longer the newest).`)
  }
}

export async function saveSnapshot(ctx: DomainContext, held: HeldRun & { snapshot: RunSnapshot }): Promise<void> {
  await updateHeld(ctx, held, { snapshot: toStoredJson(held.snapshot) })
}

/** Ends a run with what became of each item. */
export async function finishRun(ctx: DomainContext, held: HeldRun & { outcome: RunOutcome }): Promise<void> {
  await updateHeld(ctx, held, {
    status: 'completed',
    outcome: toStoredJson(held.outcome),
    finished_at: ctx.clock.now(),
    lease_until: null,
  })
}

/** Ends a run that could not be carried out. What it had ordered by then stays in its outcome. */
export async function failRun(
  ctx: DomainContext,
  held: HeldRun & { error: string; outcome?: RunOutcome },
): Promise<void> {
  await updateHeld(ctx, held, {
    status: 'failed',
    error: storableText(held.error),
    ...(held.outcome === undefined ? {} : { outcome: toStoredJson(held.outcome) }),
    finished_at: ctx.clock.now(),
    lease_until: null,
  })
}

async function updateHeld(
  ctx: DomainContext,
  held: HeldRun,
  values: {
    status?: 'completed' | 'failed'
    snapshot?: string
    outcome?: string
    error?: string
    finished_at?: Date
    lease_until?: null
  },
): Promise<void> {
  const result = await ctx.db
    .updateTable('restock.runs')
    .set(values)
    .where('id', '=', held.runId)
    .where('epoch', '=', held.epoch)
    .where('status', '=', 'running')
    .executeTakeFirst()
  if (result.numUpdatedRows === 0n) throw new LostClaimError(held)
}
