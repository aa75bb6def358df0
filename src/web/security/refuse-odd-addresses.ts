import type { MiddlewareHandler } from 'hono'
import { createMiddleware } from 'hono/factory'
import { isUnder } from './security-headers.js'

/** Refuses addresses of pages that hold a NUL, which nothing of ours is called and the database takes in no question. The API says itself which part is wrong. */
export function refuseOddAddresses(): MiddlewareHandler {
  return createMiddleware(async (c, next) => {
    if (c.req.url.includes('%00') && !isUnder(c.req.path, '/api')) return c.text('There is no such address.', 404)
    return next()
  })
}
