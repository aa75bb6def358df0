import { timingSafeEqual } from 'node:crypto'
import type { MiddlewareHandler } from 'hono'
import { createMiddleware } from 'hono/factory'

const loopbackNames: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]', '::1'])

/** True when only this machine can reach a server that listens on `host`. */
export function isLoopback(host: string): boolean {
  return loopbackNames.has(host) || /^127\.\d+\.\d+\.\d+$/.test(host)
}

/**
 * Refuses requests whose Host, or Origin if there is one, names a machine that isn't in the list: a page elsewhere whose
 * name was made to point at this address (DNS rebinding) gets nothing. Ports don't count. Loopback names always pass.
 */
export function guardHost(allowedHosts: readonly string[]): MiddlewareHandler {
  const isAllowed = (host: string) => isLoopback(host) || allowedHosts.includes(host)
  return createMiddleware(async (c, next) => {
    const host = c.req.header('host')
    if (host === undefined || !isAllowed(hostName(`http://${host}`)))
      return c.text('This host name is not served here.', 403)
    const origin = c.req.header('origin')
    if (origin !== undefined && !isAllowed(hostName(origin)))
      return c.text('Requests from other sites are refused.', 403)
    return next()
  })
}

function hostName(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname.toLowerCase() : ''
}

/** True when a text equals a secret; takes the same time whatever the text. */
export function isSameSecret(given: string, secret: string): boolean {
  const a = Buffer.from(given)
  const b = Buffer.from(secret)
  return a.length === b.length && timingSafeEqual(a, b)
}

/** Lets through only requests with `Authorization: Bearer <token>`. */
export function requireBearer(token: string): MiddlewareHandler {
  return createMiddleware(async (c, next) => {
    const given = /^Bearer (.+)$/i.exec(c.req.header('authorization') ?? '')?.[1]
    if (given === undefined || !isSameSecret(given, token)) {
      return c.text('A bearer token is needed.', 401, { 'WWW-Authenticate': 'Bearer' })
    }
    return next()
  })
}
