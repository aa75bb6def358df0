import type { MiddlewareHandler } from 'hono'
import { createMiddleware } from 'hono/factory'
import { secureHeaders } from 'hono/secure-headers'
import type { Config } from '../../config/config.js'
import { isHttps } from './session-cookie.js'

const nothing = ["'none'"]
const own = ["'self'"]

/** Our own pages: scripts, styles and data from here alone, nothing inline, nothing evaluated. */
const pagePolicy = {
  defaultSrc: nothing,
  scriptSrc: own,
  styleSrc: own,
  connectSrc: own,
  // Pictures in stylesheets are written as data.
  imgSrc: [...own, 'data:'],
  formAction: own,
  baseUri: nothing,
  frameAncestors: nothing,
}

/** The queue dashboard: it sets styles on its elements and has pictures and fonts in its stylesheet. */
const boardPolicy = {
  ...pagePolicy,
  styleSrc: [...own, "'unsafe-inline'"],
  fontSrc: [...own, 'data:'],
  baseUri: own,
}

/** Answers for programs are no pages. */
const apiPolicy = { defaultSrc: nothing, frameAncestors: nothing }

/** What every answer says to browsers about itself. Each part of the dashboard has the strictest policy it works under. */
export function securityHeaders(web: Pick<Config['web'], 'publicUrl'>): MiddlewareHandler {
  const common = {
    xFrameOptions: 'DENY',
    // Pages of ours tell us where a form was sent from (see refuse-cross-site-writes), and nobody else anything.
    referrerPolicy: 'same-origin',
    strictTransportSecurity: isHttps(web) ? 'max-age=31536000' : false,
    permissionsPolicy: { camera: [], geolocation: [], microphone: [], payment: [] },
  }
  const forPages = secureHeaders({ ...common, contentSecurityPolicy: pagePolicy })
  const forBoard = secureHeaders({ ...common, contentSecurityPolicy: boardPolicy })
  const forApi = secureHeaders({ ...common, contentSecurityPolicy: apiPolicy })
  return createMiddleware(async (c, next) => {
    const { path } = c.req
    await (isUnder(path, '/queues') ? forBoard : isUnder(path, '/api') ? forApi : forPages)(c, next)
    // Nothing that needs a login stays in a browser that has logged out; what may, says so itself.
    if (!c.res.headers.has('Cache-Control')) c.res.headers.set('Cache-Control', 'no-store')
  })
}

export function isUnder(path: string, base: string): boolean {
  return path === base || path.startsWith(`${base}/`)
}
