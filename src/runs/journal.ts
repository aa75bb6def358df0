/**
 * The journal of a run: what its models answered and its tools returned, so that a later attempt goes on where an earlier one
 * died, without paying for an answer twice or making a write twice. It is kept in the run's steps.
 *
 * A run is a sequence of legs. A leg is one conversation: one model of the chain, begun on one snapshot of what was due.
 * Every request in it follows from the snapshot and the answers before it, so the same conversation can be led again from the
 * record alone.
 */
import { sql } from 'kysely'
import type { DomainContext } from '../platform/context.js'
import type { RunSnapshot } from './run.js'
import { type JournalPlace, type RunStep, readSteps } from './run-steps.js'

/** A call of the conversation. `response` and `error` null: a write of which nobody knows whether it was made. */
export interface JournalEntry extends RunStep {
  readonly kind: 'model' | 'tool'
  readonly journal: JournalPlace
}

export interface JournalLeg {
  /** From 1. */
  readonly leg: number
  /** The model's name in the chain. */
  readonly model: string
  readonly snapshot: RunSnapshot
  /** What it was begun with besides: what the model was told and offered. */
  readonly begun: unknown
  readonly entries: readonly JournalEntry[]
}

export async function readJournal(ctx: DomainContext, runId: string): Promise<JournalLeg[]> {
  return legsOf(await readSteps(ctx, runId))
}

/**
 * The legs in the recorded steps, in which the entries of all attempts make one conversation: where a later attempt went another
 * way than an earlier one, what the earlier one recorded from there on is not part of it any more. Pure.
 */
export function legsOf(steps: readonly RunStep[]): JournalLeg[] {
  const legs: { leg: number; model: string; snapshot: RunSnapshot; begun: unknown; entries: JournalEntry[] }[] = []
  for (const step of steps) {
    const { kind, journal } = step
    if (journal === null) continue
    if (kind === 'snapshot') {
      // Written by us in exactly this shape.
      const snapshot = step.response as RunSnapshot
      legs.push({ leg: journal.leg, model: step.name, snapshot, begun: step.request, entries: [] })
      continue
    }
    const entries = legs.find(({ leg }) => leg === journal.leg)?.entries
    if (entries === undefined) continue
    entries.length = Math.min(entries.length, journal.position - 1)
    entries.push({ ...step, kind, journal })
  }
  return legs
}

/** Forgets the steps of runs that ended before this, a few thousand at a time. What became of their items stays. Returns how many. */
export async function pruneJournal(
  ctx: DomainContext,
  options: { readonly before: Date; readonly limit?: number },
): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from restock.run_steps where (run_id, epoch, step) in (
      select step.run_id, step.epoch, step.step
      from restock.run_steps step join restock.runs run on run.id = step.run_id
      where run.status not in ('pending', 'running') and run.finished_at < ${options.before}
      limit ${options.limit ?? 5_000})`.execute(ctx.db)
  return Number(numAffectedRows ?? 0n)
}
