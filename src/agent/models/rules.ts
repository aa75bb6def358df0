import { type AgentOutputItem, type Model, type ModelRequest, type ModelResponse, Usage } from '@openai/agents'
import { decideNext, type NextStep } from './rules-decision.js'
import { readHistory } from './rules-history.js'

/**
 * A model that needs no network and costs nothing: it makes the tool calls that any model should, by fixed rules. The default
 * without a key, the last resort when another model is down, and the stand-in for one in tests.
 */
export class RulesModel implements Model {
  async getResponse(request: ModelRequest): Promise<ModelResponse> {
    const history = readHistory(request)
    const next: NextStep =
      history === null
        ? { kind: 'finish', answer: { summary: 'There was no list of due items to work on.', skipped: [] } }
        : decideNext(history)
    return { usage: new Usage({ requests: 1 }), output: toOutput(next, history?.calls.length ?? 0) }
  }

  // biome-ignore lint/correctness/useYield: the interface asks for a generator; runs never stream.
  async *getStreamedResponse(): AsyncGenerator<never> {
    throw new Error('The rules model does not stream.')
  }
}

function toOutput(next: NextStep, callsSoFar: number): AgentOutputItem[] {
  if (next.kind === 'finish') {
    const text = JSON.stringify(next.answer)
    return [{ type: 'message', role: 'assistant', status: 'completed', content: [{ type: 'output_text', text }] }]
  }
  return next.calls.map(({ name, args }, index) => ({
    type: 'function_call',
    callId: `rules_${callsSoFar + index + 1}`,
    name,
    arguments: JSON.stringify(args),
    status: 'completed',
  }))
}
