import { OpenAPIHono, z } from '@hono/zod-openapi'
import { packageVersion } from '../../config/paths.js'
import { isWrite, type Operation } from './operation.js'
import { problemSchema } from './problem.js'

const why: Readonly<Record<number, string>> = {
  400: 'The body is not JSON, or the Idempotency-Key is not one.',
  401: 'No token, or one that is not known.',
  403: 'The token lacks the scope, or the request came from another site.',
  404: 'There is no such thing.',
  409: 'A rule refused it; `code`, `severity` and `detail` say which and who can mend it.',
  413: 'The body is larger than 256 KB.',
  415: 'The body is not said to be JSON.',
  422: 'Something in the request is wrong; `errors` names each field.',
  429: 'Too many wrong tokens from this address; `Retry-After` says how long to wait.',
  500: 'Our own fault.',
  503: 'Database or queue is away; try again.',
}

const idempotencyKey = z.object({
  'Idempotency-Key': z
    .string()
    .regex(/^[\x21-\x7e]{1,200}$/)
    .optional()
    .openapi({
      description:
        'The same key with the same request does nothing again and gives the same answer, for 24 hours; `Idempotency-Replayed: true` says so.',
    }),
})

const text = (description: string, example: string) => ({ description, schema: { type: 'string' as const }, example })
const replayed = {
  'Idempotency-Replayed': text(
    '`true`: it was done earlier under this key, and this is what was answered then.',
    'true',
  ),
}

function headersOf(status: number) {
  if (status === 401) return { headers: { 'WWW-Authenticate': text('What is needed.', 'Bearer') } }
  // Of a refusal only where the same request is under way.
  if (status === 409 || status === 429 || status === 503)
    return { headers: { 'Retry-After': text('Seconds to wait.', '5') } }
  return {}
}

/** Which problems an operation may answer with. */
export function problemStatuses(operation: Operation): number[] {
  const { body, query } = operation.schemas
  const mayMiss = operation.path.includes('{') || (query !== undefined && 'list' in query.shape)
  return [
    ...(isWrite(operation) ? [400] : []),
    401,
    403,
    ...(mayMiss ? [404] : []),
    ...(isWrite(operation) ? [409] : []),
    ...(isWrite(operation) ? [413] : []),
    ...(body === undefined ? [] : [415]),
    422,
    429,
    500,
    503,
  ]
}

/** The OpenAPI 3.1 document, made from the same schemas that requests and answers are checked with. */
export function describeApi(operations: readonly Operation[]) {
  const app = new OpenAPIHono()
  const registry = app.openAPIRegistry
  registry.registerComponent('securitySchemes', 'token', {
    type: 'http',
    scheme: 'bearer',
    description: 'Made by `restock tokens add`. On loopback without RESTOCK_PASSWORD none is needed.',
  })
  for (const operation of operations) {
    const { schemas } = operation
    const problems = problemStatuses(operation).map((status) => [
      status,
      {
        description: why[status] ?? '',
        ...headersOf(status),
        content: { 'application/problem+json': { schema: problemSchema } },
      },
    ])
    registry.registerPath({
      method: operation.method,
      path: operation.path,
      operationId: operation.id,
      tags: [operation.tag],
      summary: operation.summary,
      description: [operation.description, `Scope: \`${operation.scope}\`.`].filter(Boolean).join('\n\n'),
      security: [{ token: [operation.scope] }],
      request: {
        ...(schemas.params === undefined ? {} : { params: schemas.params }),
        ...(schemas.query === undefined ? {} : { query: schemas.query }),
        ...(isWrite(operation) ? { headers: idempotencyKey } : {}),
        ...(schemas.body === undefined
          ? {}
          : {
              body: {
                required: !schemas.body.safeParse({}).success,
                content: { 'application/json': { schema: schemas.body } },
              },
            }),
      },
      responses: {
        [operation.status ?? 200]: {
          description: operation.status === 202 ? 'Accepted; it is done in the background.' : 'Done.',
          ...(isWrite(operation) ? { headers: replayed } : {}),
          content: { 'application/json': { schema: schemas.answer } },
        },
        ...Object.fromEntries(problems),
      },
    })
  }
  return app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Restock',
      version: packageVersion,
      description:
        'Keeps things from running out, by itself. Money is in minor units of its currency, times are ISO 8601 in UTC. Problems are RFC 9457; listings go on with `cursor`.',
    },
    servers: [{ url: '/api' }],
  })
}
