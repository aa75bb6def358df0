import type { JournalEntry } from '../runs/journal.js'
import type { JournalPlace } from '../runs/run-steps.js'
import { stableJson } from './fingerprint.js'

/**
 * Thrown instead of asking a model: what it would be asked is not what was recorded, and something was changed at or after that
 * point. It would be told half of what it has done, so nobody asks it any more; facts decide the rest.
 */
export class JournalDifferenceError extends Error {
  override readonly name = 'JournalDifferenceError'
}

/**
 * One conversation, led again from its record. Requests are answered from the record in the order they were made, as long as
 * they are the same; from the first that is not, or is not there, the conversation is live. Knows nothing of models, servers
 * and databases.
 */
export class LegJournal {
  readonly leg: number
  /** Nothing may differ, and failures stand as they are: for looking at a record instead of going on from it. */
  readonly #isStrict: boolean
  readonly #entries: JournalEntry[]
  /** How many places of the conversation are behind us. */
  #passed = 0
  #difference: JournalDifferenceError | null = null

  constructor(leg: number, entries: readonly JournalEntry[] = [], options: { readonly isStrict?: boolean } = {}) {
    this.leg = leg
    this.#isStrict = options.isStrict ?? false
    this.#entries = [...entries]
  }

  /** Set once a difference was found: the model must not be asked again, whatever the SDK makes of the error. */
  get difference(): JournalDifferenceError | null {
    return this.#difference
  }

  /** How many places were gone through. */
  get passed(): number {
    return this.#passed
  }

  /** Everything recorded has been gone through. */
  get isLive(): boolean {
    return this.#passed >= this.#entries.length
  }

  /** A model's recorded answer to this request; null: it has to be asked. Failures to answer are no answers, they are passed over. */
  takeModel(fingerprint: string): JournalEntry | null {
    for (;;) {
      const entry = this.#take('model', fingerprint)
      if (entry === null || entry.error === null) return entry
    }
  }

  /**
   * The record of this tool call; null: it has to be made. A read that failed is `retry`: it is made again, since the failure
   * may have passed, unless something was changed after it, which then rests on the failure. So is a write that got no answer,
   * where its server makes nothing twice (`isRepeatable`): whether it was made is as open as if nobody had waited for it.
   */
  takeTool(
    fingerprint: string,
    { isRepeatable = false }: { readonly isRepeatable?: boolean } = {},
  ): { readonly kind: 'recorded' | 'retry' | 'in_doubt'; readonly entry: JournalEntry } | null {
    const entry = this.#take('tool', fingerprint)
    if (entry === null) return null
    if (entry.isWrite && entry.response === null && entry.error === null) return { kind: 'in_doubt', entry }
    const isUnanswered = entry.isWrite && entry.response === null && isRepeatable
    if (isUnanswered && !this.#isStrict && !this.#hasWritesLeft()) return { kind: 'in_doubt', entry }
    const isFailure = entry.error !== null || isErrorResult(entry.response)
    const isWorthRetrying = isFailure && !entry.isWrite && !this.#isStrict && !this.#hasWritesLeft()
    return { kind: isWorthRetrying ? 'retry' : 'recorded', entry }
  }

  /** The place for what is done now for the first time. */
  nextPlace(fingerprint: string): JournalPlace {
    this.#passed += 1
    this.#entries.length = Math.min(this.#entries.length, this.#passed - 1)
    return { leg: this.leg, position: this.#passed, fingerprint }
  }

  /** A failed read was made again. The same failure: the record goes on as it is, and null. Otherwise its place, for what is new. */
  replaced(entry: JournalEntry, outcome: { readonly response: unknown; readonly error: string | null }) {
    const isSame = entry.error === outcome.error && stableJson(entry.response) === stableJson(outcome.response)
    if (isSame) return null
    this.#passed -= 1
    return this.nextPlace(entry.journal.fingerprint)
  }

  #take(kind: JournalEntry['kind'], fingerprint: string): JournalEntry | null {
    if (this.#difference !== null) throw this.#difference
    const entry = this.#entries[this.#passed]
    if (entry === undefined) return null
    if (entry.kind === kind && entry.journal.fingerprint === fingerprint) {
      this.#passed += 1
      return entry
    }
    if (this.#isStrict || this.#hasWritesLeft()) {
      this.#difference = new JournalDifferenceError(
        'the run could not be gone on with: what the model would be asked is not what was recorded before it wrote something',
      )
      throw this.#difference
    }
    this.#entries.length = this.#passed
    return null
  }

  #hasWritesLeft(): boolean {
    return this.#entries.slice(this.#passed).some(({ isWrite }) => isWrite)
  }
}

function isErrorResult(response: unknown): boolean {
  return typeof response === 'object' && response !== null && 'isError' in response && response.isError === true
}
