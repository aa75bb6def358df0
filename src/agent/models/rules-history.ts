import type { AgentInputItem, ModelRequest } from '@openai/agents'
import { type DueItem, readAgentInput } from '../instructions.js'
import { parseJson } from '../tool-content.js'

/** A tool call of this run and what came of it: a JSON value, or text where the tool gave no answer. */
export interface PastCall {
  readonly name: string
  readonly args: unknown
  readonly output: unknown
}

/** All that the rules go by: the same that any model sees. */
export interface History {
  readonly due: readonly DueItem[]
  readonly calls: readonly PastCall[]
  /** Names of the tools on offer. */
  readonly tools: ReadonlySet<string>
}

/** Reads a request as any model gets it. null: there is no snapshot in it, so the rules have nothing to go by. */
export function readHistory(request: Pick<ModelRequest, 'input' | 'tools'>): History | null {
  const items: readonly AgentInputItem[] =
    typeof request.input === 'string' ? [{ role: 'user', content: request.input }] : request.input
  let start: ReturnType<typeof readAgentInput> = null
  const outputs = new Map<string, unknown>()
  for (const item of items) {
    if (item.type === 'function_call_result') outputs.set(item.callId, parseJson(textOf(item.output)))
    else if ('role' in item && item.role === 'user') start ??= readAgentInput(textOf(item.content))
  }
  if (start === null) return null
  const calls = items.flatMap((item) =>
    item.type === 'function_call'
      ? [{ name: item.name, args: parseJson(item.arguments), output: outputs.get(item.callId) ?? null }]
      : [],
  )
  return {
    due: start.items,
    calls,
    tools: new Set(request.tools.flatMap((tool) => (tool.type === 'function' ? [tool.name] : []))),
  }
}

/** The SDK gives text as a string, as one part or as several. */
function textOf(content: unknown): string {
  if (typeof content === 'string') return content
  if (Array.isArray(content)) return content.map(textOf).join('\n')
  if (typeof content === 'object' && content !== null && 'text' in content && typeof content.text === 'string') {
    return content.text
  }
  return ''
}
