import type { Clock } from '../platform/context.js'
import { failpoint } from '../platform/failpoints.js'
import { toStoredJson } from '../platform/plain-text.js'
import { LostClaimError } from '../runs/finish-run.js'
import type { Usage } from '../runs/run.js'
import type { RunStep, StepResult } from '../runs/run-steps.js'

/** One model call or tool call, as it happened. `step` counts from 1 within an attempt. */
export type Step = Omit<RunStep, 'runId' | 'epoch'>

/** A call as it is about to be made. */
export interface Call extends Pick<Step, 'kind' | 'name' | 'request'> {
  /** null: not part of a conversation. A function: decided when it is known what came of the call; undefined: not recorded then. */
  readonly journal: Step['journal'] | ((outcome: Pick<StepResult, 'response' | 'error'>) => Step['journal'] | undefined)
}

export interface RecorderOptions {
  readonly clock: Clock
  /** Stores a step. When it fails, the attempt must end: what can't be recorded must not go on. */
  readonly recordStep: (step: Step) => Promise<void>
  /** Adds the result to a write that was announced, by this attempt (`epoch` null) or an earlier one. */
  readonly finishStep?: (
    which: { readonly epoch: number | null; readonly step: number },
    result: StepResult,
  ) => Promise<void>
  /** Throws when the run is no longer ours; asked before each step. */
  readonly assertHeld?: () => Promise<void>
  /** Aborted when the attempt ends. A call that fails after that was interrupted, which is no answer. */
  readonly signal?: AbortSignal
}

/** Thrown by a call whose step could not be stored. The call itself may well have had its effect. */
export class RecordingError extends Error {
  override readonly name = 'RecordingError'
}

export interface Measured {
  /** Plain JSON: whoever made the call gets back what can be read again from the record, and nothing else. */
  readonly response: unknown
  readonly inputTokens?: number
  readonly outputTokens?: number
}

/** Every model call and every tool call of an attempt passes through here, the agent's and the processor's alike. */
export class StepRecorder {
  readonly #options: RecorderOptions
  readonly #running = new Set<Promise<unknown>>()
  readonly #usage = { modelCalls: 0, inputTokens: 0, outputTokens: 0 }
  #failure: Error | null = null
  #next = 1

  constructor(options: RecorderOptions) {
    this.#options = options
  }

  /** What this attempt's models have used, answers from the journal included: a run may not use more by dying in between. */
  get usage(): Usage {
    return { ...this.#usage }
  }

  /** Why the attempt must end, or null. A tool's errors are told to the model; this one must not be lost there. */
  get failure(): Error | null {
    return this.#failure
  }

  /** A model's answer came from the journal: it counts, but is not recorded again. */
  countReplayed(tokens: { readonly inputTokens: number; readonly outputTokens: number }): void {
    if (this.#failure !== null) throw this.#failure
    this.#usage.modelCalls += 1
    this.#usage.inputTokens += tokens.inputTokens
    this.#usage.outputTokens += tokens.outputTokens
  }

  /** Makes a call and records it with what came of it. Answers as the record does. */
  around(call: Call, work: () => Promise<Measured>): Promise<unknown> {
    return this.#track(this.#around(call, work))
  }

  /**
   * Makes a call that may change something: it is recorded before it is made, and what came of it afterwards. Dying in between
   * leaves a record without a result. `announced`: that record of an earlier attempt, for a call that is made again.
   */
  aroundWrite(
    call: Call & { readonly journal: Step['journal'] },
    work: () => Promise<Measured>,
    announced?: Pick<RunStep, 'epoch' | 'step'>,
  ): Promise<unknown> {
    return this.#track(this.#aroundWrite(call, work, announced))
  }

  /** Records what was begun without a call: the snapshot of a conversation. */
  async note(step: Pick<Step, 'kind' | 'name' | 'journal' | 'request' | 'response'>): Promise<void> {
    await this.#begin()
    await this.#store(
      () => this.#options.recordStep({ ...noResult, ...step, ...this.#number(), isWrite: false }),
      step.name,
    )
  }

  /** Waits until no call is on its way. An aborted agent leaves at once, its last call may still be ending. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running)
  }

  #track(running: Promise<unknown>): Promise<unknown> {
    this.#running.add(running)
    const forget = () => this.#running.delete(running)
    running.then(forget, forget)
    return running
  }

  async #around(call: Call, work: () => Promise<Measured>): Promise<unknown> {
    await this.#begin()
    const started = performance.now()
    const startedAt = this.#options.clock.now()
    if (call.kind === 'model') this.#usage.modelCalls += 1
    const outcome = await this.#make(work, started)
    if (outcome.interrupted) throw outcome.thrown
    const { result } = outcome
    const journal = typeof call.journal === 'function' ? call.journal(result) : call.journal
    const isAnswer = call.kind === 'model' && result.error === null
    if (journal !== undefined) {
      const { kind, name, request } = call
      const step = { kind, name, request, journal, isWrite: false, ...result, ...this.#number(), startedAt }
      if (isAnswer) await this.#pass('answer.before')
      await this.#store(() => this.#options.recordStep(step), name)
      if (isAnswer) await this.#pass('answer.after')
    }
    if (result.error !== null) throw outcome.thrown
    return result.response
  }

  async #aroundWrite(
    call: Call & { readonly journal: Step['journal'] },
    work: () => Promise<Measured>,
    announced: Pick<RunStep, 'epoch' | 'step'> | undefined,
  ): Promise<unknown> {
    await this.#begin()
    const started = performance.now()
    let which: { readonly epoch: number | null; readonly step: number }
    if (announced === undefined) {
      const numbered = this.#number()
      which = { epoch: null, step: numbered.step }
      await this.#pass('intent.before')
      await this.#store(() => this.#options.recordStep({ ...noResult, ...call, ...numbered, isWrite: true }), call.name)
      await this.#pass('intent.after')
    } else {
      which = announced
    }
    await this.#pass('send.before')
    const outcome = await this.#make(work, started)
    if (outcome.interrupted) throw outcome.thrown
    await this.#pass('send.after')
    await this.#pass('result.before')
    await this.#store(async () => this.#options.finishStep?.(which, outcome.result), call.name)
    await this.#pass('result.after')
    if (outcome.result.error !== null) throw outcome.thrown
    return outcome.result.response
  }

  /** Nothing is begun in an attempt that is over, nor on a run that others may have by now. */
  async #begin(): Promise<void> {
    if (this.#failure !== null) throw this.#failure
    try {
      await this.#options.assertHeld?.()
    } catch (error) {
      throw this.#fail(error instanceof Error ? error : new Error(String(error)))
    }
  }

  #number(): Pick<Step, 'step' | 'startedAt'> {
    return { step: this.#next++, startedAt: this.#options.clock.now() }
  }

  async #make(work: () => Promise<Measured>, started: number): Promise<Outcome> {
    const durationMs = () => Math.round(performance.now() - started)
    try {
      const { response, inputTokens = 0, outputTokens = 0 } = await work()
      this.#usage.inputTokens += inputTokens
      this.#usage.outputTokens += outputTokens
      // Through the form it is stored in, so that the answer of now and the answer read again are the same to the letter.
      const stored: unknown = JSON.parse(toStoredJson(response))
      const result = { response: stored, error: null, inputTokens, outputTokens, durationMs: durationMs() }
      return { interrupted: false, result, thrown: null }
    } catch (thrown) {
      const result = { ...noResult, error: describeError(thrown), durationMs: durationMs() }
      return { interrupted: this.#options.signal?.aborted === true, result, thrown }
    }
  }

  async #store(store: () => Promise<void> | undefined, name: string): Promise<void> {
    try {
      await store()
    } catch (error) {
      throw this.#fail(
        error instanceof LostClaimError
          ? error
          : new RecordingError(`A step of the run (${name}) could not be recorded.`, { cause: error }),
      )
    }
  }

  async #pass(name: Parameters<typeof failpoint>[0]): Promise<void> {
    try {
      await failpoint(name)
    } catch (error) {
      throw this.#fail(error instanceof Error ? error : new Error(String(error)))
    }
  }

  #fail(error: Error): Error {
    this.#failure ??= error
    return this.#failure
  }
}

interface Outcome {
  readonly interrupted: boolean
  readonly result: StepResult
  readonly thrown: unknown
}

const noResult = { response: null, error: null, inputTokens: 0, outputTokens: 0, durationMs: 0 } as const

/** Error text for the record: capped, and without anything that looks like a key. */
export function describeError(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return text.replace(/\b(sk-|Bearer\s+)[\w*.-]{6,}/gi, '$1…').slice(0, 500)
}
