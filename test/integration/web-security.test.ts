import { createHash } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { findAudit } from '../../src/access/audit.js'
import { sessionIdleMs, sessionMaxMs } from '../../src/access/sessions.js'
import { addToken, revokeToken } from '../../src/access/tokens.js'
import { InputError } from '../../src/platform/errors.js'
import type { JobQueue } from '../../src/platform/queue.js'
import { startWeb } from '../../src/web/start-web.js'
import { createTestDatabase, type TestDatabase } from '../helpers/test-database.js'
import { createTestWeb, finishedRun, localWeb, openTestQueue } from '../helpers/web.js'

let database: TestDatabase
let queue: JobQueue

beforeAll(async () => {
  database = await createTestDatabase()
  queue = openTestQueue(database)
})

afterAll(async () => {
  await queue?.close()
  await database?.drop()
})

beforeEach(async () => {
  await database.db.deleteFrom('restock.sessions').execute()
  await database.db.deleteFrom('restock.audit').execute()
  await database.db.deleteFrom('restock.api_tokens').execute()
})

const password = 'correct horse'
type Web = ReturnType<typeof createTestWeb>
const guarded = (web: object = {}) =>
  createTestWeb({ ctx: database.ctx, queue, web: { ...localWeb, host: '0.0.0.0', password, ...web } })

async function login(app: Web, given = password, init: { address?: string; cookie?: string; next?: string } = {}) {
  return app.request('/login', {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      origin: 'http://localhost:4270',
      ...(init.cookie === undefined ? {} : { cookie: init.cookie }),
    },
    body: new URLSearchParams({ password: given, ...(init.next === undefined ? {} : { next: init.next }) }).toString(),
    address: init.address ?? '192.0.2.1',
  })
}

/** What a browser would send back. */
function cookieOf(response: Response): string {
  return (response.headers.getSetCookie().find((each) => /session=[^;]/.test(each)) ?? '').split(';')[0] ?? ''
}

const statusOf = async (app: Web, cookie: string, path = '/queues/api/queues') =>
  (await app.request(path, { headers: { cookie } })).status

describe('login', () => {
  it('is needed for everything but the login itself, its looks and the health endpoints', async () => {
    const app = guarded()
    for (const path of ['/', '/runs', '/runs/run_1', '/queues', '/queues/api/queues', '/nowhere']) {
      const response = await app.request(path)
      expect([path, response.status, response.headers.get('location')]).toEqual([
        path,
        303,
        path === '/' ? '/login' : `/login?next=${encodeURIComponent(path)}`,
      ])
      expect(await response.text()).toBe('')
    }
    for (const path of ['/login', '/healthz', '/readyz', '/assets/icon.svg']) {
      expect([path, (await app.request(path)).status]).toEqual([path, 200])
    }
    for (const path of ['/api/runs', '/api', '/metrics']) {
      const response = await app.request(path)
      expect([path, response.status, response.headers.get('www-authenticate')]).toEqual([path, 401, 'Bearer'])
    }
    expect((await app.request('/queues/api/queues/replenish/pause', { method: 'PUT' })).status).toBe(401)
    expect(await queue.queues.replenish.isPaused()).toBe(false)
  })

  it('tells what htmx fetched to go to the login with the whole page', async () => {
    const headers = { 'hx-request': 'true', 'hx-current-url': 'http://localhost:4270/runs?list=cafe' }
    const response = await guarded().request('/runs/part', { headers })
    expect(response.status).toBe(401)
    expect(response.headers.get('hx-redirect')).toBe('/login?next=%2Fruns%3Flist%3Dcafe')
  })

  it('lets in who knows the password, with a cookie that scripts and other sites get nothing of', async () => {
    const app = guarded()
    const response = await login(app, password, { next: '/runs?list=cafe' })
    expect([response.status, response.headers.get('location')]).toEqual([303, '/runs?list=cafe'])
    const [cookie = ''] = response.headers.getSetCookie()
    expect(cookie).toMatch(/^restock_session=[\w-]{43}; Max-Age=2592000; Path=\/; HttpOnly; SameSite=Lax$/)
    expect(await statusOf(app, cookieOf(response))).toBe(200)
    const stored = await database.db.selectFrom('restock.sessions').selectAll().executeTakeFirstOrThrow()
    const id = cookieOf(response).split('=')[1] ?? ''
    expect(stored.id_hash).toBe(createHash('sha256').update(id).digest('hex'))
    expect(JSON.stringify(stored)).not.toContain(id)
  })

  it.each(['', 'wrong', `${password} `, password.toUpperCase(), 'x'.repeat(5_000)])(
    'keeps out who gives %o',
    async (given) => {
      const response = await login(guarded(), given)
      expect(response.status).toBe(401)
      expect(response.headers.getSetCookie()).toEqual([])
      expect(await response.text()).toContain('This password is wrong.')
      expect(await database.db.selectFrom('restock.sessions').selectAll().execute()).toEqual([])
    },
  )

  it('takes no password in any other form', async () => {
    const app = guarded()
    const basic = `Basic ${Buffer.from(`anyone:${password}`).toString('base64')}`
    expect((await app.request('/runs', { headers: { authorization: basic } })).status).toBe(303)
    expect((await app.request('/api/runs', { headers: { authorization: `Bearer ${password}` } })).status).toBe(401)
    const asJson = await app.request('/login', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ password }),
    })
    expect(asJson.status).toBe(401)
    expect((await app.request(`/login?password=${encodeURIComponent(password)}`)).headers.getSetCookie()).toEqual([])
  })

  it.each(['https://evil.example', '//evil.example', '/\\evil.example', 'javascript:alert(1)', '/.//evil.example', ''])(
    'goes nowhere else afterwards: %s',
    async (next) => {
      expect((await login(guarded(), password, { next })).headers.get('location')).toBe('/')
    },
  )

  it('shows where to go next as text', async () => {
    const page = await (
      await guarded().request(`/login?next=${encodeURIComponent('/"><script>alert(1)</script>')}`)
    ).text()
    expect(page).not.toContain('<script>alert')
  })
})

describe('sessions', () => {
  it('take no id that somebody chose, neither before the login nor through it', async () => {
    const app = guarded()
    const planted = 'restock_session=planted-by-somebody-who-waits-for-a-login'
    expect(await statusOf(app, planted)).not.toBe(200)
    const response = await login(app, password, { cookie: planted })
    expect(cookieOf(response)).not.toBe(planted)
    expect(await statusOf(app, planted)).not.toBe(200)
    expect(await statusOf(app, cookieOf(response))).toBe(200)
  })

  it('change their id with each login, and the one before is over', async () => {
    const app = guarded()
    const first = cookieOf(await login(app))
    const second = cookieOf(await login(app, password, { cookie: first }))
    expect(second).not.toBe(first)
    expect(await statusOf(app, first)).not.toBe(200)
    expect(await statusOf(app, second)).toBe(200)
  })

  it('end when nobody uses them, and after their longest time however much they are used', async () => {
    const app = guarded()
    const idle = cookieOf(await login(app))
    database.clock.advance(sessionIdleMs - 1)
    expect(await statusOf(app, idle)).toBe(200)
    database.clock.advance(sessionIdleMs)
    expect(await statusOf(app, idle)).not.toBe(200)

    const busy = cookieOf(await login(app))
    const opened = database.clock.now().getTime()
    while (database.clock.now().getTime() + sessionIdleMs / 2 < opened + sessionMaxMs) {
      database.clock.advance(sessionIdleMs / 2)
      expect(await statusOf(app, busy)).toBe(200)
    }
    database.clock.set(new Date(opened + sessionMaxMs))
    expect(await statusOf(app, busy)).not.toBe(200)
  })

  it('end with a logout, here and for whoever kept the cookie', async () => {
    const app = guarded()
    const cookie = cookieOf(await login(app))
    const headers = { cookie, origin: 'http://localhost:4270' }
    const response = await app.request('/logout', { method: 'POST', headers })
    expect([response.status, response.headers.get('location')]).toEqual([303, '/login'])
    expect(response.headers.getSetCookie().join()).toMatch(/restock_session=;.*Max-Age=0/)
    expect(await statusOf(app, cookie)).not.toBe(200)
  })

  it('end when the password is changed', async () => {
    const cookie = cookieOf(await login(guarded()))
    expect(await statusOf(guarded({ password: 'another password' }), cookie)).not.toBe(200)
    expect(await statusOf(guarded(), cookie)).toBe(200)
  })

  it('are for HTTPS alone where people come over HTTPS', async () => {
    const app = guarded({ publicUrl: 'https://restock.example.com' })
    const response = await login(app)
    expect(response.headers.getSetCookie().join()).toMatch(/^__Host-restock_session=.*; Secure;/)
    expect(response.headers.get('strict-transport-security')).toBe('max-age=31536000')
    expect(await statusOf(app, cookieOf(response))).toBe(200)
    expect((await guarded().request('/login')).headers.get('strict-transport-security')).toBeNull()
  })
})

describe('guessing', () => {
  const wrong = (app: Web, address: string, count: number) =>
    Promise.all(Array.from({ length: count }, (_, at) => login(app, `guess ${at}`, { address })))

  it('is stopped for a minute after ten, for that address alone, and never for good', async () => {
    const app = guarded()
    const statuses = (await wrong(app, '192.0.2.7', 30)).map(({ status }) => status)
    expect(statuses.filter((status) => status === 401)).toHaveLength(10)
    expect(statuses.filter((status) => status === 429)).toHaveLength(20)
    const right = await login(app, password, { address: '192.0.2.7' })
    expect(right.status).toBe(429)
    expect(Number(right.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await login(app, password, { address: '192.0.2.8' })).status).toBe(303)
    database.clock.advance(61_000)
    expect((await login(app, password, { address: '192.0.2.7' })).status).toBe(303)
  })

  it('from many addresses at once is slowed as well, and leaves alone who is logged in', async () => {
    const app = guarded()
    const cookie = cookieOf(await login(app))
    const addresses = Array.from({ length: 12 }, (_, at) => `198.51.100.${at}`)
    const answers = (await Promise.all(addresses.map((address) => wrong(app, address, 9)))).flat()
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(60)
    expect(await statusOf(app, cookie)).toBe(200)
    database.clock.advance(61_000)
    expect((await login(app, password, { address: '198.51.100.1' })).status).toBe(303)
  })

  it('counts a network of IPv6 as one address', async () => {
    const app = guarded()
    for (let host = 1; host <= 10; host++) await login(app, 'guess', { address: `2001:db8:1:2::${host}` })
    expect((await login(app, password, { address: '2001:db8:1:2:aaaa:bbbb:cccc:dddd' })).status).toBe(429)
    expect((await login(app, password, { address: '2001:db8:1:3::1' })).status).toBe(303)
  })

  it('believes nobody but its own proxy about where a request comes from', async () => {
    const guess = (app: Web, address: string, forwarded: string) =>
      app.request('/login', {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-forwarded-for': forwarded },
        body: 'password=guess',
        address,
      })
    const direct = guarded()
    for (let at = 0; at < 10; at++) await guess(direct, '192.0.2.9', `203.0.113.${at}`)
    expect((await guess(direct, '192.0.2.9', '203.0.113.99')).status).toBe(429)
    const proxied = guarded({ publicUrl: 'https://restock.example.com' })
    for (let at = 0; at < 10; at++) await guess(proxied, '127.0.0.1', `${at}.0.0.0, 203.0.113.1`)
    expect((await guess(proxied, '127.0.0.1', '203.0.113.1')).status).toBe(429)
    expect((await guess(proxied, '127.0.0.1', '203.0.113.2')).status).toBe(401)
  })

  it('at tokens is stopped too, without holding up who has one', async () => {
    const app = guarded()
    const { token } = await addToken(database.ctx, { name: 'reader', scopes: ['read'], by: 'test', days: null })
    const ask = (given: string) =>
      app.request('/api/lists', { headers: { authorization: `Bearer ${given}` }, address: '192.0.2.33' })
    const statuses: number[] = []
    for (let at = 0; at < 12; at++) statuses.push((await ask(`rst_guess${at}`)).status)
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 401), 429, 429])
    expect((await ask(token)).status).toBe(200)
    await revokeToken(database.ctx, 'reader')
    expect((await ask(token)).status).toBe(429)
  })
})

describe('writes from elsewhere', () => {
  const pause = (app: Web, headers: Record<string, string>) =>
    app.request('/queues/api/queues/replenish/pause', { method: 'PUT', headers })

  it.each([
    ['another site', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }],
    ['another port of this machine', { 'sec-fetch-site': 'same-site', origin: 'http://localhost:3000' }],
    ['an older browser elsewhere', { origin: 'http://localhost:3000' }],
    ['a page without an origin', { origin: 'null' }],
    ['something that says neither but has a session', {}],
  ])('are refused with a session that is good: %s', async (_who, headers: Record<string, string>) => {
    const app = guarded()
    const cookie = cookieOf(await login(app))
    expect((await pause(app, { ...headers, cookie })).status).toBe(403)
    expect(await queue.queues.replenish.isPaused()).toBe(false)
    const ours = await pause(app, { cookie, origin: 'http://localhost:4270' })
    expect(ours.status).toBe(200)
    await queue.queues.replenish.resume()
  })

  it('are refused at the login itself', async () => {
    const app = guarded()
    const response = await app.request('/login', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', origin: 'https://evil.example' },
      body: new URLSearchParams({ password }).toString(),
    })
    expect([response.status, response.headers.getSetCookie()]).toEqual([403, []])
  })
})

describe('headers', () => {
  const open = () => createTestWeb({ ctx: database.ctx, queue })
  const policyOf = (response: Response) => response.headers.get('content-security-policy') ?? ''

  it.each(['/runs', '/login', '/nowhere', '/api/lists', '/queues', '/healthz'])('guard %s', async (path) => {
    const response = await open().request(path)
    expect(policyOf(response)).toContain("frame-ancestors 'none'")
    expect(response.headers.get('x-frame-options')).toBe('DENY')
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    expect(response.headers.get('referrer-policy')).toBe('same-origin')
    expect(response.headers.get('cross-origin-opener-policy')).toBe('same-origin')
    expect(response.headers.get('access-control-allow-origin')).toBeNull()
  })

  it('allow nothing inline but the styles that the queue dashboard sets', async () => {
    for (const path of ['/runs', '/login', '/api/lists']) {
      expect(policyOf(await open().request(path))).not.toContain('unsafe')
    }
    const board = policyOf(await open().request('/queues'))
    expect(board).toContain("style-src 'self' 'unsafe-inline'")
    expect(board).toContain("script-src 'self';")
  })

  it('keep pages out of the browser’s cache, and assets in it', async () => {
    expect((await open().request('/runs')).headers.get('cache-control')).toContain('no-store')
    expect((await open().request('/api/lists')).headers.get('cache-control')).toContain('no-store')
    expect((await open().request('/assets/icon.svg')).headers.get('cache-control')).toContain('max-age')
  })

  it('refuse names that are not served, the published one apart', async () => {
    const app = guarded({ publicUrl: 'https://restock.example.com' })
    expect((await app.request('/healthz', { headers: { host: 'restock.example.com' } })).status).toBe(200)
    expect((await app.request('/healthz', { headers: { host: 'evil.example' } })).status).toBe(403)
    expect((await guarded().request('/healthz', { headers: { host: 'restock.example.com' } })).status).toBe(403)
  })
})

describe('who may listen', () => {
  const parts = (web: object) => ({ ctx: database.ctx, queue, config: { web: { ...localWeb, ...web } } })

  it('is nobody behind a proxy without a password, though it is on loopback itself', async () => {
    const published = { publicUrl: 'https://restock.example.com' }
    await expect(startWeb(parts(published))).rejects.toThrow(/RESTOCK_WEB_URL=.*RESTOCK_PASSWORD/)
    const app = createTestWeb({ ctx: database.ctx, queue, web: { ...localWeb, ...published } })
    expect((await app.request('/api/lists')).status).toBe(401)
    expect((await app.request('/runs')).status).toBe(303)
  })

  it('is let in with a token instead of a password, and pages stay closed then', async () => {
    await expect(startWeb(parts({ host: '0.0.0.0' }))).rejects.toBeInstanceOf(InputError)
    const { token } = await addToken(database.ctx, { name: 'listen', scopes: ['read'], by: 'test', days: 1 })
    const web = await startWeb(parts({ host: '0.0.0.0' }))
    try {
      expect((await fetch(`${web.url}/api/lists`)).status).toBe(401)
      const headers = { authorization: `Bearer ${token}` }
      expect((await fetch(`${web.url}/api/lists`, { headers })).status).toBe(200)
      expect((await fetch(`${web.url}/runs`, { headers })).status).toBe(403)
      expect((await fetch(`${web.url}/runs`, { redirect: 'manual' })).status).toBe(303)
      const login = await fetch(`${web.url}/login`, { method: 'POST', body: new URLSearchParams({ password: '' }) })
      expect(login.status).toBe(403)
    } finally {
      await web.close()
    }
    database.clock.advance(2 * 86_400_000)
    await expect(startWeb(parts({ host: '0.0.0.0' }))).rejects.toBeInstanceOf(InputError)
  })
})

describe('the audit log', () => {
  it('knows who logged in, failed to, did what, and logged out', async () => {
    const app = guarded()
    await login(app, 'wrong')
    const cookie = cookieOf(await login(app))
    const headers = { cookie, origin: 'http://localhost:4270' }
    await app.request('/queues/api/queues/replenish/pause', { method: 'PUT', headers })
    await app.request('/queues/api/queues/replenish/resume', { method: 'PUT', headers })
    await app.request('/queues/api/queues/nothing/pause', { method: 'PUT', headers })
    await app.request('/logout', { method: 'POST', headers })
    const entries = (await findAudit(database.ctx, { limit: 50 })).reverse()
    const session = entries[1]?.actor
    expect(session).toMatch(/^ses_/)
    expect(entries.map(({ action, actor, result }) => [action, actor, result])).toEqual([
      ['login', '192.0.2.1', 'refused'],
      ['login', session, 'done'],
      ['PUT /queues/api/queues/replenish/pause', session, 'done'],
      ['PUT /queues/api/queues/replenish/resume', session, 'done'],
      ['PUT /queues/api/queues/nothing/pause', session, 'refused'],
      ['logout', session, 'done'],
    ])
    expect(JSON.stringify(entries)).not.toContain(password)
    expect(JSON.stringify(entries)).not.toContain(cookie.split('=')[1])
  })
})

describe('hostile names', () => {
  const names = ['<script>alert(1)</script>', '{{constructor.constructor("x")()}}', '\u202egnp.exe', '\'"><img src=x>']

  it.each(names)('come out as text: %s', async (name) => {
    const id = await finishedRun(database.ctx, 'cafe', { summary: name })
    const page = await (await createTestWeb({ ctx: database.ctx, queue }).request(`/runs/${id}`)).text()
    expect(page).not.toContain('<script>alert')
    expect(page).not.toContain('<img src=x>')
    expect(page).toContain(
      name
        .replaceAll('&', '&amp;')
        .replaceAll('<', '&lt;')
        .replaceAll('>', '&gt;')
        .replaceAll('"', '&quot;')
        .replaceAll("'", '&#39;'),
    )
  })
})
