import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runContextKey, signRunContext } from '../../src/platform/run-context.js'
import { addList } from '../../src/stock/lists.js'
import {
  type ConnectedClient,
  connectHttp,
  connectStdio,
  type HttpServerProcess,
  startHttpServer,
  testToken,
} from '../helpers/mcp-clients.js'
import { createTestDatabase, type TestDatabase, testSecret } from '../helpers/test-database.js'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
  await addList(database.ctx, { id: 'cafe', currency: 'EUR', timeZone: 'Europe/Berlin' })
})
afterAll(() => database.drop())

/** Every tool of both servers, as clients see it. What changes here changes for every client and model. */
describe('tool schemas', () => {
  it.each(['list', 'ordering'] as const)('of the %s server', async (name) => {
    const { client, close } = await connectStdio(name, database.url)
    const { tools } = await client.listTools()
    await close()
    for (const tool of tools) {
      expect(tool.annotations, tool.name).toMatchObject({
        readOnlyHint: expect.any(Boolean),
        destructiveHint: expect.any(Boolean),
        idempotentHint: expect.any(Boolean),
        openWorldHint: expect.any(Boolean),
      })
      expect(tool.outputSchema, tool.name).toBeDefined()
      expect(tool.description, tool.name).toBeTruthy()
      await expect(JSON.stringify(tool, null, 2)).toMatchFileSnapshot(`__tools__/${name}.${tool.name}.json`)
    }
    expect(tools.map((tool) => tool.name)).toMatchSnapshot()
  })

  it('have names that are unique over both', async () => {
    const names: string[] = []
    for (const name of ['list', 'ordering'] as const) {
      const { client, close } = await connectStdio(name, database.url)
      names.push(...(await client.listTools()).tools.map((tool) => tool.name))
      await close()
    }
    expect(new Set(names).size).toBe(names.length)
    for (const forbidden of ['approve_order', 'resolve_order', 'set_limit', 'import_catalog'])
      expect(names).not.toContain(forbidden)
  })
})

describe.each(['stdio', 'http'] as const)('any MCP client over %s', (transport) => {
  let list: ConnectedClient
  let ordering: ConnectedClient
  const processes: HttpServerProcess[] = []
  beforeAll(async () => {
    const connect = async (name: 'list' | 'ordering') => {
      if (transport === 'stdio') return connectStdio(name, database.url)
      const server = await startHttpServer(name, database.url)
      processes.push(server)
      return connectHttp(server.url)
    }
    list = await connect('list')
    ordering = await connect('ordering')
  })
  afterAll(async () => {
    await list.close()
    await ordering.close()
    for (const process of processes) expect(await process.stop()).toBe(0)
  })

  it('adds an item, uses some of it and sees that it is due', async () => {
    const name = `Napkins by ${transport}`
    const added = await list.client.callTool({
      name: 'add_item',
      arguments: { list: 'cafe', name, unit: 'pcs', on_hand: 12, reorder_point: 10, order_up_to: 40 },
    })
    expect(added.isError, JSON.stringify(added)).toBeFalsy()
    const itemId = (added.structuredContent as { item_id: string }).item_id
    await list.client.callTool({ name: 'record_use', arguments: { item_id: itemId, quantity: 4 } })
    const due = await list.client.callTool({ name: 'list_items', arguments: { list: 'cafe' } })
    const items = (due.structuredContent as { items: { name: string; need: number }[] }).items
    expect(items).toContainEqual(expect.objectContaining({ name, on_hand: 8, need: 32 }))
    // Clients that know nothing of structured content read the same in text.
    expect(JSON.parse((due.content as { text: string }[])[0]?.text ?? '')).toEqual(due.structuredContent)
  })

  it('gets business failures as results', async () => {
    const result = await list.client.callTool({ name: 'get_item', arguments: { item_id: 'itm_nowhere' } })
    expect(result.isError).toBe(true)
    expect(result.structuredContent).toMatchObject({
      messages: [{ code: expect.any(String), severity: expect.any(String), text: expect.any(String) }],
    })
  })

  it('can’t use the worker’s tools, nor claim to be a run', async () => {
    const plain = await ordering.client.callTool({ name: 'read_order_events', arguments: { after: 0 } })
    expect(plain).toMatchObject({ isError: true, structuredContent: { messages: [{ code: 'worker_only' }] } })
    const forged = signRunContext(
      'not the secret at all, but long enough',
      { run: 'sync', list: '*', epoch: 0, dryRun: false },
      new Date(Date.now() + 60_000),
    )
    const refused = await ordering.client.callTool({
      name: 'read_order_events',
      arguments: { after: 0 },
      _meta: { [runContextKey]: forged },
    })
    expect(refused).toMatchObject({ isError: true, structuredContent: { messages: [{ code: 'invalid_run_context' }] } })
    const run = { run: 'run_1', list: 'cafe', epoch: 1, dryRun: false, actor: 'agent' as const }
    const chosenByModel = await ordering.client.callTool({
      name: 'register_needs',
      arguments: { list: 'cafe', currency: 'EUR', time_zone: 'UTC', needs: [] },
      _meta: { [runContextKey]: signRunContext(testSecret, run, new Date(Date.now() + 60_000)) },
    })
    expect(chosenByModel).toMatchObject({ isError: true, structuredContent: { messages: [{ code: 'worker_only' }] } })
    const genuine = signRunContext(
      testSecret,
      { run: 'sync', list: '*', epoch: 0, dryRun: false },
      new Date(Date.now() + 60_000),
    )
    const answered = await ordering.client.callTool({
      name: 'read_order_events',
      arguments: { after: 0 },
      _meta: { [runContextKey]: genuine },
    })
    expect(answered).toMatchObject({ structuredContent: { events: [] } })
  })

  it('never sees SQL, stacks or paths when something breaks', async () => {
    const broken =
      transport === 'stdio' ? await connectStdio('list', 'postgres://nobody:pw-s3cret@127.0.0.1:1/none') : undefined
    if (broken === undefined) return
    const result = await broken.client.callTool({ name: 'list_items', arguments: {} })
    await broken.close()
    expect(result).toMatchObject({ isError: true, structuredContent: { messages: [{ code: 'internal_error' }] } })
    expect(JSON.stringify(result)).not.toMatch(/s3cret|ECONNREFUSED|at .*\.js|select/i)
  })
})

describe('HTTP', () => {
  let server: HttpServerProcess
  beforeAll(async () => {
    server = await startHttpServer('list', database.url)
  })
  afterAll(() => server.stop())

  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' })
  const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' }
  const post = (extra: Record<string, string>) =>
    fetch(server.url, { method: 'POST', body, headers: { ...headers, ...extra } })

  it('needs the token', async () => {
    expect((await post({})).status).toBe(401)
    expect((await post({ authorization: 'Bearer wrong' })).status).toBe(401)
    expect((await post({ authorization: `Bearer ${testToken}` })).status).toBe(200)
  })

  it('refuses other sites, and names that were made to point here', async () => {
    const authorization = `Bearer ${testToken}`
    expect((await post({ authorization, origin: 'https://evil.example' })).status).toBe(403)
    expect((await post({ authorization, origin: 'http://localhost:3000' })).status).toBe(200)
    const status = await new Promise<number>((resolve, reject) => {
      const { port } = new URL(server.url)
      import('node:http').then(({ request }) => {
        const call = request(
          {
            host: '127.0.0.1',
            port,
            path: '/mcp',
            method: 'POST',
            headers: { ...headers, authorization, host: 'evil.example' },
          },
          (answer) => {
            answer.resume()
            resolve(answer.statusCode ?? 0)
          },
        )
        call.once('error', reject)
        call.end(body)
      }, reject)
    })
    expect(status).toBe(403)
  })

  it('refuses a body that is far too long', async () => {
    const answer = await fetch(server.url, {
      method: 'POST',
      body: 'x'.repeat(17_000_000),
      headers: { ...headers, authorization: `Bearer ${testToken}` },
    })
    expect(answer.status).toBe(413)
  })
})
