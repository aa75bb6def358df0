import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { sessionIdleMs } from '../../src/access/sessions.js'
import { addToken } from '../../src/access/tokens.js'
import type { JobQueue } from '../../src/platform/queue.js'
import { createRun } from '../../src/runs/create-run.js'
import { addList } from '../../src/stock/lists.js'
import { type RunningWeb, startWeb } from '../../src/web/start-web.js'
import { createTestDatabase, type TestDatabase } from '../helpers/test-database.js'
import { localWeb, openTestQueue } from '../helpers/web.js'

const password = 'correct horse'

let database: TestDatabase
let queue: JobQueue
const opened: RunningWeb[] = []

beforeAll(async () => {
  database = await createTestDatabase()
  queue = openTestQueue(database)
  await addList(database.ctx, { id: 'cafe', currency: 'EUR', timeZone: 'Europe/Berlin' })
})
afterEach(async () => {
  await Promise.all(opened.splice(0).map((web) => web.close()))
})
afterAll(async () => {
  await queue?.close()
  await database?.drop()
})

async function start(web: { password?: string | null } = { password }): Promise<RunningWeb> {
  const running = await startWeb({ ctx: database.ctx, queue, config: { web: { ...localWeb, ...web } } })
  opened.push(running)
  return running
}

async function login({ url }: RunningWeb): Promise<string> {
  const body = new URLSearchParams({ password })
  const response = await fetch(`${url}/login`, { method: 'POST', redirect: 'manual', body })
  expect(response.status).toBe(303)
  return response.headers.getSetCookie()[0]?.split(';')[0] ?? ''
}

interface Stream {
  /** All that has come so far; resolves as soon as this is in it. */
  until(text: string): Promise<string>
  /** All that came until the server ended it. */
  readonly whole: Promise<string>
}

/** A stream over a connection of its own, as a browser holds it. */
async function follow({ url }: RunningWeb, path: string, cookie: string): Promise<Stream> {
  const response = await fetch(`${url}${path}`, { headers: { cookie, accept: 'text/event-stream' } })
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream'])
  const { body } = response
  if (body === null) throw new Error('the answer has no body')
  let text = ''
  let wake: () => void = () => undefined
  const read = async () => {
    for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
      text += chunk
      wake()
    }
    return text
  }
  const whole = read()
  return {
    whole,
    until: async (wanted) => {
      while (!text.includes(wanted)) {
        const more = new Promise<void>((resolve) => {
          wake = resolve
        })
        await Promise.race([more, whole.then(() => Promise.reject(new Error(`it ended before ${wanted}: ${text}`)))])
      }
      return text
    },
  }
}

const logout = ({ url }: RunningWeb, cookie: string) =>
  fetch(`${url}/logout`, { method: 'POST', redirect: 'manual', headers: { cookie, origin: url } })

describe('what a page follows', () => {
  it('goes on as long as its session does, and tells of changes', async () => {
    const web = await start()
    const stream = await follow(web, '/events/runs', await login(web))
    await stream.until(': here')
    await createRun(database.ctx, { list: 'cafe' })
    expect(await stream.until('event: changed')).not.toContain('left')
  })

  it.each(['/events/overview', '/events/runs', '/events/runs/run_1'])('ends at logout: %s', async (path) => {
    const web = await start()
    const { id } = await createRun(database.ctx, { list: 'cafe' })
    const cookie = await login(web)
    const [mine, other] = await Promise.all([
      follow(web, path.replace('run_1', id), cookie),
      follow(web, path.replace('run_1', id), await login(web)),
    ])
    await mine.until(': here')
    await other.until(': here')
    expect((await logout(web, cookie)).status).toBe(303)
    expect(await mine.whole).toMatch(/event: left\ndata: ?\n\n$/)
    // Whoever else is logged in keeps theirs.
    await createRun(database.ctx, { list: 'cafe' })
    if (!path.includes('run_1')) expect(await other.until('event: changed')).not.toContain('left')
    const again = await fetch(`${web.url}${path}`, { headers: { cookie, accept: 'text/event-stream' } })
    expect(again.status).toBe(401)
  })

  it('ends when the session has not been used for too long, which following is no use of', async () => {
    const web = await start()
    const stream = await follow(web, '/events/overview', await login(web))
    await stream.until(': here')
    database.clock.advance(sessionIdleMs - 60_000)
    await createRun(database.ctx, { list: 'cafe' })
    await stream.until('event: changed')
    database.clock.advance(120_000)
    expect(await stream.whole).toContain('event: left')
  })

  it('ends when a dashboard starts with another password, also on one that still has the old', async () => {
    const web = await start()
    const cookie = await login(web)
    const stream = await follow(web, '/events/overview', cookie)
    await stream.until(': here')
    await start({ password })
    expect((await fetch(`${web.url}/runs`, { headers: { cookie }, redirect: 'manual' })).status).toBe(200)
    await start({ password: 'another password' })
    expect(await stream.whole).toContain('event: left')
    // Not even the old password coming back makes it good again.
    const back = await start({ password })
    expect((await fetch(`${back.url}/runs`, { headers: { cookie }, redirect: 'manual' })).status).toBe(303)
  })

  it('is for nobody with a token, and needs no login where pages need none', async () => {
    const web = await start()
    const { token } = await addToken(database.ctx, { name: 'all', scopes: ['admin'], by: 'test', days: null })
    const headers = { authorization: `Bearer ${token}`, accept: 'text/event-stream' }
    expect((await fetch(`${web.url}/events/overview`, { headers })).status).toBe(403)
    const open = await start({ password: null })
    const stream = await follow(open, '/events/overview', '')
    await stream.until(': here')
    await createRun(database.ctx, { list: 'cafe' })
    expect(await stream.until('event: changed')).not.toContain('left')
  })
})
