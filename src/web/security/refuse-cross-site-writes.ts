import type { MiddlewareHandler } from 'hono'
import { createMiddleware } from 'hono/factory'
import { hasSessionCookie } from './session-cookie.js'

export const reads: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Refuses whatever changes something and was sent by a page that isn't ours, be it another site or another port of this
 * machine: browsers say so in Sec-Fetch-Site, and over plain HTTP in Origin. Programs send neither and pass, unless they come
 * with a browser's session. That is why our forms need no token of their own: every browser that keeps our cookie
 * (SameSite=Lax) sends one of the two headers with a POST, no page can forge or drop them, and a write that has a session but
 * neither header is refused. It holds as long as no GET changes anything and our pages send their origin
 * (Referrer-Policy: same-origin; with no-referrer a browser would call it "null").
 */
export function refuseCrossSiteWrites(): MiddlewareHandler {
  return createMiddleware(async (c, next) => {
    if (reads.has(c.req.method)) return next()
    const site = c.req.header('sec-fetch-site')
    const origin = c.req.header('origin')
    const isOurs =
      site !== undefined
        ? site === 'same-origin' || site === 'none'
        : origin === undefined
          ? !hasSessionCookie(c)
          : hostOf(origin) === c.req.header('host')?.toLowerCase()
    return isOurs ? next() : c.text('Changes from other sites are refused.', 403)
  })
}

function hostOf(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host : null
}
