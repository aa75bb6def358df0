/** What no answer may ever say or allow, whoever asked for whatever. */
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js'
import { testSecret } from '../helpers/test-database.js'
import type { CallerKind } from './callers.js'
import { allTools } from './moves.js'
import type { ToolCall } from './schema-arbitrary.js'
import type { Stage } from './stage.js'

/** Insides of ours: stacks, SQL, paths, connection strings, the secret. */
export const insides: readonly [string, RegExp][] = [
  ['a stack', /\bat (?:async )?[\w.<>$]+ \(|\bat (?:file:\/\/)?\/\w/],
  ['a path', /node_modules|\/work\/|\/tmp\/|\/home\/|\.[jt]sx?:\d+/],
  ['a connection', /postgres(?:ql)?:\/\/|ECONN|127\.0\.0\.1/],
  ['SQL', /\b(?:insert into|select .{1,80} from|update \w+\.\w+ set|delete from)\b/i],
  [
    'a database error',
    /violates|duplicate key|relation "|syntax error|invalid input syntax|deadlock|numeric field overflow|out of range for type/i,
  ],
  ['the secret', new RegExp(testSecret.slice(0, 20))],
  [
    'a failure of the server',
    /internal_error|Output validation error|Cannot read propert|is not a function|undefined is not/,
  ],
]

const tools = new Map(allTools.map((tool) => [tool.name, tool]))

export function codeOf(result: CallToolResult): string {
  const { messages } = (result.structuredContent ?? {}) as { messages?: readonly { code: string }[] }
  if (result.isError !== true) return 'ok'
  return (
    messages?.[0]?.code ??
    (/validation error|-32602/i.test(JSON.stringify(result.content)) ? 'invalid_arguments' : 'other')
  )
}

/** Throws when the answer tells what it must not, or lets somebody do what they may not. */
export function judge(stage: Stage, caller: CallerKind, { tool, args }: ToolCall, result: CallToolResult): void {
  const text = JSON.stringify(result)
  const asked = JSON.stringify(args) ?? ''
  const complain = (what: string): never => {
    const errors = stage.errors.map((error) => describeError(error)).join('\n')
    throw new Error(
      `${what}: ${tool} by ${JSON.stringify(caller)} with ${asked.slice(0, 600)} got ${text.slice(0, 1_500)}\n${errors}`,
    )
  }
  for (const [what, pattern] of insides) {
    if (pattern.test(text) && !pattern.test(asked)) complain(`an answer holds ${what} (${pattern.exec(text)?.[0]})`)
  }
  if (stage.errors.length > 0) complain('the server failed inside')

  const code = codeOf(result)
  const { audience, annotations } = tools.get(tool) ?? complain('a tool that nobody knows')
  const isRefused = result.isError === true
  if (code === 'other') complain('a refusal without a reason')
  const mustBe = (...codes: readonly string[]) => {
    if (!isRefused || !['invalid_arguments', ...codes].includes(code))
      complain(`this had to be refused (${codes.join(' or ')})`)
  }
  if (caller.kind === 'forged') mustBe('invalid_run_context')
  if (audience === 'worker' && caller.kind !== 'forged' && caller.kind !== 'worker') mustBe('worker_only')
  if (tool === 'apply_order_events' && caller.kind === 'worker') mustBe('worker_only')
  if (caller.kind === 'person' || caller.kind === 'forged') return

  if (audience === 'person' && !annotations.readOnlyHint && !isRefused) complain('a run did what only people may')
  const isShutOut = caller.kind === 'zombie' || (caller.kind === 'agent' && stage.runs[caller.run].isEnded)
  if (isShutOut && !annotations.readOnlyHint && !isRefused) complain('a run that is shut out wrote something')
  if (caller.run === 'D' && !isRefused) {
    // A rehearsal is told what would be ordered; no order has an id, and there is nothing to show for it.
    const given = (result.structuredContent ?? {}) as Rehearsed
    const isOrdered = given.receipt !== null || given.results?.some((each) => each.order_id !== null)
    if (/mark_ordered|request_item/.test(tool) || (tool === 'place_order' && isOrdered)) {
      complain('a rehearsal changed something')
    }
  }
  for (const id of caller.run === 'B' ? [] : stage.foreign) {
    if (text.includes(id) && !asked.includes(id)) complain(`a run heard of ${id}, which is of another list`)
  }
  for (const [, key] of text.matchAll(/_(s\d+)_/g)) {
    if (key !== stage.key && !asked.includes(`_${key}_`))
      complain(`a run heard of ${key}, which is none of its business`)
  }
}

interface Rehearsed {
  readonly receipt?: string | null
  readonly results?: readonly { readonly order_id: string | null }[]
}

export function describeError(error: unknown): string {
  const cause = typeof error === 'object' && error !== null && 'err' in error ? error.err : error
  return cause instanceof Error ? (cause.stack ?? cause.message) : JSON.stringify(cause)
}
