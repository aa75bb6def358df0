import { type QuoteFacts, readQuoteFacts } from '../agent/order-facts.js'
import type { AgentResult } from '../agent/run-agent.js'
import type { DomainContext } from '../platform/context.js'
import { decideOutcome, type OrderFact, type RunEnd } from '../runs/outcome.js'
import type { Run, RunOutcome, RunSnapshot } from '../runs/run.js'
import { readSteps } from '../runs/run-steps.js'
import { summarizeRun } from '../runs/summary.js'

/** What is known of a run when its attempt is over. */
export interface RunFacts {
  readonly snapshot: RunSnapshot
  readonly stillDue: ReadonlySet<string> | null
  /** null: the ordering server could not be asked. */
  readonly orders: readonly OrderFact[] | null
  readonly model: string
  readonly result: AgentResult | null
  readonly ended: RunEnd
  readonly error: string | null
  readonly notes: readonly string[]
}

/** Decides what became of every item, from the recorded steps of all attempts and the orders as they stand. */
export async function concludeRun(ctx: DomainContext, run: Run, facts: RunFacts): Promise<RunOutcome> {
  const steps = await readSteps(ctx, run.id)
  const quoteFacts = readQuoteFacts(steps)
  const items = decideOutcome({
    ...facts,
    ...quoteFacts,
    orders: facts.orders ?? [],
    uncertain: uncertainItems(quoteFacts, facts.orders === null),
    skipped: new Map(facts.result?.skipped.map(({ itemId, reason }) => [itemId, reason])),
    claimed: new Set(facts.result?.ordered),
    dryRun: run.dryRun,
  })
  const orders = (facts.orders ?? []).map(({ approvalReasons: _, statusReason: __, ...order }) => order)
  return {
    model: facts.model,
    // Over all attempts: what was used by one that died was used all the same.
    usage: {
      modelCalls: steps.filter(({ kind }) => kind === 'model').length,
      inputTokens: steps.reduce((sum, { inputTokens }) => sum + inputTokens, 0),
      outputTokens: steps.reduce((sum, { outputTokens }) => sum + outputTokens, 0),
    },
    items,
    orders,
    summary: summarizeRun({
      list: run.list,
      dryRun: run.dryRun,
      items,
      orders,
      comment: facts.result?.summary ?? null,
      notes: facts.notes,
    }),
  }
}

function uncertainItems({ quoted, unanswered, taken }: QuoteFacts, isServerAway: boolean): Map<string, string> {
  const noAnswer = 'the ordering server gave no answer to the order and shows none so far; the next run will tell'
  // Nothing is ordered without a quote, and a quote is recorded before it can be placed; the placing itself may not have been.
  const maybe = 'it may have been ordered: the ordering server can not be asked, the next run will tell'
  const away = 'it was ordered, but the ordering server can not be asked what became of it'
  return new Map([
    ...(isServerAway ? [...quoted.keys()].map((itemId) => [itemId, maybe] as const) : []),
    ...[...unanswered].map((itemId) => [itemId, noAnswer] as const),
    ...(isServerAway ? [...taken].map((itemId) => [itemId, away] as const) : []),
  ])
}
