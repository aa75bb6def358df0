/** A tool's result as it crosses our two seams; the SDK's own type, without what only the wire needs. */
export interface ToolResult {
  readonly content: readonly { readonly type: string; readonly [key: string]: unknown }[]
  readonly structuredContent?: Readonly<Record<string, unknown>> | undefined
  readonly isError?: boolean | undefined
}

/** What a result says: its structured content, else its text as JSON, else its text. */
export function readToolContent(result: ToolResult): unknown {
  if (result.structuredContent !== undefined) return result.structuredContent
  const text = result.content
    .map((part) => (part.type === 'text' && typeof part.text === 'string' ? part.text : ''))
    .join('\n')
  return parseJson(text)
}

/** JSON where it is JSON, the text itself where it isn't. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
