import { assistantMessage, functionCall, modelResponder, ScriptedModel } from '@openai/agents/testing'
import { afterEach, describe, expect, test } from 'vitest'
import { createMcpPool } from '../../src/agent/mcp-servers.js'
import { createModelFactory, type ModelFactory } from '../../src/agent/models/index.js'
import { decideNext } from '../../src/agent/models/rules-decision.js'
import { readHistory } from '../../src/agent/models/rules-history.js'
import { serverEntry } from '../../src/config/paths.js'
import { createClock, silentLogger } from '../../src/platform/context.js'
import { findOrders } from '../../src/purchasing/orders/find-orders.js'
import { readSteps } from '../../src/runs/run-steps.js'
import { startAimock } from '../helpers/agent-aimock.js'
import { boughtLines, openTestShop, type TestShop } from '../helpers/cafe.js'
import { testSecret } from '../helpers/test-database.js'

/** On the real list and ordering servers, with the example café's 45 due items. */
let shop: TestShop
afterEach(() => shop.close())

async function boughtByRules(): Promise<string[]> {
  shop = await openTestShop()
  const { outcome } = await shop.run()
  await shop.close()
  return boughtLines(outcome)
}

function only(model: ScriptedModel): ModelFactory {
  return { choose: () => [{ name: 'scripted', model, followsInstructions: true }] }
}

/** Every answer from a script, made from what the request says: what any model that follows the instructions would do. */
function obedientModel(): ScriptedModel {
  const step = modelResponder(({ request }) => {
    const history = readHistory(request)
    if (history === null) throw new Error('there are no due items in the request')
    const next = decideNext(history)
    if (next.kind === 'finish') return [assistantMessage(JSON.stringify(next.answer))]
    return next.calls.map(({ name, args }, index) =>
      functionCall(name, { ...args }, { callId: `c${history.calls.length}-${index}` }),
    )
  })
  return new ScriptedModel(Array.from({ length: 12 }, () => step))
}

describe('the same orders', () => {
  test('come from rules, from a scripted model and from an OpenAI-protocol endpoint in both dialects', async () => {
    const expected = await boughtByRules()
    expect(expected.length).toBeGreaterThan(40)

    shop = await openTestShop()
    const scripted = await shop.run({}, shop.withModels(only(obedientModel())))
    expect(boughtLines(scripted.outcome)).toEqual(expected)
    await shop.close()

    for (const api of ['responses', 'chat_completions'] as const) {
      const mock = await startAimock()
      const models = createModelFactory({ name: 'm', apiKey: 'k', baseUrl: mock.baseUrl, api, timeoutMs: 10_000 })
      shop = await openTestShop()
      const { outcome } = await shop.run({}, shop.withModels(models))
      await mock.close()
      expect(outcome.model).toBe('m')
      expect(boughtLines(outcome)).toEqual(expected)
      expect(outcome.usage).toEqual({ modelCalls: 6, inputTokens: 6_000, outputTokens: 300 })
      await shop.close()
    }
  })

  test('come over stdio, from server processes of their own', async () => {
    const expected = await boughtByRules()
    shop = await openTestShop()
    // Processes can't share the test's clock, but they can be set to the same time.
    const offsetMs = shop.ctx.clock.now().getTime() - Date.now()
    const env = {
      DATABASE_URL: shop.database.url,
      RESTOCK_SECRET: testSecret,
      RESTOCK_CLOCK_OFFSET_MS: String(offsetMs),
    }
    const server = (name: 'list' | 'ordering') => ({ name, command: process.execPath, args: [serverEntry(name)], env })
    const mcp = createMcpPool({ servers: [server('list'), server('ordering')], log: silentLogger })
    try {
      const { outcome } = await shop.run({}, { ...shop.worker, clock: createClock(offsetMs), mcp })
      expect(boughtLines(outcome)).toEqual(expected)
    } finally {
      await mcp.close()
    }
  })
})

test('the facts of a café run hold: whole packs, at least the need, totals that add up, a decision for every item', async () => {
  shop = await openTestShop()
  const run = await shop.run()
  const { items, orders } = run.outcome
  const ordered = new Map<string, number>()
  for (const order of orders) {
    expect(order.lines.reduce((sum, line) => sum + line.lineTotalMinor, 0)).toBe(order.subtotalMinor)
    expect(order.subtotalMinor + order.shippingMinor + order.taxMinor - order.discountMinor).toBe(order.totalMinor)
    for (const line of order.lines) {
      expect(Number.isInteger(line.packs)).toBe(true)
      expect(line.packs * line.packQuantity).toBeCloseTo(line.quantity, 6)
      ordered.set(line.itemId, (ordered.get(line.itemId) ?? 0) + line.quantity)
    }
  }
  for (const item of items) {
    expect(item.orderedQuantity).toBe(ordered.get(item.itemId) ?? 0)
    if (item.orderedQuantity > 0) expect(item.orderedQuantity).toBeGreaterThanOrEqual(item.needQuantity)
  }
  // The receipt is handed on whole, but no model had to repeat it.
  const steps = await readSteps(shop.ctx, run.id)
  const marking = steps.find(({ name }) => name === 'mark_ordered')?.request
  const receipt = /"receipt":"([\w.-]+)"/.exec(JSON.stringify(marking))?.[1] ?? ''
  expect(receipt.length).toBeGreaterThan(2_000)
  const said = JSON.stringify(steps.filter(({ kind }) => kind === 'model').map(({ response }) => response))
  expect(said).toContain('receipt_1')
  expect(said).not.toContain(receipt)
})

describe('a model that the instructions do not hold back', () => {
  const outputs: string[] = []
  const note = modelResponder(({ request }) => {
    outputs.length = 0
    for (const item of Array.isArray(request.input) ? request.input : []) {
      if (item.type === 'function_call_result') outputs.push(JSON.stringify(item.output))
    }
    return [assistantMessage('{"summary":"done"}')]
  })
  const call = (name: string, args: Record<string, unknown>, callId: string) => [functionCall(name, args, { callId })]

  async function attack(steps: readonly ReturnType<typeof call>[]) {
    shop = await openTestShop()
    const models = only(new ScriptedModel([...steps, note]))
    const run = await shop.run({}, shop.withModels(models))
    const codes = outputs.map((output) => /code\\*":\\*"(\w+)/.exec(output)?.[1])
    return { run, codes, orders: await findOrders(shop.ctx, { limit: 10 }) }
  }

  test('gets refusals for an item, a quantity and a quote that its run has no right to, and buys nothing', async () => {
    const { run, codes, orders } = await attack([
      call('create_quote', { items: [{ item_id: 'itm_gold', quantity: 1 }] }, 'c1'),
      call('place_order', { quote_id: 'quo_stolen', rationale: 'x' }, 'c2'),
      call('mark_ordered', { receipt: 'forged.receipt' }, 'c3'),
    ])
    expect(codes).toEqual(['need_not_registered', 'quote_not_found', 'invalid_receipt'])
    expect(orders).toEqual([])
    expect(run.outcome.items.every(({ decision }) => decision === 'needs_attention' || decision === 'refused')).toBe(
      true,
    )
  })

  test('can not order more than is needed', async () => {
    shop = await openTestShop()
    const preview = await shop.run({ dryRun: true })
    const item = preview.outcome.items.find(({ reason }) => reason.startsWith('dry run'))
    const model = new ScriptedModel([
      call('create_quote', { items: [{ item_id: item?.itemId, quantity: (item?.needQuantity ?? 0) + 1 }] }, 'c1'),
      note,
    ])
    await shop.run({}, shop.withModels(only(model)))
    expect(outputs[0]).toContain('quantity_above_need')
    expect(await findOrders(shop.ctx, { limit: 10 })).toEqual([])
  })
})
