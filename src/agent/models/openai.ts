import { type Model, OpenAIChatCompletionsModel, OpenAIResponsesModel } from '@openai/agents'
import { OpenAI } from 'openai'
import { InputError } from '../../platform/errors.js'

export interface OpenAiOptions {
  /** null: an endpoint of one's own that asks for none. */
  readonly apiKey: string | null
  /** null: OpenAI itself. */
  readonly baseUrl: string | null
  readonly api: 'responses' | 'chat_completions'
  /** Most time for one model call. */
  readonly timeoutMs: number
}

/** A model at OpenAI or at anything that speaks one of its two protocols. */
export function createOpenAiModel(name: string, options: OpenAiOptions): Model {
  if (options.apiKey === null && options.baseUrl === null) {
    throw new InputError(
      `The model "${name}" needs OPENAI_API_KEY or OPENAI_BASE_URL; set one, or use the model "rules".`,
      'model_not_configured',
    )
  }
  const client = new OpenAI({
    apiKey: options.apiKey ?? 'none',
    baseURL: options.baseUrl,
    timeout: options.timeoutMs,
    // The client would try twice more by itself, unseen by the step record and the token budget; the runner retries instead.
    maxRetries: 0,
  })
  return options.api === 'responses'
    ? new OpenAIResponsesModel(client, name)
    : new OpenAIChatCompletionsModel(client, name)
}
