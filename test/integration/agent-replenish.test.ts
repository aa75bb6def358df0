import { Usage } from '@openai/agents'
import { assistantMessage, functionCall, modelError, modelResponder, ScriptedModel } from '@openai/agents/testing'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { createRun } from '../../src/runs/create-run.js'
import { getRun } from '../../src/runs/find-runs.js'
import { readSteps } from '../../src/runs/run-steps.js'
import { needMilkAndCups, openShop, Refusal, type Shop } from '../helpers/agent-shop.js'
import { type AgentWorker, type AgentWorkerOptions, clearRuns, openAgentWorker } from '../helpers/agent-worker.js'
import { createTestDatabase, type TestDatabase, testSecret } from '../helpers/test-database.js'

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

const decisions = (run: { outcome: { items: readonly { itemId: string; decision: string }[] } | null }) =>
  Object.fromEntries(run.outcome?.items.map(({ itemId, decision }) => [itemId, decision]) ?? [])

const toolCalls = (tool: string) => shop.calls.filter((call) => call.tool === tool)

/** What any model is expected to do, by script; the receipt is taken from the answer to place_order. */
function orderingScript(): ScriptedModel {
  return new ScriptedModel([
    [functionCall('create_quote', {}, { callId: 'c1' })],
    [functionCall('place_order', { quote_id: 'quo_1', rationale: 'due' }, { callId: 'c2' })],
    modelResponder(({ request }) => {
      const receipt = /"receipt":("(?:[^"\\]|\\.)*")/.exec(outputsOf(request.input).at(-1) ?? '')?.[1] ?? '""'
      return [functionCall('mark_ordered', { receipt: JSON.parse(receipt) }, { callId: 'c3' })]
    }),
    [assistantMessage('{"summary":"Bought all.","ordered":["itm_milk","itm_cups"],"skipped":[]}')],
  ])
}

function outputsOf(input: unknown): string[] {
  if (!Array.isArray(input)) return []
  return input.flatMap((item) => {
    if (item.type !== 'function_call_result') return []
    return [typeof item.output === 'string' ? item.output : (item.output.text ?? JSON.stringify(item.output))]
  })
}

describe('a run', () => {
  test('orders what is due, tells the list, decides every item and records every step', async () => {
    const { run, queued } = open()
    const done = await run()
    expect(done).toMatchObject({ status: 'completed', epoch: 1, error: null })
    expect(done.outcome).toMatchObject({
      model: 'rules',
      usage: { modelCalls: 4, inputTokens: 0, outputTokens: 0 },
      items: [
        {
          itemId: 'itm_milk',
          decision: 'ordered',
          reason: 'ordered 24 l as 2 × 12 l from Molkerei Nord for 21.60 EUR; due at 0 l, reorder point 1 l',
          needQuantity: 24,
          orderedQuantity: 24,
          unit: 'l',
        },
        { itemId: 'itm_cups', decision: 'ordered', needQuantity: 90, orderedQuantity: 100 },
      ],
      orders: [
        {
          id: 'ord_1',
          supplier: 'Molkerei Nord',
          status: 'approved',
          subtotalMinor: 2160,
          totalMinor: 2160,
          currency: 'EUR',
          lines: [
            {
              itemId: 'itm_milk',
              product: 'Whole milk',
              packs: 2,
              packQuantity: 12,
              quantity: 24,
              packPriceMinor: 1080,
            },
          ],
        },
        { id: 'ord_2', supplier: 'Papier & Co', totalMinor: 800 },
      ],
    })
    expect(Object.keys(done.outcome?.orders[0] ?? {})).not.toContain('approvalReasons')
    expect(done.outcome?.summary).toContain('Total: 29.60 EUR')
    expect([...shop.marked]).toEqual(['itm_milk', 'itm_cups'])
    expect(queued).toEqual([
      { name: 'submit-order', payload: { orderId: 'ord_1' } },
      { name: 'submit-order', payload: { orderId: 'ord_2' } },
    ])
    const steps = await readSteps(database.ctx, done.id)
    expect(steps.map(({ kind, name }) => (kind === 'tool' ? name : kind))).toEqual([
      'begin_run',
      'register_needs',
      'snapshot',
      'model',
      'create_quote',
      'model',
      'place_order',
      'model',
      'mark_ordered',
      'model',
      'list_orders',
    ])
    expect(steps.map(({ step }) => step)).toEqual(steps.map((_, index) => index + 1))
    expect(JSON.stringify(steps)).not.toContain('signature')
  })

  test('with nothing due makes no model call', async () => {
    shop.items.length = 0
    const model = new ScriptedModel([])
    const done = await open({ models: [model] }).run()
    expect(done).toMatchObject({ status: 'completed', outcome: { items: [], orders: [], usage: { modelCalls: 0 } } })
    expect(done.outcome?.summary).toBe('cafe: nothing is due.')
    expect(model.calls).toHaveLength(0)
  })

  test('after a run that ordered everything orders nothing', async () => {
    const { run } = open()
    await run()
    const second = await run()
    expect(second.outcome).toMatchObject({ items: [], orders: [], usage: { modelCalls: 0 } })
    expect(shop.orders).toHaveLength(2)
  })

  test('by another model makes the same orders', async () => {
    const model = orderingScript()
    const done = await open({ models: [model] }).run()
    model.assertComplete()
    expect(done.outcome).toMatchObject({ model: 'model-1', usage: { modelCalls: 4 } })
    expect(done.outcome?.summary).toContain("The model's comment: Bought all.")
    const byScript = shop.orders.map(({ supplier, lines }) => ({ supplier, lines }))
    await worker?.close()
    shop.orders.length = 0
    shop.marked.clear()
    await database.db.deleteFrom('restock.sync_cursors').execute()
    const again = await openShop(testSecret, () => new Date())
    again.items.push(...shop.items)
    again.products.push(...shop.products)
    await open({ servers: again.servers }).run()
    await again.close()
    expect(again.orders.map(({ supplier, lines }) => ({ supplier, lines }))).toEqual(byScript)
  })

  test('tells the model of the run, and tells the person that fixed rules do not read instructions', async () => {
    const model = orderingScript()
    await open({ models: [model] }).run({ instructions: 'Prefer organic.' })
    expect(JSON.stringify(model.firstCall?.request.input)).toContain('Prefer organic.')
    await worker?.close()
    const done = await open().run({ instructions: 'Prefer organic.' })
    expect(done.outcome?.summary).toContain('The instructions of this run were not used')
  })

  test('with instructions asks the model even when nothing is due', async () => {
    shop.items.length = 0
    const model = new ScriptedModel([[assistantMessage('{"summary":"Nothing to do."}')]])
    await open({ models: [model] }).run({ instructions: 'Snooze the tea.' })
    model.assertComplete()
  })

  test('finds items by name, proposes the link, and leaves what is not clear to a person', async () => {
    shop.items.push(
      { id: 'itm_oat', name: 'Oat drink', need: 6 },
      { id: 'itm_tea', name: 'Tea', need: 5 },
      { id: 'itm_gas', name: 'Gas', need: 1 },
    )
    shop.products.push(
      { id: 'prd_oat', name: 'Oat drink', supplier: 'Hofladen', pack: 6, priceMinor: 900 },
      { id: 'prd_tea1', name: 'Black tea', supplier: 'Hofladen', pack: 5, priceMinor: 500 },
      { id: 'prd_tea2', name: 'Green tea', supplier: 'Hofladen', pack: 5, priceMinor: 500 },
    )
    const done = await open().run()
    expect(decisions(done)).toEqual({
      itm_milk: 'ordered',
      itm_cups: 'ordered',
      itm_oat: 'ordered',
      itm_tea: 'needs_attention',
      itm_gas: 'needs_attention',
    })
    expect(toolCalls('search_catalog')).toHaveLength(1)
    expect(toolCalls('link_product').map(({ args }) => args.product_id)).toEqual(['prd_oat'])
    const reasons = Object.fromEntries(done.outcome?.items.map(({ itemId, reason }) => [itemId, reason]) ?? [])
    expect(reasons.itm_tea).toMatch(/several products are equally likely: "Black tea" \(prd_tea1\), "Green tea"/)
    expect(reasons.itm_gas).toBe('No offer for Gas; no product in the catalogs is clearly this item')
    expect(done.outcome?.usage.modelCalls).toBe(6)
  })

  test('that is dry shows what would be ordered and changes nothing', async () => {
    const done = await open().run({ dryRun: true })
    expect(done.outcome?.items[0]).toMatchObject({
      decision: 'skipped',
      reason: 'dry run: would order 24 l as 2 × 12 l from Molkerei Nord for 21.60 EUR; due at 0 l, reorder point 1 l',
      orderedQuantity: 0,
    })
    expect(shop.orders).toHaveLength(0)
    expect(toolCalls('place_order')).toHaveLength(0)
    expect(shop.calls.every(({ caller }) => caller !== 'invalid' && caller.kind === 'run')).toBe(true)
    expect(toolCalls('create_quote')[0]?.caller).toMatchObject({ dryRun: true })
  })

  test('that is dry can not be talked into ordering by its model', async () => {
    const done = await open({ models: [orderingScript()] }).run({ dryRun: true })
    expect(shop.orders).toHaveLength(0)
    expect(toolCalls('place_order')).toHaveLength(0)
    expect(decisions(done)).toEqual({ itm_milk: 'skipped', itm_cups: 'skipped' })
  })

  test('beside a run of another list on the same connections keeps its own identity', async () => {
    const { run } = open()
    shop.items.splice(1)
    const [cafe, lab] = await Promise.all([run({ list: 'cafe' }), run({ list: 'lab', dryRun: true })])
    const callers = new Set(
      shop.calls.flatMap(({ caller }) =>
        caller === 'invalid' || caller.kind !== 'run' ? ['?'] : [`${caller.run} ${caller.list} ${caller.dryRun}`],
      ),
    )
    expect(callers).toEqual(new Set([`${cafe.id} cafe false`, `${lab.id} lab true`, 'sync * false']))
    expect(new Set(shop.orders.map((order) => order.run))).toEqual(new Set([cafe.id]))
  })
})

describe('a model that misbehaves', () => {
  test('by asking for a tool that does not exist is told so and may go on', async () => {
    const model = new ScriptedModel([
      [functionCall('buy_everything', {}, { callId: 'c1' })],
      modelResponder(({ request }) => [assistantMessage(`{"summary":${JSON.stringify(outputsOf(request.input)[0])}}`)]),
    ])
    const done = await open({ models: [model] }).run()
    expect(done.outcome?.summary).toContain('There is no tool buy_everything. Nothing was changed.')
    expect(decisions(done)).toEqual({ itm_milk: 'needs_attention', itm_cups: 'needs_attention' })
  })

  test('by calling a tool of the worker gets nowhere', async () => {
    const model = new ScriptedModel([
      [
        functionCall(
          'register_needs',
          { list: 'cafe', needs: [{ item_id: 'itm_gold', quantity: 1 }] },
          { callId: 'c1' },
        ),
      ],
      [assistantMessage('{}')],
    ])
    await open({ models: [model] }).run()
    expect(toolCalls('register_needs')).toHaveLength(1)
  })

  test('by sending arguments that are no JSON is told that nothing was called', async () => {
    const model = new ScriptedModel([
      [functionCall('place_order', '{"quote_id": "quo_1', { callId: 'c1' })],
      [functionCall('place_order', '["quo_1"]', { callId: 'c2' })],
      modelResponder(({ request }) => [assistantMessage(outputsOf(request.input).join(' | '))]),
    ])
    const done = await open({ models: [model] }).run()
    expect(done.outcome?.summary).toContain('The tool was not called: its arguments were not valid JSON.')
    expect(toolCalls('place_order')).toHaveLength(0)
    expect(decisions(done)).toEqual({ itm_milk: 'needs_attention', itm_cups: 'needs_attention' })
  })

  test('by never ending is stopped after so many turns, and what it ordered counts', async () => {
    const forever = Array.from({ length: 40 }, (_, turn) => [functionCall('list_orders', {}, { callId: `l${turn}` })])
    const [quote, place] = [
      [functionCall('create_quote', { items: [{ item_id: 'itm_milk' }] }, { callId: 'c1' })],
      [functionCall('place_order', { quote_id: 'quo_1', rationale: 'due' }, { callId: 'c2' })],
    ]
    const done = await open({ models: [new ScriptedModel([quote, place, ...forever])] }).run()
    expect(done.outcome?.usage.modelCalls).toBe(12)
    expect(done.outcome?.items.map(({ decision, reason }) => [decision, reason])).toEqual([
      ['ordered', 'ordered 24 l as 2 × 12 l from Molkerei Nord for 21.60 EUR; due at 0 l, reorder point 1 l'],
      ['needs_attention', 'nothing was ordered: the model was stopped after too many steps'],
    ])
    expect(shop.items.filter(({ id }) => id === 'itm_milk')).toHaveLength(1)
    const next = await openAgentWorker({ base: database.ctx, servers: shop.servers, workerId: 'worker-2' })
    const second = await next.run()
    await next.close()
    expect(decisions(second)).toEqual({ itm_cups: 'ordered' })
  })

  test('by using too many tokens is stopped before the next call', async () => {
    const usage = new Usage({ requests: 1, inputTokens: 900, outputTokens: 200, totalTokens: 1100 })
    const model = new ScriptedModel([
      { usage, output: [functionCall('create_quote', {}, { callId: 'c1' })] },
      { usage, output: [assistantMessage('done')] },
    ])
    const done = await open({ models: [model], maxTokens: 1_000 }).run()
    expect(done.outcome).toMatchObject({
      usage: { modelCalls: 1, inputTokens: 900, outputTokens: 200 },
      items: [{ reason: 'it was quoted, but not ordered: the model used up the tokens a run may use' }, {}],
    })
  })

  test('by taking too long is stopped', async () => {
    const model = new ScriptedModel([modelResponder(() => new Promise(() => undefined))])
    const done = await open({ models: [model], runTimeoutMs: 400 }).run()
    expect(done.outcome?.items[0]).toMatchObject({
      decision: 'needs_attention',
      reason: 'nothing was ordered: the time a run may take was over',
    })
  })

  test('by asking for what was not registered gets a refusal and buys nothing', async () => {
    const model = new ScriptedModel([
      [functionCall('create_quote', { items: [{ item_id: 'itm_gold', quantity: 1 }] }, { callId: 'c1' })],
      [functionCall('place_order', { quote_id: 'quo_of_another_run', rationale: 'x' }, { callId: 'c2' })],
      modelResponder(({ request }) => [assistantMessage(outputsOf(request.input).join(' | '))]),
    ])
    const done = await open({ models: [model] }).run()
    expect(done.outcome?.summary).toContain('need_not_registered')
    expect(done.outcome?.summary).toContain('quote_not_found')
    expect(shop.orders).toHaveLength(0)
  })

  test('by claiming an order that does not exist is contradicted', async () => {
    const model = new ScriptedModel([
      [assistantMessage('{"summary":"All ordered!","ordered":["itm_milk","itm_cups"]}')],
    ])
    const done = await open({ models: [model] }).run()
    expect(done.outcome?.items[0]?.reason).toBe(
      'the model made no decision (the model says it ordered this, but there is no such order)',
    )
  })
})

describe('a model that fails', () => {
  test('at once is followed by rules', async () => {
    const model = new ScriptedModel([modelError(new Error('401 wrong key sk-abcdefgh12345'))])
    const done = await open({ models: [model] }).run()
    expect(done.outcome?.model).toBe('rules')
    expect(decisions(done)).toEqual({ itm_milk: 'ordered', itm_cups: 'ordered' })
    expect(done.outcome?.summary).toContain('The model model-1 failed: 401 wrong key sk-…')
    expect(done.outcome?.usage.modelCalls).toBe(5)
  })

  test('after it ordered is not followed by a second order', async () => {
    const model = new ScriptedModel([
      [functionCall('create_quote', { items: [{ item_id: 'itm_milk' }] }, { callId: 'c1' })],
      [functionCall('place_order', { quote_id: 'quo_1', rationale: 'due' }, { callId: 'c2' })],
      modelError(new Error('500 down')),
    ])
    const done = await open({ models: [model] }).run()
    expect(decisions(done)).toEqual({ itm_milk: 'ordered', itm_cups: 'ordered' })
    expect(shop.orders.flatMap(({ lines }) => lines.map((line) => line.item_id))).toEqual(['itm_milk', 'itm_cups'])
  })
})

describe('an order without an answer', () => {
  const slow = (commit: boolean) => async (next: () => object) => {
    if (commit) next()
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    return { results: [] }
  }

  test('is not sent again; when it was taken all the same, facts say so', async () => {
    shop.interfere('place_order', slow(true))
    const done = await open({ callMs: 500 }).run()
    expect(decisions(done)).toEqual({ itm_milk: 'ordered', itm_cups: 'ordered' })
    expect(toolCalls('place_order')).toHaveLength(1)
    expect(shop.orders).toHaveLength(2)
  })

  test('and that was not taken as far as one can see is unknown', async () => {
    shop.interfere('place_order', slow(false))
    const done = await open({ callMs: 500 }).run()
    expect(decisions(done)).toEqual({ itm_milk: 'unknown', itm_cups: 'unknown' })
    expect(toolCalls('place_order')).toHaveLength(1)
  })

  test('is never answered with "try again"', async () => {
    shop.interfere('place_order', slow(true))
    const told: string[] = []
    const model = new ScriptedModel([
      [functionCall('create_quote', {}, { callId: 'c1' })],
      [functionCall('place_order', { quote_id: 'quo_1', rationale: 'due' }, { callId: 'c2' })],
      modelResponder(({ request }) => {
        told.push(outputsOf(request.input).at(-1) ?? '')
        return [assistantMessage('{}')]
      }),
    ])
    await open({ models: [model], callMs: 500 }).run()
    expect(told).toEqual([
      'The outcome of place_order is unknown: there was no answer, but it may have been done. Check with get_order or list_orders before anything else; do not call place_order again for this.',
    ])
  })

  test('because the server broke in the middle of it is treated the same', async () => {
    shop.interfere('place_order', (next) => {
      next()
      throw new Refusal('internal_error', 'needs_human')
    })
    const done = await open().run()
    expect(decisions(done)).toEqual({ itm_milk: 'ordered', itm_cups: 'ordered' })
    expect(toolCalls('place_order')).toHaveLength(1)
    expect(toolCalls('list_orders').length).toBeGreaterThan(1)
  })
})

describe('a refused order', () => {
  test('for a reason that may pass is quoted once more', async () => {
    let refusals = 0
    shop.interfere('place_order', (next) => {
      if (refusals++ === 0) throw new Refusal('quote_expired', 'recoverable')
      return next()
    })
    const done = await open().run()
    expect(decisions(done)).toEqual({ itm_milk: 'ordered', itm_cups: 'ordered' })
    expect(toolCalls('create_quote')).toHaveLength(2)
  })

  test('again and again ends after the second time', async () => {
    shop.interfere('place_order', () => {
      throw new Refusal('quote_expired', 'recoverable')
    })
    const done = await open().run()
    expect(done.outcome?.items[0]).toMatchObject({ decision: 'refused', reason: 'refused: quote_expired' })
    expect(toolCalls('place_order')).toHaveLength(2)
  })

  test('for good is not tried again', async () => {
    shop.interfere('place_order', () => {
      throw new Refusal('buying_paused')
    })
    const done = await open().run()
    expect(decisions(done)).toEqual({ itm_milk: 'refused', itm_cups: 'refused' })
    expect(toolCalls('place_order')).toHaveLength(1)
  })
})

describe('the job', () => {
  test('delivered twice at once orders once', async () => {
    const first = open()
    const second = openAgentWorker({ base: database.ctx, servers: shop.servers, workerId: 'worker-2' })
    const { id } = await createRun(first.ctx, { list: 'cafe' })
    const answers = await Promise.all([first.attempt(id), second.attempt(id)])
    await second.close()
    expect(answers.filter((answer) => answer?.retryAt !== undefined)).toHaveLength(1)
    expect(shop.orders).toHaveLength(2)
    expect(await first.attempt(id)).toBeUndefined()
    expect(shop.orders).toHaveLength(2)
    expect((await getRun(first.ctx, id)).status).toBe('completed')
  })

  test('that dies after ordering is finished by the next attempt, which orders nothing twice', async () => {
    const { ctx, attempt } = open()
    const stop = new AbortController()
    shop.interfere('place_order', (next) => {
      const placed = next()
      stop.abort(new Error('killed'))
      return placed
    })
    const { id } = await createRun(ctx, { list: 'cafe' })
    await expect(attempt(id, { signal: stop.signal, isLast: true })).rejects.toThrow('killed')
    expect(await getRun(ctx, id)).toMatchObject({ status: 'running', outcome: null })

    shop.behaveAgain()
    await attempt(id)
    const done = await getRun(ctx, id)
    expect(done).toMatchObject({ status: 'completed', epoch: 2 })
    expect(done.outcome).toMatchObject({
      items: [
        { itemId: 'itm_milk', decision: 'ordered', needQuantity: 24, orderedQuantity: 24 },
        { itemId: 'itm_cups', decision: 'ordered', needQuantity: 90 },
      ],
      usage: { modelCalls: 2 },
    })
    expect(shop.orders).toHaveLength(2)
  })

  test('keeps the items of its first attempt and adds what became due since', async () => {
    const { ctx, attempt } = open()
    shop.interfere('create_quote', () => {
      throw new Error('the ordering server is broken')
    })
    shop.interfere('list_orders', () => {
      throw new Error('the ordering server is broken')
    })
    const { id } = await createRun(ctx, { list: 'cafe' })
    await expect(attempt(id)).rejects.toThrow('list_orders')
    shop.behaveAgain()
    shop.marked.add('itm_milk')
    shop.items.push({ id: 'itm_tea', name: 'Tea', need: 5, sku: 'TEA' })
    shop.products.push({ id: 'prd_tea', name: 'Tea', sku: 'TEA', supplier: 'Hofladen', pack: 5, priceMinor: 500 })
    await attempt(id)
    const done = await getRun(ctx, id)
    expect(decisions(done)).toEqual({ itm_milk: 'skipped', itm_cups: 'ordered', itm_tea: 'ordered' })
    expect(done.outcome?.items[0]?.reason).toBe('it was due when the run began, and no longer is')
  })

  test('whose last attempt fails leaves a failed run with a decision for every item', async () => {
    const { ctx, attempt } = open()
    shop.interfere('list_orders', () => {
      throw new Error('the ordering server is broken')
    })
    const { id } = await createRun(ctx, { list: 'cafe' })
    await expect(attempt(id, { isLast: true })).rejects.toThrow('list_orders')
    const failed = await getRun(ctx, id)
    expect(failed.status).toBe('failed')
    expect(failed.error).not.toContain('broken')
    expect(decisions(failed)).toEqual({ itm_milk: 'unknown', itm_cups: 'unknown' })
    expect(failed.outcome?.items[0]?.reason).toContain('it was ordered, but the ordering server can not be asked')
    expect(await attempt(id)).toBeUndefined()
  })

  test('whose servers can not be reached fails, and says which', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const { ctx, attempt } = open({
      servers: [{ name: 'list', command: '/nowhere/list', args: [], env: {} }, ...shop.servers.slice(1)],
    })
    const { id } = await createRun(ctx, { list: 'cafe' })
    await expect(attempt(id, { isLast: true })).rejects.toThrow('The MCP server "list" could not be started')
    vi.restoreAllMocks()
    expect(await getRun(ctx, id)).toMatchObject({
      status: 'failed',
      error: expect.stringContaining('The MCP server "list" could not be started'),
      outcome: { items: [] },
    })
  })

  test('that was taken over stops and writes nothing', async () => {
    const { ctx, attempt } = open({ leaseMs: 300 })
    const { id } = await createRun(ctx, { list: 'cafe' })
    shop.interfere('create_quote', async (next) => {
      await ctx.db.updateTable('restock.runs').set({ epoch: 2, claimed_by: 'worker-2' }).where('id', '=', id).execute()
      await new Promise((resolve) => setTimeout(resolve, 1_000))
      return next()
    })
    expect(await attempt(id, { isLast: true })).toBeUndefined()
    expect(await getRun(ctx, id)).toMatchObject({
      status: 'running',
      claimedBy: 'worker-2',
      outcome: null,
      error: null,
    })
    expect(toolCalls('place_order')).toHaveLength(0)
  })

  test('that was taken over while its process stood still asks before its next step', async () => {
    const warned: string[] = []
    const log = { ...database.ctx.log, warn: (_: object, message = '') => void warned.push(message) }
    const { ctx, attempt } = open({ base: { ...database.ctx, log }, leaseMs: 600 })
    const { id } = await createRun(ctx, { list: 'cafe' })
    shop.interfere('create_quote', async (next) => {
      await ctx.db.updateTable('restock.runs').set({ epoch: 2, claimed_by: 'worker-2' }).where('id', '=', id).execute()
      // Servers and worker share this process: nothing of it moves, no timer either.
      const until = performance.now() + 700
      while (performance.now() < until);
      return next()
    })
    expect(await attempt(id, { isLast: true })).toBeUndefined()
    expect(await getRun(ctx, id)).toMatchObject({ claimedBy: 'worker-2', outcome: null })
    expect(toolCalls('place_order')).toHaveLength(0)
    expect(warned).toContain('another worker took this run over; leaving it to that one')
  })

  test('that was taken over and hears first from the queue that its job is gone says the same', async () => {
    const warned: string[] = []
    const log = { ...database.ctx.log, warn: (_: object, message = '') => void warned.push(message) }
    const { ctx, attempt } = open({ base: { ...database.ctx, log } })
    const { id } = await createRun(ctx, { list: 'cafe' })
    const job = new AbortController()
    shop.interfere('create_quote', async (next) => {
      await ctx.db.updateTable('restock.runs').set({ epoch: 2, claimed_by: 'worker-2' }).where('id', '=', id).execute()
      job.abort('the lock on this job was lost')
      return next()
    })
    expect(await attempt(id, { isLast: true, signal: job.signal })).toBeUndefined()
    expect(await getRun(ctx, id)).toMatchObject({ status: 'running', claimedBy: 'worker-2', outcome: null })
    expect(toolCalls('place_order')).toHaveLength(0)
    expect(warned).toContain('another worker took this run over; leaving it to that one')
  })

  test('that a server fences off leaves the run to the newer attempt', async () => {
    const { ctx, attempt } = open()
    const { id } = await createRun(ctx, { list: 'cafe' })
    shop.interfere('register_needs', () => {
      throw new Refusal('fenced')
    })
    expect(await attempt(id, { isLast: true })).toBeUndefined()
    expect((await getRun(ctx, id)).status).toBe('running')
  })

  test('keeps its lease for as long as it works', async () => {
    const { ctx, attempt } = open({ leaseMs: 400 })
    const other = openAgentWorker({ base: database.ctx, servers: shop.servers, workerId: 'worker-2', leaseMs: 400 })
    const { id } = await createRun(ctx, { list: 'cafe' })
    shop.interfere('create_quote', async (next) => {
      await new Promise((resolve) => setTimeout(resolve, 1_200))
      expect(await other.attempt(id)).toHaveProperty('retryAt')
      return next()
    })
    await attempt(id)
    await other.close()
    expect(await getRun(ctx, id)).toMatchObject({ status: 'completed', epoch: 1 })
  })

  test('that can not record a step ends the attempt instead of going on unseen', async () => {
    const { ctx, attempt } = open()
    const { id } = await createRun(ctx, { list: 'cafe' })
    shop.interfere('create_quote', async (next) => {
      // Takes the number that the quote's step is going to have.
      const row = { run_id: id, epoch: 1, step: 5, kind: 'tool' as const, name: 'x', request: 'null', response: 'null' }
      await ctx.db
        .insertInto('restock.run_steps')
        .values({ ...row, error: null, input_tokens: 0, output_tokens: 0, started_at: new Date(), duration_ms: 0 })
        .execute()
      return next()
    })
    await expect(attempt(id)).rejects.toThrow('A step of the run (create_quote) could not be recorded')
    expect(shop.orders).toHaveLength(0)
  })
})
