import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { jobNames } from '../../jobs/index.js'
import { openDatabase } from '../../src/platform/database.js'
import { type JobQueue, openQueue } from '../../src/platform/queue.js'
import { createTestDatabase, type TestDatabase } from '../helpers/test-database.js'
import { createTestWeb, openTestQueue } from '../helpers/web.js'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database?.drop())

const redisUrl = inject('redisUrl')

interface BoardQueue {
  readonly name: string
  readonly counts: Readonly<Record<string, number>>
  readonly jobs: readonly { readonly id: string; readonly data: unknown }[]
}

describe.each([
  { backend: 'postgres', url: null, isThere: true },
  { backend: 'redis', url: redisUrl, isThere: redisUrl !== null },
])('Bull Board on $backend', ({ backend, url, isThere }) => {
  let queue: JobQueue
  let web: ReturnType<typeof createTestWeb>
  beforeAll(() => {
    const prefix = `test-board-${process.pid}`
    queue = openQueue({ databaseUrl: database.url, redisUrl: url, prefix, log: database.ctx.log })
    web = createTestWeb({ ctx: database.ctx, queue })
  })
  afterAll(() => queue.close())

  async function boardQueues(query = ''): Promise<readonly BoardQueue[]> {
    const response = await web.request(`/queues/api/queues${query}`)
    expect(response.status).toBe(200)
    const { queues } = (await response.json()) as { queues: readonly BoardQueue[] }
    return queues
  }

  it.skipIf(!isThere)('shows every queue, with the jobs that wait in it', async () => {
    await queue.enqueue('replenish', { runId: 'run_1' }, { jobId: 'run-run_1-1' })
    const queues = await boardQueues('?activeQueue=replenish&status=waiting')
    expect(queues.map(({ name }) => name).sort()).toEqual([...jobNames].sort())
    const replenish = queues.find(({ name }) => name === 'replenish')
    expect(replenish?.counts.waiting).toBe(1)
    expect(replenish?.jobs).toMatchObject([{ id: 'run-run_1-1', data: { runId: 'run_1' } }])
  })

  it.skipIf(!isThere)('tells about the store that the queue lives in', async () => {
    const response = await web.request('/queues/api/redis/stats')
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({ backend })
  })

  it.skipIf(!isThere).each(['/queues', '/queues/', '/queues/queue/replenish'])(
    'serves its page at %s, with all that it loads',
    async (path) => {
      const response = await web.request(path)
      expect(response.status).toBe(200)
      const page = await response.text()
      expect(page).toContain('<base href="/queues/"')
      const loaded = [...page.matchAll(/(?:src|href)="((?:static|\/assets)\/[^"]+)"/g)].map((match) => match[1] ?? '')
      expect(loaded.length).toBeGreaterThan(4)
      for (const asset of loaded) {
        const found = await web.request(asset.startsWith('/') ? asset : `/queues/${asset}`)
        expect([asset, found.status]).toEqual([asset, 200])
      }
    },
  )

  it.skipIf(!isThere)('asks nobody else for anything', async () => {
    const response = await web.request('/queues')
    expect(await response.text()).not.toMatch(/(?:src|href)="https?:/)
    const policy = response.headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("script-src 'self';")
  })

  it.skipIf(!isThere)('does not leave its folder', async () => {
    for (const path of [
      '/queues/static/../../package.json',
      '/queues/static/%2e%2e/%2e%2e/package.json',
      '/queues/static/..%2fpackage.json',
    ]) {
      expect((await web.request(path)).status).not.toBe(200)
    }
  })
})

describe('health', () => {
  let queue: JobQueue
  let web: ReturnType<typeof createTestWeb>
  beforeAll(() => {
    queue = openTestQueue(database)
    web = createTestWeb({ ctx: database.ctx, queue })
  })
  afterAll(() => queue.close())

  it('is alive and ready when database and queue answer', async () => {
    expect(await (await web.request('/healthz')).json()).toEqual({ service: 'restock', status: 'ok' })
    const ready = await web.request('/readyz')
    expect(ready.status).toBe(200)
    expect(await ready.json()).toEqual({ service: 'restock', status: 'ready', database: 'ok', queue: 'ok' })
  })

  it('names the queue when it is away', async () => {
    const away = openQueue({
      databaseUrl: database.url,
      redisUrl: 'redis://127.0.0.1:1',
      prefix: 'test',
      log: database.ctx.log,
    })
    const cut = createTestWeb({ ctx: database.ctx, queue: away })
    try {
      const response = await cut.request('/readyz')
      expect(response.status).toBe(503)
      expect(await response.json()).toMatchObject({
        status: 'not_ready',
        away: ['queue'],
        database: 'ok',
        queue: 'away',
      })
      expect((await cut.request('/healthz')).status).toBe(200)
    } finally {
      await away.close()
    }
  })

  it('names the database when it is away', async () => {
    const gone = openDatabase({
      url: 'postgres://nobody:nothing@127.0.0.1:1/none',
      applicationName: 'restock-test',
      log: database.ctx.log,
    })
    const cut = createTestWeb({ ctx: { ...database.ctx, db: gone.db }, queue })
    try {
      const response = await cut.request('/readyz')
      expect(response.status).toBe(503)
      expect(await response.json()).toMatchObject({ away: ['database'] })
      expect((await cut.request('/runs')).status).toBe(503)
    } finally {
      await gone.close()
    }
  })
})
