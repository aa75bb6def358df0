import { type AgentInputItem, type Model, type ModelRequest, type ModelResponse, Usage } from '@openai/agents'
import { z } from 'zod'
import { modelFingerprint } from './fingerprint.js'
import type { LegJournal } from './leg-journal.js'
import type { StepRecorder } from './recorder.js'

/** Thrown instead of a model call that would go beyond what a run may use. */
export class TokenBudgetError extends Error {
  override readonly name = 'TokenBudgetError'
}

/** Thrown when a model answers more than anybody could want of it. */
export class GiantAnswerError extends Error {
  override readonly name = 'GiantAnswerError'
}

/** In characters of JSON. The longest sensible answer, calls for hundreds of items, is a tenth of it. */
const longestAnswer = 1_000_000

/**
 * The model's seam: the same model, with every call recorded, answered from the journal where it was answered before, and the
 * token budget enforced before each.
 */
export function recordModel(
  name: string,
  model: Model,
  {
    recorder,
    journal,
    maxTokens,
  }: { readonly recorder: StepRecorder; readonly journal: LegJournal; readonly maxTokens: number },
): Model {
  let seen = 0
  const startTokens = recorder.usage.inputTokens + recorder.usage.outputTokens
  return {
    getResponse: async (request) => {
      const used = recorder.usage.inputTokens + recorder.usage.outputTokens - startTokens
      if (used >= maxTokens) throw new TokenBudgetError(`The run has used ${used} tokens; it may use ${maxTokens}.`)
      const fingerprint = modelFingerprint(name, request)
      const recorded = journal.takeModel(fingerprint)
      const described = describeRequest(request, seen)
      seen = Array.isArray(request.input) ? request.input.length : 0
      if (recorded !== null) {
        recorder.countReplayed(recorded)
        return toModelResponse(recorded.response, recorded)
      }
      const tokens = { inputTokens: 0, outputTokens: 0 }
      const call = { kind: 'model' as const, name, request: described, journal: journal.nextPlace(fingerprint) }
      const response = await recorder.around(call, async () => {
        const answer = await orAborted(model.getResponse(request), request.signal)
        const described = { output: answer.output, responseId: answer.responseId ?? null }
        const { length } = JSON.stringify(described)
        if (length > longestAnswer) {
          throw new GiantAnswerError(
            `the model answered ${length} characters; ${longestAnswer} are the most that is read`,
          )
        }
        tokens.inputTokens = answer.usage.inputTokens
        tokens.outputTokens = answer.usage.outputTokens
        return { response: described, ...tokens }
      })
      return toModelResponse(response, tokens)
    },
    getStreamedResponse: () => {
      throw new Error('A run never streams: its steps are recorded whole.')
    },
    ...(model.getRetryAdvice === undefined ? {} : { getRetryAdvice: model.getRetryAdvice.bind(model) }),
  }
}

// What is inside an output item is the SDK's own affair: it wrote it, and gets it back as it was.
const responseSchema = z.object({
  output: z.custom<ModelResponse['output']>(Array.isArray),
  responseId: z.string().nullable(),
})

/** An answer as the SDK wants it, from the record. The same whether it was given now or by an earlier attempt. */
function toModelResponse(
  recorded: unknown,
  tokens: { readonly inputTokens: number; readonly outputTokens: number },
): ModelResponse {
  const { output, responseId } = responseSchema.parse(recorded)
  const { inputTokens, outputTokens } = tokens
  return {
    usage: new Usage({ requests: 1, inputTokens, outputTokens, totalTokens: inputTokens + outputTokens }),
    output,
    ...(responseId === null ? {} : { responseId }),
  }
}

/** A model that doesn't heed its signal must not hold up the run. */
function orAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

/** The request without what earlier steps hold already: only the input that is new since the last call. */
function describeRequest(request: ModelRequest, seen: number): unknown {
  const tools = request.tools.map((tool) => tool.name)
  const input: string | AgentInputItem[] = Array.isArray(request.input) ? request.input.slice(seen) : request.input
  return { tools, input }
}
