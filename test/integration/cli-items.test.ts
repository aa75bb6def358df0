import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addList } from '../../src/stock/lists.js'
import { createTestCli, type TestCli } from '../helpers/run-cli.js'
import { createTestDatabase, type TestDatabase } from '../helpers/test-database.js'

let database: TestDatabase
let cli: TestCli

beforeAll(async () => {
  database = await createTestDatabase()
  // Wide enough that nothing is cut.
  cli = createTestCli({ env: { DATABASE_URL: database.url }, columns: 300 })
  await addList(database.ctx, { id: 'cafe', currency: 'EUR', timeZone: 'Europe/Berlin' })
})

afterAll(async () => {
  cli?.remove()
  await database?.drop()
})

async function done(...args: string[]): Promise<string> {
  const { stdout, stderr, exitCode } = await cli.run(...args)
  expect([exitCode, stderr]).toEqual([0, ''])
  return stdout
}

async function refused(...args: string[]): Promise<string> {
  const { stdout, stderr, exitCode } = await cli.run(...args)
  expect([stdout, exitCode]).toEqual(['', 2])
  return stderr
}

async function movementOf(item: string): Promise<string> {
  const { movements } = (await cli.run('items', 'history', item, '--json')).json() as {
    movements: { movementId: number }[]
  }
  return String(movements[0]?.movementId)
}

describe('items', () => {
  it('have a history, of which a line can be undone once', async () => {
    await done('items', 'add', 'Milk', '--unit', 'l', '--on-hand', '20')
    await done('items', 'use', 'Milk', '3', '--note', 'spilt')
    const history = await done('items', 'history', 'Milk')
    expect(history).toMatch(
      /^movement +when \(\S+\) +what +change +counted +by +cause\n +\d+ +20\S+ \S+ +use +-3 +tester +spilt\n/,
    )
    expect(history).toMatch(/count +20 +20 +tester +first count\n$/)
    const use = await movementOf('Milk')
    expect(await done('items', 'undo', use)).toBe('Milk: 20 l on hand (before: 17 l).\n')
    const undo = await movementOf('Milk')
    expect(await done('items', 'history', 'Milk')).toMatch(`spilt (undone by ${undo})`)
    expect(await refused('items', 'undo', use)).toMatch(`movement ${use} has been undone already, by movement ${undo}`)
    expect(await refused('items', 'undo', 'x')).toMatch('movement: "x" is not a number')
  })

  it('are changed setting by setting', async () => {
    await done(
      'items',
      'add',
      'Rice',
      '--unit',
      'kg',
      '--over-max',
      'hold',
      '--daily-use',
      '2',
      '--substitutes',
      'R-2|R-3',
    )
    expect(
      await done(
        'items',
        'update',
        'Rice',
        '--reorder',
        'auto',
        '--lead-time-days',
        '3',
        '--clear',
        'over-max',
        'substitutes',
      ),
    ).toBe('Rice: changed over_max, reorder, lead_time_days, substitutes.\n')
    expect(await done('items', 'update', 'Rice', '--reorder', 'auto')).toBe('Rice is like that already.\n')
    const { items } = (await cli.run('items', 'list', '--json')).json() as { items: { name: string }[] }
    expect(items.find(({ name }) => name === 'Rice')).toMatchObject({
      overMax: 'allow',
      reorder: 'auto',
      reorderPoint: 6,
      orderUpTo: 34,
      daysLeft: 0,
      meanDailyUse: 2,
      useBasis: '2 kg a day, as stated',
      auto: { leadTimeDays: 3, leadTimeBasis: 'stated', sigma: 0 },
      substitutes: [],
    })
    expect(await done('items', 'list')).toMatch(/Rice .* 2 kg a day, as stated/)
    expect(await refused('items', 'update', 'Rice', '--reorder', 'sometimes')).toMatch('write one of fixed, auto')
    expect(await refused('items', 'update', 'Rice', '--clear', 'unit')).toMatch('--clear: "unit" is not possible')
    expect(await refused('items', 'update', 'Rice', '--sku', 'A', '--substitutes', 'B|A')).toMatch(
      'sku A is the item itself',
    )
    expect(await refused('items', 'add', 'Oats', '--unit', 'kg', '--substitutes', 'B|B')).toMatch('names "sku:B" twice')
  })

  it('that are counted oddly wait for a person', async () => {
    await done('items', 'add', 'Tea', '--unit', 'g', '--on-hand', '900', '--daily-use', '10', '--reorder-point', '100')
    const { stdout, stderr, exitCode } = await cli.run('items', 'count', 'Tea', '9')
    expect([stdout, exitCode]).toEqual(['Tea: 9 g on hand (before: 900 g).\n', 0])
    expect(stderr).toMatch(
      /It was counted as 9 g: 891 g gone .*; count it again, or confirm the count. Until then it is not bought. If it is right: restock items confirm-count itm_\w+. To undo it: /,
    )
    expect(await done('items', 'list', '--due')).toMatch(/Tea +9 .*count it again/)
    expect(await done('items', 'confirm-count', 'Tea')).toMatch(/^Tea is as it was recorded/)
    expect(await done('items', 'confirm-count', 'Tea')).toBe('Nothing about Tea is in doubt.\n')
    expect(await done('items', 'list', '--due')).not.toMatch(/count it again/)
  })

  it('are exported as they are imported', async () => {
    const csv = await done('items', 'export', '--list', 'cafe')
    expect(csv).toMatch(/^name,list,sku,/)
    writeFileSync(join(cli.cwd, 'again.csv'), csv)
    expect(await done('items', 'import', 'again.csv')).toMatch(/^0 items added, 0 changed, \d+ left as they were/)
    expect(await done('items', 'export', 'items.csv')).toMatch(/^Wrote .*items.csv\.\n$/)
    expect(readFileSync(join(cli.cwd, 'items.csv'), 'utf8')).toBe(csv)
    expect(await refused('items', 'export', 'items.csv')).toMatch('items.csv is there already')
    await done('items', 'export', 'items.csv', '--force')
  })

  it('follow the rules for demand that restock.yaml sets', async () => {
    writeFileSync(
      join(cli.cwd, 'restock.yaml'),
      'lists:\n  cafe:\n    currency: EUR\n    time_zone: Europe/Berlin\n    demand: { review_days: 7, lead_time_days: 2, service_level: 0.5 }\n',
    )
    await done('items', 'add', 'Salt', '--unit', 'kg', '--daily-use', '1', '--reorder', 'auto')
    const { items } = (await cli.run('items', 'list', '--json')).json() as { items: { name: string }[] }
    expect(items.find(({ name }) => name === 'Salt')).toMatchObject({ reorderPoint: 2, orderUpTo: 9 })
    writeFileSync(
      join(cli.cwd, 'restock.yaml'),
      'lists:\n  cafe:\n    currency: EUR\n    time_zone: Europe/Berlin\n    demand: { reveiw_days: 7 }\n',
    )
    expect(await refused('items', 'list')).toMatch(
      'unknown setting lists.cafe.demand.reveiw_days; did you mean review_days?',
    )
  })
})
