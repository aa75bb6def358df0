import { type Selectable, sql } from 'kysely'
import type { DomainContext } from '../platform/context.js'
import { storableText, toStoredJson } from '../platform/plain-text.js'
import { type HeldRun, LostClaimError } from './finish-run.js'
import type { RunStepsTable } from './tables.js'

/** One model call or tool call of a run, as it happened. */
export interface RunStep {
  readonly runId: string
  readonly epoch: number
  readonly step: number
  readonly kind: 'snapshot' | 'model' | 'tool'
  readonly name: string
  /** Where it stands in the run's journal; null: it is none of a conversation with a model. */
  readonly journal: JournalPlace | null
  readonly isWrite: boolean
  readonly request: unknown
  readonly response: unknown
  readonly error: string | null
  readonly inputTokens: number
  readonly outputTokens: number
  readonly startedAt: Date
  readonly durationMs: number
}

export interface JournalPlace {
  readonly leg: number
  readonly position: number
  readonly fingerprint: string
}

export type StepResult = Pick<RunStep, 'response' | 'error' | 'inputTokens' | 'outputTokens' | 'durationMs'>

/** A write that was going to be made, of which nothing more is known: no answer and no failure was recorded. */
export function isInDoubt(step: Pick<RunStep, 'isWrite' | 'response' | 'error'>): boolean {
  return step.isWrite && step.response === null && step.error === null
}

/**
 * Records a step, if the run is still held under the step's epoch: the claim's row stays locked until the step is committed,
 * so whoever claims the run next sees it. Throws LostClaimError otherwise.
 */
export async function recordStep(ctx: DomainContext, step: RunStep): Promise<void> {
  const { journal } = step
  const { numAffectedRows } = await sql`
    insert into restock.run_steps
      (run_id, epoch, step, kind, name, leg, position, fingerprint, is_write, request, response, error,
       input_tokens, output_tokens, started_at, duration_ms)
    select held.id, held.epoch, ${step.step}::integer, ${step.kind}::text, ${storableText(step.name)}::text,
      ${journal?.leg ?? null}::integer, ${journal?.position ?? null}::integer, ${journal?.fingerprint ?? null}::text,
      ${step.isWrite}::boolean, ${toStoredJson(step.request)}::json, ${toStoredJson(step.response)}::json,
      ${step.error === null ? null : storableText(step.error)}::text, ${step.inputTokens}::bigint,
      ${step.outputTokens}::bigint, ${step.startedAt}::timestamptz, ${step.durationMs}::double precision
    from (${heldRun(step)}) held`.execute(ctx.db)
  if (numAffectedRows !== 1n) throw new LostClaimError(step)
}

/** Adds what came of a write to the step that announced it, which an earlier claim may have recorded. */
export async function finishStep(
  ctx: DomainContext,
  held: HeldRun,
  which: { readonly epoch: number; readonly step: number },
  result: StepResult,
): Promise<void> {
  const { numAffectedRows } = await sql`
    update restock.run_steps as announced
    set response = ${toStoredJson(result.response)}::json,
      error = ${result.error === null ? null : storableText(result.error)}::text,
      duration_ms = ${result.durationMs}::double precision
    from (${heldRun(held)}) held
    where announced.run_id = held.id and announced.epoch = ${which.epoch} and announced.step = ${which.step}`.execute(
    ctx.db,
  )
  if (numAffectedRows !== 1n) throw new LostClaimError(held)
}

function heldRun(held: HeldRun) {
  return sql`select id, epoch from restock.runs where id = ${held.runId} and epoch = ${held.epoch} and status = 'running' for share`
}

/** Every step of every attempt at a run, in the order they were taken. */
export async function readSteps(ctx: DomainContext, runId: string): Promise<RunStep[]> {
  const rows = await ctx.db
    .selectFrom('restock.run_steps')
    .selectAll()
    .where('run_id', '=', runId)
    .orderBy('epoch')
    .orderBy('step')
    .execute()
  return rows.map(toStep)
}

function toStep(row: Selectable<RunStepsTable>): RunStep {
  const { leg, position } = row
  return {
    runId: row.run_id,
    epoch: row.epoch,
    step: row.step,
    kind: row.kind,
    name: row.name,
    journal: leg === null || position === null ? null : { leg, position, fingerprint: row.fingerprint ?? '' },
    isWrite: row.is_write,
    request: row.request,
    response: row.response,
    error: row.error,
    inputTokens: row.input_tokens,
    outputTokens: row.output_tokens,
    startedAt: row.started_at,
    durationMs: row.duration_ms,
  }
}
