/**
 * Every answer that the document promises, of every operation, asked for at a server that listens and held against the
 * document's schemas. What the document gains without a way to get it fails here.
 */
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DomainContext } from '../../src/platform/context.js'
import { type OpenDatabase, openDatabase } from '../../src/platform/database.js'
import { describeApi } from '../../src/web/api/openapi.js'
import { operations } from '../../src/web/api/operations/index.js'
import { type RunningWeb, startWeb } from '../../src/web/start-web.js'
import { type ApiAnswer, type ApiWorld, goodCall, openApiWorld, toApiAnswer } from '../helpers/api-world.js'
import { ask } from '../helpers/raw-http.js'
import { createTestDatabase, type TestDatabase } from '../helpers/test-database.js'
import { localWeb } from '../helpers/web.js'

const document = describeApi(operations)
const promised = Object.entries(document.paths ?? {}).flatMap(([path, methods]) =>
  Object.entries(methods as Record<string, { operationId: string; responses: object }>).flatMap(
    ([method, { operationId, responses }]) =>
      Object.keys(responses).map((status) => ({ operationId, status: Number(status), path, method })),
  ),
)

let world: ApiWorld
/** Its tables are gone. */
let broken: TestDatabase
let brokenWeb: RunningWeb
/** Nobody answers there. */
let away: OpenDatabase
let awayWeb: RunningWeb

beforeAll(async () => {
  world = await openApiWorld()
  broken = await createTestDatabase()
  away = openDatabase({ url: 'postgres://nobody@127.0.0.1:1/none', applicationName: 'test', log: broken.ctx.log })
  let isAway = false
  const cut: DomainContext = {
    ...broken.ctx,
    get db() {
      return isAway ? away.db : broken.db
    },
  }
  brokenWeb = await startWeb({ ctx: broken.ctx, queue: world.queue, config: { web: localWeb } })
  awayWeb = await startWeb({ ctx: cut, queue: world.queue, config: { web: localWeb } })
  await sql`drop schema stock, purchasing, restock cascade`.execute(broken.db)
  isAway = true
})
afterAll(async () => {
  await awayWeb?.close()
  await brokenWeb?.close()
  await away?.close()
  await broken?.drop()
  await world?.close()
})

type Way = (operationId: string) => Promise<ApiAnswer>
const minuteMs = 60_000
const operationOf = (id: string) => {
  const found = operations.find((operation) => operation.id === id)
  if (found === undefined) throw new Error(`there is no operation ${id}`)
  return found
}
const good = async (id: string) => goodCall(world, id)
const askAt = async (url: string, id: string) => toApiAnswer(await ask(url, world.requestOf(id, await good(id))))
const withHeaders = async (id: string, headers: Record<string, string>) => world.call(id, await good(id), headers)
const withToken = (id: string, token: string) => withHeaders(id, { authorization: `Bearer ${token}` })

const succeed: Way = async (id) => world.call(id, await good(id))

/** What is missing is in the path, or it is the list that the query names. */
const miss: Way = async (id) => {
  const request = await good(id)
  const [first] = Object.keys(request.params ?? {})
  if (first === undefined) return world.call(id, { ...request, query: { ...request.query, list: 'no-such-list' } })
  const missing = first === 'movement' ? 999_999_999 : 'no-such-thing'
  return world.call(id, { ...request, params: { ...request.params, [first]: missing } })
}

/** The same request is under way: its key is taken and has no answer yet. */
const collide: Way = async (id) => {
  const request = await good(id)
  const headers = { 'idempotency-key': `under-way-${id}` }
  await world.call(id, request, headers)
  await world.ctx.db
    .updateTable('restock.idempotency_keys')
    .set({ status: null, body: null, claimed_until: new Date(world.ctx.clock.now().getTime() + minuteMs) })
    .where('key', '=', headers['idempotency-key'])
    .execute()
  const answer = await world.call(id, request, headers)
  expect([answer.body.code, answer.headers.get('retry-after')]).toEqual(['idempotency_in_progress', '1'])
  return answer
}

const sendBody = async (id: string, type: string, body: string) =>
  world.send(world.requestOf(id, await good(id)).path, {
    method: operationOf(id).method.toUpperCase(),
    headers: { 'content-type': type },
    body,
  })

const ways: Readonly<Record<number, Way>> = {
  200: succeed,
  201: succeed,
  202: succeed,
  400: (id) => withHeaders(id, { 'idempotency-key': 'two words' }),
  401: async (id) => {
    world.database.clock.advance(minuteMs + 1)
    return withToken(id, 'rst_nobody')
  },
  403: (id) => withHeaders(id, { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }),
  404: miss,
  409: collide,
  413: (id) => sendBody(id, 'application/json', `"${'x'.repeat(300_000)}"`),
  415: (id) => sendBody(id, 'text/plain', 'quantity=1'),
  422: async (id) => world.call(id, { ...(await good(id)), query: { 'no-such-thing': '1' } }),
  429: async (id) => {
    for (let guess = 0; guess < 10; guess++) await withToken('getHealth', `rst_${guess}`)
    const answer = await withToken(id, 'rst_nobody')
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
    return answer
  },
  500: (id) => askAt(brokenWeb.url, id),
  503: (id) => askAt(awayWeb.url, id),
}

describe('the document', () => {
  it('that is served is the one that is tested here', () => {
    expect(world.document).toEqual(JSON.parse(JSON.stringify(document)))
    expect(promised.length).toBeGreaterThan(operations.length * 6)
  })

  it('holds what any OpenAPI 3.1 document must: every name is there once and every reference leads somewhere', () => {
    const { info, servers, paths, components } = document
    expect([document.openapi, info.title, servers?.[0]?.url]).toEqual(['3.1.0', 'Restock', '/api'])
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, to = '']) => to)
    expect(references.length).toBeGreaterThan(50)
    for (const to of new Set(references)) {
      const found = to
        .replace(/^#\//, '')
        .split('/')
        .reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], document)
      expect([to, typeof found]).toEqual([to, 'object'])
    }
    expect(Object.keys(components?.securitySchemes ?? {})).toEqual(['token'])
    // `nullable` is of 3.0 and says nothing in 3.1.
    expect(JSON.stringify({ paths, components })).not.toContain('"nullable"')
  })
})

describe('every answer', () => {
  it.each(promised)('$operationId answers $status as documented', async ({ operationId, status }) => {
    const way = ways[status]
    if (way === undefined) throw new Error(`no test knows how to make ${operationId} answer ${status}`)
    const answer = await way(operationId)
    expect(answer.status, JSON.stringify(answer.body)).toBe(status)
    world.assertDocumented(operationId, answer)
    expect(answer.headers.get('cache-control')).toBe('no-store')
    if (status === 500) expect(JSON.stringify(answer.body)).not.toMatch(/relation|restock\.|select|at .*\.[jt]s/)
  })

  it('to HEAD is that to GET without its body', async () => {
    for (const { id } of operations.filter(({ method }) => method === 'get')) {
      const { path } = world.requestOf(id, await good(id))
      const answer = await world.send(path, { method: 'HEAD' })
      expect([id, answer.status, answer.headers.get('content-type')]).toEqual([id, 200, 'application/json'])
    }
  })

  it('is the same under a key that reads have no use for', async () => {
    for (const { id } of operations.filter(({ method }) => method === 'get')) {
      expect([id, (await withHeaders(id, { 'idempotency-key': 'two words' })).status]).toEqual([id, 200])
    }
  })

  const bodiless = operations.filter(({ method, schemas }) => method !== 'get' && schemas.body === undefined)
  it.each(bodiless.map(({ id }) => id))('%s takes no body but an empty one', async (id) => {
    const request = await good(id)
    for (const body of [{ reason: 'x' }, [], 'text', 0]) {
      const answer = await world.call(id, { ...request, body })
      expect([answer.status, answer.body.errors]).toEqual([422, [{ path: 'body', message: 'is not taken here' }]])
    }
    expect(
      (
        await world.send(world.requestOf(id, request).path, {
          method: operationOf(id).method.toUpperCase(),
          headers: { 'content-type': 'application/json' },
          body: ' { } ',
        })
      ).status,
    ).toBeLessThan(300)
  })
})
