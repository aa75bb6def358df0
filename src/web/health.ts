import { Hono } from 'hono'
import type { DomainContext } from '../platform/context.js'
import type { JobQueue } from '../platform/queue.js'
import { findRuns } from '../runs/find-runs.js'

const deadlineMs = 3_000

/** `/healthz`: the process is alive. `/readyz`: database and queue answer; if not, 503 names what is away. */
export function createHealth(ctx: DomainContext, queue: JobQueue): Hono {
  let looking: Promise<readonly string[]> | undefined
  // One look serves all who ask meanwhile: these two need no password, and a look costs a connection.
  const findAway = () => {
    looking ??= lookForAway(ctx, queue).finally(() => {
      looking = undefined
    })
    return looking
  }
  const health = new Hono()
  health.get('/healthz', (c) => c.json({ service: 'restock', status: 'ok' }))
  health.get('/readyz', async (c) => {
    const away = await findAway()
    const state = (part: string) => (away.includes(part) ? 'away' : 'ok')
    const body = { service: 'restock', database: state('database'), queue: state('queue') }
    return away.length === 0
      ? c.json({ status: 'ready', ...body })
      : c.json({ status: 'not_ready', away, ...body }, 503)
  })
  return health
}

async function lookForAway(ctx: DomainContext, queue: JobQueue): Promise<string[]> {
  const [database, jobs] = await Promise.all([answers(findRuns(ctx, { limit: 1 })), answers(queue.check())])
  return [...(database ? [] : ['database']), ...(jobs ? [] : ['queue'])]
}

async function answers(work: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), deadlineMs)
  })
  const answered = work.then(
    () => true,
    () => false,
  )
  try {
    return await Promise.race([answered, late])
  } finally {
    clearTimeout(timer)
  }
}
