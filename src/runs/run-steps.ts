import type { Selectable } from 'kysely'
import type { DomainContext } from '../platform/context.js'
import { storableText, toStoredJson } from '../platform/plain-text.js'
import type { RunStepsTable } from './tables.js'

/** One model call or tool call of a run, as it happened. */
export interface RunStep {
  readonly runId: string
  readonly epoch: number
  readonly step: number
  readonly kind: 'model' | 'tool'
  readonly name: string
  readonly request: unknown
  readonly response: unknown
  readonly error: string | null
  readonly inputTokens: number
  readonly outputTokens: number
  readonly startedAt: Date
  readonly durationMs: number
}

export async function recordStep(ctx: DomainContext, step: RunStep): Promise<void> {
  await ctx.db
    .insertInto('restock.run_steps')
    .values({
      run_id: step.runId,
      epoch: step.epoch,
      step: step.step,
      kind: step.kind,
      name: step.name,
      request: toStoredJson(step.request),
      response: toStoredJson(step.response),
      error: step.error === null ? null : storableText(step.error),
      input_tokens: step.inputTokens,
      output_tokens: step.outputTokens,
      started_at: step.startedAt,
      duration_ms: step.durationMs,
    })
    .execute()
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
  return {
    runId: row.run_id,
    epoch: row.epoch,
    step: row.step,
    kind: row.kind,
    name: row.name,
    request: row.request,
    response: row.response,
    error: row.error,
    inputTokens: row.input_tokens,
    outputTokens: row.output_tokens,
    startedAt: row.started_at,
    durationMs: row.duration_ms,
  }
}
