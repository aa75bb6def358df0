import { Hono } from 'hono'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { findAudit } from '../../src/access/audit.js'
import type { Principal } from '../../src/access/principal.js'
import { addToken, findTokens } from '../../src/access/tokens.js'
import type { JobQueue } from '../../src/platform/queue.js'
import { createSights } from '../../src/web/live/sights.js'
import { settingsPages } from '../../src/web/pages/settings/settings-routes.js'
import { createTestDatabase, type TestDatabase } from '../helpers/test-database.js'
import { createTestWeb, localWeb, openTestQueue } from '../helpers/web.js'

const password = 'correct horse'
const origin = 'http://localhost:4270'

let database: TestDatabase
let queue: JobQueue
let web: ReturnType<typeof createTestWeb>
let cookie: string

beforeAll(async () => {
  database = await createTestDatabase()
  queue = openTestQueue(database)
  web = createTestWeb({ ctx: database.ctx, queue, web: { ...localWeb, password } })
})
beforeEach(async () => {
  const response = await web.request('/login', { method: 'POST', body: new URLSearchParams({ password }) })
  cookie = response.headers.getSetCookie()[0]?.split(';')[0] ?? ''
})
afterAll(async () => {
  await queue?.close()
  await database?.drop()
})

const get = async (path = '/settings/tokens') => (await web.request(path, { headers: { cookie } })).text()
const post = (path: string, form: Readonly<Record<string, string>>, headers: Readonly<Record<string, string>> = {}) =>
  web.request(path, { method: 'POST', headers: { cookie, origin, ...headers }, body: new URLSearchParams(form) })
const tokenIn = (page: string) => / value="(rst_[\w-]{43})"/.exec(page)?.[1]
const statusWith = async (token: string | undefined, path = '/api/lists') =>
  (await web.request(path, { headers: { authorization: `Bearer ${token}` } })).status

describe('the page of tokens', () => {
  it('is reached from the settings', async () => {
    expect(await get('/settings')).toContain('href="/settings/tokens"')
    expect(await get()).toContain('There are no tokens yet.')
  })

  it('makes one that is shown this once, opens what its scopes say, and is noted without its text', async () => {
    const response = await post('/settings/tokens', {
      name: 'shelf',
      days: '30',
      'scope.read': 'yes',
      'scope.run': 'yes',
    })
    expect(response.status).toBe(200)
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(response.headers.getSetCookie()).toEqual([])
    const token = tokenIn(await response.text())
    expect(await statusWith(token)).toBe(200)
    expect(await statusWith(token, '/api/audit')).toBe(403)
    expect(await findTokens(database.ctx)).toMatchObject([
      { name: 'shelf', scopes: ['read', 'run'], createdBy: 'web', expiresAt: new Date('2026-04-01T08:00:00Z') },
    ])
    const again = await get()
    expect(again).not.toContain('rst_')
    for (const part of ['shelf', 'read, run', '2026-04-01 08:00']) expect(again).toContain(part)

    const [entry, before] = await findAudit(database.ctx, { limit: 2 })
    expect(entry).toMatchObject({
      actorKind: 'session',
      action: 'addToken',
      subject: 'shelf',
      result: 'done',
      details: { scopes: ['read', 'run'] },
    })
    expect(before?.action).toBe('login')
    expect(JSON.stringify(await findAudit(database.ctx, { limit: 50 }))).not.toContain(token)
  })

  it('says when one was last used, and that one has expired', async () => {
    const { token } = await addToken(database.ctx, { name: 'brief', scopes: ['read'], by: '<b>Ada</b>', days: 1 })
    expect(await get()).toContain('never')
    expect(await statusWith(token)).toBe(200)
    database.clock.advance(2 * 86_400_000)
    expect(await statusWith(token)).toBe(401)
    const page = await get()
    expect(page).toMatch(/brief(?:(?!<\/tr>).)*2026-03-02 08:00(?:(?!<\/tr>).)*expired/s)
    expect(page).toContain('&lt;b&gt;Ada&lt;/b&gt;')
  })

  it('revokes one at once, and notes that', async () => {
    const { token } = await addToken(database.ctx, { name: 'gone', scopes: ['read'], by: 'test', days: null })
    expect(await statusWith(token)).toBe(200)
    const response = await post('/settings/tokens/gone/revoke', {})
    expect([response.status, response.headers.get('location')]).toEqual([303, '/settings/tokens'])
    expect(await statusWith(token)).toBe(401)
    const entries = await findAudit(database.ctx, { subject: 'gone', limit: 5 })
    expect(entries).toMatchObject([{ action: 'removeToken', actorKind: 'session', result: 'done' }])
    expect((await post('/settings/tokens/gone/revoke', {})).status).toBe(303)
    const [refused] = await findAudit(database.ctx, { subject: 'gone', limit: 1 })
    expect(refused).toMatchObject({ action: 'removeToken', result: 'refused', details: { code: 'unknown_token' } })
  })

  it.each([
    [{ name: 'Bad Name', 'scope.read': 'yes' }, 'can&#39;t name a token'],
    [{ name: 'x' }, 'at least one scope'],
    [{ name: 'x', 'scope.read': 'yes', days: '0' }, 'whole number of days'],
    [{ name: 'x', 'scope.read': 'yes', days: '1.5' }, 'whole number of days'],
    [{ name: 'x', 'scope.read': 'yes', days: '99999' }, 'whole number of days'],
    [{ name: 'x', 'scope.read': 'yes', days: 'soon' }, 'is not a number'],
    [{ name: 'brief', 'scope.admin': 'yes' }, 'There is a token'],
  ])('refuses %j and keeps what was filled in', async (form: Record<string, string>, message) => {
    const before = await findTokens(database.ctx)
    const response = await post('/settings/tokens', form)
    const page = await response.text()
    expect([response.status, page.includes(message)]).toEqual([422, true])
    expect(tokenIn(page)).toBeUndefined()
    expect(page).toContain(` value="${form.name}"`)
    for (const scope of ['read', 'admin']) {
      const isChecked = new RegExp(`name="scope\\.${scope}" value="yes" checked`).test(page)
      expect([scope, isChecked]).toEqual([scope, form[`scope.${scope}`] === 'yes'])
    }
    expect(await findTokens(database.ctx)).toEqual(before)
  })

  it('is for nobody who is not logged in, for no other site and for no program', async () => {
    const { token } = await addToken(database.ctx, { name: 'boss', scopes: ['admin'], by: 'test', days: null })
    const before = await findTokens(database.ctx)
    const form = { name: 'sneaky', 'scope.admin': 'yes' }
    expect((await post('/settings/tokens', form, { cookie: '' })).status).toBe(401)
    expect((await post('/settings/tokens', form, { origin: 'https://evil.example' })).status).toBe(403)
    expect((await post('/settings/tokens', form, { cookie: '', authorization: `Bearer ${token}` })).status).toBe(403)
    expect((await post('/settings/tokens/boss/revoke', {}, { origin: 'null' })).status).toBe(403)
    expect((await findTokens(database.ctx)).map(({ name }) => name)).toEqual(before.map(({ name }) => name))
  })

  it.each<[who: string, principal: Partial<Principal>, status: number]>([
    ['somebody who may only look', { kind: 'session', scopes: ['read', 'run', 'approve'] }, 403],
    ['a token that may do everything', { kind: 'token', scopes: ['admin'] }, 403],
    ['an agent', { kind: 'agent', scopes: ['admin'] }, 403],
    ['somebody who may do everything', { kind: 'session', scopes: ['admin'] }, 200],
    ['somebody at this machine', { kind: 'local', scopes: ['admin'] }, 200],
  ])('is for people who may do everything, and answers %s so', async (_who, principal, status) => {
    const { ctx } = database
    const app = new Hono()
    app.use(async (c, next) => {
      c.set('principal', { kind: 'session', id: 'x', name: 'x', scopes: [], ...principal })
      await next()
    })
    app.route('/', settingsPages({ ctx, queue, sights: createSights(ctx), about: null }))
    const answer = await app.request('/settings/tokens')
    expect([answer.status, (await answer.text()).includes('Make a token')]).toEqual([status, status === 200])
    const revoked = await app.request('/settings/tokens/nobody/revoke', { method: 'POST' })
    expect(revoked.status).toBe(status === 200 ? 303 : 403)
  })

  it('is there where nobody has to log in, and says that programs need no token there', async () => {
    const open = createTestWeb({ ctx: database.ctx, queue })
    const page = await (await open.request('/settings/tokens')).text()
    expect(page).toContain('a program of this machine needs none')
    expect(await get()).not.toContain('a program of this machine needs none')
  })
})
