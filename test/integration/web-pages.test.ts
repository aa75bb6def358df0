import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { JobQueue } from '../../src/platform/queue.js'
import { claimRun } from '../../src/runs/claim-run.js'
import { createRun } from '../../src/runs/create-run.js'
import { failRun } from '../../src/runs/finish-run.js'
import { addList } from '../../src/stock/lists.js'
import { createTestDatabase, type TestDatabase } from '../helpers/test-database.js'
import { buildOutcomeItem, buildOutcomeOrder, createTestWeb, finishedRun, openTestQueue } from '../helpers/web.js'

let database: TestDatabase
let queue: JobQueue
let web: ReturnType<typeof createTestWeb>

beforeAll(async () => {
  database = await createTestDatabase()
  queue = openTestQueue(database)
  web = createTestWeb({ ctx: database.ctx, queue })
  await addList(database.ctx, { id: 'cafe', name: 'Corner Café', currency: 'EUR', timeZone: 'Europe/Berlin' })
  await addList(database.ctx, { id: 'lab', currency: 'EUR', timeZone: 'Europe/Berlin' })
})

afterAll(async () => {
  await queue?.close()
  await database?.drop()
})

async function text(path: string): Promise<string> {
  const response = await web.request(path)
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toMatch(/^text\/html/)
  return response.text()
}

describe('the page of runs', () => {
  it('is where / leads', async () => {
    const response = await web.request('/')
    expect(response.status).toBe(302)
    expect(response.headers.get('location')).toBe('/runs')
  })

  it('says how to start one while there are none', async () => {
    expect(await text('/runs')).toContain('restock run')
  })

  it('shows list, trigger, status, time, decisions and totals of each run', async () => {
    await finishedRun(database.ctx, 'cafe', {
      items: [
        buildOutcomeItem(),
        buildOutcomeItem({ itemId: 'itm_2', name: 'Cups' }),
        buildOutcomeItem({ itemId: 'itm_3', name: 'Straws', decision: 'pending_approval' }),
      ],
      orders: [buildOutcomeOrder(), buildOutcomeOrder({ id: 'ord_2', supplier: 'Cup & Co', totalMinor: 1001 })],
    })
    const page = await text('/runs')
    expect(page).toContain('<!doctype html>')
    for (const part of [
      'cafe',
      'by hand',
      'completed',
      '2 ordered',
      '1 pending approval',
      'North Dairy',
      'Cup &amp; Co',
    ]) {
      expect(page).toContain(part)
    }
    // 08:00 UTC on the list's wall clock; both orders, and their sum.
    expect(page).toContain('2026-03-02 09:00')
    expect(page).toContain('76.29 EUR')
    expect(page).toContain('10.01 EUR')
    expect(page).toContain('86.30 EUR')
    expect(page).not.toContain('http-equiv="refresh"')
  })

  it('shows the runs of one list when asked to, and no others', async () => {
    await finishedRun(database.ctx, 'lab', {
      items: [buildOutcomeItem({ name: 'Pipettes' })],
      orders: [],
      summary: 'lab',
    })
    const page = await text('/runs?list=lab')
    expect(page).toContain('Runs of lab')
    expect(page).not.toContain('North Dairy')
    expect((await web.request('/runs?list=nowhere')).status).toBe(404)
  })

  it('says why a run failed, and follows one that is at work', async () => {
    const { id: runId } = await createRun(database.ctx, { list: 'lab' })
    expect(await text('/runs')).toContain('http-equiv="refresh"')
    await claimRun(database.ctx, { runId, workerId: 'test', leaseMs: 60_000 })
    await failRun(database.ctx, { runId, epoch: 1, error: 'The model is away.' })
    const page = await text('/runs')
    expect(page).toContain('The model is away.')
    expect(page).not.toContain('http-equiv="refresh"')
  })
})

describe('the page of one run', () => {
  it('shows every item with its decision and reason', async () => {
    const id = await finishedRun(database.ctx, 'cafe', {
      items: [
        buildOutcomeItem(),
        buildOutcomeItem({ itemId: 'itm_9', name: 'Sugar', decision: 'skipped', reason: 'plenty left' }),
      ],
    })
    const page = await text(`/runs/${id}`)
    for (const part of ['Oat milk', '36 l', 'ordered 6 packs', 'Sugar', 'skipped', 'plenty left', 'rules']) {
      expect(page).toContain(part)
    }
  })

  it('shows names from outside as text, whatever they hold', async () => {
    const hostile = '<script>alert(1)</script>"\'&<img src=x onerror=alert(2)>'
    const id = await finishedRun(database.ctx, 'cafe', {
      items: [buildOutcomeItem({ name: hostile, reason: hostile })],
      orders: [buildOutcomeOrder({ supplier: hostile })],
      summary: hostile,
    })
    for (const path of [`/runs/${id}`, '/runs']) {
      const page = await text(path)
      expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;')
      expect(page).not.toMatch(/<script|<img/)
    }
  })

  it('is not there for a run that is not there', async () => {
    const response = await web.request('/runs/run_nowhere')
    expect(response.status).toBe(404)
    expect(await response.text()).toContain('run_nowhere')
  })

  it('needs no script and takes nothing from elsewhere', async () => {
    const response = await web.request('/runs')
    expect(response.headers.get('content-security-policy')).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    )
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    const stylesheet = /<link rel="stylesheet" href="([^"]+)"/.exec(await response.text())?.[1] ?? ''
    const css = await web.request(stylesheet)
    expect(css.headers.get('content-type')).toMatch(/^text\/css/)
    expect(await css.text()).toContain('prefers-color-scheme: dark')
  })

  it('shows no stack when something breaks', async () => {
    const broken = createTestWeb({
      queue,
      ctx: {
        ...database.ctx,
        get db(): never {
          throw new Error('secret detail')
        },
      },
    })
    const response = await broken.request('/runs')
    expect(response.status).toBe(500)
    expect(await response.text()).not.toContain('secret detail')
  })
})
