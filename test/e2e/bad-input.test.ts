import { randomBytes } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { expectNoProcessLeft, removeData, restock } from '../helpers/restock-process.js'

const home = join(tmpdir(), `restock-bad-${randomBytes(4).toString('hex')}`)
const dataDir = join(home, 'data')
beforeAll(async () => {
  await mkdir(home, { recursive: true })
  await writeFile(join(home, 'restock.yaml'), 'lists:\n  cafe: { currency: EUR, time_zone: Europe/Berlin }\n')
})
afterEach(() => expectNoProcessLeft(home))
afterAll(() => removeData(home))

const run = (args: readonly string[], env: Record<string, string> = {}) =>
  restock([...args, '--data-dir', dataDir], { cwd: home, env })

async function file(name: string, content: string | Buffer): Promise<string> {
  await writeFile(join(home, name), content)
  return name
}

/** Each gives one sentence that says what, where and how to mend it; no stack; nothing half done. */
describe('bad input', () => {
  it.each([
    ['an unknown column', 'name,unit,colour\nMilk,l,white\n', /bad\.csv.*colour/],
    ['a bad number', 'name,unit,on_hand\nMilk,l,12\nTea,g,lots\n', /bad\.csv.*line 3.*on_hand/],
    ['negative stock', 'name,unit,on_hand\nMilk,l,-1\n', /bad\.csv.*line 2.*on_hand/],
    ['no header', '', /bad\.csv/],
    ['an unknown list', 'name,unit,list\nMilk,l,lab\n', /bad\.csv.*line 2.*lab/],
    ['a wrong encoding', Buffer.from('name,unit\nCaf\xe9,l\n', 'latin1'), /bad\.csv.*UTF-8/],
  ])('a CSV file with %s', async (_name, content, expected) => {
    const { code, stdout, stderr } = await run(['items', 'import', await file('bad.csv', content)])
    expect(code, stderr).toBe(2)
    expect(stdout).toBe('')
    expect(
      stderr.split('\n').filter((line) => line !== ''),
      stderr,
    ).toHaveLength(1)
    expect(stderr).toMatch(expected)
    const { stdout: items } = await run(['items', 'list', '--json'])
    expect(items).not.toMatch(/Milk|Tea|Caf/)
  })

  it('takes a BOM and semicolons', async () => {
    const { code, stderr } = await run([
      'items',
      'import',
      await file('good.csv', '\uFEFFname;unit;on_hand\r\nFlour;kg;2,5\r\n'),
    ])
    expect(code, stderr).toBe(0)
    expect((await run(['items', 'list', '--json'])).stdout).toContain('"Flour"')
  })

  it.each([
    ['an unknown list', ['run', '--list', 'lab'], {}, 2, /lab.*cafe|cafe.*lab/],
    [
      'an invalid cron',
      ['schedule', 'add', '--name', 'x', '--list', 'cafe', '--cron', '0 99 * * *'],
      {},
      2,
      /0 99 \* \* \*/,
    ],
    [
      'an invalid time zone',
      ['schedule', 'add', '--name', 'x', '--list', 'cafe', '--cron', '0 9 * * *', '--time-zone', 'Mars/Olympus'],
      {},
      2,
      /Mars\/Olympus/,
    ],
    ['an unknown run', ['runs', 'show', 'run_nowhere'], {}, 2, /run_nowhere/],
    ['a file that is not there', ['items', 'import', 'nowhere.csv'], {}, 2, /nowhere\.csv/],
    ['an unknown command', ['itmes', 'list'], {}, 2, /itmes.*\n?.*items/],
    [
      'a settings file that is not there',
      ['items', 'list', '--config', 'none.yaml'],
      {},
      2,
      /none\.yaml.*no such file/,
    ],
    [
      'a wrong DATABASE_URL',
      ['items', 'list'],
      { DATABASE_URL: 'postgres://u:pw-s3cret@127.0.0.1:1/x' },
      1,
      /127\.0\.0\.1:1\/x can't be used.*DATABASE_URL/,
    ],
    [
      'a Redis that is down',
      ['run'],
      { REDIS_URL: 'redis://127.0.0.1:1' },
      1,
      /Redis at redis:\/\/127\.0\.0\.1:1 does not answer.*REDIS_URL/,
    ],
    ['a web open to the world without a password', ['web'], { RESTOCK_WEB_HOST: '0.0.0.0' }, 2, /RESTOCK_PASSWORD/],
  ] as const)('%s', async (_name, args, env, exitCode, expected) => {
    const { code, stdout, stderr } = await run(args, env)
    expect(code, stderr).toBe(exitCode)
    expect(stdout).toBe('')
    expect(stderr).toMatch(expected)
    expect(stderr).not.toMatch(/^\s+at |s3cret/m)
  })

  it('malformed YAML and an unknown setting', async () => {
    const broken = await run(['items', 'list', '--config', await file('broken.yaml', 'lists: [')])
    expect(broken).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(/broken\.yaml, line 1/) })
    const unknown = await run(['items', 'list', '--config', await file('unknown.yaml', 'shedules: []')])
    expect(unknown).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/unknown setting shedules; did you mean schedules/),
    })
  })
})
