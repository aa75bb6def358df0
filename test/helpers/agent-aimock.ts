import { type ChatCompletionRequest, type FixtureResponse, LLMock } from '@copilotkit/aimock'
import type { AgentInputItem } from '@openai/agents'
import { decideNext } from '../../src/agent/models/rules-decision.js'
import { readHistory } from '../../src/agent/models/rules-history.js'

export interface Aimock {
  /** What OPENAI_BASE_URL would be. */
  readonly baseUrl: string
  /** Paths and bodies of the requests so far. */
  requests(): readonly { readonly path: string; readonly body: unknown }[]
  /** Answers the next request with this status, once. */
  failNext(status: number): void
  close(): Promise<void>
}

/** An OpenAI-protocol server on loopback, whose model decides as `rules` does: by what a real request over the wire says. */
export async function startAimock(): Promise<Aimock> {
  const mock = new LLMock({ host: '127.0.0.1', port: 0, logLevel: 'silent' })
  mock.on({ predicate: () => true }, answer)
  await mock.start()
  return {
    baseUrl: `${mock.url}/v1`,
    requests: () => mock.getRequests().map(({ path, body }) => ({ path, body })),
    failNext: (status) => {
      mock.nextRequestError(status, { message: 'The model is out to lunch', type: 'server_error' })
    },
    close: () => mock.stop(),
  }
}

function answer(request: ChatCompletionRequest): FixtureResponse {
  const usage = {
    prompt_tokens: 1_000,
    completion_tokens: 50,
    input_tokens: 1_000,
    output_tokens: 50,
    total_tokens: 1_050,
  }
  const history = readHistory({
    input: request.messages.flatMap(toItems),
    tools: (request.tools ?? []).map(({ function: { name } }) => ({
      type: 'function',
      name,
      description: '',
      parameters: { type: 'object', properties: {}, required: [], additionalProperties: true },
      strict: false,
    })),
  })
  if (history === null) return { content: 'There is no list of due items in this request.', usage }
  const next = decideNext(history)
  if (next.kind === 'finish') return { content: JSON.stringify(next.answer), usage }
  return {
    usage,
    toolCalls: next.calls.map(({ name, args }, index) => ({
      id: `call_${history.calls.length + index + 1}`,
      name,
      arguments: JSON.stringify(args),
    })),
  }
}

function toItems(message: ChatCompletionRequest['messages'][number]): AgentInputItem[] {
  const text =
    typeof message.content === 'string'
      ? message.content
      : (message.content ?? []).map((part) => part.text ?? '').join('\n')
  if (message.role === 'user') return [{ role: 'user', content: text }]
  if (message.role === 'tool') {
    const callId = message.tool_call_id ?? ''
    return [{ type: 'function_call_result', name: '', callId, status: 'completed', output: text }]
  }
  return (message.tool_calls ?? []).map((call) => ({
    type: 'function_call',
    callId: call.id,
    name: call.function.name,
    arguments: call.function.arguments,
  }))
}
