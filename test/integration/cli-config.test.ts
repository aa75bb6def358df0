import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findListLimits } from '../../src/purchasing/limits/list-limits.js'
import { findSchedules } from '../../src/schedules/change-schedule.js'
import { addList, findLists } from '../../src/stock/lists.js'
import { createTestCli, type TestCli } from '../helpers/run-cli.js'
import { createTestDatabase, type TestDatabase } from '../helpers/test-database.js'

let database: TestDatabase
const clis: TestCli[] = []

beforeEach(async () => {
  database = await createTestDatabase()
})
afterEach(async () => {
  for (const cli of clis.splice(0)) cli.remove()
  await database.drop()
})

/** A folder with files in it, and the command line there. */
function folder(files: Readonly<Record<string, string>>, env: Readonly<Record<string, string>> = {}): TestCli {
  const cli = createTestCli({ env: { DATABASE_URL: database.url, RESTOCK_WEB_PORT: '0', ...env } })
  clis.push(cli)
  for (const [name, text] of Object.entries(files)) writeFileSync(join(cli.cwd, name), text)
  return cli
}

const yaml = (list: string, perOrder: number) => `
lists: { ${list}: { currency: EUR, time_zone: Europe/Berlin, limits: { per_order: ${perOrder} } } }
schedules: [{ name: ${list}-nightly, list: ${list}, cron: '0 5 * * *' }]
`

async function state(): Promise<object> {
  const lists = (await findLists(database.ctx)).map(({ id }) => id)
  return {
    lists,
    perOrder: await Promise.all(lists.map(async (id) => (await findListLimits(database.ctx, id))?.settings.per_order)),
    schedules: (await findSchedules(database.ctx)).map(({ name }) => name),
  }
}

const cafe = { lists: ['cafe'], perOrder: ['100'], schedules: ['cafe-nightly'] }

describe('a configuration file', () => {
  it('decides about a new database, and edits of it apply by themselves', async () => {
    const cli = folder({ 'restock.yaml': yaml('cafe', 100) })
    expect(await cli.run('runs')).toMatchObject({ exitCode: 0, stderr: '' })
    expect(await state()).toEqual(cafe)
    writeFileSync(join(cli.cwd, 'restock.yaml'), yaml('cafe', 150))
    expect(await cli.run('runs')).toMatchObject({ exitCode: 0, stderr: '' })
    expect(await state()).toEqual({ ...cafe, perOrder: ['150'] })
  })

  it.each([
    ['reads', ['runs']],
    ['runs', ['run', '--list', 'cafe']],
    ['migrates', ['migrate']],
    ['lists', ['items', 'list']],
  ])('of another folder changes nothing when a command %s there', async (_what, args) => {
    const home = folder({ 'restock.yaml': yaml('cafe', 100) })
    await home.run('runs')
    const elsewhere = folder({ 'restock.yaml': yaml('bar', 99_999) })
    const { exitCode, stderr } = await elsewhere.run(...args)
    expect(exitCode, stderr).toBe(0)
    expect(await state()).toEqual(cafe)
    if (args[0] === 'migrate') return
    expect(stderr).toContain(`${elsewhere.cwd}/restock.yaml is not in force`)
    expect(stderr).toContain(`--config ${home.cwd}/restock.yaml`)
    expect(stderr).toContain('restock config apply')
    const named = await elsewhere.run('runs', '--config', join(home.cwd, 'restock.yaml'))
    expect(named.stderr).toBe('')
  })

  it('is refused by up when another one is in force', async () => {
    const home = folder({ 'restock.yaml': yaml('cafe', 100) })
    await home.run('runs')
    const elsewhere = folder({ 'restock.yaml': yaml('bar', 99_999) })
    const { exitCode, stderr, stdout } = await elsewhere.run('up')
    expect([exitCode, stdout]).toEqual([2, ''])
    expect(stderr.trimEnd().split('\n')).toHaveLength(1)
    for (const part of [`${home.cwd}/restock.yaml`, `${elsewhere.cwd}/restock.yaml`, 'restock config apply']) {
      expect(stderr).toContain(part)
    }
    expect(await state()).toEqual(cafe)
  })

  it('is put in force by `config apply`, which says what changed', async () => {
    const home = folder({ 'restock.yaml': yaml('cafe', 100) })
    await home.run('runs')
    const elsewhere = folder({ 'restock.yaml': yaml('bar', 20) })
    expect((await elsewhere.run('config', 'apply', '--json')).json()).toEqual({
      file: join(elsewhere.cwd, 'restock.yaml'),
      imported: [],
      lists: { added: ['bar'], archived: ['cafe'] },
      limits: [{ list: 'bar', limit: 'per_order', from: null, to: '20' }],
      schedules: { added: ['bar-nightly'], changed: [], archived: ['cafe-nightly'] },
    })
    expect(await state()).toEqual({ lists: ['bar'], perOrder: ['20'], schedules: ['bar-nightly'] })
    // Now that one is the stranger.
    expect((await home.run('runs')).stderr).toContain(`${home.cwd}/restock.yaml is not in force`)
    expect((await elsewhere.run('config', 'apply')).stdout).toContain('nothing changed')
    expect((await home.run('config', 'apply')).stdout).toContain('  list archived: bar\n')
    expect(await state()).toEqual(cafe)
  })

  it('that is only the example leaves other lists alone, and makes way for one of your own', async () => {
    await addList(database.ctx, { id: 'own', currency: 'EUR', timeZone: 'UTC' })
    const clone = folder({ 'restock.example.yaml': yaml('cafe', 100) })
    expect(await clone.run('runs')).toMatchObject({ exitCode: 0, stderr: '' })
    expect(await state()).toMatchObject({ lists: ['own'] })
    const refused = await clone.run('config', 'apply')
    expect([refused.exitCode, refused.stderr]).toEqual([2, expect.stringContaining('--config')])
    expect(await state()).toMatchObject({ lists: ['own'] })

    await database.pool.query('delete from stock.lists')
    await clone.run('runs')
    expect(await state()).toEqual(cafe)
    await clone.run('init', '--list', 'lab', '--currency', 'EUR', '--time-zone', 'UTC', '--per-order', '30')
    expect(await clone.run('runs')).toMatchObject({ exitCode: 0, stderr: '' })
    expect(await state()).toEqual({ lists: ['lab'], perOrder: ['30'], schedules: ['lab-daily'] })
  })

  it('without limits keeps those that a person set', async () => {
    await addList(database.ctx, { id: 'cafe', currency: 'EUR', timeZone: 'UTC' })
    const cli = folder({})
    expect((await cli.run('limits', 'set', 'per_order', '75')).exitCode).toBe(0)
    writeFileSync(join(cli.cwd, 'restock.yaml'), 'lists: { cafe: { currency: EUR, time_zone: Europe/Paris } }\n')
    await cli.run('runs')
    expect(await findListLimits(database.ctx, 'cafe')).toMatchObject({
      settings: { per_order: '75' },
      source: 'person',
      timeZone: 'Europe/Paris',
    })
    expect((await cli.run('limits', 'set', 'per_order', '80')).exitCode).toBe(0)
    writeFileSync(join(cli.cwd, 'restock.yaml'), yaml('cafe', 50))
    await cli.run('runs')
    expect(await state()).toMatchObject({ perOrder: ['50'] })
  })
})

it('moves with a data folder that it lies beside', async () => {
  const cli = createTestCli()
  clis.push(cli)
  const old = join(cli.cwd, 'old')
  const moved = join(cli.cwd, 'moved')
  mkdirSync(old)
  writeFileSync(join(old, 'restock.yaml'), yaml('cafe', 100))
  const inFolder = (place: string) => ['--data-dir', join(place, '.restock'), '--config', join(place, 'restock.yaml')]
  expect(await cli.run('limits', 'show', ...inFolder(old))).toMatchObject({ exitCode: 0, stderr: '' })
  renameSync(old, moved)
  writeFileSync(join(moved, 'restock.yaml'), yaml('cafe', 120))
  const shown = await cli.run('limits', 'show', '--json', ...inFolder(moved))
  expect(shown).toMatchObject({ exitCode: 0, stderr: '' })
  expect(shown.json()).toMatchObject({
    limits: expect.arrayContaining([expect.objectContaining({ kind: 'per_order', amountMinor: 12_000 })]),
  })
})
