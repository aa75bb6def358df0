import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { LegJournal } from '../../src/agent/leg-journal.js'
import { createMcpPool, type McpPool, type McpServerConfig } from '../../src/agent/mcp-servers.js'
import { StepRecorder } from '../../src/agent/recorder.js'
import { agentServers, workerTools } from '../../src/agent/run-tools.js'
import { createClock, silentLogger } from '../../src/platform/context.js'
import { readCaller, runContextKey } from '../../src/platform/run-context.js'
import { openShop, type Shop } from '../helpers/agent-shop.js'
import { testSecret } from '../helpers/test-database.js'

const clock = createClock()
const fixture = join(import.meta.dirname, '../fixtures/agent-stdio-server.mjs')
const timeouts = { connectMs: 10_000, callMs: 5_000, closeMs: 5_000 }

function stdio(name: string, env: Record<string, string> = {}, tools?: readonly string[]): McpServerConfig {
  return { name, command: process.execPath, args: [fixture], env, tools }
}

const contentSchema = z.object({
  pid: z.number(),
  text: z.string().nullable(),
  meta: z.record(z.string(), z.unknown()).nullable(),
  env: z.array(z.string()),
})

function identity(run: string, overrides: { epoch?: number; dryRun?: boolean } = {}) {
  return { context: { run, list: 'cafe', epoch: 1, dryRun: false, ...overrides }, secret: testSecret, clock }
}

const noRecord = () => ({
  recorder: new StepRecorder({ clock, recordStep: async () => undefined }),
  journal: new LegJournal(1),
})

let pool: McpPool | undefined

afterEach(async () => {
  await pool?.close()
  pool = undefined
  vi.restoreAllMocks()
})

function openPool(servers: readonly McpServerConfig[], options: { callMs?: number } = {}): McpPool {
  pool = createMcpPool({ servers, log: silentLogger, timeouts: { ...timeouts, ...options } })
  return pool
}

describe('over stdio', () => {
  test('connections are made once and shared by all runs; each call carries its own run', async () => {
    const { open } = openPool([stdio('list'), stdio('ordering')])
    const callAs = async (run: string) => {
      const tools = workerTools(await open(), identity(run), null)
      return Promise.all(
        Array.from({ length: 5 }, (_, index) =>
          tools.call('list', 'whoami', { text: `${run} ${index}` }, contentSchema),
        ),
      )
    }
    const [ones, twos] = await Promise.all([callAs('run_1'), callAs('run_2')])
    for (const [run, answers] of [
      ['run_1', ones],
      ['run_2', twos],
    ] as const) {
      for (const [index, { text, meta }] of answers.entries()) {
        expect(text).toBe(`${run} ${index}`)
        expect(readCaller(testSecret, meta ?? {}, clock.now())).toEqual({
          kind: 'run',
          run,
          list: 'cafe',
          epoch: 1,
          dryRun: false,
          actor: 'worker',
        })
      }
    }
    expect(new Set([...ones, ...twos].map(({ pid }) => pid)).size).toBe(1)
  })

  test('a server process gets what it needs and never the model key', async () => {
    vi.stubEnv('OPENAI_API_KEY', 'sk-test')
    vi.stubEnv('SOME_PASSWORD', 'hush')
    const env = { DATABASE_URL: 'postgres://x', OPENAI_API_KEY: 'sk-test' }
    const { open } = openPool([stdio('list', env), stdio('ordering')])
    const { env: seen } = await workerTools(await open(), identity('run_1'), null).call(
      'list',
      'whoami',
      {},
      contentSchema,
    )
    vi.unstubAllEnvs()
    expect(seen).toContain('DATABASE_URL')
    expect(seen).not.toContain('OPENAI_API_KEY')
    expect(seen).not.toContain('SOME_PASSWORD')
  })

  test('a third server is never shown the run context', async () => {
    const { open } = openPool([stdio('list', {}, []), stdio('ordering', {}, []), stdio('weather', {}, ['whoami'])])
    const [, , weather] = await agentServers(await open(), identity('run_1'), noRecord())
    const result = await weather?.callToolResult?.('whoami', {})
    expect(contentSchema.parse(result?.structuredContent).meta?.[runContextKey]).toBeUndefined()
  })

  test('after a server died in the middle of a call, that call fails and the next one finds a new server', async () => {
    const { open } = openPool([stdio('list'), stdio('ordering')])
    const tools = workerTools(await open(), identity('run_1'), null)
    const before = await tools.call('list', 'whoami', {}, contentSchema)
    await expect(tools.call('list', 'crash', {}, z.object({}))).rejects.toThrow()
    const after = await workerTools(await open(), identity('run_2'), null).call('list', 'whoami', {}, contentSchema)
    expect(after.pid).not.toBe(before.pid)
  })

  test('a call that a server died of is made again where that is harmless, and nowhere else', async () => {
    const { open } = openPool([stdio('list'), stdio('ordering')])
    const [list] = await open()
    const folder = await mkdtemp(join(tmpdir(), 'restock-test-'))
    try {
      const crash = (mark: string, isRepeatable: boolean) =>
        list?.call('crashOnce', { mark: join(folder, mark) }, { isRepeatable })
      await expect(crash('a', false)).rejects.toThrow()
      expect(await crash('b', true)).toMatchObject({ content: [{ type: 'text', text: 'done' }] })
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  test('a call to a server that died before is sent to a new one, once', async () => {
    const { open } = openPool([stdio('list'), stdio('ordering')])
    const tools = workerTools(await open(), identity('run_1'), null)
    const before = await tools.call('list', 'whoami', {}, contentSchema)
    process.kill(before.pid, 'SIGKILL')
    await vi.waitFor(() => expect(() => process.kill(before.pid, 0)).toThrow(), { timeout: 5_000 })
    // Its process was reaped, and its pipes end in the same breath: after that nothing can be sent to it any more.
    for (let turn = 0; turn < 100; turn++) await setImmediate()
    const after = await tools.call('list', 'whoami', {}, contentSchema)
    expect(after.pid).not.toBe(before.pid)
  })

  test('a call that gets no answer ends at the timeout', async () => {
    const { open } = openPool([stdio('list'), stdio('ordering')], { callMs: 300 })
    const tools = workerTools(await open(), identity('run_1'), null)
    await expect(tools.call('list', 'hang', {}, z.object({}))).rejects.toThrow(/timed out/i)
    await expect(tools.call('list', 'whoami', {}, contentSchema)).resolves.toMatchObject({ text: null })
  })

  test('closing ends the server processes, and closing twice is harmless', async () => {
    const { open, close } = openPool([stdio('list'), stdio('ordering')])
    const { pid } = await workerTools(await open(), identity('run_1'), null).call('list', 'whoami', {}, contentSchema)
    await close()
    await close()
    await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow(), { timeout: 5_000 })
    await expect(open()).rejects.toThrow('is closed')
  })

  test('a command that does not exist fails in one sentence, and a run does not go on without it', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const { open } = openPool([stdio('list'), { name: 'ordering', command: '/nowhere/ordering', args: [], env: {} }])
    await expect(open()).rejects.toThrow(
      /^The MCP server "ordering" could not be started \(spawn \/nowhere\/ordering ENOENT\); correct its command under mcpServers/,
    )
  })

  test('both built-in names must be configured', () => {
    expect(() => openPool([stdio('list')])).toThrow('The MCP server "ordering" is not configured')
  })

  test('two servers with a tool of the same name are refused by name before the model is asked', async () => {
    const { open } = openPool([
      stdio('list', {}, []),
      stdio('ordering', {}, ['whoami']),
      stdio('weather', {}, ['whoami']),
    ])
    await expect(agentServers(await open(), identity('run_1'), noRecord())).rejects.toThrow(
      'The MCP servers "ordering" and "weather" both have a tool "whoami"',
    )
  })

  test('a dry run hides tools that may write', async () => {
    const { open } = openPool([stdio('list', {}, []), stdio('ordering', {}, []), stdio('weather')])
    const names = async (dryRun: boolean) => {
      const servers = await agentServers(await open(), identity('run_1', { dryRun }), noRecord())
      return (await Promise.all(servers.map((server) => server.listTools()))).flat().map(({ name }) => name)
    }
    expect(await names(false)).toEqual(['whoami', 'crash', 'crashOnce', 'hang'])
    expect(await names(true)).toEqual(['whoami'])
  })
})

describe('over HTTP', () => {
  let shop: Shop
  beforeEach(async () => {
    shop = await openShop(testSecret, () => clock.now())
  })
  afterEach(() => shop.close())

  test('the agent sees its own tools only, and a dry run none that order', async () => {
    const { open } = openPool(shop.servers)
    const names = async (dryRun: boolean) => {
      const servers = await agentServers(await open(), identity('run_1', { dryRun }), noRecord())
      return (await Promise.all(servers.map((server) => server.listTools()))).flat().map(({ name }) => name)
    }
    expect(await names(false)).toEqual([
      'mark_ordered',
      'link_product',
      'search_catalog',
      'create_quote',
      'place_order',
      'list_orders',
    ])
    expect(await names(true)).toEqual(['search_catalog', 'create_quote', 'list_orders'])
  })

  test('two runs on the same connections are told apart', async () => {
    const { open } = openPool(shop.servers)
    const connections = await open()
    await Promise.all(
      ['run_1', 'run_2'].map(async (run, index) => {
        const tools = workerTools(connections, identity(run, { epoch: index + 1 }), null)
        for (let call = 0; call < 5; call++) await tools.call('ordering', 'list_orders', { run_id: run }, z.object({}))
      }),
    )
    expect(shop.calls).toHaveLength(10)
    for (const { args, caller } of shop.calls) {
      expect(caller).toMatchObject({ kind: 'run', run: args.run_id, epoch: args.run_id === 'run_1' ? 1 : 2 })
    }
  })

  test('a server that is away fails in one sentence', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined)
    await shop.close()
    const { open } = openPool(shop.servers)
    await expect(open()).rejects.toThrow(/^The MCP server "list" at http:\/\/127\.0\.0\.1:\d+\/mcp can't be reached/)
  })

  test('a refusal is thrown with its code, a wrong shape with what is wrong', async () => {
    const tools = workerTools(await openPool(shop.servers).open(), identity('run_1'), null)
    await expect(tools.call('ordering', 'place_order', { quote_id: 'quo_9' }, z.object({}))).rejects.toMatchObject({
      name: 'RefusalError',
      refusal: { code: 'quote_not_found', severity: 'final' },
    })
    shop.interfere('list_orders', () => ({ orders: 'none' }))
    await expect(
      tools.call('ordering', 'list_orders', {}, z.object({ orders: z.array(z.object({})) })),
    ).rejects.toThrow(/^list_orders of the ordering server answered something else than expected \(orders: /)
  })
})
