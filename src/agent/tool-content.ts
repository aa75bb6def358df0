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

/**
 * A result of somebody else's tool, no longer than anybody could want to read: a server that floods must not fill the record,
 * the memory and the model's bill.
 */
export function cutResult(result: ToolResult, longest: number): ToolResult {
  const text = JSON.stringify(result.structuredContent ?? result.content)
  if (text.length <= longest) return result
  const note = `… (cut: the tool answered ${text.length} characters, ${longest} are the most that is read)`
  return {
    content: [{ type: 'text', text: `${text.slice(0, longest).toWellFormed()}${note}` }],
    ...(result.isError === undefined ? {} : { isError: result.isError }),
  }
}
