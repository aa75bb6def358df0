import type { MiddlewareHandler } from 'hono'
import { createMiddleware } from 'hono/factory'

const reads: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Refuses whatever changes something and was sent by a page that isn't ours, be it another site or another port of this
 * machine: browsers say so in Sec-Fetch-Site, older ones in Origin. Programs send neither and pass.
 */
export function refuseCrossSiteWrites(): MiddlewareHandler {
  return createMiddleware(async (c, next) => {
    if (reads.has(c.req.method)) return next()
    const site = c.req.header('sec-fetch-site')
    const origin = c.req.header('origin')
    const isOurs =
      site !== undefined
        ? site === 'same-origin' || site === 'none'
        : origin === undefined || hostOf(origin) === c.req.header('host')?.toLowerCase()
    return isOurs ? next() : c.text('Changes from other sites are refused.', 403)
  })
}

function hostOf(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host : null
}
