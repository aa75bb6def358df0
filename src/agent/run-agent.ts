import { Agent, MaxTurnsExceededError, type MCPServer, Runner } from '@openai/agents'
import type { RunSnapshot, Usage } from '../runs/run.js'
import { type Answer, readAnswer } from './answer.js'
import { agentInput, agentInstructions } from './instructions.js'
import { JournalDifferenceError, type LegJournal } from './leg-journal.js'
import { retryWhatPasses } from './model-retry.js'
import type { ChosenModel } from './models/index.js'
import { recordModel, TokenBudgetError } from './record-model.js'
import { describeError, type StepRecorder } from './recorder.js'

/** A run takes a handful; twice that leaves room for whatever goes wrong on the way. */
export const maxTurns = 12

export interface AgentLimits {
  readonly maxTurns: number
  /** In and out together. */
  readonly maxTokens: number
  /** For the whole of it. */
  readonly timeoutMs: number
  /** For one model call. */
  readonly modelTimeoutMs: number
}

export interface AgentRun {
  readonly model: ChosenModel
  readonly servers: readonly MCPServer[]
  readonly snapshot: RunSnapshot
  readonly instructions: string | null
  readonly dryRun: boolean
  readonly limits: AgentLimits
  readonly recorder: StepRecorder
  /** What an earlier attempt recorded of this conversation, and where this one's calls go. */
  readonly journal: LegJournal
  /** Aborted when the run is no longer ours or the worker stops. */
  readonly signal: AbortSignal
}

export type AgentEnd = 'completed' | 'max_turns' | 'token_budget' | 'timeout' | 'model_error' | 'diverged'

export interface AgentResult extends Answer {
  readonly finalText: string
  readonly usage: Usage
  readonly ended: AgentEnd
  /** What went wrong, in one line, unless it completed. */
  readonly error: string | null
}

/**
 * One agent at work on one run, until it is done or a bound is reached; whichever it was, facts decide what became of it.
 * Throws only what makes the attempt end: the signal's reason, or a step that could not be recorded.
 */
export async function runAgent(run: AgentRun): Promise<AgentResult> {
  const before = run.recorder.usage
  const timeout = AbortSignal.timeout(run.limits.timeoutMs)
  const finish = (ended: AgentEnd, finalText: string, error: string | null): AgentResult => ({
    ...readAnswer(finalText),
    finalText,
    usage: difference(run.recorder.usage, before),
    ended,
    error,
  })
  try {
    const finalText = await converse(run, AbortSignal.any([run.signal, timeout]))
    throwIfOver(run)
    if (run.journal.difference !== null) throw run.journal.difference
    return finish('completed', finalText, null)
  } catch (error) {
    // The SDK leaves at once when it is aborted; what its last tool call did must be recorded before facts are gathered.
    await run.recorder.settled()
    throwIfOver(run)
    if (error instanceof JournalDifferenceError) return finish('diverged', '', error.message)
    if (timeout.aborted) return finish('timeout', '', `The run took longer than ${run.limits.timeoutMs} ms.`)
    if (error instanceof MaxTurnsExceededError) {
      return finish('max_turns', '', `The model did not finish within ${run.limits.maxTurns} turns.`)
    }
    if (error instanceof TokenBudgetError) return finish('token_budget', '', error.message)
    return finish('model_error', '', describeError(error))
  }
}

async function converse(run: AgentRun, signal: AbortSignal): Promise<string> {
  const { limits, model } = run
  const listed = await Promise.all(run.servers.map((server) => server.listTools()))
  const mayPlace = listed.flat().some(({ name }) => name === 'place_order')
  const agent = new Agent({
    name: 'Restock',
    instructions: agentInstructions({ dryRun: run.dryRun, mayPlace }),
    mcpServers: [...run.servers],
    model: recordModel(model.name, model.model, {
      recorder: run.recorder,
      journal: run.journal,
      maxTokens: limits.maxTokens,
    }),
    modelSettings: {
      parallelToolCalls: false,
      timeoutMs: limits.modelTimeoutMs,
      retry: { maxRetries: 2, policy: retryWhatPasses },
    },
  })
  // Tracing would send prompts and results to OpenAI, whatever endpoint the model is at.
  const runner = new Runner({ tracingDisabled: true, traceIncludeSensitiveData: false })
  const result = await runner.run(agent, agentInput(run.snapshot, run.instructions), {
    maxTurns: limits.maxTurns,
    signal,
    // One call at a time, whatever the model asks for at once: budgets and stock are checked against what is, not what was.
    toolExecution: { maxFunctionToolConcurrency: 1 },
    toolNotFoundBehavior: 'return_error_to_model',
    toolErrorFormatter: ({ kind, toolName }) =>
      kind === 'tool_not_found' ? `There is no tool ${toolName}. Nothing was changed.` : undefined,
  })
  return result.finalOutput ?? ''
}

function throwIfOver(run: AgentRun): void {
  if (run.recorder.failure !== null) throw run.recorder.failure
  run.signal.throwIfAborted()
}

function difference(now: Usage, before: Usage): Usage {
  return {
    modelCalls: now.modelCalls - before.modelCalls,
    inputTokens: now.inputTokens - before.inputTokens,
    outputTokens: now.outputTokens - before.outputTokens,
  }
}
