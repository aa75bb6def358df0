import { Hono } from 'hono'
import type { Config } from '../config/config.js'
import type { DomainContext } from '../platform/context.js'
import { InputError } from '../platform/errors.js'
import { guardHost } from '../platform/http-guard.js'
import type { JobQueue } from '../platform/queue.js'
import { findOrders, maxOrdersPerListing } from '../purchasing/find-orders.js'
import { findRuns, getRun } from '../runs/find-runs.js'
import { findLists, requireList } from '../stock/lists.js'
import { createAssets } from './assets.js'
import { createHealth } from './health.js'
import { problemPage } from './pages/problem-page.js'
import { runPage } from './pages/run-page.js'
import { runsPage } from './pages/runs-page.js'
import { createQueueBoard } from './queue-board.js'
import { auditWrites } from './security/audit-writes.js'
import { createFailedAttempts } from './security/failed-attempts.js'
import { createLogin } from './security/login.js'
import { refuseCrossSiteWrites } from './security/refuse-cross-site-writes.js'
import { requireLogin } from './security/require-login.js'
import { securityHeaders } from './security/security-headers.js'
import { servedHosts } from './security/served-hosts.js'

export interface WebParts {
  readonly ctx: DomainContext
  readonly queue: JobQueue
  readonly config: { readonly web: Config['web'] }
}

const runsShown = 50

/** Every page there is, and what guards them. */
export function createWebApp({ ctx, queue, config: { web } }: WebParts): Hono {
  const app = new Hono({ strict: false })
  app.use(securityHeaders(web), guardHost(servedHosts(web)), refuseCrossSiteWrites())
  app.route('/', createHealth(ctx, queue))
  app.route('/', createAssets())
  const login = { ctx, web, attempts: createFailedAttempts(ctx.clock) }
  app.route('/', createLogin(login))
  app.use(requireLogin(login), auditWrites(ctx))
  app.route('/queues', createQueueBoard(queue, '/queues'))

  app.get('/', (c) => c.redirect('/runs'))
  app.get('/runs', async (c) => {
    const asked = c.req.query('list')
    const list = asked === undefined || asked === '' ? null : (await requireList(ctx, asked)).id
    const [runs, lists, orders] = await Promise.all([
      findRuns(ctx, { limit: runsShown, ...(list === null ? {} : { list }) }),
      findLists(ctx),
      findOrders(ctx, { limit: maxOrdersPerListing, ...(list === null ? {} : { list }) }),
    ])
    const orderStatuses = new Map(orders.map(({ orderId, status }) => [orderId, status]))
    return c.html(runsPage({ runs, lists, list, orderStatuses, limit: runsShown }))
  })
  app.get('/runs/:id', async (c) => {
    const run = await getRun(ctx, c.req.param('id'))
    const orders = await findOrders(ctx, { runId: run.id, limit: maxOrdersPerListing })
    const timeZone =
      run.snapshot?.timeZone ?? (await findLists(ctx)).find(({ id }) => id === run.list)?.timeZone ?? 'UTC'
    return c.html(runPage({ run, orders, timeZone }))
  })

  app.notFound((c) => c.html(problemPage('Not found', 'There is no such page.'), 404))
  app.onError((error, c) => {
    if (error instanceof InputError) return c.html(problemPage('Not found', error.message), 404)
    ctx.log.error({ err: error, path: c.req.path }, 'a page could not be shown')
    return c.html(problemPage('Something went wrong', 'This page can’t be shown right now; the log says why.'), 500)
  })
  return app
}
