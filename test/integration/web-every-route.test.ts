import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findAudit } from '../../src/access/audit.js'
import { addOffer } from '../../src/purchasing/catalog/add-offer.js'
import { addSupplier } from '../../src/purchasing/catalog/add-supplier.js'
import { addSchedule } from '../../src/schedules/save-schedule.js'
import { addItem } from '../../src/stock/add-item.js'
import { createWebApp } from '../../src/web/app.js'
import { type ApiWorld, openApiWorld } from '../helpers/api-world.js'
import { buildLine, placeOne } from '../helpers/order-builders.js'
import { buildOutcomeItem, buildOutcomeOrder, createTestWeb, finishedRun, localWeb } from '../helpers/web.js'

const password = 'correct horse'
const numRuns = Number(process.env.RESTOCK_TEST_FUZZ_RUNS ?? 8)
const open = new Set(['/healthz', '/readyz', '/login', '/logout'])
const isOpen = (path: string) => open.has(path) || path.startsWith('/assets/')

interface Route {
  readonly method: string
  readonly path: string
}

let world: ApiWorld
let routes: readonly Route[]

beforeAll(async () => {
  world = await openApiWorld()
  const app = createWebApp({ ctx: world.ctx, queue: world.queue, config: { web: localWeb } })
  const seen = new Map<string, Route>()
  for (const { method, path } of app.routes) {
    // The API and the queue dashboard have tests of their own; what stands for all methods is what guards the rest.
    if (method === 'ALL' || /^\/(api|queues)(\/|$)/.test(path)) continue
    seen.set(`${method} ${path}`, { method, path })
  }
  routes = [...seen.values()]
})
afterAll(() => world?.close())

const filled = (path: string, with_: Readonly<Record<string, string>> = {}) =>
  path.replace(/:(\w+)(\{[^}]*\})?/g, (_, name: string) => encodeURIComponent(with_[name] ?? 'x'))

const guarded = () => createTestWeb({ ctx: world.ctx, queue: world.queue, web: { ...localWeb, password } })
const local = () => createTestWeb({ ctx: world.ctx, queue: world.queue })

async function sessionOf(web: ReturnType<typeof guarded>): Promise<string> {
  const response = await web.request('/login', { method: 'POST', body: new URLSearchParams({ password }) })
  return response.headers.getSetCookie()[0]?.split(';')[0] ?? ''
}

/** What the forms of all pages call their fields. */
async function fieldNames(web: ReturnType<typeof local>): Promise<string[]> {
  const names = new Set<string>()
  for (const { path } of routes.filter(({ method, path }) => method === 'GET' && !path.startsWith('/events'))) {
    const response = await web.request(filled(path))
    if ((response.headers.get('content-type') ?? '').startsWith('text/html')) {
      for (const [, name = ''] of (await response.text()).matchAll(/<(?:input|select|textarea)[^>]* name="([^"]+)"/g)) {
        names.add(name)
      }
    } else await response.body?.cancel()
  }
  return [...names]
}

describe('every route', () => {
  it('is found', () => {
    const paths = routes.map(({ path }) => path)
    for (const known of ['/', '/items', '/orders', '/runs', '/schedules', '/limits', '/suppliers', '/login']) {
      expect(paths).toContain(known)
    }
    expect(routes.filter(({ method }) => method === 'POST').length).toBeGreaterThan(10)
  })

  it('needs a login, the few apart that a login needs', async () => {
    const web = guarded()
    for (const { method, path } of routes.filter((route) => !isOpen(route.path))) {
      const response = await web.request(filled(path), { method })
      const where = response.headers.get('location') ?? ''
      const isSentToLogin = response.status === 303 && where.startsWith('/login')
      expect([method, path, isSentToLogin || response.status === 401]).toEqual([method, path, true])
      expect(await response.text()).not.toContain('<main')
    }
  })

  it('that changes something refuses other sites, whoever is logged in, and notes what it takes from its own', async () => {
    const web = guarded()
    const cookie = await sessionOf(web)
    const writes = routes.filter(({ method, path }) => method !== 'GET' && path !== '/login' && path !== '/logout')
    for (const { method, path } of writes) {
      for (const headers of [
        { origin: 'https://evil.example' },
        { 'sec-fetch-site': 'cross-site' },
        { origin: 'null' },
        {} as Record<string, string>,
      ]) {
        const body = new URLSearchParams({})
        const response = await web.request(filled(path), { method, headers: { ...headers, cookie }, body })
        expect([method, path, headers, response.status]).toEqual([method, path, headers, 403])
      }
      const [before] = await findAudit(world.ctx, { limit: 1 })
      const headers = { cookie, origin: 'http://localhost:4270' }
      const ours = await web.request(filled(path), { method, headers, body: new URLSearchParams({}) })
      expect([method, path, ours.status !== 403 && ours.status < 500]).toEqual([method, path, true])
      const [after] = await findAudit(world.ctx, { limit: 1 })
      expect([path, after?.id !== before?.id, after?.actorKind]).toEqual([path, true, 'session'])
    }
  })

  it('answers nonsense in forms and addresses with no 5xx', async () => {
    const web = local()
    const text = fc.oneof(
      fc.constantFrom(
        '',
        '\u0000',
        'NaN',
        '-1',
        '1e999',
        '9'.repeat(400),
        '<script>',
        '\u202e',
        '*',
        '__proto__',
        'cafe',
      ),
      fc.string({ unit: 'binary', maxLength: 30 }).map((value) => value.toWellFormed()),
    )
    const names = await fieldNames(web)
    expect(names.length).toBeGreaterThan(20)
    const fields = fc.dictionary(fc.constantFrom(...names), text, { maxKeys: 8 })
    const part = text.map((value) => (/^\.{0,2}$/.test(value) ? 'x' : value))
    for (const { method, path } of routes.filter(
      (route) => route.path !== '/login' && !route.path.startsWith('/events'),
    )) {
      await fc.assert(
        fc.asyncProperty(fields, part, async (given, name) => {
          const values = new URLSearchParams(given)
          const address = filled(path, { id: name, name })
          const response =
            method === 'GET'
              ? await web.request(`${address}?${values}`)
              : await web.request(address, { method, body: values })
          await response.body?.cancel()
          expect([method, address, given, response.status < 500]).toEqual([method, address, given, true])
        }),
        { numRuns },
      )
    }
  })
})

describe('hostile names', () => {
  const hostile = `<script>alert(1)</script>"'&<img src=x onerror=alert(2)>{{7*7}}\u202e`
  const long = `${'x'.repeat(150)}<b>`

  it('come out as text on every page that shows them', async () => {
    const { ctx } = world
    const { itemId } = await addItem(ctx, {
      name: hostile,
      unit: '<u>',
      list: 'cafe',
      notes: hostile,
      category: hostile,
      onHand: 0,
      reorderPoint: 5,
      orderUpTo: 20,
    })
    await addItem(ctx, { name: long, unit: 'l', list: 'cafe' })
    await addSupplier(ctx, { id: 'evil', name: hostile.slice(0, 120), currency: 'EUR', channel: 'simulated' })
    await addOffer(ctx, {
      supplierId: 'evil',
      name: hostile,
      unit: 'l',
      packQuantity: 6,
      price: '10',
      sku: '<i>1</i>',
      brand: '<b>',
    })
    const lines = [buildLine(itemId, { product: hostile, itemName: hostile, needsPersonBecause: ['proposed_match'] })]
    const orderId = await placeOne(ctx, 'sim', { lines })
    const runId = await finishedRun(ctx, 'cafe', {
      items: [buildOutcomeItem({ itemId, name: hostile, reason: hostile, unit: '<u>' })],
      orders: [buildOutcomeOrder({ supplier: hostile })],
      summary: hostile,
    })
    await addSchedule(ctx, {
      name: 'evil',
      list: 'cafe',
      cron: '0 5 * * *',
      timeZone: 'UTC',
      misfire: 'run_once',
      overlap: 'skip',
      instructions: hostile,
      isPaused: false,
    })
    const { product_id: productId } = await ctx.db
      .selectFrom('purchasing.offers')
      .select('product_id')
      .where('supplier_id', '=', 'evil')
      .executeTakeFirstOrThrow()
    const ids: Readonly<Record<string, Readonly<Record<string, string>>>> = {
      '/items': { id: itemId },
      '/orders': { id: orderId },
      '/runs': { id: runId },
      '/schedules': { name: 'evil' },
      '/suppliers': { id: 'evil' },
      '/catalog': { id: productId },
    }
    const web = local()
    const shown: string[] = []
    for (const { path } of routes.filter(({ method, path }) => method === 'GET' && !path.startsWith('/events'))) {
      const base = `/${path.split('/')[1]}`
      const response = await web.request(`${filled(path, ids[base])}?list=cafe&q=${encodeURIComponent(hostile)}`)
      if (!(response.headers.get('content-type') ?? '').startsWith('text/html')) {
        await response.body?.cancel()
        continue
      }
      const page = await response.text()
      expect([path, response.status < 500]).toEqual([path, true])
      for (const broken of ['<script>alert', '<img src=x', '<u>', '<b>', '<i>1', 'onerror=alert(2)>{{']) {
        expect([path, broken, page.includes(broken)]).toEqual([path, broken, false])
      }
      expect([path, /<script(?![^>]* src=)/.test(page), / on\w+="/.test(page), / style="/.test(page)]).toEqual([
        path,
        false,
        false,
        false,
      ])
      if (page.includes('&lt;script&gt;alert(1)')) shown.push(path)
    }
    for (const path of ['/items', '/items/:id', '/orders/:id', '/runs/:id', '/suppliers']) expect(shown).toContain(path)
  })
})
