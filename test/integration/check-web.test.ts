import { createServer } from 'node:net'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { addToken, revokeToken } from '../../src/access/tokens.js'
import { checkWeb } from '../../src/cli/checks/check-web.js'
import type { Config } from '../../src/config/config.js'
import type { JobQueue } from '../../src/platform/queue.js'
import { defaultWebPort, startWeb } from '../../src/web/start-web.js'
import { createTestCli } from '../helpers/run-cli.js'
import { createTestDatabase, type TestDatabase } from '../helpers/test-database.js'
import { openTestQueue } from '../helpers/web.js'

let database: TestDatabase
let queue: JobQueue
beforeAll(async () => {
  database = await createTestDatabase()
  queue = openTestQueue(database)
})
afterAll(async () => {
  await queue?.close()
  await database?.drop()
})
beforeEach(() => database.db.deleteFrom('restock.api_tokens').execute())

/** On loopback, but for the world. */
const proxied = { host: '127.0.0.1', port: 0, password: null, publicUrl: 'https://restock.example.com' }

/** Why it doesn't start; null: it does. */
async function refusalOfStart(web: Config['web']): Promise<string | null> {
  try {
    const running = await startWeb({ ctx: database.ctx, queue, config: { web } })
    await running.close()
    return null
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

const token = (days: number | null) => addToken(database.ctx, { name: 'shelf', scopes: ['read'], by: 'Ada', days })

test.each<[string, () => Promise<unknown>, Partial<Config['web']>, boolean]>([
  ['nobody could get in but anybody', async () => undefined, {}, false],
  ['a token', () => token(null), {}, true],
  ['a token for a while', () => token(1), {}, true],
  [
    'a token that has expired',
    async () => {
      await token(1)
      database.clock.advance(86_400_000)
    },
    {},
    false,
  ],
  [
    'a token that was revoked',
    async () => {
      await token(null)
      await revokeToken(database.ctx, 'shelf')
    },
    {},
    false,
  ],
  ['a password', async () => undefined, { password: 'correct horse' }, true],
  ['this machine alone', async () => undefined, { publicUrl: null }, true],
])('doctor says of the dashboard what its start says: %s', async (_, prepare, overrides, mayStart) => {
  await prepare()
  const web = { ...proxied, ...overrides }
  const refusal = await refusalOfStart(web)
  const check = await checkWeb(web, database.ctx)
  expect([refusal === null, check.isOk]).toEqual([mayStart, mayStart])
  if (refusal !== null) expect(check.detail).toBe(refusal)
})

test('a token lets doctor pass an address that other machines reach, and the address itself is tried then', async () => {
  const web = { ...proxied, host: '192.0.2.1', publicUrl: null }
  expect(await checkWeb(web, database.ctx)).toMatchObject({ isOk: false, detail: expect.stringContaining('password') })
  expect(await checkWeb(web, null)).toMatchObject({ isOk: false, detail: expect.stringContaining('password') })
  await token(null)
  const check = await checkWeb(web, database.ctx)
  expect(check).toMatchObject({ isOk: false, detail: expect.stringContaining('EADDRNOTAVAIL') })
})

test('the default port may be taken, as a start takes the next one; a chosen one may not', async () => {
  const other = createServer((socket) => socket.destroy())
  const listen = (port: number) =>
    new Promise<boolean>((resolve) => {
      other.once('error', () => resolve(false))
      other.listen({ host: '127.0.0.1', port }, () => resolve(true))
    })
  const isOurs = await listen(defaultWebPort)
  try {
    const byDefault = { ...proxied, publicUrl: null, port: defaultWebPort }
    if (isOurs) {
      const check = await checkWeb(byDefault, database.ctx)
      expect(check).toMatchObject({ isOk: true, detail: expect.stringMatching(/taken.*would be on 42[78]\d/) })
    }
  } finally {
    if (isOurs) await new Promise((resolve) => other.close(resolve))
  }
  const chosen = createServer((socket) => socket.destroy())
  const port = await new Promise<number>((resolve) =>
    chosen.listen({ host: '127.0.0.1', port: 0 }, () => {
      const address = chosen.address()
      resolve(typeof address === 'object' && address !== null ? address.port : 0)
    }),
  )
  try {
    const check = await checkWeb({ ...proxied, publicUrl: null, port }, database.ctx)
    expect(check).toMatchObject({ isOk: false, detail: expect.stringContaining('another program') })
  } finally {
    await new Promise((resolve) => chosen.close(resolve))
  }
})

test('the command knows of the tokens too', async () => {
  const env = { DATABASE_URL: database.url, RESTOCK_WEB_PORT: '0', RESTOCK_WEB_URL: 'https://restock.example.com' }
  const cli = createTestCli({ env })
  try {
    const webPort = async () => {
      const { checks } = (await cli.run('doctor', '--json')).json() as { checks: { name: string; ok: boolean }[] }
      return checks.find(({ name }) => name === 'web port')?.ok
    }
    expect(await webPort()).toBe(false)
    await token(null)
    expect(await webPort()).toBe(true)
  } finally {
    cli.remove()
  }
})
