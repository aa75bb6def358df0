/** What a server that really listens makes of requests that no browser and no library would send. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findAudit } from '../../src/access/audit.js'
import { addToken } from '../../src/access/tokens.js'
import type { JobQueue } from '../../src/platform/queue.js'
import { addList } from '../../src/stock/lists.js'
import { createWebApp } from '../../src/web/app.js'
import { type RunningWeb, startWeb } from '../../src/web/start-web.js'
import { ask, type RawRequest, sendBytes } from '../helpers/raw-http.js'
import { createTestDatabase, type TestDatabase } from '../helpers/test-database.js'
import { localWeb, openTestQueue } from '../helpers/web.js'

const password = 'correct horse'
const json = { 'content-type': 'application/json' }
const form = { 'content-type': 'application/x-www-form-urlencoded' }

let database: TestDatabase
let queue: JobQueue
let open: RunningWeb
let guarded: RunningWeb

beforeAll(async () => {
  database = await createTestDatabase()
  await addList(database.ctx, { id: 'cafe', currency: 'EUR', timeZone: 'Europe/Berlin' })
  queue = openTestQueue(database)
  open = await startWeb({ ctx: database.ctx, queue, config: { web: localWeb } })
  guarded = await startWeb({ ctx: database.ctx, queue, config: { web: { ...localWeb, password } } })
})
afterAll(async () => {
  await open?.close()
  await guarded?.close()
  await queue?.close()
  await database?.drop()
})

async function sessionOf(web: RunningWeb): Promise<string> {
  const body = new URLSearchParams({ password }).toString()
  const answer = await ask(web.url, { method: 'POST', path: '/login', headers: form, body })
  return answer.headers.getSetCookie()[0]?.split(';')[0] ?? ''
}

describe('too much', () => {
  it.each<[string, number, RawRequest]>([
    ['a login', 413, { method: 'POST', path: '/login', headers: form, body: `password=${'x'.repeat(11_000)}` }],
    ['an API write', 413, { method: 'POST', path: '/api/runs', headers: json, body: `"${'x'.repeat(300_000)}"` }],
    ['one that takes no body', 413, { method: 'POST', path: '/api/orders/x/approve', body: 'x'.repeat(300_000) }],
    ['a form', 413, { method: 'POST', path: '/runs', headers: form, body: `list=${'x'.repeat(7_000_000)}` }],
    ['the queue dashboard', 413, { method: 'PUT', path: '/queues/api/queues/pause', body: 'x'.repeat(1_100_000) }],
    ['an address', 431, { path: `/items?q=${'x'.repeat(70_000)}` }],
    ['a header', 431, { path: '/items', headers: { 'x-much': 'x'.repeat(70_000) } }],
  ])('for %s is %d', async (_what, status, request) => {
    const web = request.path === '/login' ? guarded : open
    expect((await ask(web.url, request)).status).toBe(status)
    expect(await queue.queues.replenish.isPaused()).toBe(false)
  })

  it('in chunks of unsaid length is found as well', async () => {
    const chunk = `1000\r\n${'x'.repeat(0x1000)}\r\n`
    const head = 'POST /api/runs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n'
    const { closed } = sendBytes(
      open.url,
      `${head}Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n${chunk.repeat(80)}0\r\n\r\n`,
    )
    expect(await closed).toMatch(/^HTTP\/1\.1 413 /)
  })

  it.each([
    ['arrays', `{"name":${'['.repeat(60_000)}${']'.repeat(60_000)}}`],
    ['objects', `${'{"name":'.repeat(25_000)}1${'}'.repeat(25_000)}`],
  ])('of %s within each other is wrong input', async (_what, body) => {
    for (const [method, path] of [
      ['POST', '/api/requests'],
      ['PATCH', '/api/items/x'],
    ] as const) {
      const answer = await ask(open.url, { method, path, headers: json, body })
      expect([path, answer.status, JSON.parse(answer.text).code]).toEqual([path, 422, 'invalid_request'])
    }
  })
})

describe('a form that is none', () => {
  it.each([
    ['multipart/form-data; boundary=x', 'garbage'],
    ['multipart/form-data', 'garbage'],
    ['multipart/form-data; boundary=x', '--x\r\nContent-Disposition: form-data; name="list"\r\n\r\ncafe'],
    ['application/x-www-form-urlencoded', '%E0%A4%A&%=&=%ff'],
    ['application/json', '{"list":"cafe"}'],
    ['', '\u0000\u0001'],
  ])('is the sender’s mistake: %s', async (type, body) => {
    for (const path of ['/runs', '/items', '/items/import', '/schedules', '/orders/x/approve', '/start']) {
      const answer = await ask(open.url, { method: 'POST', path, headers: { 'content-type': type }, body })
      expect([path, answer.status < 500]).toEqual([path, true])
    }
    const login = await ask(guarded.url, { method: 'POST', path: '/login', headers: { 'content-type': type }, body })
    expect([401, 429]).toContain(login.status)
  })
})

describe('paths', () => {
  it.each([
    '/assets/../../package.json',
    '/assets/..%2f..%2fpackage.json',
    '/assets/%2e%2e/%2e%2e/package.json',
    '/queues/static/../../../../../package.json',
    '/queues/static/..%2f..%2f..%2fpackage.json',
    '/queues/static/%2e%2e/%2e%2e/package.json',
    '/queues/static/....//....//package.json',
    '/queues/static//etc/passwd',
    '/queues/static/..\\..\\package.json',
    '//etc/passwd',
    'http://localhost/assets/../package.json',
  ])('lead nowhere else: %s', async (path) => {
    const answer = await ask(open.url, { path })
    expect(answer.status).toBeGreaterThanOrEqual(400)
    expect(answer.status).toBeLessThan(500)
    expect(answer.text).not.toMatch(/"version"|root:x/)
  })

  it.each([
    ['two names', 'GET /runs HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n'],
    ['none', 'GET /runs HTTP/1.0\r\n'],
    ['a name that is none', 'GET /runs HTTP/1.1\r\nHost: a b\r\n'],
    ['somebody’s name before ours', 'GET /runs HTTP/1.1\r\nHost: localhost:1@evil.example\r\n'],
    ['a name that ends like ours', 'GET /runs HTTP/1.1\r\nHost: localhost.\r\n'],
    ['two lengths', 'POST /runs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n'],
    ['no path', 'OPTIONS * HTTP/1.1\r\nHost: localhost\r\n'],
    ['a NUL', 'GET /runs\u0000 HTTP/1.1\r\nHost: localhost\r\n'],
  ])('asked for under %s are refused', async (_what, head) => {
    const { closed } = sendBytes(open.url, `${head}Connection: close\r\n\r\n`)
    expect(await closed).toMatch(/^HTTP\/1\.1 4\d\d /)
  })
})

describe('whoever takes long', () => {
  it.each([
    ['to say anything', ''],
    ['to end the headers', 'GET /runs HTTP/1.1\r\nHost: localhost\r\nX-Slow: 1'],
    [
      'to send the body',
      'POST /api/runs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{',
    ],
  ])('%s is cut off', async (_what, bytes) => {
    const web = await startWeb(
      { ctx: database.ctx, queue, config: { web: localWeb } },
      { headersMs: 300, requestMs: 600 },
    )
    try {
      const { closed } = sendBytes(web.url, bytes)
      expect(await closed).toMatch(/^(HTTP\/1\.1 408 |$)/)
    } finally {
      await web.close()
    }
  })
})

describe('live streams', () => {
  it('are not held open for whoever only asks whether they are there', async () => {
    for (let at = 0; at < 210; at++) {
      expect((await ask(open.url, { method: 'HEAD', path: '/events/overview' })).status).toBe(200)
    }
    const { socket, closed } = sendBytes(open.url, 'GET /events/overview HTTP/1.1\r\nHost: localhost\r\n\r\n')
    socket.once('data', () => socket.destroy())
    expect(await closed).toMatch(/^HTTP\/1\.1 200 /)
  })
})

describe('tokens', () => {
  it.each(['Bearer', 'Bearer ', 'bearer', 'Bearer a b', 'Bearer\ta', 'Bearer rst_', 'Bearer "x"'])(
    'that are none are refused on loopback, too: %j',
    async (authorization) => {
      const answer = await ask(open.url, { path: '/api/lists', headers: { authorization } })
      expect([answer.status, answer.headers.get('content-type')]).toEqual([401, 'application/problem+json'])
      database.clock.advance(61_000)
    },
  )

  it('that are none are noted, as often as they are looked at', async () => {
    const before = (await findAudit(database.ctx, { limit: 200 })).length
    const statuses: number[] = []
    for (let at = 0; at < 13; at++) {
      const headers = { authorization: `Bearer rst_${at}` }
      statuses.push((await ask(guarded.url, { path: '/api/lists', headers })).status)
    }
    expect(statuses.filter((status) => status === 401)).toHaveLength(10)
    const noted = (await findAudit(database.ctx, { limit: 200 })).slice(0, -before || undefined)
    expect(noted).toHaveLength(10)
    expect(noted[0]).toMatchObject({ actorKind: 'token', actor: '127.0.0.1', action: 'useToken', result: 'refused' })
    expect(JSON.stringify(noted)).not.toContain('rst_')
    database.clock.advance(61_000)
  })

  it('open no page and no queue dashboard, whatever they may do', async () => {
    const { token } = await addToken(database.ctx, { name: 'all', scopes: ['admin'], by: 'test', days: null })
    const headers = { authorization: `Bearer ${token}` }
    for (const web of [open, guarded]) {
      for (const [method, path] of [
        ['GET', '/'],
        ['GET', '/settings'],
        ['GET', '/queues'],
        ['GET', '/queues/api/queues'],
        ['PUT', '/queues/api/queues/pause'],
        ['POST', '/runs'],
        ['GET', '/events/overview'],
      ] as const) {
        expect([method, path, (await ask(web.url, { method, path, headers })).status]).toEqual([method, path, 403])
      }
      expect((await ask(web.url, { path: '/api/audit', headers })).status).toBe(200)
    }
  })
})

describe('from another machine', () => {
  const passedOn: readonly Record<string, string>[] = [
    { 'x-forwarded-for': '203.0.113.9' },
    { 'x-forwarded-for': '203.0.113.9, 127.0.0.1' },
    { 'x-forwarded-for': '127.0.0.1, 2001:db8::1' },
    { 'x-real-ip': '203.0.113.9:5000' },
    { forwarded: 'for="[2001:db8::1]:80";proto=https' },
    { forwarded: 'proto=http; For=203.0.113.9' },
  ]

  it.each(passedOn)('nobody gets in through a proxy without a password: %j', async (headers) => {
    for (const [method, path] of [
      ['GET', '/runs'],
      ['GET', '/api/lists'],
      ['POST', '/api/runs'],
      ['GET', '/queues'],
    ] as const) {
      const answer = await ask(open.url, { method, path, headers })
      expect([path, answer.status]).toEqual([path, 403])
      expect(answer.text).toContain('RESTOCK_PASSWORD')
    }
    const cookie = await sessionOf(guarded)
    expect((await ask(guarded.url, { path: '/runs', headers: { ...headers, cookie } })).status).toBe(200)
  })

  it.each(['127.0.0.1', '::1', '[::1]:8080', '127.0.0.1:80, localhost'])(
    'is not what a proxy for this machine says: %s',
    async (address) => {
      expect((await ask(open.url, { path: '/runs', headers: { 'x-forwarded-for': address } })).status).toBe(200)
    },
  )
})

describe('other sites', () => {
  it.each([
    ['a picture', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' }],
    ['a fetch', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' }],
    [
      'another port of this machine',
      { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'empty' },
    ],
    ['a frame', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' }],
  ])('get nothing by %s', async (_what, headers) => {
    for (const method of ['GET', 'HEAD']) {
      for (const path of ['/runs', '/api/orders', '/queues/api/queues', '/events/overview', '/readyz']) {
        expect([method, path, (await ask(open.url, { method, path, headers })).status]).toEqual([method, path, 403])
      }
    }
  })

  it('may link here, and our own pages ask for what they like', async () => {
    const link = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
    expect((await ask(open.url, { path: '/orders', headers: link })).status).toBe(200)
    const ours = { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' }
    expect((await ask(open.url, { path: '/orders', headers: ours })).status).toBe(200)
    const typed = { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
    expect((await ask(open.url, { path: '/orders', headers: typed })).status).toBe(200)
  })
})

describe('the queue dashboard', () => {
  const routes = () =>
    createWebApp({ ctx: database.ctx, queue, config: { web: localWeb } })
      .routes.filter(({ method, path }) => method !== 'ALL' && path.startsWith('/queues'))
      .map(({ method, path }) => ({
        method,
        path: path
          .replace(/:queueName/g, 'replenish')
          .replace(/:\w+(\{[^}]*\})?/g, 'x')
          .replace('*', 'x.js'),
      }))

  it('has no route that is not behind the login', async () => {
    expect(routes().filter(({ method }) => method !== 'GET').length).toBeGreaterThan(15)
    for (const { method, path } of routes()) {
      const answer = await ask(guarded.url, { method, path })
      expect([method, path, [303, 401].includes(answer.status)]).toEqual([method, path, true])
    }
  })

  it('takes changes from its own page alone, and each is noted', async () => {
    const cookie = await sessionOf(guarded)
    const { host } = new URL(guarded.url)
    for (const { method, path } of routes().filter((route) => route.method !== 'GET')) {
      for (const headers of [
        { origin: 'https://evil.example' },
        { origin: 'http://localhost:3000' },
        { origin: 'null' },
        { 'sec-fetch-site': 'same-site', origin: `http://${host}` },
        {},
      ]) {
        const answer = await ask(guarded.url, {
          method,
          path,
          headers: { ...headers, cookie, host, ...json },
          body: '{}',
        })
        expect([method, path, headers, answer.status]).toEqual([method, path, headers, 403])
      }
      const ours = { cookie, host, origin: `http://${host}`, ...json }
      const answer = await ask(guarded.url, { method, path, headers: ours, body: '{}' })
      expect([method, path, answer.status !== 403 && answer.status < 500]).toEqual([method, path, true])
      const [last] = await findAudit(database.ctx, { limit: 1 })
      expect(last).toMatchObject({ action: `${method} ${path}`, actorKind: 'session', status: answer.status })
    }
    for (const each of Object.values(queue.queues)) await each.resume()
  })
})

describe('behind TLS', () => {
  it('the cookie of a plain request counts nothing, and ours is for TLS and this host alone', async () => {
    const publicUrl = 'https://restock.example.com'
    const web = await startWeb({ ctx: database.ctx, queue, config: { web: { ...localWeb, password, publicUrl } } })
    try {
      const cookie = await sessionOf(web)
      expect(cookie).toMatch(/^__Host-restock_session=/)
      const statusWith = async (sent: string) =>
        (await ask(web.url, { path: '/runs', headers: { cookie: sent, host: 'restock.example.com' } })).status
      expect(await statusWith(cookie)).toBe(200)
      expect(await statusWith(cookie.replace('__Host-', ''))).toBe(303)
      // One that a neighbour planted stands beside ours and changes nothing.
      expect(await statusWith(`restock_session=planted; ${cookie}`)).toBe(200)
    } finally {
      await web.close()
    }
  })
})
