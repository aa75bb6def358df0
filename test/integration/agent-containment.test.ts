import { readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { assistantMessage, functionCall, modelResponder, ScriptedModel } from '@openai/agents/testing'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { McpServerConfig } from '../../src/agent/mcp-servers.js'
import { createModelFactory } from '../../src/agent/models/index.js'
import { createRun } from '../../src/runs/create-run.js'
import { getRun } from '../../src/runs/find-runs.js'
import type { Run } from '../../src/runs/run.js'
import { readSteps } from '../../src/runs/run-steps.js'
import { needMilkAndCups, openShop, type Shop } from '../helpers/agent-shop.js'
import { type AgentWorker, type AgentWorkerOptions, clearRuns, openAgentWorker } from '../helpers/agent-worker.js'
import { completion, type Fault, type FaultyModel, startFaultyModel, toolCall } from '../helpers/faulty-model.js'
import { createTestDatabase, type TestDatabase, testSecret } from '../helpers/test-database.js'

/** What models and servers may do wrong, and how a run ends then: with a decision for every item, and a line that says why. */
let database: TestDatabase
let shop: Shop
let worker: AgentWorker | undefined

beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

beforeEach(async () => {
  shop = await openShop(testSecret, () => new Date())
  needMilkAndCups(shop)
})
afterEach(async () => {
  await worker?.close()
  worker = undefined
  await shop.close()
  await clearRuns(database)
})

function open(options: Partial<AgentWorkerOptions> = {}): AgentWorker {
  worker = openAgentWorker({ base: database.ctx, servers: shop.servers, ...options })
  return worker
}

const decisions = (run: Run) => run.outcome?.items.map(({ decision }) => decision)

describe('a model at an endpoint', () => {
  let endpoint: FaultyModel | undefined
  afterEach(() => endpoint?.close())

  async function runWith(
    plan: (request: number) => Fault,
    options: { api?: 'responses' | 'chat_completions'; timeoutMs?: number; maxTokens?: number } = {},
  ): Promise<Run> {
    endpoint = await startFaultyModel(plan)
    const { api = 'chat_completions', timeoutMs = 1_000, ...rest } = options
    const models = createModelFactory({ name: 'm', apiKey: 'k', baseUrl: endpoint.baseUrl, api, timeoutMs })
    return open({ models, ...rest, modelTimeoutMs: timeoutMs }).run()
  }

  const expectRulesAfter = (run: Run, reason: RegExp) => {
    expect(run).toMatchObject({ status: 'completed', outcome: { model: 'rules' } })
    expect(decisions(run)).toEqual(['ordered', 'ordered'])
    expect(shop.orders).toHaveLength(2)
    const line = run.outcome?.summary.split('\n').find((text) => text.startsWith('The model m failed: '))
    expect(line).toMatch(reason)
  }

  test.each(['responses', 'chat_completions'] as const)(
    'that never answers (%s) is left for the next one',
    async (api) => {
      expectRulesAfter(await runWith(() => 'hang', { api, timeoutMs: 200 }), /timed out|timeout/i)
    },
  )

  test('that drops every connection is tried three times, then left', async () => {
    expectRulesAfter(await runWith(() => 'drop'), /connection error/i)
    expect(endpoint?.count()).toBe(3)
  })

  test('that is always busy is tried three times, then left', async () => {
    const busy = { status: 429, headers: { 'retry-after-ms': '10' }, body: { error: { message: 'Slow down' } } }
    expectRulesAfter(await runWith(() => busy), /429 Slow down/)
    expect(endpoint?.count()).toBe(3)
  })

  test('that is busy for an hour is not waited for', async () => {
    const busy = { status: 429, headers: { 'retry-after': '3600' }, body: { error: { message: 'Quota used up' } } }
    expectRulesAfter(await runWith(() => busy), /429 Quota used up/)
    expect(endpoint?.count()).toBe(1)
  })

  test.each([
    ['no JSON', { body: 'Bad gateway, says the proxy' }],
    ['JSON of another kind', { body: { hello: 'world' } }],
    [
      'an answer without choices',
      { body: { id: 'c', object: 'chat.completion', created: 1, model: 'm', choices: [] } },
    ],
    ['half an answer', { body: '{"id":"c","choices":[{"index":0,"mess' }],
  ])('that answers %s does no harm', async (_, fault) => {
    const run = await runWith(() => fault)
    expect(run.status).toBe('completed')
    // Left for the next one where it can't be understood at all; where it can, it said nothing.
    if (run.outcome?.model === 'rules') expectRulesAfter(run, /The model m failed: ./)
    else expect(decisions(run)).toEqual(['needs_attention', 'needs_attention'])
  })

  test('that answers more than anybody could read is left for the next one', async () => {
    const giant = 'x'.repeat(3_000_000)
    const run = await runWith(() => completion({ content: giant }))
    expectRulesAfter(run, /the model answered 3\d{6} characters/)
    expect(JSON.stringify(await readSteps(database.ctx, run.id)).length).toBeLessThan(100_000)
  })

  test('that refuses is left for the next one, or has said nothing', async () => {
    const refusal = {
      output: [
        {
          type: 'message',
          id: 'msg',
          role: 'assistant',
          status: 'completed',
          content: [{ type: 'refusal', refusal: 'I can’t help with shopping.' }],
        },
      ],
    }
    const usage = { input_tokens: 10, output_tokens: 5, total_tokens: 15 }
    const body = { id: 'r', object: 'response', created_at: 1, model: 'm', status: 'completed', usage, ...refusal }
    const run = await runWith(() => ({ body }), { api: 'responses' })
    expectRulesAfter(run, /refus|can’t help with shopping/i)
  })

  test('that calls with broken arguments is told so, and what it says in the end stands', async () => {
    const plan: Fault[] = [
      toolCall('place_order', '{"quote_id": "quo_1"'),
      toolCall('create_quote', 'null'),
      toolCall('create_quote', '{"items": "all of them, please"}'),
      toolCall('place_order', '{"quote_id": 17, "rationale": null}'),
      toolCall('buy_everything', '{}'),
      completion({ content: '{"summary":"I give up.","skipped":[{"item_id":"itm_cups","reason":"broken"}]}' }),
    ]
    const run = await runWith((request) => plan[request - 1] ?? completion({ content: '{}' }))
    expect(shop.orders).toHaveLength(0)
    expect(run.outcome?.model).toBe('m')
    expect(decisions(run)).toEqual(['needs_attention', 'skipped'])
    expect(endpoint?.count()).toBe(6)
  })

  test('that calls something by a name that no tool can have is left for the next one', async () => {
    expectRulesAfter(await runWith(() => toolCall('rm -rf /', '{}')), /function call/i)
  })

  test('that goes round in circles is stopped after twelve turns', async () => {
    const run = await runWith(() => toolCall('list_orders', '{}'))
    expect(endpoint?.count()).toBe(12)
    expect(run.outcome?.items[0]?.reason).toBe('nothing was ordered: the model was stopped after too many steps')
  })

  test('that goes round in circles with long answers runs out of tokens', async () => {
    const run = await runWith(() => toolCall('list_orders', '{}'), { maxTokens: 300 })
    expect(endpoint?.count()).toBe(3)
    expect(run.outcome?.items[0]?.reason).toBe('nothing was ordered: the model used up the tokens a run may use')
  })

  test('that asks for a hundred things at once gets them one after the other, each once', async () => {
    const calls = Array.from({ length: 100 }, (_, index) => ({
      id: `call_${index}`,
      type: 'function',
      function: { name: 'list_orders', arguments: '{}' },
    }))
    const run = await runWith((request) =>
      request === 1 ? completion({ tool_calls: calls }) : completion({ content: '{}' }),
    )
    expect(shop.calls.filter(({ tool }) => tool === 'list_orders').length).toBeGreaterThanOrEqual(100)
    expect(run.status).toBe('completed')
  })
})

describe('somebody else’s server', () => {
  const fixture = join(import.meta.dirname, '../fixtures/misbehaving-server.mjs')
  const file = join(tmpdir(), `restock-misbehaving-${process.pid}.log`)
  afterEach(() => rmSync(file, { force: true }))

  const misbehaving = (env: Record<string, string> = {}): McpServerConfig => ({
    name: 'odd',
    command: process.execPath,
    args: [fixture],
    env: { FILE: file, ...env },
  })
  const called = () => readFileSync(file, 'utf8').trim().split('\n')

  /** Calls the tool, then `fine`, then orders as every model should, and repeats what it was told. */
  async function runCalling(tool: string, env: Record<string, string> = {}): Promise<{ run: Run; told: string[] }> {
    const told: string[] = []
    const model = new ScriptedModel([
      [functionCall(tool, {}, { callId: 'c1' })],
      [functionCall('fine', {}, { callId: 'c2' })],
      [functionCall('create_quote', {}, { callId: 'c3' })],
      [functionCall('place_order', { quote_id: 'quo_1', rationale: 'due' }, { callId: 'c4' })],
      modelResponder(({ request }) => {
        for (const item of Array.isArray(request.input) ? request.input : []) {
          if (item.type === 'function_call_result')
            told.push(typeof item.output === 'string' ? item.output : JSON.stringify(item.output))
        }
        return [assistantMessage('{"summary":"Done."}')]
      }),
    ])
    const run = await open({ models: [model], servers: [...shop.servers, misbehaving(env)], callMs: 700 }).run()
    return { run, told }
  }

  const noAnswer = (tool: string) => `${tool} gave no answer; nothing was changed.`

  test.each([
    ['hang', 'fine, as process', 'hangs'],
    ['block', 'fine, as process', 'is stuck with its whole process: another one is started'],
    ['die', 'fine, as process', 'dies in the middle of a call: another one is started'],
    ['burst', 'fine, as process', 'writes more than a message may have: another one is started'],
  ])('that does %s costs one call, not the run', async (tool, then) => {
    const { run, told } = await runCalling(tool)
    expect(told[0]).toContain(noAnswer(tool))
    expect(told[1]).toContain(then)
    expect(decisions(run)).toEqual(['ordered', 'ordered'])
    expect(called()).toEqual([tool, 'fine'])
    const failed = (await readSteps(database.ctx, run.id)).find(({ name }) => name === tool)
    expect(failed?.error).toMatch(new RegExp(`${tool} got no answer: .`))
  })

  test('that writes nonsense between its answers is understood all the same', async () => {
    const { run, told } = await runCalling('babble')
    expect(told[0]).toContain('said after some nonsense')
    expect(decisions(run)).toEqual(['ordered', 'ordered'])
  })

  test.each(['nonsense', 'throw_up'])('that answers with %s is heard as an error', async (tool) => {
    const { run, told } = await runCalling(tool)
    expect(told[0]).toMatch(/nonsense gave no answer|kaboom|error|invalid/i)
    expect(told[1]).toContain('fine, as process')
    expect(decisions(run)).toEqual(['ordered', 'ordered'])
  })

  test('that floods is cut short', async () => {
    const { run, told } = await runCalling('flood')
    expect(told[0]?.length).toBeLessThan(100_000)
    expect(told[0]).toMatch(/cut: the tool answered 30\d+ characters/)
    expect(decisions(run)).toEqual(['ordered', 'ordered'])
  })

  test('that hangs in a write leaves the run’s items unknown and is not asked again', async () => {
    const model = new ScriptedModel([
      [functionCall('hang', { what: 'Milk' }, { callId: 'c1' })],
      [assistantMessage('{"summary":"Bought it elsewhere.","ordered":["itm_milk"]}')],
    ])
    const servers = [...shop.servers, misbehaving({ WRITES: 'yes' })]
    const run = await open({ models: [model], servers, callMs: 500 }).run()
    expect(called()).toEqual(['hang'])
    expect(run.outcome?.items[0]).toMatchObject({
      decision: 'unknown',
      reason: expect.stringContaining('it may have been bought by hang of the MCP server "odd"'),
    })
    expect(run.outcome?.items[1]).toMatchObject({ decision: 'needs_attention' })
    expect(run.outcome?.summary).toContain('Nobody knows whether hang of the MCP server "odd" was carried out')
  })

  test('that renames a tool is heard out, and the next run has the new name', async () => {
    const model = new ScriptedModel([
      [functionCall('rename', {}, { callId: 'c1' })],
      [functionCall('rename', {}, { callId: 'c2' })],
      modelResponder(({ request }) => [assistantMessage(JSON.stringify(request.input).slice(-400))]),
      modelResponder(({ request }) => [assistantMessage(request.tools.map(({ name }) => name).join(' '))]),
    ])
    const { run } = open({ models: [model], servers: [...shop.servers, misbehaving()] })
    const first = await run()
    expect(first.status).toBe('completed')
    expect(first.outcome?.summary).toMatch(/not found|unknown/i)
    const second = await run()
    expect(second.outcome?.summary).toMatch(/ fine renamed$/m)
    expect(second.outcome?.summary).not.toContain(' rename ')
  })
})

describe('a server of our own', () => {
  test.each(['begin_run', 'register_needs', 'list_orders', 'read_order_events'])(
    'that has no %s any more ends the run as failed, with the reason, and orders nothing more',
    async (tool) => {
      shop.interfere(tool, () => {
        throw new Error(`Tool ${tool} not found`)
      })
      const { ctx, attempt } = open()
      const { id } = await createRun(ctx, { list: 'cafe' })
      await expect(attempt(id, { isLast: true })).rejects.toThrow()
      const run = await getRun(ctx, id)
      expect(run.status).toBe('failed')
      expect(run.error).not.toBe('')
      expect(shop.orders.length).toBe(tool === 'list_orders' ? 2 : 0)
    },
  )

  test('that hangs while ordering leaves an order that is looked up, not sent again', async () => {
    shop.interfere('place_order', (next) => {
      next()
      return new Promise(() => undefined)
    })
    const run = await open({ callMs: 400 }).run()
    expect(decisions(run)).toEqual(['ordered', 'ordered'])
    expect(shop.calls.filter(({ tool }) => tool === 'place_order')).toHaveLength(1)
  })
})
