import type { RawBuilder } from 'kysely'

/** Something that must be true of the recorded facts at any moment, whatever crashed, raced or lied before. */
export interface Invariant {
  /** Stable, snake_case. */
  readonly name: string
  /** What must be true, in one sentence. */
  readonly rule: string
  /** Finds what breaks it: no row, no violation. Reads stored facts alone and trusts no code that wrote them. */
  find(options: CheckOptions): RawBuilder<Finding>
}

/** One thing that breaks a rule. */
export interface Finding {
  /** The id of what is wrong: an order, a line, an item, a run. */
  readonly subject: string
  /** What was found, for a person. */
  readonly detail: string
}

export interface Violation extends Finding {
  readonly invariant: string
  readonly rule: string
}

export interface CheckOptions {
  /** How long after its lease a running run may stay unclaimed before it counts as stuck. */
  readonly stuckAfterMs: number
}
