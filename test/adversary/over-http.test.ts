import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createListServer } from '../../servers/list/server.js'
import { createOrderingServer } from '../../servers/ordering/server.js'
import { type RunningHttpServer, serveHttp } from '../../servers/transports.js'
import { assertInvariants } from '../../src/invariants/find-violations.js'
import { runContextKey } from '../../src/platform/run-context.js'
import { addList } from '../../src/stock/lists.js'
import { createTestDatabase, type TestDatabase, testSecret } from '../helpers/test-database.js'
import { insides } from './judge.js'
import { allTools } from './moves.js'
import { callOf, hostileTexts } from './schema-arbitrary.js'
import { readSettings } from './settings.js'

const { seed, sequences } = readSettings()
const token = 'a-token-that-only-tests-know'
let database: TestDatabase
let servers: RunningHttpServer[]

beforeAll(async () => {
  database = await createTestDatabase()
  await addList(database.ctx, { id: 'cafe', currency: 'EUR', timeZone: 'Europe/Berlin' })
  const options = { host: '127.0.0.1', port: 0, token }
  servers = [
    await serveHttp(() => createListServer(() => database.ctx), options),
    await serveHttp(() => createOrderingServer(() => database.ctx), options),
  ]
})
afterAll(async () => {
  await Promise.all(servers.map((server) => server.close()))
  await database.drop()
})

/** What could come over the wire: requests of all methods with any parameters, damaged, and things that are no requests. */
const params = fc.oneof(
  fc.oneof(...allTools.map(callOf)).map(({ tool, args }) => ({ name: tool, arguments: args })),
  fc.jsonValue({ maxDepth: 3 }),
)
const meta = fc.option(
  fc.record({ [runContextKey]: fc.oneof(fc.jsonValue({ maxDepth: 1 }), fc.constantFrom(...hostileTexts)) }),
  { nil: undefined },
)
const request = fc
  .record({
    jsonrpc: fc.constantFrom('2.0', '2.0', '2.0', '1.0', null),
    id: fc.constantFrom(1, 'a', null, -1, 1.5, {}),
    method: fc.constantFrom(
      'tools/call',
      'tools/call',
      'tools/call',
      'tools/list',
      'initialize',
      'ping',
      'x',
      '',
      null,
    ),
    params,
    meta,
  })
  .map(({ meta: signed, params: given, ...rest }) => ({
    ...rest,
    params:
      typeof given === 'object' && given !== null
        ? { ...given, ...(signed === undefined ? {} : { _meta: signed }) }
        : given,
  }))
const body = fc.oneof(
  { arbitrary: request.map((value) => JSON.stringify(value)), weight: 8 },
  { arbitrary: fc.array(request, { maxLength: 3 }).map((value) => JSON.stringify(value)), weight: 1 },
  { arbitrary: request.map((value) => JSON.stringify(value).slice(0, -7)), weight: 1 },
  { arbitrary: fc.constantFrom('', 'null', '[]', '{}', '"x"', '['.repeat(50_000), '{"a":'.repeat(20_000)), weight: 1 },
  { arbitrary: fc.string(), weight: 1 },
)

describe(`anything over HTTP (ADVERSARY_SEED=${seed})`, () => {
  it('is answered without insides, changes nothing that it may not, and stops no server', {
    timeout: 600_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(0, 1), body, async (which, text) => {
        const answer = await fetch(servers[which]?.url ?? '', {
          method: 'POST',
          body: text,
          headers: {
            'content-type': 'application/json',
            accept: 'application/json, text/event-stream',
            authorization: `Bearer ${token}`,
          },
        })
        const said = await answer.text()
        expect(answer.status, said).toBeLessThan(500)
        for (const [what, pattern] of insides) {
          if (!pattern.test(text)) expect(said, `${what}, for ${text.slice(0, 300)}`).not.toMatch(pattern)
        }
        expect(said).not.toContain(testSecret)
      }),
      { seed, numRuns: Math.min(sequences, 1_000) },
    )
    for (const server of servers) expect((await fetch(server.url.replace('/mcp', '/healthz'))).status).toBe(200)
    expect(await database.db.selectFrom('purchasing.orders').selectAll().execute()).toEqual([])
    await assertInvariants(database.db)
  })
})
