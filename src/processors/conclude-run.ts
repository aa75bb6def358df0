import { type DoubtfulWrite, findDoubtfulWrites } from '../agent/doubtful-writes.js'
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
  /** Ordering was told of this claim, and refuses all earlier ones. */
  readonly isFenced: boolean
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
  const quoteFacts = readQuoteFacts(steps, facts.isFenced ? run.epoch : null)
  const doubtful = findDoubtfulWrites(steps, facts.snapshot)
  const skipped = new Map(facts.result?.skipped.map(({ itemId, reason }) => [itemId, reason]))
  const items = decideOutcome({
    ...facts,
    ...quoteFacts,
    orders: facts.orders ?? [],
    uncertain: new Map([
      ...uncertainElsewhere(doubtful, facts.snapshot, skipped),
      // A dry run's orders never were any, whether or not it was told what would have become of them.
      ...(run.dryRun ? [] : uncertainItems(quoteFacts, facts.orders === null)),
    ]),
    skipped,
    claimed: new Set(facts.result?.ordered),
    dryRun: run.dryRun,
  })
  const orders = (facts.orders ?? []).map(({ approvalReasons: _, statusReason: __, ...order }) => order)
  return {
    model: facts.model,
    // Over all attempts: what was used by one that died was used all the same. What came from the journal is there once.
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
      notes: [...facts.notes, ...doubtful.map(describeDoubt)],
    }),
  }
}

function describeDoubt({ server, tool }: DoubtfulWrite): string {
  return `Nobody knows whether ${tool} of the MCP server "${server}" was carried out: it was called and gave no answer. It was not called again; look there.`
}

/** A call that doesn't say which item it was for may have been for any that nothing else is known of. */
function uncertainElsewhere(
  doubtful: readonly DoubtfulWrite[],
  snapshot: RunSnapshot,
  skipped: ReadonlyMap<string, string>,
): [string, string][] {
  return doubtful.flatMap(({ server, tool, itemIds }) => {
    const why = `it may have been bought by ${tool} of the MCP server "${server}", which gave no answer; it was not called again`
    const concerned =
      itemIds.length > 0 ? itemIds : snapshot.items.map(({ itemId }) => itemId).filter((itemId) => !skipped.has(itemId))
    return concerned.map((itemId): [string, string] => [itemId, why])
  })
}

function uncertainItems({ quoted, unanswered, taken }: QuoteFacts, isServerAway: boolean): [string, string][] {
  const noAnswer = 'the ordering server gave no answer to the order and shows none so far; the next run will tell'
  // Nothing is ordered without a quote, and a quote is recorded before it can be placed; the placing itself may not have been.
  const maybe = 'it may have been ordered: the ordering server can not be asked, the next run will tell'
  const away = 'it was ordered, but the ordering server can not be asked what became of it'
  return [
    ...(isServerAway ? [...quoted.keys()].map((itemId): [string, string] => [itemId, maybe]) : []),
    ...[...unanswered].map((itemId): [string, string] => [itemId, noAnswer]),
    ...(isServerAway ? [...taken].map((itemId): [string, string] => [itemId, away]) : []),
  ]
}
