import type { Context, MiddlewareHandler } from 'hono'
import { createMiddleware } from 'hono/factory'
import { recordAudit } from '../../access/audit.js'
import { localPrincipal } from '../../access/principal.js'
import { isSessionOpen, principalOfSession } from '../../access/sessions.js'
import { principalOfToken } from '../../access/tokens.js'
import type { Config } from '../../config/config.js'
import type { DomainContext } from '../../platform/context.js'
import { cameThroughProxy } from './came-through-proxy.js'
import { clientAddress } from './client-address.js'
import type { FailedAttempts } from './failed-attempts.js'
import { isForThisMachine } from './may-listen.js'
import './principal-of.js'
import { reads } from './refuse-cross-site-writes.js'
import { isUnder } from './security-headers.js'
import { sessionCookieIn } from './session-cookie.js'

export interface LoginParts {
  readonly ctx: DomainContext
  readonly web: Config['web']
  readonly attempts: FailedAttempts
}

const proxied =
  'This came through a proxy from another machine, and other machines need a password: set RESTOCK_PASSWORD and RESTOCK_WEB_URL.'

/** What a program may fetch with its token besides the API. */
const forPrograms: readonly string[] = ['/metrics']

/**
 * Lets through who is known, and says who it is: by bearer token, by session, or, where nobody but this machine can come in
 * and no password is set, anybody. A token that is sent counts even there, so that a program sees what it will be refused.
 */
export function requireLogin({ ctx, web, attempts }: LoginParts): MiddlewareHandler {
  return createMiddleware(async (c, next) => {
    const authorization = c.req.header('authorization') ?? ''
    if (/^Bearer\b/i.test(authorization)) {
      // One that is empty or in pieces is a token all the same, and a wrong one.
      const token = /^Bearer +(\S+)$/i.exec(authorization)?.[1] ?? ''
      const principal = await principalOfToken(ctx, token)
      if (principal === null) return refuseToken(c, { ctx, web, attempts })
      const { path } = c.req
      const isForPrograms = isUnder(path, '/api') || (reads.has(c.req.method) && forPrograms.includes(path))
      if (!isForPrograms) return c.text('Tokens are for the API; pages need a login.', 403)
      c.set('principal', principal)
      c.set('isStillIn', async () => (await principalOfToken(ctx, token)) !== null)
      return next()
    }
    const { password } = web
    if (password === null) {
      if (!isForThisMachine(web)) return refuse(c)
      if (cameThroughProxy(c)) return c.text(proxied, 403)
      c.set('principal', localPrincipal)
      c.set('isStillIn', async () => true)
      return next()
    }
    const cookie = sessionCookieIn(c, web)
    const principal = cookie === undefined ? null : await principalOfSession(ctx, cookie, password)
    if (cookie === undefined || principal === null) return refuse(c)
    c.set('principal', principal)
    c.set('isStillIn', () => isSessionOpen(ctx, cookie, password))
    return next()
  })
}

/** Looked up before it is counted: who has a good token isn't held up by somebody else's guesses. */
async function refuseToken(c: Context, { ctx, web, attempts }: LoginParts): Promise<Response> {
  const address = clientAddress(c, web)
  const waitMs = attempts.waitMs(address)
  if (waitMs > 0) return tooMany(c, waitMs)
  attempts.note(address)
  ctx.log.warn({ address }, 'a token that is none, or none any more, was refused')
  await recordAudit(ctx, {
    actor: { kind: 'token', name: address },
    action: 'useToken',
    subject: null,
    result: 'refused',
    status: 401,
  }).catch((error: unknown) => ctx.log.error({ err: error }, 'the audit log could not be written'))
  return c.text('This token is not known, has expired or was revoked.', 401, {
    'WWW-Authenticate': 'Bearer error="invalid_token"',
  })
}

export function tooMany(c: Context, waitMs: number): Response {
  return c.text('Too many wrong attempts; try again in a minute.', 429, {
    'Retry-After': `${Math.ceil(waitMs / 1_000)}`,
  })
}

/** People are sent to the login and come back afterwards; programs are told what they need. */
function refuse(c: Context): Response {
  const { path } = c.req
  if (isUnder(path, '/api') || forPrograms.includes(path)) {
    return c.text('A token is needed: Authorization: Bearer …', 401, { 'WWW-Authenticate': 'Bearer' })
  }
  if (c.req.header('hx-request') !== undefined) {
    const shown = c.req.header('hx-current-url') ?? ''
    const page = URL.canParse(shown) ? `${new URL(shown).pathname}${new URL(shown).search}` : '/'
    return c.text('Log in first.', 401, { 'HX-Redirect': loginPath(page) })
  }
  const wantsPage = c.req.method === 'GET' && (c.req.header('accept') ?? '*/*').includes('*/*')
  if (c.req.method === 'GET' && (wantsPage || (c.req.header('accept') ?? '').includes('text/html'))) {
    const { pathname, search } = new URL(c.req.url)
    return c.redirect(loginPath(`${pathname}${search}`), 303)
  }
  return c.text('Log in first.', 401)
}

export function loginPath(next: string): string {
  return next === '/' ? '/login' : `/login?next=${encodeURIComponent(next)}`
}
