import { createHash } from 'node:crypto'
import type { ModelRequest } from '@openai/agents'

/**
 * What a model is asked, in one short text: the same request has the same fingerprint in any process. Left out is what
 * doesn't change what is asked (how long we wait, how often we try, who listens).
 */
export function modelFingerprint(model: string, request: ModelRequest): string {
  const { timeoutMs: _, retry: __, ...settings } = request.modelSettings
  return digest([
    'model',
    model,
    request.systemInstructions,
    request.input,
    request.tools,
    settings,
    request.outputType,
    request.handoffs,
    request.prompt,
  ])
}

/** What a tool is asked. Who asks travels in `_meta`, which is no part of it. */
export function toolFingerprint(server: string, tool: string, args: Readonly<Record<string, unknown>>): string {
  return digest(['tool', server, tool, args])
}

function digest(value: unknown): string {
  return createHash('sha256').update(stableJson(value)).digest('base64url')
}

/** JSON with keys in order, so that it doesn't matter who put the object together. */
export function stableJson(value: unknown): string {
  return (
    JSON.stringify(value, (_, entry: unknown) => {
      if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) return entry
      return Object.fromEntries(Object.entries(entry).sort(([a], [b]) => (a < b ? -1 : 1)))
    }) ?? 'null'
  )
}
