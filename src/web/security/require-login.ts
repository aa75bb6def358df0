import type { Context, MiddlewareHandler } from 'hono'
import { createMiddleware } from 'hono/factory'
import { localPrincipal } from '../../access/principal.js'
import { principalOfSession } from '../../access/sessions.js'
import { principalOfToken } from '../../access/tokens.js'
import type { Config } from '../../config/config.js'
import type { DomainContext } from '../../platform/context.js'
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

/** What a program may fetch with its token besides the API. */
const forPrograms: readonly string[] = ['/metrics']

/**
 * Lets through who is known, and says who it is: by bearer token, by session, or, where nobody but this machine can come in
 * and no password is set, anybody. A token that is sent counts even there, so that a program sees what it will be refused.
 */
export function requireLogin({ ctx, web, attempts }: LoginParts): MiddlewareHandler {
  return createMiddleware(async (c, next) => {
    const token = /^Bearer +(\S+)$/i.exec(c.req.header('authorization') ?? '')?.[1]
    if (token !== undefined) {
      const principal = await principalOfToken(ctx, token)
      if (principal === null) return refuseToken(c, { ctx, web, attempts })
      const { path } = c.req
      const isForPrograms = isUnder(path, '/api') || (reads.has(c.req.method) && forPrograms.includes(path))
      if (!isForPrograms) return c.text('Tokens are for the API; pages need a login.', 403)
      c.set('principal', principal)
      return next()
    }
    if (web.password === null) {
      if (!isForThisMachine(web)) return refuse(c)
      c.set('principal', localPrincipal)
      return next()
    }
    const cookie = sessionCookieIn(c)
    const principal = cookie === undefined ? null : await principalOfSession(ctx, cookie, web.password)
    if (principal === null) return refuse(c)
    c.set('principal', principal)
    return next()
  })
}

/** Looked up before it is counted: who has a good token isn't held up by somebody else's guesses. */
function refuseToken(c: Context, { ctx, web, attempts }: LoginParts): Response {
  const address = clientAddress(c, web)
  const waitMs = attempts.waitMs(address)
  if (waitMs > 0) return tooMany(c, waitMs)
  attempts.note(address)
  ctx.log.warn({ address }, 'a token that is none, or none any more, was refused')
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
