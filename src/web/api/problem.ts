import { z } from '@hono/zod-openapi'
import { sqlState } from '../../platform/database.js'
import { InputError, RefusalError, UnavailableError } from '../../platform/errors.js'
import { errorCode } from '../../platform/folder-errors.js'

/** What is wrong with one field of a request. */
export interface FieldProblem {
  readonly path: string
  readonly message: string
}

/** RFC 9457. `code` is stable, for programs; `detail` is a sentence for people. */
export const problemSchema = z
  .object({
    type: z.string().openapi({ example: 'urn:restock:problem:unknown_item' }),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string(),
    severity: z
      .enum(['recoverable', 'needs_human', 'final'])
      .optional()
      .openapi({ description: 'Of a refusal: whether asking again can help, a person must act, or neither.' }),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  })
  .openapi('Problem')

export type Problem = z.infer<typeof problemSchema>

/** The caller's mistake in the shape of a request. */
export class RequestError extends Error {
  override readonly name = 'RequestError'
  readonly status: 400 | 413 | 415 | 422
  readonly code: string
  readonly errors: readonly FieldProblem[]

  constructor(status: RequestError['status'], code: string, message: string, errors: readonly FieldProblem[] = []) {
    super(message)
    this.status = status
    this.code = code
    this.errors = errors
  }
}

const titles: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Not logged in',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  409: 'Refused',
  413: 'Too large',
  415: 'Unsupported media type',
  422: 'Invalid input',
  429: 'Too many attempts',
  500: 'Something went wrong',
  503: 'Not available',
}

const codes: Readonly<Record<number, string>> = {
  401: 'not_logged_in',
  403: 'not_allowed',
  404: 'not_found',
  405: 'method_not_allowed',
  413: 'too_large',
  429: 'too_many_attempts',
}

export function makeProblem(status: number, detail: string, more: Partial<Problem> = {}): Problem {
  const code = more.code ?? codes[status] ?? 'internal'
  return {
    type: `urn:restock:problem:${code}`,
    title: titles[status] ?? titles[500] ?? '',
    status,
    detail,
    ...more,
    code,
  }
}

const notFound: ReadonlySet<string> = new Set([
  'unknown_list',
  'unknown_item',
  'unknown_movement',
  'unknown_schedule',
  'run_not_found',
  'order_not_found',
  'offer_not_found',
  'supplier_not_found',
])

/**
 * What an error is to whoever asked. `isAddressed`: the path or query named what was looked for, so that not finding it is a
 * 404; in a body it is a mistake like any other. What isn't known to be fit for people says nothing of its inside.
 */
export function toProblem(error: unknown, isAddressed: boolean): Problem {
  if (error instanceof RequestError) {
    const errors = error.errors.length === 0 ? {} : { errors: [...error.errors] }
    return makeProblem(error.status, error.message, { code: error.code, ...errors })
  }
  if (error instanceof InputError) {
    const status = isAddressed && notFound.has(error.code) ? 404 : 422
    return makeProblem(status, sentence(error.message), { code: error.code })
  }
  if (error instanceof RefusalError) {
    const { code, severity, text, path } = error.refusal
    const status = code === 'idempotency_key_reused' ? 422 : 409
    const errors = path === undefined ? {} : { errors: [{ path, message: text }] }
    return makeProblem(status, sentence(text), { code, severity, ...errors })
  }
  if (error instanceof UnavailableError) return makeProblem(503, error.message, { code: error.code })
  if (isDatabaseAway(error)) {
    return makeProblem(503, 'The database does not answer; try again in a moment.', { code: 'database_unavailable' })
  }
  return makeProblem(500, 'This could not be done; the log says why.', { code: 'internal' })
}

function isDatabaseAway(error: unknown): boolean {
  const state = sqlState(error)
  if (/^08|^57P0[1-3]$|^53300$|^57014$|^55P03$/.test(state)) return true
  if (['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'ETIMEDOUT', 'DATABASE_SILENT'].includes(errorCode(error) ?? ''))
    return true
  return (
    error instanceof Error && /^(timeout exceeded when trying to connect|Connection terminated)/.test(error.message)
  )
}

/** Messages begin in lower case where they follow a file and line. */
function sentence(text: string): string {
  const first = text.charAt(0).toUpperCase() + text.slice(1)
  return /[.!?]$/.test(first) ? first : `${first}.`
}

export function problemResponse(problem: Problem, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(JSON.stringify(problem), {
    status: problem.status,
    headers: { ...headers, 'Content-Type': 'application/problem+json' },
  })
}

/** When to ask again, where that may help. */
export function retryHeaders({ code, status }: Problem): Record<string, string> {
  return code === 'idempotency_in_progress' ? { 'Retry-After': '1' } : status === 503 ? { 'Retry-After': '5' } : {}
}
