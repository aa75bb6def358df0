import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { operations } from '../../src/web/api/operations/index.js'
import { type ApiRequest, type ApiWorld, goodCall, openApiWorld } from '../helpers/api-world.js'

let world: ApiWorld

beforeAll(async () => {
  world = await openApiWorld()
})
afterAll(() => world?.close())

const numRuns = Number(process.env.RESTOCK_TEST_FUZZ_RUNS ?? 40)
// Each time another one, and what it found can be found again.
const seed = Number(process.env.RESTOCK_TEST_FUZZ_SEED ?? Date.now() % 2 ** 31)
fc.configureGlobal({ seed, numRuns })
console.info(`RESTOCK_TEST_FUZZ_SEED=${seed}`)

/** Values that break what was not thought of: ends of ranges, text that is none, names that objects have already. */
const odd = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    '',
    ' ',
    0,
    -0,
    -1,
    0.1 + 0.2,
    1e15,
    1e21,
    1e308,
    -1e308,
    2 ** 53,
    2 ** 31,
    Number.MAX_SAFE_INTEGER,
    5e-324,
    true,
    [],
    {},
    [[]],
    '\u0000',
    '\ud800',
    '\u202e',
    'NaN',
    'Infinity',
    '1e999',
    '9'.repeat(400),
    'x'.repeat(20_000),
    '__proto__',
    'constructor',
    'toString',
    '../../etc/passwd',
    "'; drop table stock.items; --",
    '%',
    '{{7*7}}',
    '<script>',
    '2026-02-30',
    '0000-00-00',
    '99999-01-01',
    '*/0 * * * *',
    '0 0 31 2 *',
    'per_supplier.__proto__.per_month',
    '*',
    'latest',
  ),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer(),
  fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<unknown>,
)

/** A body with one or more of its fields, or of fields that it doesn't have, made odd. */
function mutated(body: unknown, fields: readonly string[]): fc.Arbitrary<unknown> {
  const names = [...fields, '__proto__', 'constructor', 'noSuchField']
  return fc.oneof(
    { weight: 1, arbitrary: odd },
    {
      weight: 5,
      arbitrary: fc
        .array(fc.tuple(fc.constantFrom(...names), odd), { minLength: 1, maxLength: 3 })
        .map((changes) => ({ ...(body as object), ...Object.fromEntries(changes) })),
    },
  )
}

const latin = (code: number) => String.fromCharCode(code === 0x7f ? 0x20 : code)
const headerNames = [
  'accept',
  'accept-encoding',
  'accept-language',
  'authorization',
  'content-encoding',
  'content-type',
  'cookie',
  'forwarded',
  'host',
  'hx-current-url',
  'hx-request',
  'idempotency-key',
  'if-none-match',
  'last-event-id',
  'origin',
  'range',
  'referer',
  'sec-fetch-dest',
  'sec-fetch-mode',
  'sec-fetch-site',
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-http-method-override',
]
const oddHeaders = [
  '',
  ' ',
  '*/*',
  'null',
  'undefined',
  'localhost:99999',
  'localhost',
  '[::1',
  '[::1]:80',
  '::ffff:127.0.0.1',
  'http://localhost:4270',
  'http://[',
  'Bearer rst_x',
  'Bearer',
  'Basic :::',
  'restock_session=; restock_session=%E0%A4%A; __Host-restock_session="',
  'restock-said=e30; restock-said=bnVsbA',
  'application/json; charset=utf-16',
  'multipart/form-data',
  'gzip',
  'br;q=-1, *;q=nan',
  'bytes=0-1,5-',
  'same-origin',
  'none',
  'DELETE',
  'for="[',
  'W/"',
]

async function isAnswered(id: string, request: ApiRequest): Promise<void> {
  // `call` itself fails for an answer that is not documented.
  const answer = await world.call(id, request)
  expect(answer.status, JSON.stringify({ request, answer: answer.body })).toBeLessThan(500)
}

const fieldsOf = (schema: unknown): string[] =>
  typeof schema === 'object' && schema !== null && 'shape' in schema ? Object.keys(schema.shape as object) : []

describe('whatever is sent', () => {
  const withBody = operations.filter(({ schemas }) => schemas.body !== undefined)
  it.each(withBody.map(({ id }) => id))('as a body of %s gives no 5xx', async (id) => {
    const request = await goodCall(world, id)
    const fields = fieldsOf(operations.find((operation) => operation.id === id)?.schemas.body)
    expect(fields.length).toBeGreaterThan(0)
    await fc.assert(fc.asyncProperty(mutated(request.body, fields), (body) => isAnswered(id, { ...request, body })))
  })

  const addressed = operations.filter(({ path, schemas }) => path.includes('{') || schemas.query !== undefined)
  it.each(addressed.map(({ id }) => id))('as address and query of %s gives no 5xx', async (id) => {
    const request = await goodCall(world, id)
    const operation = operations.find((each) => each.id === id)
    const params = fieldsOf(operation?.schemas.params)
    const query = fieldsOf(operation?.schemas.query)
    const text = fc.oneof(odd.map(String), fc.string({ unit: 'binary', minLength: 1, maxLength: 80 })).map((value) =>
      // An empty part, or one of dots, is another address; one of 16 KB does not get that far.
      /^\.{0,2}$/.test(value) ? 'x' : value.slice(0, 1_000).toWellFormed(),
    )
    const changed = (names: readonly string[]) =>
      names.length === 0
        ? fc.constant<Record<string, string>>({})
        : fc.dictionary(fc.constantFrom(...names), text, { maxKeys: 2 })
    await fc.assert(
      fc.asyncProperty(changed(params), changed(query), (oddParams, oddQuery) =>
        isAnswered(id, {
          ...request,
          params: { ...request.params, ...oddParams },
          query: { ...request.query, ...oddQuery },
        }),
      ),
    )
  })

  it.each(operations.map(({ id }) => id))('as headers of %s gives no 5xx', async (id) => {
    const request = await goodCall(world, id)
    const value = fc.oneof(
      fc.constantFrom(...oddHeaders),
      // What may stand in a header at all.
      fc.string({ unit: fc.integer({ min: 0x20, max: 0xff }).map(latin), maxLength: 60 }),
      fc.constant('x'.repeat(9_000)),
    )
    const headers = fc.dictionary(fc.constantFrom(...headerNames), value, { minKeys: 1, maxKeys: 4 })
    await fc.assert(
      fc.asyncProperty(headers, async (odd) => {
        // Nobody waits for a minute to guess on.
        world.database.clock.advance(61_000)
        const { path, ...init } = world.requestOf(id, request, odd)
        const answer = await world.send(path, init)
        expect(answer.status, JSON.stringify({ odd, answer: answer.body })).toBeLessThan(500)
        // Nothing but what the document says; of what is no HTTP, node itself says 400 or 431.
        if (answer.headers.has('content-type')) world.assertDocumented(id, answer)
        else expect([400, 431]).toContain(answer.status)
      }),
    )
  })

  it('as bytes gives no 5xx', async () => {
    const bytes = fc.uint8Array({ maxLength: 200 })
    await fc.assert(
      fc.asyncProperty(
        bytes,
        fc.constantFrom('application/json', 'text/plain', 'application/json; charset=x', ''),
        async (body, type) => {
          const answer = await world.send('/api/requests', { method: 'POST', headers: { 'content-type': type }, body })
          expect([400, 415, 422]).toContain(answer.status)
        },
      ),
      { numRuns: 3 * numRuns },
    )
  })

  it('as names of items comes back as it was, and in no other way', async () => {
    const names = [
      '<script>alert(1)</script>',
      '{{constructor}}',
      '\u202etxt.exe',
      "Robert'); drop table stock.items;--",
      'é'.repeat(150),
    ]
    for (const name of names) {
      const added = await world.call('addItem', { body: { name, unit: 'l', list: 'cafe' } })
      expect(added.status).toBe(201)
      const read = await world.call('getItem', { params: { item: String(added.body.itemId) } })
      expect((read.body.item as { name: string }).name).toBe(name)
      expect(read.headers.get('content-type')).toBe('application/json')
      expect(read.headers.get('x-content-type-options')).toBe('nosniff')
    }
    const long = await world.call('addItem', { body: { name: 'x'.repeat(10_000), unit: 'l', list: 'cafe' } })
    expect(long.status).toBe(422)
  })
})
