import type { MiddlewareHandler } from 'hono'
import { createMiddleware } from 'hono/factory'
import { reads } from './refuse-cross-site-writes.js'

/**
 * Another site's page may link to ours and nothing else: what it embeds, fetches or asks for as a picture is refused, though it
 * could not read the answer. Where nobody has to log in it could otherwise make this machine work, and tell from sizes and times
 * what there is. Browsers say where a request comes from and what for; programs say neither and are not concerned.
 */
export function refuseCrossSiteReads(): MiddlewareHandler {
  return createMiddleware(async (c, next) => {
    if (!reads.has(c.req.method)) return next()
    const site = c.req.header('sec-fetch-site')
    if (site === undefined || site === 'same-origin' || site === 'none') return next()
    const isLink = c.req.header('sec-fetch-mode') === 'navigate' && c.req.header('sec-fetch-dest') === 'document'
    return isLink ? next() : c.text('Requests from other sites are refused; they may link here.', 403)
  })
}
