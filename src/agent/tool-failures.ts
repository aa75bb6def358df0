import { ModelBehaviorError } from '@openai/agents'

/** A tool call that got no proper answer. Says which tool, which the SDK's own errors don't. */
export class ToolCallFailure extends Error {
  override readonly name = 'ToolCallFailure'
  readonly tool: string
  /** It may change something, so whether it did is now unknown. */
  readonly isWrite: boolean

  constructor(tool: string, isWrite: boolean, cause: unknown) {
    super(`${tool} got no answer: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
    this.tool = tool
    this.isWrite = isWrite
  }
}

/**
 * What the model is told of a tool call that failed. The SDK's own text is "Please try again", after which a model orders
 * twice what a slow server was still ordering.
 */
export function tellModelOfFailure(error: unknown): string {
  if (error instanceof ToolCallFailure) {
    return error.isWrite
      ? `The outcome of ${error.tool} is unknown: there was no answer, but it may have been done. Check with get_order or list_orders before anything else; do not call ${error.tool} again for this.`
      : `${error.tool} gave no answer; nothing was changed. Go on without it, and if that is impossible, finish and say what is missing.`
  }
  if (error instanceof ModelBehaviorError || error instanceof SyntaxError) {
    return 'The tool was not called: its arguments were not valid JSON. Nothing was changed.'
  }
  return 'The tool was not called. Nothing was changed.'
}
