import type { z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { isWrite, type Operation } from './operation.js'
import { type FieldProblem, RequestError } from './problem.js'

/** What a request holds, checked against the schemas of its operation. */
export interface ReadRequest {
  readonly params: unknown
  readonly query: unknown
  readonly body: unknown
  /** null: none was sent. */
  readonly idempotencyKey: string | null
  /** Of method, address and body: the same for the same request alone. */
  readonly signature: string
}

export const maxBodyBytes = 256 * 1_024
/** Far more than any body of ours has. */
const maxDepth = 32

/** Reads a request. Throws RequestError that names every field that is wrong. */
export async function readRequest(c: Context, operation: Operation): Promise<ReadRequest> {
  const { schemas } = operation
  const sentQuery = c.req.queries()
  const errors: FieldProblem[] = []
  const params = c.req.param()
  const query = Object.fromEntries(
    Object.entries(sentQuery).map(([name, values]) => {
      if (values.length > 1) errors.push({ path: `query.${name}`, message: 'is given more than once' })
      return [name, values[0] ?? '']
    }),
  )
  for (const name of Object.keys(query)) {
    if (schemas.query === undefined || !Object.hasOwn(schemas.query.shape, name)) {
      errors.push({ path: `query.${name}`, message: 'is not known here' })
    }
  }
  const body = schemas.body === undefined ? await readNoBody(c, errors) : await readBody(c, schemas.body)
  check(schemas.params, params, 'path', errors)
  check(schemas.query, query, 'query', errors)
  check(schemas.body, body, 'body', errors)
  for (const [part, value] of Object.entries({ path: params, query, body })) findUnstorable(value, part, errors)
  if (errors.length > 0) {
    const [first] = errors
    throw new RequestError(422, 'invalid_request', `${first?.path}: ${first?.message}.`, errors.slice(0, 20))
  }
  const { pathname, searchParams } = new URL(c.req.url)
  searchParams.sort()
  return {
    params,
    query,
    body,
    idempotencyKey: isWrite(operation) ? readKey(c.req.header('idempotency-key')) : null,
    signature: JSON.stringify([c.req.method, pathname, searchParams.toString(), sorted(body)]),
  }
}

async function readBody(c: Context, schema: z.ZodType): Promise<unknown> {
  const text = await c.req.text()
  // A body whose fields are all optional may be left out.
  if (text.trim() === '' && schema.safeParse({}).success) return {}
  if (!/^application\/json\s*(;|$)/i.test(c.req.header('content-type') ?? '')) {
    throw new RequestError(415, 'not_json', 'Send the body as JSON, with Content-Type: application/json.')
  }
  const body = parseJson(text)
  if (isDeeperThan(body, maxDepth)) {
    const message = `is nested more than ${maxDepth} levels deep`
    throw new RequestError(422, 'invalid_request', `body: ${message}.`, [{ path: 'body', message }])
  }
  return body
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new RequestError(400, 'malformed_json', 'The body is not JSON.')
  }
}

/** What an operation has no use for says something that the caller believes we heard. An empty object says nothing. */
async function readNoBody(c: Context, errors: FieldProblem[]): Promise<undefined> {
  const text = await c.req.text()
  if (!/^\s*(\{\s*\})?\s*$/.test(text)) errors.push({ path: 'body', message: 'is not taken here' })
}

/** Looks no further down than that: what goes through a value below follows it to its end, and the stack has one, too. */
function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some((entry) => isDeeperThan(entry, levels - 1))
}

function check(schema: z.ZodType | undefined, value: unknown, part: string, errors: FieldProblem[]): void {
  const result = schema?.safeParse(value)
  if (result === undefined || result.success) return
  for (const issue of result.error.issues) {
    const path = [part, ...issue.path.map(String)].join('.').slice(0, 200)
    errors.push({ path, message: issue.message.slice(0, 300) })
  }
}

/** The database takes neither NUL nor half a surrogate pair; whoever sends them should know rather than lose them. */
function findUnstorable(value: unknown, path: string, errors: FieldProblem[]): void {
  if (typeof value === 'string') {
    if (value.includes('\u0000') || !value.isWellFormed()) {
      errors.push({ path, message: 'has a character that is no text (NUL, or half a surrogate pair)' })
    }
    return
  }
  if (typeof value !== 'object' || value === null) return
  for (const [key, entry] of Object.entries(value)) {
    findUnstorable(entry, `${path}.${key.slice(0, 60)}`, errors)
    if (!Array.isArray(value)) findUnstorable(key, path, errors)
  }
}

function readKey(header: string | undefined): string | null {
  if (header === undefined) return null
  if (/^[\x21-\x7e]{1,200}$/.test(header)) return header
  throw new RequestError(400, 'invalid_idempotency_key', 'An Idempotency-Key has 1 to 200 visible ASCII characters.')
}

/** Two bodies that say the same are the same, whatever the order of their fields. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
      .map(([key, entry]) => [key, sorted(entry)]),
  )
}
