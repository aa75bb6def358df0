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

  it('goes on where the page before ended, with every run once', async () => {
    const ids = new Set<string>()
    for (let index = 0; index < 30; index++) {
      database.clock.advance(1_000)
      ids.add((await createRun(database.ctx, { list: 'lab' })).id)
    }
    const seen: string[] = []
    for (let path: string | undefined = '/runs?list=lab&status=pending'; path !== undefined; ) {
      const page = await text(path)
      seen.push(...[...page.matchAll(/<h3><a href="\/runs\/([^"]+)"/g)].map((match) => match[1] ?? ''))
      path = /<a class="button secondary" href="([^"]+)" rel="next">/.exec(page)?.[1]?.replaceAll('&amp;', '&')
    }
    expect(seen).toEqual([...ids].reverse())
    await database.db.deleteFrom('restock.runs').where('status', '=', 'pending').execute()
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
      expect(page).not.toMatch(/<script>alert|<img src=x/)
    }
  })

  it('is not there for a run that is not there', async () => {
    const response = await web.request('/runs/run_nowhere')
    expect(response.status).toBe(404)
    expect(await response.text()).toContain('run_nowhere')
  })

  it('takes nothing from elsewhere, and runs nothing that stands in the page', async () => {
    const response = await web.request('/runs')
    const policy = response.headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("script-src 'self'")
    expect(policy).not.toContain('unsafe')
    const page = await response.text()
    expect(page).not.toMatch(/<script(?![^>]*\ssrc="\/assets\/)/)
    expect(page).not.toMatch(/\son\w+="|\sstyle="|javascript:|https?:\/\//)
    const stylesheet = /<link rel="stylesheet" href="([^"]+)"/.exec(page)?.[1] ?? ''
    const css = await web.request(stylesheet)
    expect(css.headers.get('content-type')).toMatch(/^text\/css/)
    expect(await css.text()).toContain('prefers-color-scheme: dark')
  })

  it('sends what browsers may keep small, and says for how long', async () => {
    const page = await text('/runs')
    const paths = [...page.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map((match) => match[1] ?? '')
    expect(paths.length).toBeGreaterThan(3)
    for (const path of paths) {
      const response = await web.request(path, { headers: { 'accept-encoding': 'gzip, br' } })
      expect([path, response.status]).toEqual([path, 200])
      expect(response.headers.get('content-encoding')).toBe('br')
      expect(response.headers.get('cache-control')).toContain(path.endsWith('icon.svg') ? '86400' : 'immutable')
    }
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
