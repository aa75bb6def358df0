import { assistantMessage, functionCall, ScriptedModel } from '@openai/agents/testing'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createModelFactory, type ModelFactory } from '../../src/agent/models/index.js'
import { armFailpoints, type FailpointName, parseFailpoints } from '../../src/platform/failpoints.js'
import { processors } from '../../src/processors/index.js'
import { findOrders } from '../../src/purchasing/orders/find-orders.js'
import { createRun } from '../../src/runs/create-run.js'
import { getRun } from '../../src/runs/find-runs.js'
import { readJournal } from '../../src/runs/journal.js'
import { isInDoubt, readSteps } from '../../src/runs/run-steps.js'
import { type Aimock, startAimock } from '../helpers/agent-aimock.js'
import { needMilkAndCups, openShop, type Shop } from '../helpers/agent-shop.js'
import { type AgentWorker, type AgentWorkerOptions, clearRuns, openAgentWorker } from '../helpers/agent-worker.js'
import { attempt as jobAttempt, openTestShop, type TestShop } from '../helpers/cafe.js'
import { type ExtraServer, openExtraServer } from '../helpers/extra-server.js'
import { createTestDatabase, type TestDatabase, testSecret } from '../helpers/test-database.js'

/**
 * An attempt that dies is stood in for by one that fails at a named place and records nothing more; test/crash kills real
 * processes. What counts is the next attempt.
 */
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
  shop = await openShop(testSecret, () => new Date())
  needMilkAndCups(shop)
})
afterEach(async () => {
  armFailpoints(null)
  await worker?.close()
  worker = undefined
  await shop.close()
  await mock.close()
  await clearRuns(database)
})

function open(options: Partial<AgentWorkerOptions> = {}): AgentWorker {
  worker = openAgentWorker({ base: database.ctx, servers: shop.servers, ...options })
  return worker
}

function endpoint(api: 'responses' | 'chat_completions', name = 'some-model'): ModelFactory {
  return createModelFactory({ name, apiKey: 'sk-test', baseUrl: mock.baseUrl, api, timeoutMs: 5_000 })
}

/** Runs one attempt that dies where it is told to. */
async function dieAt(place: FailpointName, time: number, attempt: () => Promise<unknown>): Promise<void> {
  armFailpoints(parseFailpoints(`${place}=error@${time}`, undefined))
  await expect(attempt()).rejects.toThrow(`failed on purpose at ${place}`)
  armFailpoints(null)
}

const toolCalls = (tool: string) => shop.calls.filter((call) => call.tool === tool)
const orderedItems = () => shop.orders.flatMap(({ lines }) => lines.map((line) => line.item_id)).sort()

const places: readonly (readonly [FailpointName, number])[] = [
  ['claim.after', 1],
  ['snapshot.before', 1],
  ['snapshot.after', 1],
  ['answer.before', 1],
  ['answer.after', 1],
  ['answer.before', 2],
  ['answer.after', 2],
  ['intent.before', 1],
  ['intent.after', 1],
  ['send.before', 1],
  ['send.after', 1],
  ['result.before', 1],
  ['result.after', 1],
  ['answer.before', 3],
  ['answer.after', 3],
  ['intent.after', 2],
  ['send.after', 2],
  ['result.after', 2],
  ['answer.before', 4],
  ['answer.after', 4],
  ['event.before', 1],
  ['event.after', 1],
  ['outcome.before', 1],
]

describe.each(['responses', 'chat_completions', 'rules'] as const)('an attempt by %s', (api) => {
  test.each(places)('that dies at %s (%i) is gone on with: nothing twice, nothing lost', async (place, time) => {
    const models = api === 'rules' ? [] : endpoint(api)
    const { ctx, attempt } = open({ models })
    // With instructions the model is asked to the end, even when nothing is due any more.
    const instructions = api === 'rules' ? null : 'Prefer organic.'
    const { id } = await createRun(ctx, { list: 'cafe', instructions })
    await dieAt(place, time, () => attempt(id))
    await attempt(id)

    const done = await getRun(ctx, id)
    expect(done).toMatchObject({ status: 'completed', epoch: 2 })
    expect(done.outcome?.items.map(({ decision }) => decision)).toEqual(['ordered', 'ordered'])
    expect(orderedItems()).toEqual(['itm_cups', 'itm_milk'])
    expect(toolCalls('place_order').length).toBeLessThanOrEqual(2)

    // Rules have nothing left to say once nothing is due.
    if (api === 'rules') return
    expect((await readSteps(ctx, id)).some(isInDoubt)).toBe(false)
    const asked = mock.requests().map(({ body }) => JSON.stringify(body))
    // An answer that was given and not recorded has to be asked for again; no other is.
    const lost = place === 'answer.before' ? 1 : 0
    expect(asked).toHaveLength(4 + lost)
    expect(new Set(asked).size).toBe(4)
    expect(done.outcome?.usage).toEqual({ modelCalls: 4, inputTokens: 4_000, outputTokens: 200 })
  })
})

test('several deaths in a row cost no answer twice', async () => {
  const { ctx, attempt } = open({ models: endpoint('responses') })
  const { id } = await createRun(ctx, { list: 'cafe', instructions: 'Prefer organic.' })
  await dieAt('answer.after', 1, () => attempt(id))
  await dieAt('answer.after', 1, () => attempt(id))
  await dieAt('send.after', 1, () => attempt(id))
  await dieAt('result.after', 1, () => attempt(id))
  await dieAt('answer.after', 1, () => attempt(id))
  await attempt(id)
  expect(await getRun(ctx, id)).toMatchObject({ status: 'completed', epoch: 6, outcome: { usage: { modelCalls: 4 } } })
  expect(mock.requests()).toHaveLength(4)
  expect(orderedItems()).toEqual(['itm_cups', 'itm_milk'])
})

test('a second attempt is bound by the tokens that the first one used', async () => {
  const { ctx, attempt } = open({ models: endpoint('responses'), maxTokens: 1_000 })
  const { id } = await createRun(ctx, { list: 'cafe' })
  await dieAt('answer.after', 1, () => attempt(id))
  await attempt(id)
  expect(mock.requests()).toHaveLength(1)
  expect((await getRun(ctx, id)).outcome?.items[0]?.reason).toContain('the model used up the tokens a run may use')
})

describe('a run that can’t be gone on with as it was', () => {
  const change = (id: string, instructions: string) =>
    database.db.updateTable('restock.runs').set({ instructions }).where('id', '=', id).execute()

  test('asks the model no further once something was written; the rest needs attention', async () => {
    shop.items.push({ id: 'itm_gas', name: 'Gas', need: 1, sku: 'GAS' })
    const { ctx, attempt } = open({ models: endpoint('responses') })
    const { id } = await createRun(ctx, { list: 'cafe', instructions: 'Prefer organic.' })
    await dieAt('result.after', 2, () => attempt(id))
    const asked = mock.requests().length
    await change(id, 'Buy gold.')
    await attempt(id)

    expect(mock.requests()).toHaveLength(asked)
    expect(orderedItems()).toEqual(['itm_cups', 'itm_milk'])
    const { outcome } = await getRun(ctx, id)
    expect(outcome?.items.map(({ itemId, decision }) => [itemId, decision])).toEqual([
      ['itm_milk', 'ordered'],
      ['itm_cups', 'ordered'],
      ['itm_gas', 'needs_attention'],
    ])
  })

  test('says so for items that were still open', async () => {
    const { ctx, attempt } = open({ models: endpoint('responses') })
    shop.items.push({ id: 'itm_oat', name: 'Oat drink', need: 6 })
    shop.products.push({ id: 'prd_oat', name: 'Oat drink', supplier: 'Hofladen', pack: 6, priceMinor: 900 })
    const { id } = await createRun(ctx, { list: 'cafe', instructions: 'Prefer organic.' })
    // Its link was recorded, the order not yet.
    await dieAt('answer.after', 3, () => attempt(id))
    await change(id, 'Buy gold.')
    await attempt(id)
    const { outcome } = await getRun(ctx, id)
    expect(shop.orders).toHaveLength(0)
    expect(outcome?.items.map(({ decision }) => decision)).toEqual(Array(3).fill('needs_attention'))
    expect(outcome?.items[2]?.reason).toContain('the run was interrupted and its model could not be asked further')
  })

  test('is led anew while nothing was written', async () => {
    const { ctx, attempt } = open({ models: endpoint('responses') })
    const { id } = await createRun(ctx, { list: 'cafe', instructions: 'Prefer organic.' })
    await dieAt('answer.after', 2, () => attempt(id))
    await change(id, 'Prefer cheap.')
    await attempt(id)
    expect(mock.requests()).toHaveLength(2 + 4)
    expect(orderedItems()).toEqual(['itm_cups', 'itm_milk'])
    const [leg] = await readJournal(ctx, id)
    expect(leg?.entries.map(({ epoch }) => epoch)).toEqual([2, 2, 2, 2, 2, 2, 2])
  })

  test('begins on what is due now, while nothing was written', async () => {
    const { ctx, attempt } = open({ models: endpoint('responses') })
    const { id } = await createRun(ctx, { list: 'cafe' })
    await dieAt('answer.after', 2, () => attempt(id))
    shop.items.splice(1, 1)
    await attempt(id)
    expect(orderedItems()).toEqual(['itm_milk'])
    const done = await getRun(ctx, id)
    expect(done.outcome?.items.map(({ decision }) => decision)).toEqual(['ordered', 'skipped'])
    expect(await readJournal(ctx, id)).toHaveLength(2)
  })
})

describe('a chain of models', () => {
  test('goes on with the model it had got to, and still says that the first one failed', async () => {
    mock.failNext(401)
    const { ctx, attempt } = open({ models: endpoint('responses') })
    const { id } = await createRun(ctx, { list: 'cafe' })
    await dieAt('answer.after', 2, () => attempt(id))
    await attempt(id)
    const { outcome } = await getRun(ctx, id)
    expect(mock.requests()).toHaveLength(1)
    expect(outcome?.model).toBe('rules')
    expect(outcome?.summary).toContain('The model some-model failed: 401')
    expect(orderedItems()).toEqual(['itm_cups', 'itm_milk'])
  })

  test('asks the first model again only if nobody had taken over', async () => {
    const models = endpoint('responses')
    const { ctx, attempt } = open({ models })
    const { id } = await createRun(ctx, { list: 'cafe' })
    mock.failNext(503)
    await dieAt('answer.after', 1, () => attempt(id))
    await attempt(id)
    // 503, its repetition, and three more answers.
    expect(mock.requests()).toHaveLength(5)
    expect((await getRun(ctx, id)).outcome?.model).toBe('some-model')
  })
})

describe('somebody else’s server', () => {
  let extra: ExtraServer
  beforeEach(async () => {
    extra = await openExtraServer()
  })
  afterEach(() => extra.close())

  const buying = () =>
    new ScriptedModel([
      [functionCall('look_up', { word: 'milk' }, { callId: 'c1' })],
      [functionCall('buy_now', { what: 'Milk' }, { callId: 'c2' })],
      [
        assistantMessage(
          '{"summary":"Bought milk elsewhere.","skipped":[{"item_id":"itm_cups","reason":"not today"}]}',
        ),
      ],
      [assistantMessage('{"summary":"Nobody knows."}')],
    ])

  test.each(['intent.after', 'send.before', 'send.after', 'result.before'] as const)(
    'is never asked twice to do something (death at %s); the item is unknown',
    async (place) => {
      const { ctx, attempt } = open({ models: [buying()], servers: [...shop.servers, extra.config] })
      const { id } = await createRun(ctx, { list: 'cafe' })
      await dieAt(place, 1, () => attempt(id))
      const called = extra.calls.filter((tool) => tool === 'buy_now').length
      expect(called).toBe(place === 'intent.after' || place === 'send.before' ? 0 : 1)
      await attempt(id)
      expect(extra.calls.filter((tool) => tool === 'buy_now')).toHaveLength(called)
      expect(extra.calls.filter((tool) => tool === 'look_up')).toHaveLength(1)
      const { outcome } = await getRun(ctx, id)
      expect(outcome?.items[0]).toMatchObject({
        itemId: 'itm_milk',
        decision: 'unknown',
        reason: expect.stringContaining('it may have been bought by buy_now of the MCP server "extra"'),
      })
      expect(outcome?.summary).toContain('Nobody knows whether buy_now of the MCP server "extra" was carried out')
    },
  )

  test('whose answer was recorded is not asked again, and nothing is in doubt', async () => {
    const { ctx, attempt } = open({ models: [buying()], servers: [...shop.servers, extra.config] })
    const { id } = await createRun(ctx, { list: 'cafe' })
    await dieAt('result.after', 1, () => attempt(id))
    await attempt(id)
    expect(extra.calls).toEqual(['look_up', 'buy_now'])
    const { outcome } = await getRun(ctx, id)
    expect(outcome?.items.map(({ decision }) => decision)).toEqual(['needs_attention', 'skipped'])
  })
})

describe('on the real servers', () => {
  let cafe: TestShop
  beforeEach(async () => {
    cafe = await openTestShop()
  })
  afterEach(() => cafe.close())

  const run = (id: string) => processors.replenish(cafe.worker, { runId: id }, jobAttempt({ isLast: false }))
  const lines = async () => {
    const orders = await findOrders(cafe.ctx, { limit: 100 })
    return orders.flatMap((order) => order.lines.map((line) => `${line.itemId} ${line.product} ${line.packs}`)).sort()
  }

  test.each(['intent.after', 'commit.before', 'commit.after', 'send.after', 'result.after'] as const)(
    'an order that dies at %s is placed once',
    async (place) => {
      const { id } = await createRun(cafe.ctx, { list: 'cafe' })
      // The café's first writes link products found by name.
      const { writes, bought } = await undisturbed()
      const isServer = place.startsWith('commit')
      armFailpoints(parseFailpoints(`${place}=error@${isServer ? 1 : writes + 1}`, undefined))
      await run(id).catch((error: unknown) => expect(String(error)).toContain('failed on purpose'))
      armFailpoints(null)
      await run(id)
      const done = await getRun(cafe.ctx, id)
      expect(done.status).toBe('completed')
      // The server rolled back and said that it doesn't know: nobody orders a second time on that, the next run does.
      expect(await lines()).toEqual(place === 'commit.before' ? [] : bought)
    },
  )

  let plain: { writes: number; bought: readonly string[] } | undefined

  /** What a run does that nothing happens to: writes before the order, and what it buys. */
  async function undisturbed(): Promise<{ writes: number; bought: readonly string[] }> {
    if (plain !== undefined) return plain
    const other = await openTestShop()
    try {
      const done = await other.run()
      const writes = (await readSteps(other.ctx, done.id)).filter(({ isWrite }) => isWrite)
      plain = {
        writes: writes.findIndex(({ name }) => name === 'place_order'),
        bought: done.outcome.orders
          .flatMap((order) => order.lines.map((line) => `${line.itemId} ${line.product} ${line.packs}`))
          .sort(),
      }
      return plain
    } finally {
      await other.close()
    }
  }

  test('what somebody else ordered in between is refused as stale, not ordered twice', async () => {
    const { id } = await createRun(cafe.ctx, { list: 'cafe' })
    await dieAt('intent.after', (await undisturbed()).writes + 1, () => run(id))
    // The list is another run's for a while: this one's lease is over.
    await cafe.ctx.db.updateTable('restock.runs').set({ status: 'pending' }).where('id', '=', id).execute()
    await cafe.run()
    const bought = (await lines()).length
    await run(id)
    const done = await getRun(cafe.ctx, id)
    expect(done.status).toBe('completed')
    expect(await lines()).toHaveLength(bought)
    expect(done.outcome?.orders).toEqual([])
  })

  test('a recorded quote that has expired is quoted once more', async () => {
    const { id } = await createRun(cafe.ctx, { list: 'cafe' })
    const { writes, bought } = await undisturbed()
    await dieAt('intent.before', writes + 1, () => run(id))
    cafe.database.clock.advance(45 * 60_000)
    await run(id)
    const done = await getRun(cafe.ctx, id)
    const placings = (await readSteps(cafe.ctx, id)).filter(({ name }) => name === 'place_order')
    expect(JSON.stringify(placings[0]?.response)).toContain('quote_expired')
    expect(placings).toHaveLength(2)
    expect(await lines()).toEqual(bought)
    expect(done.status).toBe('completed')
  })
})
