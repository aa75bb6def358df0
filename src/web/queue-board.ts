import { createBullBoard } from '@bull-board/api'
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter'
import { HonoAdapter } from '@bull-board/hono'
import { serveStatic } from '@hono/node-server/serve-static'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { JobQueue } from '../platform/queue.js'

/** Bull Board over all queues, to be mounted at `basePath`. It has no login of its own: whoever mounts it guards it. */
export function createQueueBoard(queue: JobQueue, basePath: string): Hono {
  const adapter = new HonoAdapter(serveStatic)
  adapter.setBasePath(basePath)
  createBullBoard({
    queues: Object.values(queue.queues).map((each) => new BullMQAdapter(each, { externalJobUrl: pageOfJob })),
    serverAdapter: adapter,
    options: {
      uiConfig: {
        boardTitle: 'Restock queues',
        miscLinks: [
          { text: 'Overview', url: '/' },
          { text: 'Runs', url: '/runs' },
        ],
        hideDocsLink: true,
        favIcon: { default: '/assets/icon.svg', alternative: '/assets/icon.svg' },
      },
    },
  })
  const board = new Hono()
  board.use(
    bodyLimit({ maxSize: 1024 * 1024, onError: (c) => c.json({ error: 'A body may have 1 MB at most.' }, 413) }),
    withoutForeignLinks,
  )
  board.route('/', adapter.registerPlugin())
  return board
}

/** Where the work that a job asks for is shown; jobs of no run and no order are about everything. */
function pageOfJob({ data }: { readonly data?: unknown }): { displayText: string; href: string } {
  const { runId, orderId } = (data ?? {}) as { readonly runId?: unknown; readonly orderId?: unknown }
  if (typeof runId === 'string') return { displayText: 'Run', href: `/runs/${encodeURIComponent(runId)}` }
  if (typeof orderId === 'string') return { displayText: 'Order', href: `/orders/${encodeURIComponent(orderId)}` }
  return { displayText: 'Overview', href: '/' }
}

/** Its page asks another company for fonts; the policy would refuse them, and without the link nothing is refused. */
const withoutForeignLinks: Parameters<Hono['use']>[1] = async (c, next) => {
  await next()
  if (!(c.res.headers.get('content-type') ?? '').startsWith('text/html')) return
  const page = await c.res.text()
  c.res = new Response(page.replace(/<link\b[^>]*\bhref="https?:[^>]*>/g, ''), c.res)
}
