import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { listTools } from '../../servers/list/tools/index.js'
import { createMcpServer } from '../../servers/mcp-server.js'
import { findAudit } from '../../src/access/audit.js'
import { runContextKey, signRunContext } from '../../src/platform/run-context.js'
import { addList } from '../../src/stock/lists.js'
import { buildItem } from '../helpers/stock-builders.js'
import { createTestDatabase, type TestDatabase } from '../helpers/test-database.js'

let database: TestDatabase
let client: Client

beforeAll(async () => {
  database = await createTestDatabase()
  await addList(database.ctx, { id: 'cafe', currency: 'EUR', timeZone: 'Europe/Berlin' })
  const parts = { name: 'list', version: '1', instructions: '', tools: listTools, context: () => database.ctx }
  const [ours, theirs] = InMemoryTransport.createLinkedPair()
  await createMcpServer(parts).connect(ours)
  client = new Client({ name: 'test', version: '1' })
  await client.connect(theirs)
})
afterAll(async () => {
  await client?.close()
  await database?.drop()
})

const noted = async () =>
  (await findAudit(database.ctx, { limit: 20 })).map(({ actorKind, actor, action, subject, result, details }) => ({
    who: `${actorKind} ${actor}`,
    action,
    subject,
    result,
    details,
  }))

describe('what models change', () => {
  it('is noted for a client that somebody connected, done and refused, and what it only looks at is not', async () => {
    const itemId = await buildItem(database.ctx, { list: 'cafe', name: 'Oat milk', onHand: 9 })
    await client.callTool({ name: 'record_use', arguments: { item_id: itemId, quantity: 2 } })
    await client.callTool({ name: 'list_items', arguments: {} })
    await client.callTool({ name: 'record_use', arguments: { item_id: 'itm_none', quantity: 2 } })
    expect(await noted()).toEqual([
      {
        who: 'agent mcp list',
        action: 'record_use',
        subject: 'itm_none',
        result: 'refused',
        details: { code: 'unknown_item' },
      },
      { who: 'agent mcp list', action: 'record_use', subject: itemId, result: 'done', details: {} },
    ])
  })

  it('is noted with its run, apart from what the worker does there and what a dry run only tries', async () => {
    const { secret, clock } = database.ctx
    const before = (await noted()).length
    const until = new Date(clock.now().getTime() + 60_000)
    for (const context of [{ actor: 'agent' }, { actor: 'worker' }, { actor: 'agent', dryRun: true }] as const) {
      const signed = signRunContext(secret, { run: 'run_7', list: 'cafe', epoch: 1, dryRun: false, ...context }, until)
      await client.callTool({
        name: 'snooze_item',
        arguments: { item_id: 'itm_none', days: 3, reason: 'x' },
        _meta: { [runContextKey]: signed },
      })
    }
    expect((await noted()).slice(0, -before)).toMatchObject([
      { who: 'agent run_7', action: 'snooze_item', subject: 'itm_none', result: 'refused' },
    ])
  })
})
