import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/config/config.js'
import { createTestCli, type TestCli, type TestCliOptions } from '../helpers/run-cli.js'
import { createTestDatabase, type TestDatabase } from '../helpers/test-database.js'

const clis: TestCli[] = []

function open(options?: TestCliOptions): TestCli {
  const cli = createTestCli(options)
  clis.push(cli)
  return cli
}

afterEach(() => {
  for (const cli of clis.splice(0)) cli.remove()
})

describe('init', () => {
  it('writes a first list from options, which then works', async () => {
    const cli = open()
    const { stdout, exitCode } = await cli.run(
      'init',
      '--list',
      'lab',
      '--currency',
      'chf',
      '--time-zone',
      'Europe/Zurich',
      '--per-order',
      '99.50',
    )
    expect(exitCode).toBe(0)
    expect(stdout).toContain('restock.yaml is written')
    const { file } = loadConfig({ env: {}, cwd: cli.cwd })
    expect(file.lists.lab).toMatchObject({
      currency: 'CHF',
      time_zone: 'Europe/Zurich',
      limits: { per_order: '99.50' },
    })
    expect(file.schedules).toMatchObject([{ name: 'lab-daily', list: 'lab' }])
  })

  it.each(['null', '12', 'on'])('takes a list called %s', async (list) => {
    const cli = open()
    await cli.run('init', '--list', list, '--currency', 'EUR', '--time-zone', 'UTC')
    expect(Object.keys(loadConfig({ env: {}, cwd: cli.cwd }).file.lists)).toEqual([list])
  })

  it('writes the example café, with its files where they are', async () => {
    const cli = open()
    expect((await cli.run('init', '--example', '--json')).json()).toEqual({ file: join(cli.cwd, 'restock.yaml') })
    const { file } = loadConfig({ env: {}, cwd: cli.cwd })
    expect(existsSync(join(file.lists.cafe?.import ?? '', 'items.csv'))).toBe(true)
    expect(file.schedules).toHaveLength(1)
  })

  it('never writes over a file unless it is told to', async () => {
    const cli = open()
    const path = join(cli.cwd, 'restock.yaml')
    writeFileSync(path, 'lists: {}\n')
    const refused = await cli.run('init', '--example')
    expect([refused.exitCode, refused.stderr]).toEqual([2, expect.stringContaining('--force')])
    expect(readFileSync(path, 'utf8')).toBe('lists: {}\n')
    expect((await cli.run('init', '--example', '--force')).exitCode).toBe(0)
    expect(readFileSync(path, 'utf8')).toContain('cafe')
    expect(readdirSync(cli.cwd)).toEqual(['restock.yaml'])
  })

  it.each([
    [[], /--list, --currency and --time-zone, or --example/],
    [['--list', 'My Lab', '--currency', 'EUR', '--time-zone', 'UTC'], /"My Lab"/],
    [['--list', 'lab', '--currency', 'XYZ', '--time-zone', 'UTC'], /"XYZ" is not a currency/],
    [['--list', 'lab', '--currency', 'EUR', '--time-zone', '+02:00'], /"\+02:00" is not a time zone/],
    [['--list', 'lab', '--currency', 'EUR', '--time-zone', 'UTC', '--per-order', 'a lot'], /--per-order: "a lot"/],
    [['--example', '--config', 'nowhere/restock.yaml'], /no folder/],
  ])('refuses %j and writes nothing', async (args, message) => {
    const cli = open()
    const { exitCode, stderr } = await cli.run('init', ...args)
    expect(exitCode).toBe(2)
    expect(stderr).toMatch(message)
    expect(readdirSync(cli.cwd)).toEqual([])
  })
})

describe('config', () => {
  it('shows what is in force and hides every secret', async () => {
    const cli = open({
      env: {
        DATABASE_URL: 'postgres://me:hidden-1@127.0.0.1/db',
        OPENAI_API_KEY: 'hidden-2',
        RESTOCK_PASSWORD: 'hidden-3',
        RESTOCK_SECRET: `hidden-4-${'x'.repeat(40)}`,
        RESTOCK_MCP_TOKEN: 'hidden-5-0123456789',
      },
    })
    for (const args of [['config'], ['config', '--json']]) {
      const { stdout, exitCode } = await cli.run(...args)
      expect(exitCode).toBe(0)
      expect(stdout).toContain('127.0.0.1')
      expect(stdout).not.toContain('hidden')
    }
    expect((await cli.run('config', '--json')).json()).toMatchObject({ web: { port: 4270, password: '•••' } })
  })

  it('lists every problem at once', async () => {
    const cli = open({ env: { RESTOCK_WEB_PORT: 'http', RESTOCK_PASWORD: 'secret123' } })
    writeFileSync(
      join(cli.cwd, 'restock.yaml'),
      'lists:\n  cafe: { currency: EUR, time_zone: Europe/Berlin, limit: {} }\n',
    )
    const { stderr, exitCode } = await cli.run('config')
    expect(exitCode).toBe(2)
    for (const part of [
      'RESTOCK_WEB_PORT',
      'RESTOCK_PASWORD',
      'did you mean RESTOCK_PASSWORD',
      'did you mean limits',
    ]) {
      expect(stderr).toContain(part)
    }
  })
})

describe('doctor', () => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await createTestDatabase()
  })
  afterAll(() => database?.drop())

  type Report = { ok: boolean; checks: { name: string; ok: boolean; detail: string }[] }
  const diagnose = async (cli: TestCli) => {
    const { json, exitCode } = await cli.run('doctor', '--json')
    const { ok, checks } = json() as Report
    expect(exitCode).toBe(ok ? 0 : 1)
    expect(ok).toBe(checks.every((check) => check.ok))
    return (name: string) => checks.find((check) => check.name === name)
  }

  it('checks everything, and changes nothing', async () => {
    const cli = open({ env: { DATABASE_URL: database.url, RESTOCK_WEB_PORT: '0' } })
    const check = await diagnose(cli)
    const names = [
      'Node.js',
      'configuration',
      'model',
      'data folder',
      'disk space',
      'database',
      'schema',
      'queue',
      'schedules',
      'buying',
      'limits',
      'web port',
    ]
    for (const name of names) expect([name, check(name)?.ok]).toEqual([name, true])
    expect(check('database')?.detail).toMatch(/version \d+/)
    expect(check('MCP server list')).toBeDefined()
    expect(check('MCP server ordering')).toBeDefined()
    expect(readdirSync(cli.cwd)).toEqual([])
    const { stdout } = await cli.run('doctor')
    expect(stdout).toMatch(/^ok +Node\.js +\d+\./)
  })

  it('says how to mend a database that is away', async () => {
    const check = await diagnose(open({ env: { DATABASE_URL: 'postgres://a:b@127.0.0.1:1/c', RESTOCK_WEB_PORT: '0' } }))
    expect(check('database')).toMatchObject({ ok: false, detail: expect.stringContaining('DATABASE_URL') })
    expect(check('web port')?.ok).toBe(true)
  })

  it('finds a schema that is out of date', async () => {
    const old = await createTestDatabase()
    try {
      await old.pool.query(
        "delete from restock.kysely_migration; insert into stock.kysely_migration values ('999-future', '2030')",
      )
      const cli = open({ env: { DATABASE_URL: old.url, RESTOCK_WEB_PORT: '0' } })
      expect((await diagnose(cli))('schema')).toMatchObject({
        ok: false,
        detail: expect.stringContaining('stock/999-future'),
      })
      await old.pool.query("delete from stock.kysely_migration where name = '999-future'")
      expect((await diagnose(cli))('schema')).toMatchObject({
        ok: false,
        detail: expect.stringContaining('restock migrate'),
      })
    } finally {
      await old.drop()
    }
  })

  it('says how to mend Redis, a port, a schedule and an MCP server', async () => {
    const other = createServer((_request, response) => response.end('something else'))
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const { port } = other.address() as AddressInfo
    const env = { DATABASE_URL: database.url, REDIS_URL: 'redis://127.0.0.1:1', RESTOCK_WEB_PORT: String(port) }
    const cli = open({ env })
    const yaml = `mcpServers:\n  prices: { command: ${process.execPath}, args: ['-e', 'process.exit(3)'] }\n`
    writeFileSync(join(cli.cwd, 'restock.yaml'), yaml)
    await database.pool.query(
      `insert into restock.schedules (id, name, list, cron, time_zone, misfire, overlap, catch_up_window_ms, source, created_at, updated_at)
       values ('sch_1', 'odd', 'cafe', '0 5 * * *', 'Mars/Olympus', 'skip', 'skip', 0, 'person', now(), now())`,
    )
    try {
      const check = await diagnose(cli)
      expect(check('queue')).toMatchObject({ ok: false, detail: expect.stringContaining('REDIS_URL') })
      expect(check('web port')).toMatchObject({ ok: false, detail: expect.stringContaining('RESTOCK_WEB_PORT') })
      expect(check('schedules')).toMatchObject({ ok: false, detail: expect.stringContaining('Mars/Olympus') })
      expect(check('MCP server prices')).toMatchObject({ ok: false, detail: expect.stringContaining('prices') })
    } finally {
      await database.pool.query("delete from restock.schedules where id = 'sch_1'")
      other.close()
    }
  })

  it('goes on without a configuration that can be read', async () => {
    const cli = open()
    writeFileSync(join(cli.cwd, 'restock.yaml'), 'lists: [')
    const check = await diagnose(cli)
    expect(check('Node.js')?.ok).toBe(true)
    expect(check('configuration')).toMatchObject({ ok: false, detail: expect.stringContaining('restock.yaml') })
  })

  it('refuses a data folder that is a file', async () => {
    const cli = open({ env: { DATABASE_URL: database.url, RESTOCK_WEB_PORT: '0' } })
    mkdirSync(join(cli.cwd, 'place'))
    writeFileSync(join(cli.cwd, 'place', 'data'), '')
    const { json } = await cli.run('doctor', '--json', '--data-dir', 'place/data/inside')
    const { checks } = json() as Report
    expect(checks.find(({ name }) => name === 'data folder')).toMatchObject({
      ok: false,
      detail: expect.stringContaining('--data-dir'),
    })
  })
})
