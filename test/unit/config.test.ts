import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadConfig, maskConfig } from '../../src/config/config.js'
import { InputError } from '../../src/platform/errors.js'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'restock-config-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const goodFile = `
lists:
  cafe: { currency: EUR, time_zone: Europe/Berlin, limits: { per_order: 250, per_month: '1000.50' } }
schedules:
  - { name: nightly, list: cafe, cron: '0 6 * * *' }
`

function load(yaml: string | null, env: Record<string, string> = {}) {
  const path = join(folder, 'restock.yaml')
  if (yaml === null) rmSync(path, { force: true })
  else writeFileSync(path, yaml)
  return loadConfig({ env, cwd: folder })
}

function problem(yaml: string | null, env: Record<string, string> = {}): string {
  try {
    load(yaml, env)
  } catch (error) {
    expect(error).toBeInstanceOf(InputError)
    return error instanceof Error ? error.message : ''
  }
  return 'no problem'
}

describe('loadConfig', () => {
  it('works with nothing set', () => {
    const config = load(null)
    expect(config).toMatchObject({
      dataDir: join(folder, '.restock'),
      configFile: null,
      databaseUrl: null,
      redisUrl: null,
      model: { name: 'rules' },
      web: { host: '127.0.0.1', password: null },
    })
  })

  it('reads the file, with defaults for what it leaves out', () => {
    const config = load(goodFile)
    expect(config.file.lists.cafe?.limits).toEqual({ per_order: '250', per_month: '1000.50' })
    expect(config.file.schedules[0]).toMatchObject({ misfire: 'run_once', overlap: 'skip', paused: false })
  })

  it('lets flags win over the environment, and the environment over the file', () => {
    expect(load('model: rules', { RESTOCK_MODEL: 'gpt-x', OPENAI_API_KEY: 'k' }).model.name).toBe('gpt-x')
    const flagged = loadConfig({ env: { RESTOCK_DATA_DIR: '/env' }, cwd: folder, dataDir: '/flag' })
    expect(flagged.dataDir).toBe('/flag')
  })

  it('expands variables, and leaves $${ alone', () => {
    const yaml = "lists:\n  cafe: { name: 'a ${WHO} $${b}', currency: EUR, time_zone: UTC }"
    expect(load(yaml, { WHO: 'café' }).file.lists.cafe?.name).toBe('a café ${b}')
  })

  it('speaks the older protocol with other endpoints, and OpenAI’s newer one with OpenAI', () => {
    expect(load(null, { OPENAI_API_KEY: 'k' }).model.api).toBe('responses')
    expect(load(null, { OPENAI_BASE_URL: 'http://127.0.0.1:1/v1', RESTOCK_MODEL: 'm' }).model.api).toBe(
      'chat_completions',
    )
  })

  it.each([
    ['malformed YAML', 'lists: [', {}, /restock\.yaml, line 1: /],
    [
      'unknown setting',
      'lists:\n  cafe: { currency: EUR, time_zone: UTC, limits: { per_mnth: 5 } }',
      {},
      /unknown setting lists\.cafe\.limits\.per_mnth; did you mean per_month\?/,
    ],
    [
      'unknown limit of a supplier',
      'lists:\n  cafe: { currency: EUR, time_zone: UTC, limits: { per_supplier: { north: { per_mont: 5 } } } }',
      {},
      /unknown setting lists\.cafe\.limits\.per_supplier\.north\.per_mont; did you mean per_month\?/,
    ],
    [
      'what becomes of a price rise',
      'lists:\n  cafe: { currency: EUR, time_zone: UTC, limits: { max_prize_rise_percent: 5 } }',
      {},
      /unknown setting lists\.cafe\.limits\.max_prize_rise_percent; did you mean max_price_rise_percent\?/,
    ],
    [
      'a percentage with its sign',
      'lists:\n  cafe: { currency: EUR, time_zone: UTC, limits: { max_price_rise_percent: 5 % } }',
      {},
      /lists\.cafe\.limits\.max_price_rise_percent must be a percentage such as 10/,
    ],
    ['unknown top-level setting', 'shedules: []', {}, /unknown setting shedules; did you mean schedules\?/],
    [
      'invalid cron',
      goodFile.replace('0 6 * * *', '0 25 * * *'),
      {},
      /schedules\.0\.cron "0 25 \* \* \*" is not a cron expression; "0 6/,
    ],
    [
      'invalid time zone',
      goodFile.replace('Europe/Berlin', 'Europe/Berlino'),
      {},
      /lists\.cafe\.time_zone "Europe\/Berlino" is not a time zone; write one such as/,
    ],
    [
      'unknown list',
      goodFile.replace('list: cafe', 'list: lab'),
      {},
      /names the list "lab", which is not under lists \(there: cafe\)/,
    ],
    [
      'missing variable',
      'lists:\n  a: { name: "${NOBODY_SET_THIS}", currency: EUR, time_zone: UTC }',
      {},
      /uses \$\{NOBODY_SET_THIS\}, which is not set/,
    ],
    ['bad amount', goodFile.replace('250', 'lots'), {}, /lists\.cafe\.limits\.per_order must be an amount/],
    ['wrong DATABASE_URL', null, { DATABASE_URL: 'mysql://x' }, /DATABASE_URL must be a URL such as postgres:/],
    ['wrong REDIS_URL', null, { REDIS_URL: 'localhost:6379' }, /REDIS_URL must be a URL such as redis:/],
    [
      'mistyped variable',
      null,
      { RESTOCK_PASWORD: 'hunter2hunter2' },
      /RESTOCK_PASWORD is not a setting; did you mean RESTOCK_PASSWORD\?/,
    ],
    ['a number that is none', null, { RESTOCK_WEB_PORT: 'eighty' }, /RESTOCK_WEB_PORT must be a number\.$/],
    ['a number that is too large', null, { RESTOCK_WEB_PORT: '70000' }, /RESTOCK_WEB_PORT must be at most 65535\.$/],
    [
      'a choice that is none',
      goodFile.replace("* * *' }", "* * *', misfire: twice }"),
      {},
      /schedules\.0\.misfire must be one of skip, run_once, run_all\.$/,
    ],
    [
      'a list that has no id',
      'lists:\n  My Cafe: { currency: EUR, time_zone: UTC }',
      {},
      /lists\.My Cafe must be lower-case letters/,
    ],
    [
      'a list without its currency',
      'lists:\n  cafe: { time_zone: UTC }',
      {},
      /lists\.cafe\.currency is missing; it must be a text\.$/,
    ],
    [
      'a mail server without a sender',
      null,
      { RESTOCK_SMTP_URL: 'smtp://127.0.0.1' },
      /need both RESTOCK_SMTP_URL and/,
    ],
    ['a sender that is none', null, { RESTOCK_MAIL_FROM: 'me' }, /RESTOCK_MAIL_FROM must be an address such as/],
    [
      'supplier secrets that are no JSON',
      null,
      { RESTOCK_SUPPLIER_SECRETS: 'north-dairy=s3cret' },
      /RESTOCK_SUPPLIER_SECRETS must be JSON such as \{"north-dairy": "whsec_…"\}, each secret with at least 16 characters\.$/,
    ],
    ['a model without an endpoint', null, { RESTOCK_MODEL: 'gpt-x' }, /neither OPENAI_API_KEY nor OPENAI_BASE_URL/],
  ] as const)('%s: says what, where and how to mend', (_name, yaml, env, expected) => {
    expect(problem(yaml, env)).toMatch(expected)
  })

  it('reads how orders reach suppliers', () => {
    const env = {
      RESTOCK_SMTP_URL: 'smtps://mail.example.com',
      RESTOCK_MAIL_FROM: 'Corner Café <orders@example.com>',
      RESTOCK_SUPPLIER_SECRETS: '{"north-dairy":"whsec_MfKQ9r8GKYqrTwjU"}',
    }
    expect(load(null, env).channels).toEqual({
      smtpUrl: 'smtps://mail.example.com',
      mailFrom: 'Corner Café <orders@example.com>',
      secrets: { 'north-dairy': 'whsec_MfKQ9r8GKYqrTwjU' },
    })
    expect(load(null).channels).toEqual({ smtpUrl: null, mailFrom: null, secrets: {} })
  })

  it('wants five fields of a cron: seconds would be a slip of the finger', () => {
    expect(problem(goodFile.replace('0 6 * * *', '* * * * * *'))).toMatch(/is not a cron expression/)
    expect(problem(goodFile)).toBe('no problem')
  })

  it('says that a named file is not there', () => {
    expect(() => loadConfig({ env: {}, cwd: folder, configFile: 'nowhere.yaml' })).toThrow(
      /nowhere\.yaml can't be read: there is no such file/,
    )
  })

  it('lists every problem at once', () => {
    const text = problem('shedules: []\nmodels: 3', { RESTOCK_WEB_PORT: '99999', REDIS_URL: 'x' })
    expect(text).toMatch(/4 problems/)
    expect(text.split('\n')).toHaveLength(5)
  })
})

describe('maskConfig', () => {
  it('shows no secret', () => {
    const config = load(
      "mcpServers:\n  extra: { url: 'https://x.example/mcp', headers: { Authorization: 'Bearer s3cret-h' } }",
      {
        DATABASE_URL: 'postgres://me:s3cret-db@127.0.0.1/x',
        REDIS_URL: 'redis://:s3cret-redis@127.0.0.1',
        OPENAI_API_KEY: 's3cret-key',
        RESTOCK_SECRET: 's3cret-s3cret-s3cret-s3cret-s3cret-s3cret',
        RESTOCK_PASSWORD: 's3cret-password',
        RESTOCK_MCP_TOKEN: 's3cret-token-token',
        RESTOCK_SMTP_URL: 'smtp://me:s3cret-mail@mail.example.com',
        RESTOCK_MAIL_FROM: 'Corner Café <orders@example.com>',
        RESTOCK_SUPPLIER_SECRETS: '{"north-dairy":"whsec_s3cret-dairy"}',
      },
    )
    expect(JSON.stringify(config)).toContain('s3cret')
    expect(JSON.stringify(maskConfig(config))).not.toContain('s3cret')
  })

  it('shows none that stands where none belongs either', () => {
    const config = load(
      `mcpServers:
  url: { url: 'https://s3cret-user@x.example/mcp?api_key=s3cret-a&list=cafe' }
  split: { command: npx, args: ['-y', server, '--api-key', s3cret-b, '--list', cafe] }
  joined: { command: npx, args: ['--token=s3cret-c', 'https://me:s3cret-d@x.example/', 'Authorization: Bearer s3cret-e'] }`,
      {
        DATABASE_URL: 'postgres://127.0.0.1/x?user=me&password=s3cret-f',
        OPENAI_API_KEY: 'key',
        OPENAI_BASE_URL: 'https://x.example/v1?key=s3cret-g',
      },
    )
    const shown = JSON.stringify(maskConfig(config))
    expect(shown.match(/s3cret-\w+/g)).toBeNull()
    for (const plain of ['x.example/mcp', 'list=cafe', '"--list","cafe"', '127.0.0.1/x', '"npx"']) {
      expect(shown).toContain(plain)
    }
  })
})
