import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addList } from '../../src/stock/lists.js'
import { createTestCli, type TestCli } from '../helpers/run-cli.js'
import { createTestDatabase, type TestDatabase } from '../helpers/test-database.js'

let database: TestDatabase
let cli: TestCli

beforeAll(async () => {
  database = await createTestDatabase()
  const offsetMs = Date.parse('2026-10-03T12:00:00Z') - Date.now()
  cli = createTestCli({ env: { DATABASE_URL: database.url, RESTOCK_CLOCK_OFFSET_MS: String(offsetMs) } })
  await addList(database.ctx, { id: 'cafe', currency: 'EUR', timeZone: 'Europe/Berlin' })
})

afterAll(async () => {
  cli?.remove()
  await database?.drop()
})

describe('schedule', () => {
  it('is added in the time zone of its list, listed, shown', async () => {
    const added = await cli.run('schedule', 'add', '--name', 'nightly', '--cron', '0 5 * * *', '--json')
    expect(added).toMatchObject({ exitCode: 0, stderr: '' })
    expect(added.json()).toMatchObject({
      schedule: {
        name: 'nightly',
        list: 'cafe',
        timeZone: 'Europe/Berlin',
        nextSlot: '2026-10-04T03:00:00.000Z',
        source: 'person',
      },
    })
    expect((await cli.run('schedule', 'list')).stdout).toMatch(
      /nightly +cafe +0 5 \* \* \* +Europe\/Berlin +2026-10-04 05:00/,
    )
    expect((await cli.run('schedule', 'show', 'nightly')).stdout).toMatch(/next slot +2026-10-04 05:00/)
  })

  it('tells its next slots, over the change of the clocks', async () => {
    await cli.run(
      ...['schedule', 'add', '--name', 'howe', '--cron', '0 2 * * *', '--time-zone', 'Australia/Lord_Howe'],
      ...['--misfire', 'skip', '--overlap', 'queue', '--instructions', 'be frugal'],
    )
    const next = await cli.run('schedule', 'next', 'howe', '--count', '2', '--json')
    // The clock there jumps from 2:00 to 2:30 on 4 October: that day's slot is the first instant after the gap.
    expect(next.json()).toEqual({
      slots: [
        { schedule: 'howe', slot: '2026-10-03T15:30:00.000Z', timeZone: 'Australia/Lord_Howe' },
        { schedule: 'howe', slot: '2026-10-04T15:00:00.000Z', timeZone: 'Australia/Lord_Howe' },
      ],
    })
    const all = await cli.run('schedule', 'next', '--count', '3')
    const lines = all.stdout.trimEnd().split('\n').slice(1)
    expect(lines.map((line) => line.split(' ')[0])).toEqual(['howe', 'nightly', 'howe'])
  })

  it('is paused, resumed and removed', async () => {
    expect((await cli.run('schedule', 'pause', 'nightly', '--json')).json()).toMatchObject({
      schedule: { nextSlot: null },
    })
    expect((await cli.run('schedule', 'list')).stdout).toMatch(/nightly .* paused/)
    expect((await cli.run('schedule', 'next', 'nightly')).stdout).toContain('restock schedule resume nightly')
    expect((await cli.run('schedule', 'resume', 'nightly', '--json')).json()).toMatchObject({
      schedule: { pausedAt: null, nextSlot: '2026-10-04T03:00:00.000Z' },
    })
    expect((await cli.run('schedule', 'remove', 'howe')).exitCode).toBe(0)
    expect((await cli.run('schedule', 'list', '--json')).json()).toMatchObject({ schedules: [{ name: 'nightly' }] })
  })

  it('is changed, what is not given stays', async () => {
    const changed = await cli.run(
      ...['schedule', 'change', 'nightly', '--cron', '30 5 * * *', '--catch-up-hours', '48', '--misfire', 'run_all'],
      ...['--max-catch-up', '3', '--jitter-seconds', '90', '--pause-after-failures', '3', '--json'],
    )
    expect(changed.json()).toMatchObject({
      schedule: {
        timeZone: 'Europe/Berlin',
        cron: '30 5 * * *',
        catchUpWindowMs: 48 * 3_600_000,
        maxCatchUp: 3,
        jitterMs: 90_000,
        pauseAfterFailures: 3,
        nextSlot: '2026-10-04T03:30:00.000Z',
      },
    })
    const { stdout } = await cli.run('schedule', 'change', 'nightly', '--pause-after-failures', 'none')
    expect(stdout).toMatch(/misfire +run_all, at most 3, within 48 h/)
    expect(stdout).toMatch(/jitter +90 s/)
    expect(stdout).not.toContain('pause after')
  })

  it('runs now, beside its slots or instead of the next one', async () => {
    const beside = await cli.run('schedule', 'run-now', 'nightly', '--json')
    expect(beside.json()).toMatchObject({
      run: { isNew: true, slot: null },
      schedule: { nextSlot: '2026-10-04T03:30:00.000Z' },
    })
    expect((await cli.run('schedule', 'run-now', 'nightly')).stdout).toMatch(/is waiting or at work already/)
    await database.db.deleteFrom('restock.runs').execute()
    expect((await cli.run('schedule', 'run-now', 'nightly', '--instead-of-next')).stdout).toMatch(
      /is queued, and stands for the slot of 2026-10-04 05:30\. Next slot: 2026-10-05 05:30\./,
    )
  })

  it.each([
    [['add', '--name', 'x', '--cron', '61 * * * *'], /--cron: "61 \* \* \* \*" is not a cron expression/],
    [['add', '--name', 'x', '--cron', 'daily'], /--cron/],
    [['add', '--name', 'x', '--cron', '0 5 * * *', '--time-zone', 'Mars/Olympus'], /--time-zone: "Mars\/Olympus"/],
    [['add', '--name', 'x', '--cron', '0 5 * * *', '--list', 'lab'], /no list "lab"/],
    [['add', '--name', 'Über all', '--cron', '0 5 * * *'], /--name/],
    [['add', '--name', 'nightly', '--cron', '0 5 * * *'], /already/],
    [['add', '--name', 'x', '--cron', '0 5 * * *', '--misfire', 'panic'], /--misfire: "panic".*run_once/],
    [['show', 'weekly'], /no schedule "weekly".*nightly/],
    [['next', '--count', 'all'], /--count/],
    [['change', 'nightly', '--max-catch-up', '0'], /--max-catch-up/],
    [['run-now', 'weekly'], /no schedule "weekly".*nightly/],
  ])('refuses %j', async (args, message) => {
    const { stdout, stderr, exitCode } = await cli.run('schedule', ...args)
    expect([stdout, exitCode]).toEqual(['', 2])
    expect(stderr).toMatch(message)
    expect(stderr.trimEnd().split('\n')).toHaveLength(1)
  })

  it('from the configuration file is changed only there', async () => {
    const path = join(cli.cwd, 'restock.yaml')
    writeFileSync(
      path,
      `lists: { cafe: { currency: EUR, time_zone: Europe/Berlin } }
schedules: [{ name: filed, list: cafe, cron: '0 7 * * 1' }]
`,
    )
    expect((await cli.run('schedule', 'show', 'filed')).stdout).toContain('the configuration file')
    const { exitCode, stderr } = await cli.run('schedule', 'remove', 'filed')
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('configuration file')])
    expect((await cli.run('schedule', 'pause', 'filed')).exitCode).toBe(0)
  })
})
