import { CommanderError } from 'commander'
import { describeDatabaseError } from '../platform/database-errors.js'
import { InputError, isExpectedError } from '../platform/errors.js'
import type { Style } from './terminal/style.js'

export interface ReportOptions {
  readonly stderr: (text: string) => void
  /** With stacks and causes. */
  readonly isVerbose: boolean
  /** For the prefix, where a terminal reads it. */
  readonly style?: Style
}

/** Says what went wrong, in a sentence, and what exit code that is: 0 done, 1 failed, 2 wrong usage or configuration. */
export function report(thrown: unknown, { stderr, isVerbose, style }: ReportOptions): number {
  const prefix = style?.bad('restock:') ?? 'restock:'
  // Commander has printed its own message by now.
  if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : 2
  const error = describeDatabaseError(thrown)
  if (isExpectedError(error)) {
    stderr(`${prefix} ${withHint(error)}\n`)
    if (isVerbose && error.cause instanceof Error) stderr(`${error.cause.stack ?? error.cause.message}\n`)
    return error instanceof InputError ? 2 : 1
  }
  const text = error instanceof Error ? (isVerbose ? (error.stack ?? error.message) : error.message) : String(error)
  const hint = isVerbose ? '' : ' (more with --verbose)'
  stderr(`${prefix} something went wrong that should not have: ${text}${hint}\n`)
  return 1
}

/** What shows the names and ids that there are, where the sentence says no more than to look: other faces show them otherwise. */
const listings: Readonly<Record<string, string>> = {
  order_not_found: 'restock orders list',
  unknown_item: 'restock items list',
  unknown_movement: 'restock items history ITEM',
}

function withHint(error: Error): string {
  const listing = error instanceof InputError ? listings[error.code] : undefined
  if (listing === undefined || error.message.endsWith('?')) return error.message
  return `${error.message.replace(/\.$/, '')} (\`${listing}\`).`
}
