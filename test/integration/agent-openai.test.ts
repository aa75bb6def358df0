import { setTraceProcessors, setTracingDisabled } from '@openai/agents'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createModelFactory, type ModelOptions } from '../../src/agent/models/index.js'
import { type Aimock, startAimock } from '../helpers/agent-aimock.js'
import { openShop, type Shop } from '../helpers/agent-shop.js'
import { type AgentWorker, clearRuns, openAgentWorker } from '../helpers/agent-worker.js'
import { createTestDatabase, type TestDatabase, testSecret } from '../helpers/test-database.js'

let database: TestDatabase
let shop: Shop
let mock: Aimock
let worker: AgentWorker | undefined

beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

beforeEach(async () => {
  mock = await startAimock()
  await openFreshShop()
})
afterEach(async () => {
  await worker?.close()
  await shop.close()
  await mock.close()
  await clearRuns(database)
})

async function openFreshShop(): Promise<void> {
  shop = await openShop(testSecret, () => new Date())
  shop.items.push(
    { id: 'itm_milk', name: 'Milk', need: 24, sku: 'MILK' },
    { id: 'itm_cups', name: 'Cups', need: 90, sku: 'CUPS' },
    { id: 'itm_oat', name: 'Oat drink', need: 6 },
    { id: 'itm_gas', name: 'Gas', need: 1 },
  )
  shop.products.push(
    { id: 'prd_milk', name: 'Whole milk', sku: 'MILK', supplier: 'Molkerei Nord', pack: 12, priceMinor: 1080 },
    { id: 'prd_cups', name: 'Paper cups', sku: 'CUPS', supplier: 'Papier & Co', pack: 50, priceMinor: 400 },
    { id: 'prd_oat', name: 'Oat drink', supplier: 'Hofladen', pack: 6, priceMinor: 900 },
  )
}

function openWith(overrides: Partial<ModelOptions> = {}): AgentWorker {
  const options: ModelOptions = {
    name: 'some-model',
    apiKey: 'sk-test-key-1234567890',
    baseUrl: mock.baseUrl,
    api: 'responses',
    timeoutMs: 5_000,
    ...overrides,
  }
  worker = openAgentWorker({ base: database.ctx, servers: shop.servers, models: createModelFactory(options) })
  return worker
}

const placed = () => shop.orders.map(({ supplier, lines }) => ({ supplier, lines }))

describe.each([
  ['responses', '/v1/responses'],
  ['chat_completions', '/v1/chat/completions'],
] as const)('an endpoint that speaks %s', (api, path) => {
  test('gets to the same orders as rules, through the same path', async () => {
    const byModel = await openWith({ api }).run({ instructions: 'Prefer organic.' })
    const ordersByModel = placed()
    expect(byModel.outcome).toMatchObject({
      model: 'some-model',
      usage: { modelCalls: 6, inputTokens: 6_000, outputTokens: 300 },
    })
    expect(mock.requests().map((request) => request.path)).toEqual(Array.from({ length: 6 }, () => path))
    expect(JSON.stringify(mock.requests()[0]?.body)).toContain('Prefer organic.')

    await worker?.close()
    await shop.close()
    await clearRuns(database)
    await openFreshShop()
    const byRules = await openWith({ name: 'rules' }).run()
    expect(byRules.outcome?.model).toBe('rules')
    expect(placed()).toEqual(ordersByModel)
    expect(byRules.outcome?.items).toEqual(byModel.outcome?.items)
  })

  test('that fails for a moment is asked again', async () => {
    mock.failNext(503)
    const done = await openWith({ api }).run()
    expect(done.outcome?.model).toBe('some-model')
    expect(done.outcome?.usage.modelCalls).toBe(7)
  })

  test('that refuses the key is not asked again; rules take over', async () => {
    mock.failNext(401)
    const done = await openWith({ api }).run()
    expect(mock.requests()).toHaveLength(1)
    expect(done.outcome?.model).toBe('rules')
    expect(done.outcome?.summary).toContain('The model some-model failed: 401')
    expect(done.outcome?.items.map(({ decision }) => decision)).toEqual([
      'ordered',
      'ordered',
      'ordered',
      'needs_attention',
    ])
  })
})

test('no trace of a run is made, so that none can be sent to OpenAI', async () => {
  const traced: string[] = []
  const note = (what: string) => async () => {
    traced.push(what)
  }
  setTracingDisabled(false)
  setTraceProcessors([
    {
      onTraceStart: note('trace'),
      onTraceEnd: note('trace'),
      onSpanStart: note('span'),
      onSpanEnd: note('span'),
      shutdown: note('shutdown'),
      forceFlush: note('flush'),
    },
  ])
  try {
    await openWith().run()
    expect(traced).toEqual([])
  } finally {
    setTracingDisabled(true)
    setTraceProcessors([])
  }
})

test('an endpoint that is away is followed by rules', async () => {
  await mock.close()
  const done = await openWith().run()
  expect(done.outcome?.model).toBe('rules')
  expect(shop.orders).toHaveLength(3)
  mock = await startAimock()
})

test('a model that no endpoint is configured for is refused in one sentence', () => {
  const factory = createModelFactory({ name: 'rules', apiKey: null, baseUrl: null, api: 'responses', timeoutMs: 1_000 })
  expect(factory.choose(null).map(({ name }) => name)).toEqual(['rules'])
  expect(() => factory.choose('gpt-x')).toThrow('The model "gpt-x" needs OPENAI_API_KEY or OPENAI_BASE_URL')
})
