import { type Context, Hono, type MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { createMiddleware } from 'hono/factory'
import { forgetOldKeys } from '../../access/idempotency.js'
import { mayUse } from '../../access/scopes.js'
import { principalOf } from '../security/principal-of.js'
import { isUnder } from '../security/security-headers.js'
import { describeApi } from './openapi.js'
import type { Operation } from './operation.js'
import { operations } from './operations/index.js'
import { type ApiParts, perform } from './perform.js'
import { makeProblem, problemResponse, retryHeaders, toProblem } from './problem.js'
import { maxBodyBytes } from './read-request.js'

const cleanEveryMs = 60 * 60 * 1_000

/** Everything under `/api`, to be mounted there behind `requireLogin`. */
export function createApi(parts: ApiParts): Hono {
  const api = new Hono({ strict: false })
  let document: object | undefined
  let cleanedAt = 0
  api.use(bodyLimit({ maxSize: maxBodyBytes, onError: () => tooLarge() }))
  api.get('/openapi.json', (c) => {
    if (!mayUse(principalOf(c).scopes, 'read')) return problemResponse(makeProblem(403, 'This needs scope read.'))
    document ??= describeApi(operations)
    return c.json(document)
  })
  for (const operation of operations) {
    api.on(operation.method.toUpperCase(), [honoPath(operation)], async (c) => {
      const now = parts.ctx.clock.now().getTime()
      if (operation.method !== 'get' && now - cleanedAt > cleanEveryMs) {
        cleanedAt = now
        await forgetOldKeys(parts.ctx).catch((error: unknown) =>
          parts.ctx.log.warn({ err: error }, 'old idempotency keys could not be forgotten'),
        )
      }
      return perform(parts, operation, c)
    })
  }
  api.all('*', (c) => unmatched(c))
  api.onError((error, c) => {
    parts.ctx.log.error({ err: error, path: c.req.path }, 'an API request could not be answered')
    const problem = toProblem(error, false)
    return problemResponse(problem, retryHeaders(problem))
  })
  return api
}

function honoPath({ path }: Operation): string {
  return path.replace(/\{(\w+)\}/g, ':$1')
}

function tooLarge(): Response {
  return problemResponse(makeProblem(413, `A body may have ${maxBodyBytes / 1_024} KB at most.`))
}

/** Another method of a path that is there, or no path at all. */
function unmatched(c: Context): Response {
  const path = c.req.path.replace(/^\/api/, '').replace(/\/$/, '')
  const methods = operations
    .filter((operation) => matcherOf(operation).test(path))
    .map(({ method }) => method.toUpperCase())
  if (path === '/openapi.json') methods.push('GET')
  if (methods.length === 0) {
    return problemResponse(makeProblem(404, 'There is nothing at this address; /api/openapi.json says what there is.'))
  }
  const allowed = [...new Set(methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])))].join(', ')
  return problemResponse(makeProblem(405, `Here ${allowed} can be used.`), { Allow: allowed })
}

function matcherOf({ path }: Operation): RegExp {
  return new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`)
}

/** What refuses a request before the API sees it says so in text; programs that speak to the API get a problem there, too. */
export function problemsUnderApi(): MiddlewareHandler {
  return createMiddleware(async (c, next) => {
    await next()
    if (!isUnder(c.req.path, '/api') || c.res.status < 400) return
    if ((c.res.headers.get('content-type') ?? '').startsWith('application/problem+json')) return
    if (c.error !== undefined) {
      // Whoever was asked who this is could not say: the database is away, most likely.
      const problem = toProblem(c.error, false)
      c.res = undefined
      c.res = problemResponse(problem, retryHeaders(problem))
      return
    }
    const isText = (c.res.headers.get('content-type') ?? '').startsWith('text/plain')
    const detail = isText ? await c.res.text() : 'This could not be answered.'
    const headers = new Headers(c.res.headers)
    headers.set('Content-Type', 'application/problem+json')
    headers.delete('Content-Length')
    const { status } = c.res
    c.res = undefined
    c.res = new Response(JSON.stringify(makeProblem(status, detail)), { status, headers })
  })
}
