import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Scope, scopes } from '../../src/access/scopes.js'
import { addToken, revokeToken } from '../../src/access/tokens.js'
import { openDatabase } from '../../src/platform/database.js'
import { operations } from '../../src/web/api/operations/index.js'
import { type ApiWorld, goodCall, goodCalls, openApiWorld, orderIn } from '../helpers/api-world.js'
import { createTestWeb } from '../helpers/web.js'

let world: ApiWorld
const ids = operations.map(({ id }) => id)

beforeAll(async () => {
  world = await openApiWorld()
})
afterAll(() => world?.close())

describe('the document', () => {
  it('is OpenAPI 3.1 and has every operation, each of which a test knows how to call', () => {
    expect(world.document.openapi).toBe('3.1.0')
    expect(world.operations.map(({ operationId }) => operationId).sort()).toEqual([...ids].sort())
    expect(Object.keys(goodCalls).sort()).toEqual([...ids].sort())
  })

  it('names each operation once and says what it takes', () => {
    expect(new Set(ids).size).toBe(ids.length)
    for (const { path, parameters = [], isWrite, operationId } of world.operations) {
      const names = (place: string) => parameters.filter((each) => each.in === place).map(({ name }) => name)
      expect([operationId, names('path')]).toEqual([
        operationId,
        [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name),
      ])
      expect([operationId, names('header')]).toEqual([operationId, isWrite ? ['Idempotency-Key'] : []])
    }
  })
})

describe('every operation', () => {
  it.each(ids)('%s answers as documented', async (id) => {
    const answer = await world.call(id, await goodCall(world, id))
    expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(300)
  })

  it.each(ids)('%s refuses what it does not know', async (id) => {
    const request = await goodCall(world, id)
    const answer = await world.call(id, { ...request, query: { ...request.query, 'no-such-thing': '1' } })
    expect([answer.status, answer.body.code]).toEqual([422, 'invalid_request'])
  })

  const withBody = operations.filter(({ schemas }) => schemas.body !== undefined).map(({ id }) => id)
  it.each(withBody)('%s refuses fields that it does not know', async (id) => {
    const request = await goodCall(world, id)
    const answer = await world.call(id, { ...request, body: { ...(request.body as object), noSuchField: 1 } })
    expect([answer.status, answer.body.code]).toEqual([422, 'invalid_request'])
  })

  const addressed = operations.filter(({ path }) => path.includes('{'))
  it.each(addressed.map(({ id }) => id))('%s answers 404 for what is not there', async (id) => {
    const request = await goodCall(world, id)
    // A limit is always of a list: the list is what is missing.
    const [first = ''] = Object.keys(request.params ?? {})
    const missing = first === 'movement' ? 999_999_999 : 'no-such-thing'
    const answer = await world.call(id, { ...request, params: { ...request.params, [first]: missing } })
    expect([answer.status, answer.body.title]).toEqual([404, 'Not found'])
  })
})

describe('listings', () => {
  const paged = operations.filter(({ schemas }) => schemas.query !== undefined && 'cursor' in schemas.query.shape)

  it.each(paged.map(({ id }) => id))('%s gives each row once, however small the pages', async (id) => {
    for (let row = 0; row < 4; row++) await goodCall(world, id)
    const request = await goodCall(world, id)
    type Page = { items: unknown[]; nextCursor: string | null }
    const whole = (await world.call(id, { ...request, query: { ...request.query, limit: 200 } }))
      .body as unknown as Page
    const rows: unknown[] = []
    let cursor: string | null = null
    for (let page = 0; page < 300; page++) {
      const query = { ...request.query, limit: 2, ...(cursor === null ? {} : { cursor }) }
      const answer = (await world.call(id, { ...request, query })).body as unknown as Page
      expect(answer.items.length).toBeLessThanOrEqual(2)
      rows.push(...answer.items)
      cursor = answer.nextCursor
      if (cursor === null) break
    }
    expect(whole.nextCursor).toBeNull()
    expect(rows).toEqual(whole.items)
    expect(rows.length).toBeGreaterThan(2)
  })

  it.each(paged.map(({ id }) => id))('%s refuses a cursor that is none', async (id) => {
    const request = await goodCall(world, id)
    for (const cursor of ['x', 'W10', Buffer.from('["\u0000", {}]').toString('base64url')]) {
      const answer = await world.call(id, { ...request, query: { ...request.query, cursor } })
      expect(answer.status).toBe(422)
    }
  })
})

describe('scopes', () => {
  /** Written down by hand: what a token with this scope alone may do, besides looking. */
  const mayDo: Readonly<Record<Scope, readonly Scope[]>> = {
    read: ['read'],
    run: ['read', 'run'],
    approve: ['read', 'approve'],
    admin: ['read', 'run', 'approve', 'admin'],
  }

  it('are asked for by what each operation does', () => {
    const byScope = (scope: Scope) =>
      operations
        .filter((operation) => operation.scope === scope)
        .map(({ id }) => id)
        .sort()
    expect(byScope('run')).toEqual([
      'confirmCount',
      'countItem',
      'receiveOrder',
      'requestItem',
      'runSchedule',
      'snoozeItem',
      'startRun',
      'undoMovement',
      'useItem',
      'wakeItem',
    ])
    expect(byScope('approve')).toEqual([
      'approveOrder',
      'cancelOrder',
      'closeOrder',
      'confirmLink',
      'declineOrder',
      'resolveOrder',
    ])
    expect(byScope('admin')).toEqual([
      'addItem',
      'addList',
      'addOffer',
      'addSchedule',
      'addSupplier',
      'changeSchedule',
      'findAudit',
      'pauseBuying',
      'pauseSchedule',
      'removeItem',
      'removeSchedule',
      'resumeSchedule',
      'setLimit',
      'updateItem',
      'updateSupplier',
    ])
    for (const { id, method, scope } of operations) if (method !== 'get') expect([id, scope]).not.toEqual([id, 'read'])
  })

  it.each(scopes.flatMap((held) => ids.map((id) => [held, id] as const)))('a token for %s and %s', async (held, id) => {
    const request = await goodCall(world, id)
    const before = await audited(id)
    const answer = await world.call(id, request, { authorization: `Bearer ${world.tokens[held]}` })
    const { scope, isWrite } = world.operation(id)
    if (mayDo[held].includes(scope)) {
      expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(300)
    } else {
      expect([answer.status, answer.body.code]).toEqual([403, 'scope_missing'])
    }
    const last = await audited(id)
    if (isWrite) expect(last).toMatchObject({ actor: held, result: answer.status < 300 ? 'done' : 'refused' })
    else expect(last).toEqual(before)
  })

  it('are noted with what was meant, whatever it was called', async () => {
    const added = await world.call('addItem', { body: { name: 'Named by name', unit: 'l', list: 'cafe' } })
    await world.call('useItem', { params: { item: 'named BY name' }, body: { quantity: 1 } })
    expect(await audited('useItem')).toMatchObject({ subject: added.body.itemId, actor_kind: 'local', result: 'done' })
    await world.call('useItem', { params: { item: 'nobody knows' }, body: { quantity: 1 } })
    expect(await audited('useItem')).toMatchObject({ subject: 'nobody knows', result: 'refused', status: 404 })
  })

  it('of one token are taken together', async () => {
    const { token } = await addToken(world.ctx, { name: 'both', scopes: ['run', 'approve'], by: 'test', days: null })
    const headers = { authorization: `Bearer ${token}` }
    for (const id of ['useItem', 'approveOrder', 'findOrders']) {
      expect((await world.call(id, await goodCall(world, id), headers)).status).toBe(200)
    }
    expect((await world.call('addItem', await goodCall(world, 'addItem'), headers)).status).toBe(403)
  })

  it('of a token that has expired or was revoked are none, on loopback too', async () => {
    const short = await addToken(world.ctx, { name: 'short', scopes: ['admin'], by: 'test', days: 1 })
    const gone = await addToken(world.ctx, { name: 'gone', scopes: ['admin'], by: 'test', days: null })
    await revokeToken(world.ctx, 'gone')
    const ask = (token: string) => world.call('findLists', {}, { authorization: `Bearer ${token}` })
    expect((await ask(short.token)).status).toBe(200)
    expect((await ask(gone.token)).status).toBe(401)
    world.database.clock.advance(86_400_000)
    const answer = await ask(short.token)
    expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, 'Bearer error="invalid_token"'])
    expect(JSON.stringify(await world.ctx.db.selectFrom('restock.api_tokens').selectAll().execute())).not.toContain(
      short.token,
    )
  })

  async function audited(action: string) {
    return world.ctx.db
      .selectFrom('restock.audit')
      .selectAll()
      .where('action', '=', action)
      .orderBy('id', 'desc')
      .executeTakeFirst()
  }
})

describe('problems', () => {
  const json = { 'content-type': 'application/json' }

  it.each([
    ['GET', '/api', 404],
    ['GET', '/api/', 404],
    ['GET', '/api/nothing', 404],
    ['POST', '/api/nothing/at/all', 404],
    ['GET', '/api/items/%E0%A4%A', 404],
  ])('%s %s is nothing that is there', async (method, path, status) => {
    const answer = await world.send(path, { method })
    expect([answer.status, answer.headers.get('content-type'), answer.body.status]).toEqual([
      status,
      'application/problem+json',
      status,
    ])
  })

  it.each([
    ['DELETE', '/api/items', 'GET, HEAD, POST'],
    ['PUT', '/api/items/itm_1', 'GET, HEAD, PATCH, DELETE'],
    ['POST', '/api/openapi.json', 'GET, HEAD'],
    ['GET', '/api/orders/ord_1/approve', 'POST'],
    ['OPTIONS', '/api/lists', 'GET, HEAD, POST'],
  ])('%s %s says what can be used', async (method, path, allow) => {
    const answer = await world.send(path, { method })
    expect([answer.status, answer.headers.get('allow'), answer.body.code]).toEqual([405, allow, 'method_not_allowed'])
  })

  it('of bodies say what is wrong with them', async () => {
    const post = (body: string, headers: Record<string, string> = json) =>
      world.send('/api/requests', { method: 'POST', headers, body })
    expect((await post('{')).body).toMatchObject({ status: 400, code: 'malformed_json' })
    expect((await post('{}', { 'content-type': 'text/plain' })).body).toMatchObject({ status: 415, code: 'not_json' })
    expect((await post('', {})).body).toMatchObject({ status: 415 })
    expect((await post('')).body).toMatchObject({ status: 400 })
    expect((await post(`"${'x'.repeat(300_000)}"`)).body).toMatchObject({ status: 413, code: 'too_large' })
    const wrong = await post(JSON.stringify({ name: '', quantity: 'two', unit: 'l' }))
    expect(wrong.status).toBe(422)
    expect((wrong.body.errors as { path: string }[]).map(({ path }) => path)).toEqual(['body.name', 'body.quantity'])
    const nul = await post(JSON.stringify({ name: 'a\u0000b', quantity: 1, unit: '\ud800', list: 'cafe' }))
    expect((nul.body.errors as { path: string }[]).map(({ path }) => path)).toEqual(['body.name', 'body.unit'])
  })

  it('of rules name the rule and who can mend it', async () => {
    const order = await orderIn(world, 'submitted')
    const answer = await world.call('declineOrder', { params: { order }, body: {} })
    expect(answer.body).toMatchObject({ status: 409, code: 'order_status', severity: 'final' })
    const item = await goodCall(world, 'countItem')
    const undone = await world.call('setLimit', { params: { list: 'cafe', limit: 'per_monht' }, body: { value: 1 } })
    expect(undone.status).toBe(422)
    expect(undone.body.detail).toContain('per_month')
    expect((await world.call('countItem', { ...item, body: { quantity: 1.23456 } })).status).toBe(422)
  })

  it('of other sites and names are problems, too', async () => {
    const cross = await world.send('/api/runs', {
      method: 'POST',
      headers: { ...json, origin: 'https://evil.example' },
      body: '{}',
    })
    expect([cross.status, cross.body.code]).toEqual([403, 'not_allowed'])
    const named = await world.send('/api/lists', { headers: { host: 'evil.example' } })
    expect([named.status, named.headers.get('content-type')]).toEqual([403, 'application/problem+json'])
    const form = await world.send('/api/runs', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'cross-site' },
      body: 'list=cafe',
    })
    expect(form.status).toBe(403)
  })

  it('of ours say nothing of what went wrong inside', async () => {
    const broken = {
      ...world.ctx,
      newId: () => {
        throw new Error('select * from secrets at postgres://user:password@host/db')
      },
    }
    const web = createTestWeb({ ctx: broken, queue: world.queue })
    const response = await web.request('/api/runs', { method: 'POST', headers: json, body: '{"list":"cafe"}' })
    const text = await response.text()
    expect([response.status, response.headers.get('content-type')]).toEqual([500, 'application/problem+json'])
    expect(text).not.toMatch(/select|postgres|password|Error|\bat /)
    expect(JSON.parse(text)).toMatchObject({ status: 500, code: 'internal' })
  })

  it('of a database that is away ask for patience', async () => {
    const away = openDatabase({
      url: 'postgres://nobody@127.0.0.1:1/nothing',
      applicationName: 'test',
      log: world.ctx.log,
    })
    try {
      const web = createTestWeb({ ctx: { ...world.ctx, db: away.db }, queue: world.queue })
      const response = await web.request('/api/lists')
      expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5'])
      expect(await response.json()).toMatchObject({ code: 'database_unavailable' })
      const guarded = await web.request('/api/lists', { headers: { authorization: 'Bearer rst_anything' } })
      expect(guarded.status).toBe(503)
      expect(guarded.headers.get('content-type')).toBe('application/problem+json')
    } finally {
      await away.close()
    }
  })
})
