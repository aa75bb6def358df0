/**
 * Errors sorted by who must act.
 *
 * - `InputError`: the caller's mistake (wrong option, bad row, unknown name). One sentence: what, where, how to mend. Exit code 2.
 * - `RefusalError`: a business rule said no (a limit, a stale need, an expired quote). Becomes a result with `messages`.
 * - `UnavailableError`: the world's fault (database away, port taken, disk full). One sentence; worth another try later. Exit code 1.
 *
 * Anything else that is thrown is our own fault: logged with its stack, shown to people as one sentence without it.
 */

export type Severity = 'recoverable' | 'needs_human' | 'final'

/** What a business failure looks like to whoever called, a model included. `text` never holds secrets, SQL or stacks. */
export interface Message {
  readonly code: string
  readonly severity: Severity
  readonly text: string
  /** Where in the input the trouble is, such as `items[2].quantity`. */
  readonly path?: string
}

/** The caller's mistake. `code` is stable and `snake_case`. */
export class InputError extends Error {
  override readonly name = 'InputError'
  readonly code: string

  constructor(message: string, code = 'invalid_input') {
    super(message)
    this.code = code
  }
}

/** A business rule refused. `message.severity` says who can mend it. */
export class RefusalError extends Error {
  override readonly name = 'RefusalError'
  readonly refusal: Message

  constructor(refusal: Message) {
    super(refusal.text)
    this.refusal = refusal
  }
}

/** Something outside this process is away, full, taken or broken. */
export class UnavailableError extends Error {
  override readonly name = 'UnavailableError'
  readonly code: string

  constructor(message: string, code = 'unavailable', options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** True for errors whose `message` was written for people and may be shown as it is. */
export function isExpectedError(error: unknown): error is InputError | RefusalError | UnavailableError {
  return error instanceof InputError || error instanceof RefusalError || error instanceof UnavailableError
}

/** The stable code of an error that was written for people; `internal` for our own faults. */
export function codeOf(error: unknown): string {
  if (error instanceof RefusalError) return error.refusal.code
  return error instanceof InputError || error instanceof UnavailableError ? error.code : 'internal'
}
