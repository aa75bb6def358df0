import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { InputError, UnavailableError } from '../../src/platform/errors.js'
import type { JobQueue } from '../../src/platform/queue.js'
import { defaultWebPort, startWeb } from '../../src/web/start-web.js'
import { createTestDatabase, type TestDatabase } from '../helpers/test-database.js'
import { createTestWeb, localWeb, openTestQueue } from '../helpers/web.js'

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

const password = 'correct horse'
const guarded = (host = '127.0.0.1') =>
  createTestWeb({ ctx: database.ctx, queue, web: { ...localWeb, host, password } })

describe('host and origin', () => {
  const open = () => createTestWeb({ ctx: database.ctx, queue })

  it.each(['evil.example', 'localhost.evil.example', '192.168.0.9:4270', ''])('refuses to be %s', async (host) => {
    for (const path of ['/runs', '/healthz', '/queues/api/queues', '/assets/icon.svg']) {
      expect((await open().request(path, { headers: { host } })).status).toBe(403)
    }
  })

  it.each(['localhost', '127.0.0.1:4270', '[::1]:4270'])('answers as %s', async (host) => {
    expect((await open().request('/runs', { headers: { host } })).status).toBe(200)
  })

  it('answers under its own addresses when it listens on all of them, and under no other name', async () => {
    const app = guarded('0.0.0.0')
    expect((await app.request('/healthz', { headers: { host: 'evil.example' } })).status).toBe(403)
    expect((await app.request('/healthz', { headers: { host: '127.0.0.1' } })).status).toBe(200)
  })

  it.each([
    ['another site', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }],
    ['another port of this machine', { 'sec-fetch-site': 'same-site', origin: 'http://localhost:3000' }],
    ['an older browser elsewhere', { origin: 'http://localhost:3000' }],
    ['a page without an origin', { origin: 'null' }],
  ])('refuses changes from %s', async (_who, headers) => {
    await queue.queues.replenish.resume()
    const response = await open().request('/queues/api/queues/replenish/pause', { method: 'PUT', headers })
    expect(response.status).toBe(403)
    expect(await queue.queues.replenish.isPaused()).toBe(false)
  })

  it.each([
    ['our own page', { 'sec-fetch-site': 'same-origin', origin: 'http://localhost:4270' }],
    ['our own page in an older browser', { origin: 'http://localhost:4270' }],
    ['a program', {}],
  ])('takes changes from %s', async (_who, headers) => {
    const pause = await open().request('/queues/api/queues/replenish/pause', { method: 'PUT', headers })
    expect(pause.status).toBe(200)
    expect(await queue.queues.replenish.isPaused()).toBe(true)
    await queue.queues.replenish.resume()
  })
})

describe('listening', () => {
  const parts = (web: { host?: string; port?: number; password?: string | null }) => ({
    ctx: database.ctx,
    queue,
    config: { web: { ...localWeb, ...web } },
  })

  it('serves a browser, and lets go of the port', async () => {
    const web = await startWeb(parts({}))
    try {
      const response = await fetch(`${web.url}/runs`)
      expect(response.status).toBe(200)
      expect(await response.text()).toContain('Restock')
    } finally {
      await web.close()
      await web.close()
    }
    await expect(fetch(`${web.url}/healthz`)).rejects.toThrow()
  })

  it.each(['0.0.0.0', '::', '192.0.2.7', 'cafe.example'])('refuses %s without a password', async (host) => {
    const refused = startWeb(parts({ host }))
    await expect(refused).rejects.toBeInstanceOf(InputError)
    await expect(refused).rejects.toThrow(/RESTOCK_PASSWORD/)
    await expect(refused).rejects.toThrow(/RESTOCK_WEB_HOST/)
    await expect(refused).rejects.toThrow(/restock tokens add/)
  })

  it('listens for other machines with one', async () => {
    const web = await startWeb(parts({ host: '0.0.0.0', password }))
    try {
      const refused = await fetch(`${web.url}/runs`, { redirect: 'manual' })
      expect([refused.status, refused.headers.get('location')]).toEqual([303, '/login?next=%2Fruns'])
      const login = await fetch(`${web.url}/login`, {
        method: 'POST',
        redirect: 'manual',
        body: new URLSearchParams({ password }),
      })
      const cookie = login.headers.get('set-cookie')?.split(';')[0] ?? ''
      expect((await fetch(`${web.url}/runs`, { headers: { cookie } })).status).toBe(200)
    } finally {
      await web.close()
    }
  })

  it('refuses a chosen port that is taken, and moves on from the default one', async () => {
    const squatter = await squat(0)
    try {
      const { port } = squatter.address() as AddressInfo
      const refused = startWeb(parts({ port }))
      await expect(refused).rejects.toBeInstanceOf(UnavailableError)
      await expect(refused).rejects.toThrow(`port ${port}`)
    } finally {
      squatter.close()
    }
    // Whoever has the default port already serves the test as well.
    const holder = await squat(defaultWebPort).catch(() => null)
    const web = await startWeb(parts({ port: defaultWebPort }))
    try {
      expect(Number(new URL(web.url).port)).toBeGreaterThan(defaultWebPort)
      expect((await fetch(`${web.url}/healthz`)).status).toBe(200)
    } finally {
      await web.close()
      holder?.close()
    }
  })
})

function squat(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => resolve(server))
  })
}
