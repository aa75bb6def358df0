import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { auditedCommands } from '../../src/cli/audit-command.js'
import { createTestCli, type TestCli } from '../helpers/run-cli.js'
import { createTestDatabase, type TestDatabase } from '../helpers/test-database.js'
import { createTestWeb, openTestQueue } from '../helpers/web.js'

let database: TestDatabase
let cli: TestCli

beforeAll(async () => {
  database = await createTestDatabase()
  cli = createTestCli({ env: { DATABASE_URL: database.url } })
})
afterAll(async () => {
  cli?.remove()
  await database?.drop()
})

describe('tokens', () => {
  it('are shown once, open what their scopes say, and nothing after they are removed', async () => {
    const queue = openTestQueue(database)
    try {
      const web = createTestWeb({ ctx: database.ctx, queue })
      const added = await cli.run('tokens', 'add', 'shelf', '--scope', 'read,run', '--days', '30')
      expect(added.exitCode).toBe(0)
      const token = added.stdout.trim()
      expect(token).toMatch(/^rst_[\w-]{43}$/)
      expect(added.stderr).toContain('only time')
      expect(added.stderr).not.toContain(token)
      const headers = { authorization: `Bearer ${token}` }
      expect((await web.request('/api/lists', { headers })).status).toBe(200)
      expect((await web.request('/api/audit', { headers })).status).toBe(403)

      const listed = await cli.run('tokens', 'list', '--json')
      expect(listed.json()).toMatchObject({ tokens: [{ name: 'shelf', scopes: ['read', 'run'], createdBy: 'tester' }] })
      expect(listed.stdout).not.toContain(token)
      expect((await cli.run('tokens', 'list')).stdout).toMatch(/shelf\s+read, run\s+tester/)

      expect((await cli.run('tokens', 'remove', 'shelf')).exitCode).toBe(0)
      expect((await web.request('/api/lists', { headers })).status).toBe(401)
      expect((await cli.run('tokens', 'list')).stdout).toContain('no tokens yet')
    } finally {
      await queue.close()
    }
  })

  it('come as JSON, and look only unless more is asked for', async () => {
    const added = await cli.run('tokens', 'add', 'dash', '--json')
    expect(added.json()).toMatchObject({ name: 'dash', scopes: ['read'], expiresAt: null })
  })

  it.each([
    [['add', 'Bad Name'], "can't name a token"],
    [['add', 'x', '--scope', 'root'], '"root" is not one of read, run, approve, admin'],
    [['add', 'dash'], 'There is a token "dash" already'],
    [['remove', 'nobody'], 'There is no token "nobody" (there: dash)'],
  ])('refuses %j', async (args, message) => {
    const result = await cli.run('tokens', ...args)
    expect([result.exitCode, result.stdout]).toEqual([2, ''])
    expect(result.stderr).toContain(message)
  })
})

describe('audit', () => {
  it('shows who did what, and finds it by what and by whom', async () => {
    const all = (await cli.run('audit', '--json')).json() as { entries: Record<string, unknown>[] }
    expect(all.entries.map(({ actorKind, actor, action, subject }) => [actorKind, actor, action, subject])).toEqual([
      ['cli', 'tester', 'addToken', 'dash'],
      // Asked with after it was removed.
      ['token', 'unknown', 'useToken', null],
      ['cli', 'tester', 'removeToken', 'shelf'],
      ['cli', 'tester', 'addToken', 'shelf'],
    ])
    expect((await cli.run('audit', '--subject', 'dash')).stdout).toMatch(/cli tester\s+addToken\s+dash\s+done/)
    expect((await cli.run('audit', '--actor', 'nobody')).stdout).toContain('Nothing is recorded.')
    expect((await cli.run('audit', '--result', 'odd')).exitCode).toBe(2)
  })

  it('knows what was done and refused at the command line, and nothing of what was only looked at', async () => {
    const before = await entries()
    await cli.run('items', 'list')
    await cli.run('orders', 'approve', 'ord_nothing')
    await cli.run('suppliers', 'add', 'north', '--name', 'North', '--currency', 'EUR')
    await cli.run('orders', 'list')
    expect((await entries()).slice(0, -before.length)).toMatchObject([
      { actorKind: 'cli', actor: 'tester', action: 'addSupplier', subject: 'north', result: 'done' },
      { action: 'approveOrder', subject: 'ord_nothing', result: 'refused', details: { code: 'order_not_found' } },
    ])
  })

  it.each(auditedCommands)('watches a command that is there: %s', async (path) => {
    const help = await cli.run(...path.split(' '), '--help')
    expect(help.stdout.split('\n')[0]).toContain(`restock ${path} `)
  })

  const entries = async () => (await cli.run('audit', '--json')).json().entries as Record<string, unknown>[]
})
