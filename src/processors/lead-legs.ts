import { LegJournal } from '../agent/leg-journal.js'
import type { ChosenModel } from '../agent/models/index.js'
import { type DueNeeds, mergeSnapshots, readDue, registerNeeds } from '../agent/needs.js'
import { type AgentResult, maxTurns, runAgent } from '../agent/run-agent.js'
import { agentServers, type WorkerTools } from '../agent/run-tools.js'
import { failpoint } from '../platform/failpoints.js'
import { saveSnapshot } from '../runs/finish-run.js'
import { type JournalLeg, readJournal } from '../runs/journal.js'
import { planResume } from '../runs/resume.js'
import type { Run, RunSnapshot } from '../runs/run.js'
import type { Attempt } from './attempt.js'
import { readSyncCursor, syncStockNow } from './sync-stock.js'

/** What the agent's part of a run came to. */
export interface Led {
  /** What the run answers for. */
  readonly answersFor: RunSnapshot
  /** What is due now, after all that was ordered. */
  readonly due: RunSnapshot
  readonly model: ChosenModel
  /** null: nothing had to be asked. */
  readonly result: AgentResult | null
  readonly notes: readonly string[]
}

/**
 * Leads the conversations of a run: the models of the chain one after the other, until one gets through. What an earlier
 * attempt recorded is gone on with where it stopped; a model that failed for good is followed by the next, which begins afresh
 * on what is still due.
 */
export async function leadLegs(attempt: Attempt, tools: WorkerTools): Promise<Led> {
  const { ctx, run } = attempt
  const legs = await readJournal(ctx, run.id)
  const chain = ctx.models.choose(run.model)

  await failpoint('snapshot.before')
  let due = await readDue(tools)
  const plan = planResume(legs, due.snapshot, ctx.clock.now())
  if (legs.length > 0) {
    const fields = { run: run.id, list: run.list, epoch: run.epoch, why: plan.why }
    ctx.log.info(
      fields,
      plan.kind === 'resume' ? 'going on with an interrupted run' : 'beginning an interrupted run anew',
    )
  }
  const resumed = plan.kind === 'resume' ? plan.leg : null
  const notes = failuresBefore(legs, resumed)
  let answersFor = resumed === null ? mergeSnapshots(run.snapshot, due.snapshot) : (run.snapshot ?? resumed.snapshot)
  await register(tools, attempt, due, resumed)
  await saveSnapshot(ctx, { runId: run.id, epoch: run.epoch, snapshot: answersFor })

  const first = resumed === null ? 0 : chain.findIndex(({ name }) => name === resumed.model)
  const models = chain.slice(Math.max(0, first))
  let model = models[0] ?? chain[0]
  let result: AgentResult | null = null
  let next = (legs.at(-1)?.leg ?? 0) + 1
  for (const [index, candidate] of models.entries()) {
    if (!isAgentNeeded(due.snapshot, run, candidate.followsInstructions)) break
    model = candidate
    const leg = index === 0 ? resumed : null
    result =
      leg === null ? await leadNew(attempt, candidate, due.snapshot, next++) : await lead(attempt, candidate, leg)
    await syncStockNow(ctx, attempt.signal)
    if (result.ended !== 'model_error') break
    notes.push(describeFailure(candidate.name, result.error))
    ctx.log.warn({ run: run.id, list: run.list, model: candidate.name, reason: result.error }, 'the model failed')
    await failpoint('snapshot.before')
    due = await readDue(tools)
    answersFor = mergeSnapshots(answersFor, due.snapshot)
    await register(tools, attempt, due, null)
    await saveSnapshot(ctx, { runId: run.id, epoch: run.epoch, snapshot: answersFor })
  }
  return { answersFor, due: due.snapshot, model, result, notes }
}

async function register(tools: WorkerTools, attempt: Attempt, due: DueNeeds, leg: JournalLeg | null): Promise<void> {
  await registerNeeds(tools, due, {
    eventsSeen: await readSyncCursor(attempt.ctx),
    only: leg === null ? null : new Set(leg.snapshot.items.map(({ itemId }) => itemId)),
  })
}

/** A conversation of which nothing was said yet. What it begins with is recorded before anybody is asked. */
async function leadNew(attempt: Attempt, model: ChosenModel, snapshot: RunSnapshot, leg: number): Promise<AgentResult> {
  const { recorder, ctx, identity, run } = attempt
  const servers = await agentServers(await ctx.mcp.open(), identity, { recorder, journal: new LegJournal(leg) })
  const begun = {
    instructions: model.followsInstructions ? run.instructions : null,
    tools: await Promise.all(servers.map(async (server) => [server.name, await server.listTools()])),
  }
  await recorder.note({
    kind: 'snapshot',
    name: model.name,
    journal: { leg, position: 0, fingerprint: '' },
    request: begun,
    response: snapshot,
  })
  await failpoint('snapshot.after')
  return lead(attempt, model, { leg, model: model.name, snapshot, begun, entries: [] })
}

async function lead(attempt: Attempt, model: ChosenModel, leg: JournalLeg): Promise<AgentResult> {
  const { ctx, run, identity, recorder, signal } = attempt
  const { config } = ctx
  const journal = new LegJournal(leg.leg, leg.entries)
  return runAgent({
    model,
    servers: await agentServers(await ctx.mcp.open(), identity, { recorder, journal }),
    snapshot: leg.snapshot,
    instructions: model.followsInstructions ? run.instructions : null,
    dryRun: run.dryRun,
    limits: {
      maxTurns,
      maxTokens: config.model.maxTokens,
      timeoutMs: config.worker.runTimeoutMs,
      modelTimeoutMs: config.model.timeoutMs,
    },
    recorder,
    journal,
    signal,
  })
}

/** Instructions may ask for more than what is due, but only a model that reads them can tell. */
function isAgentNeeded(snapshot: RunSnapshot, run: Run, followsInstructions: boolean): boolean {
  return snapshot.items.some((item) => item.need > 0) || (followsInstructions && !!run.instructions)
}

/** Models that an earlier attempt gave up on are told of in the outcome as well. */
function failuresBefore(legs: readonly JournalLeg[], resumed: JournalLeg | null): string[] {
  return legs.flatMap((leg) => {
    const last = leg.entries.at(-1)
    if (leg.leg === resumed?.leg || last?.kind !== 'model' || last.error === null) return []
    return [describeFailure(leg.model, last.error)]
  })
}

function describeFailure(model: string, reason: string | null): string {
  return `The model ${model} failed: ${reason ?? 'no reason given'}`
}
