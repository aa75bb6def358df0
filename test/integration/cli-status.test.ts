import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { KyselyPlugin } from 'kysely'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { openApp } from '../../src/cli/open-app.js'
import { startRoles } from '../../src/cli/start-roles.js'
import { loadConfig } from '../../src/config/config.js'
import { readStatus } from '../../src/overview/read-status.js'
import { type DomainContext, silentLogger } from '../../src/platform/context.js'
import { setLimit } from '../../src/purchasing/limits/list-limits.js'
import { pauseAllBuying } from '../../src/purchasing/limits/pause.js'
import { announceScheduler } from '../../src/runs/workers.js'
import { addSchedule } from '../../src/schedules/save-schedule.js'
import { importItems } from '../../src/stock/import-items.js'
import { addList, findLists } from '../../src/stock/lists.js'
import { createTestCli, type TestCli, type TestCliOptions } from '../helpers/run-cli.js'
import { createTestDatabase, type TestDatabase, testSecret } from '../helpers/test-database.js'
import { openWebShop, type WebShop } from '../helpers/web-shop.js'

const clis: TestCli[] = []

function open(options?: TestCliOptions): TestCli {
  const cli = createTestCli(options)
  clis.push(cli)
  return cli
}

afterEach(() => {
  for (const cli of clis.splice(0)) cli.remove()
})

describe('where nothing is set up', () => {
  it('restock alone says what to do next, and makes nothing', async () => {
    const cli = open()
    const { stdout, stderr, exitCode } = await cli.run()
    expect([exitCode, stderr]).toEqual([0, ''])
    for (const next of ['restock demo', 'restock init', 'restock up', 'restock --help']) expect(stdout).toContain(next)
    expect(stdout.split('\n').length).toBeLessThan(8)
    expect(readdirSync(cli.cwd)).toEqual([])
  })

  it('says the same to programs', async () => {
    const cli = open()
    const data = join(cli.cwd, '.restock')
    const expected = {
      setUp: false,
      dataDir: data,
      configFile: null,
      next: ['restock demo', 'restock init', 'restock up'],
    }
    expect((await cli.run('--json')).json()).toEqual(expected)
    expect((await cli.run('status', '--json')).json()).toEqual(expected)
    expect(existsSync(data)).toBe(false)
  })

  it('begins with restock up where a configuration is there already', async () => {
    const cli = open()
    const file = join(cli.cwd, 'restock.yaml')
    writeFileSync(file, 'lists: {}\n')
    const { json } = await cli.run('--json')
    expect(json()).toMatchObject({ setUp: false, configFile: file, next: expect.arrayContaining(['restock up']) })
    expect((await cli.run()).stdout).toMatch(/Next:\n {2}restock up /)
    expect(readdirSync(cli.cwd)).toEqual(['restock.yaml'])
  })

  it('leaves an empty database of others as it is', async () => {
    const database = await createTestDatabase()
    try {
      for (const schema of ['stock', 'purchasing', 'restock'])
        await database.pool.query(`drop schema ${schema} cascade`)
      const cli = open({ env: { DATABASE_URL: database.url } })
      expect((await cli.run('--json')).json()).toMatchObject({ setUp: false })
      const { rows } = await database.pool.query("select to_regnamespace('stock') is null as untouched")
      expect(rows).toEqual([{ untouched: true }])
      expect(readdirSync(cli.cwd)).toEqual([])
    } finally {
      await database.drop()
    }
  })

  it('is no excuse for a mistyped command', async () => {
    const { exitCode, stderr } = await open().run('itmes')
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('restock items')])
  })
})

describe('a café after some days', () => {
  let shop: WebShop
  let env: Readonly<Record<string, string>>
  const at = (options: TestCliOptions = {}) => open({ ...options, env: { ...env, ...options.env } })

  beforeAll(async () => {
    shop = await openWebShop()
    await setLimit(shop.ctx, { list: 'cafe', kind: 'per_month', value: '5000' })
    await setLimit(shop.ctx, { list: 'cafe', kind: 'per_day', value: '1000' })
    env = {
      DATABASE_URL: shop.database.url,
      RESTOCK_CLOCK_OFFSET_MS: String(shop.database.clock.now().getTime() - Date.now()),
    }
  }, 60_000)
  afterAll(() => shop.close())

  it('is told with what needs a person at the front', async () => {
    const cli = at()
    const { stdout, stderr, exitCode } = await cli.run()
    expect([exitCode, stderr]).toEqual([0, ''])
    const place = (text: string | RegExp) => {
      const found = stdout.search(text)
      expect(found, `${text} in\n${stdout}`).toBeGreaterThanOrEqual(0)
      return found
    }
    expect(place(/^Needs you \(\d+\)$/m)).toBe(0)
    const inDoubt = place(new RegExp(`! Order ${shop.ids.unknown} at .* is unknown\\. `))
    const failed = place(`! Run ${shop.ids.failedRun} of cafe failed at 2026-.*: The model is away`)
    const list = place(/^cafe: \d+ items, \d+ to buy now$/m)
    expect(inDoubt).toBeLessThan(failed)
    expect(failed).toBeLessThan(list)
    place(`restock runs show ${shop.ids.failedRun}`)
    place(/to approve .*: restock orders approve ord_/)
    place(`restock orders approve ${shop.ids.waiting}`)
    place(/on its way .*expected on 2026-\d\d-\d\d/)
    place(new RegExp(`partially received \\(${shop.ids.partly}\\)`))
    place(/low .* left.*; to buy: /)
    place(/next run {4}2026-\d\d-\d\d 06:00 Europe\/Berlin \(in .*\), cafe-daily/)
    place(/spent .*day 0\.00 EUR of 1000\.00 EUR, 1000\.00 EUR left; month \d+\.\d\d EUR of 5000\.00 EUR/)
    place(/last run {4}2026-.*: failed/)
    expect((await cli.run('status')).stdout.length).toBe(stdout.length)
    expect(readdirSync(cli.cwd), 'looking makes no data folder').toEqual([])
  })

  it('is told to programs as one object', async () => {
    const { json } = await at().run('--json')
    const status = json()
    expect(Object.keys(status)).toEqual(['setUp', 'at', 'buying', 'work', 'attention', 'lists'])
    expect(status).toMatchObject({
      setUp: true,
      buying: { pausedForAllSince: null, pausedForAllBy: null, pausedLists: [] },
      work: { workers: 1, schedulers: 0, overdueSchedules: [] },
      attention: {
        orders: expect.arrayContaining([expect.objectContaining({ orderId: shop.ids.unknown, status: 'unknown' })]),
        failedRuns: [expect.objectContaining({ id: shop.ids.failedRun, status: 'failed', list: 'cafe' })],
        unsettledRuns: [],
        haltedSchedules: [],
      },
    })
    const [cafe] = status.lists as Record<string, unknown>[]
    expect(cafe).toMatchObject({
      list: 'cafe',
      currency: 'EUR',
      timeZone: 'Europe/Berlin',
      paused: false,
      due: {
        count: expect.any(Number),
        items: expect.arrayContaining([expect.objectContaining({ need: 2, unit: 'pcs' })]),
      },
      waiting: {
        count: 2,
        orders: expect.arrayContaining([
          expect.objectContaining({ orderId: shop.ids.waiting, status: 'awaiting_approval' }),
        ]),
      },
      schedules: [expect.objectContaining({ name: 'cafe-daily', timeZone: 'Europe/Berlin', pausedAt: null })],
      unfinishedRuns: [],
      lastRun: { id: shop.ids.failedRun, summary: 'The model is away.' },
      spent: {
        day: { usedMinor: 0, limitMinor: 100_000, leftMinor: 100_000 },
        week: { limitMinor: null, leftMinor: null },
        month: { limitMinor: 500_000 },
      },
    })
  })

  it('says so first when buying is paused, and how it goes on', async () => {
    await pauseAllBuying(shop.ctx, { paused: true, by: 'anna' })
    const { stdout } = await at().run()
    expect(stdout).toMatch(/^Buying is PAUSED for every list since 2026-.* by anna: /)
    expect(stdout).toContain('restock limits set --all paused false')
    expect((await at().run('--json')).json()).toMatchObject({ buying: { pausedForAllBy: 'anna' } })
    await pauseAllBuying(shop.ctx, { paused: false, by: 'anna' })

    await setLimit(shop.ctx, { list: 'cafe', kind: 'paused', value: true })
    expect((await at().run()).stdout).toMatch(
      /^Buying is PAUSED for cafe: .*restock limits set paused false --list cafe/,
    )
    expect((await at().run('--json')).json()).toMatchObject({ buying: { pausedLists: ['cafe'] } })
    await setLimit(shop.ctx, { list: 'cafe', kind: 'paused', value: false })
    expect((await at().run()).stdout).not.toContain('PAUSED')
  })

  it('says who is at work, and how to start who is not', async () => {
    expect((await at().run()).stdout).toContain('No scheduler is at work: schedules start nothing.')
    const scheduler = await announceScheduler(shop.ctx, 'test-scheduler')
    expect((await at().run()).stdout).toContain('1 worker and 1 scheduler at work.')
    await shop.ctx.db.deleteFrom('restock.workers').where('role', '=', 'worker').execute()
    expect((await at().run()).stdout).toMatch(/No worker is at work: .*restock worker/)
    await scheduler.withdraw()
    expect((await at().run()).stdout).toMatch(/Nothing is at work: .*restock up/)
  })

  it('knows a scheduler for as long as it runs', async () => {
    const config = loadConfig({ env: { ...env, RESTOCK_SECRET: testSecret }, cwd: '/' })
    const app = await openApp(config, { log: silentLogger, name: 'test' })
    try {
      await startRoles(app, ['scheduler'])
      expect((await at().run('--json')).json()).toMatchObject({ work: { schedulers: 1 } })
    } finally {
      await app.close()
    }
    expect((await at().run('--json')).json()).toMatchObject({ work: { schedulers: 0 } })
  })

  it('shows one list when asked, and knows which there are', async () => {
    expect((await at().run('status', '--list', 'cafe')).stdout).toMatch(/^cafe: /m)
    const { exitCode, stderr } = await at().run('status', '--list', 'caffe')
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('cafe')])
  })

  it('says what it waits for on a terminal, and never beside an answer for programs', async () => {
    // A second passes whenever somebody looks.
    let now = 0
    const clock = {
      now: () => {
        now += 1_000
        return now
      },
      every: (_ms: number, tick: () => void) => {
        tick()
        return () => undefined
      },
    }
    const { stderr, stdout } = await at({ stderrIsTerminal: true, progressClock: clock }).run()
    expect(stderr).toContain('Opening the database…')
    expect(stderr).toContain('Looking at everything…')
    expect(stderr.endsWith('\r\u001B[K'), 'and takes it away').toBe(true)
    expect(stdout).not.toContain('…')
    expect((await at({ stderrIsTerminal: true, progressClock: clock }).run('--json')).stderr).toBe('')
    expect((await at({ progressClock: clock }).run()).stderr).toBe('')
    const items = await at({ stderrIsTerminal: true, progressClock: clock }).run('items', 'list')
    expect(items.stderr).toContain('Working…')
    expect(items.stdout).not.toContain('…')
  })
})

describe('many lists', () => {
  let database: TestDatabase

  beforeAll(async () => {
    database = await createTestDatabase()
    const { ctx } = database
    for (let number = 1; number <= 20; number++) await fillList(ctx, `list-${String(number).padStart(2, '0')}`)
  }, 120_000)
  afterAll(() => database.drop())

  it('take as many queries as one', async () => {
    const { ctx } = database
    const lists = await findLists(ctx)
    const count = async (shown: typeof lists) => {
      let queries = 0
      const counting: KyselyPlugin = {
        transformQuery: ({ node }) => {
          queries += 1
          return node
        },
        transformResult: async ({ result }) => result,
      }
      const status = await readStatus({ ...ctx, db: ctx.db.withPlugin(counting) }, shown)
      expect(status.lists.map(({ list }) => list.id)).toEqual(shown.map(({ id }) => id))
      expect(status.lists.every(({ low }) => low.itemCount === 250)).toBe(true)
      return queries
    }
    const one = await count(lists.slice(0, 1))
    expect(await count(lists)).toBe(one)
    expect(one).toBeLessThan(40)
  })

  it('stay readable: a row each, the first few of all, and how to see more', async () => {
    const env = {
      DATABASE_URL: database.url,
      RESTOCK_CLOCK_OFFSET_MS: String(database.clock.now().getTime() - Date.now()),
    }
    const { stdout } = await open({ env, columns: 120, isTerminal: true }).run()
    expect(stdout.split('\n').length).toBeLessThan(45)
    expect(stdout).toMatch(/list-01 +250 +250 /)
    expect(stdout).toMatch(/list-20 +250 +250 /)
    expect(stdout).toContain('and 4995 more: restock items list --due --list list-')
    expect(stdout).toContain('restock status --list list-01')
    const one = await open({ env, columns: 120, isTerminal: true }).run('status', '--list', 'list-07')
    expect(one.stdout).toContain('and 245 more: restock items list --list list-07 --due')
    expect(one.stdout).not.toContain('list-08')
  })
})

async function fillList(ctx: DomainContext, id: string): Promise<void> {
  await addList(ctx, { id, currency: 'EUR', timeZone: 'Europe/Berlin' })
  const rows = Array.from({ length: 250 }, (_, at) => `Thing ${at} of ${id},pcs,${at % 3},5,20`)
  const csv = ['name,unit,on_hand,reorder_point,order_up_to', ...rows].join('\n')
  await importItems(ctx, { bytes: Buffer.from(csv), fileName: 'items.csv', list: id, actor: 'test' })
  await addSchedule(ctx, {
    name: `${id}-daily`,
    list: id,
    cron: '0 6 * * *',
    timeZone: 'Europe/Berlin',
    misfire: 'run_once',
    overlap: 'skip',
    instructions: null,
    isPaused: false,
  })
}
