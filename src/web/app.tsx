import { Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'
import type { Config } from '../config/config.js'
import type { DomainContext } from '../platform/context.js'
import { describeDatabaseError } from '../platform/database-errors.js'
import { InputError, isExpectedError } from '../platform/errors.js'
import { guardHost } from '../platform/http-guard.js'
import type { JobQueue } from '../platform/queue.js'
import { createApi, problemsUnderApi } from './api/create-api.js'
import { createAssets } from './assets.js'
import { createHealth } from './health.js'
import { createLiveEvents } from './live/live-events.js'
import { createSights } from './live/sights.js'
import { sentence } from './pages/act.js'
import { createPages } from './pages/index.js'
import type { About } from './pages/page-parts.js'
import { problemPage } from './pages/problem-page.js'
import { createQueueBoard } from './queue-board.js'
import { auditWrites } from './security/audit-writes.js'
import { createFailedAttempts } from './security/failed-attempts.js'
import { createLogin } from './security/login.js'
import { refuseCrossSiteReads } from './security/refuse-cross-site-reads.js'
import { refuseCrossSiteWrites } from './security/refuse-cross-site-writes.js'
import { refuseOddAddresses } from './security/refuse-odd-addresses.js'
import { requireLogin } from './security/require-login.js'
import { securityHeaders } from './security/security-headers.js'
import { servedHosts } from './security/served-hosts.js'

export interface WebParts {
  readonly ctx: DomainContext
  readonly queue: JobQueue
  readonly config: { readonly web: Config['web'] }
  /** What is shown of the installation itself; absent where only the database is known. */
  readonly about?: About | undefined
}

/** Every page there is, and what guards them. */
export function createWebApp({ ctx, queue, config: { web }, about }: WebParts): Hono {
  const app = new Hono({ strict: false })
  app.use(
    securityHeaders(web),
    problemsUnderApi(),
    guardHost(servedHosts(web)),
    refuseCrossSiteWrites(),
    refuseCrossSiteReads(),
    refuseOddAddresses(),
  )
  app.route('/', createHealth(ctx, queue))
  app.route('/', createAssets())
  const login = { ctx, web, attempts: createFailedAttempts(ctx.clock) }
  app.route('/', createLogin(login))
  app.use(requireLogin(login), auditWrites(ctx))
  app.route('/queues', createQueueBoard(queue, '/queues'))
  app.route('/api', createApi({ ctx, queue }))

  const sights = createSights(ctx)
  app.route('/', createLiveEvents(sights, ctx.log))
  app.route('/', createPages({ ctx, queue, sights, about: about ?? null }))

  app.notFound((c) => c.html(problemPage('Not found', 'There is no such page.'), 404))
  app.onError((error, c) => {
    if (error instanceof HTTPException && error.status < 500) {
      return c.html(problemPage('Refused', sentence(error.message)), error.status)
    }
    if (error instanceof InputError) return c.html(problemPage('Not found', sentence(error.message)), 404)
    const known = describeDatabaseError(error)
    if (isExpectedError(known)) {
      if (known !== error) ctx.log.warn({ err: error, path: c.req.path }, 'a page could not be shown')
      return c.html(problemPage('Not now', sentence(known.message)), 503)
    }
    ctx.log.error({ err: error, path: c.req.path }, 'a page could not be shown')
    return c.html(problemPage('Something went wrong', 'This page can’t be shown right now; the log says why.'), 500)
  })
  return app
}
