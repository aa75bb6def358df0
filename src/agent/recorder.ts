import { createHash } from 'node:crypto'
import type { AgentInputItem, Model, ModelRequest, ModelResponse } from '@openai/agents'
import type { Clock } from '../platform/context.js'
import type { Usage } from '../runs/run.js'
import type { ToolResult } from './tool-content.js'

/** One model call or tool call, as it happened. `step` counts from 1 within an attempt. */
export interface Step {
  readonly step: number
  readonly kind: 'model' | 'tool'
  readonly name: string
  readonly request: unknown
  /** null when the call failed. */
  readonly response: unknown
  readonly error: string | null
  readonly inputTokens: number
  readonly outputTokens: number
  readonly startedAt: Date
  readonly durationMs: number
}

export interface RecorderOptions {
  readonly clock: Clock
  /** Stores a step. When it fails, the attempt must end: what can't be recorded must not go on. */
  readonly recordStep: (step: Step) => Promise<void>
}

/** Thrown by a call whose step could not be stored. The call itself may well have had its effect. */
export class RecordingError extends Error {
  override readonly name = 'RecordingError'
}

interface Measured<T> {
  readonly value: T
  readonly response: unknown
  readonly inputTokens?: number
  readonly outputTokens?: number
}

/**
 * Every model call and every tool call of an attempt passes through here, the agent's and the processor's alike.
 * `around` is the one place where a call could be answered from an earlier attempt's record instead of being made.
 */
export class StepRecorder {
  readonly #options: RecorderOptions
  readonly #running = new Set<Promise<unknown>>()
  readonly #usage = { modelCalls: 0, inputTokens: 0, outputTokens: 0 }
  #failure: RecordingError | null = null
  #next = 1

  constructor(options: RecorderOptions) {
    this.#options = options
  }

  get usage(): Usage {
    return { ...this.#usage }
  }

  /** Why the attempt must end, or null. A tool's errors are told to the model; this one must not be lost there. */
  get failure(): RecordingError | null {
    return this.#failure
  }

  around<T>(call: Pick<Step, 'kind' | 'name' | 'request'>, work: () => Promise<Measured<T>>): Promise<T> {
    const step = this.#next++
    const running = this.#run(step, call, work)
    this.#running.add(running)
    const forget = () => this.#running.delete(running)
    running.then(forget, forget)
    return running
  }

  /** Waits until no call is on its way. An aborted agent leaves at once, its last call may still be ending. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running)
  }

  async #run<T>(
    step: number,
    call: Pick<Step, 'kind' | 'name' | 'request'>,
    work: () => Promise<Measured<T>>,
  ): Promise<T> {
    if (this.#failure !== null) throw this.#failure
    const startedAt = this.#options.clock.now()
    const started = performance.now()
    const store = async (result: Pick<Step, 'response' | 'error' | 'inputTokens' | 'outputTokens'>) => {
      this.#usage.inputTokens += result.inputTokens
      this.#usage.outputTokens += result.outputTokens
      const durationMs = Math.round(performance.now() - started)
      try {
        await this.#options.recordStep({ step, ...call, ...result, startedAt, durationMs })
      } catch (error) {
        this.#failure ??= new RecordingError(`Step ${step} (${call.name}) could not be recorded.`, { cause: error })
        throw this.#failure
      }
    }
    if (call.kind === 'model') this.#usage.modelCalls += 1
    let measured: Measured<T>
    try {
      measured = await work()
    } catch (error) {
      await store({ response: null, error: describeError(error), inputTokens: 0, outputTokens: 0 })
      throw error
    }
    const { value, response, inputTokens = 0, outputTokens = 0 } = measured
    await store({ response, error: null, inputTokens, outputTokens })
    return value
  }
}

/** Thrown instead of a model call that would go beyond what a run may use. */
export class TokenBudgetError extends Error {
  override readonly name = 'TokenBudgetError'
}

/** The model's seam: the same model, with every call recorded and the token budget enforced before each. */
export function recordModel(name: string, model: Model, recorder: StepRecorder, maxTokens: number): Model {
  let seen = 0
  const startTokens = recorder.usage.inputTokens + recorder.usage.outputTokens
  return {
    getResponse: async (request) => {
      const used = recorder.usage.inputTokens + recorder.usage.outputTokens - startTokens
      if (used >= maxTokens) throw new TokenBudgetError(`The run has used ${used} tokens; it may use ${maxTokens}.`)
      const described = describeRequest(request, seen)
      seen = Array.isArray(request.input) ? request.input.length : 0
      return recorder.around({ kind: 'model', name, request: described }, async () => {
        const response = await orAborted(model.getResponse(request), request.signal)
        const { inputTokens, outputTokens } = response.usage
        return { value: response, response: describeResponse(response), inputTokens, outputTokens }
      })
    },
    getStreamedResponse: () => {
      throw new Error('A run never streams: its steps are recorded whole.')
    },
    ...(model.getRetryAdvice === undefined ? {} : { getRetryAdvice: model.getRetryAdvice.bind(model) }),
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

/**
 * The request without what earlier steps hold already: only the input that is new since the last call, and a fingerprint
 * of the whole, by which a later attempt can tell whether it asks the same again.
 */
function describeRequest(request: ModelRequest, seen: number): unknown {
  const tools = request.tools.map((tool) => tool.name)
  const whole = JSON.stringify([request.systemInstructions ?? null, request.input, tools, request.modelSettings])
  const input: string | AgentInputItem[] = Array.isArray(request.input) ? request.input.slice(seen) : request.input
  return { fingerprint: createHash('sha256').update(whole).digest('base64url'), tools, input }
}

function describeResponse(response: ModelResponse): unknown {
  return { output: response.output, responseId: response.responseId ?? null }
}

/** The tools' seam. `actor` tells the model's calls from the processor's own. */
export function recordTool<T extends ToolResult>(
  recorder: StepRecorder,
  call: {
    readonly name: string
    readonly server: string
    readonly actor: 'agent' | 'worker'
    readonly arguments: Readonly<Record<string, unknown>>
  },
  work: () => Promise<T>,
): Promise<T> {
  const { name, ...request } = call
  return recorder.around({ kind: 'tool', name, request }, async () => {
    const result = await work()
    const { content, structuredContent, isError } = result
    // The text is a copy of the structured content for clients that don't know it; one of them is enough to keep.
    const response = {
      ...(structuredContent === undefined ? { content } : { structuredContent }),
      ...(isError === true ? { isError } : {}),
    }
    return { value: result, response }
  })
}

/** Error text for the record: capped, and without anything that looks like a key. */
export function describeError(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return text.replace(/\b(sk-|Bearer\s+)[\w*.-]{6,}/gi, '$1…').slice(0, 500)
}
