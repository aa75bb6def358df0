import { describe, expect, test } from 'vitest'
import { agentInput } from '../../src/agent/instructions.js'
import { RulesModel } from '../../src/agent/models/rules.js'
import { decideNext, type NextStep } from '../../src/agent/models/rules-decision.js'
import type { History, PastCall } from '../../src/agent/models/rules-history.js'
import { matchByName } from '../../src/agent/models/rules-matching.js'
import { buildItem, buildSnapshot } from '../helpers/agent-items.js'

const allTools = [
  'search_catalog',
  'create_quote',
  'place_order',
  'list_orders',
  'get_order',
  'link_product',
  'mark_ordered',
]
const milk = { item_id: 'itm_milk', name: 'Milk', need: 24, unit: 'l', sku: 'MILK-1', links: [] }
const oat = { item_id: 'itm_oat', name: 'Oat drink', need: 6, unit: 'l', links: [] }

function next(calls: readonly PastCall[], overrides: Partial<History> = {}): NextStep {
  return decideNext({ due: [milk, oat], calls, tools: new Set(allTools), ...overrides })
}

const call = (name: string, args: object): NextStep => ({ kind: 'call', calls: [{ name, args }] })

const searched: PastCall = {
  name: 'search_catalog',
  args: { queries: [{ text: 'Oat drink', unit: 'l', limit: 5 }] },
  output: {
    results: [
      {
        query: 'Oat drink',
        products: [{ product_id: 'prd_oat', name: 'Oat drink', score: 0.9, offers: [{ unit: 'l' }] }],
      },
    ],
  },
}
const linked: PastCall = {
  name: 'link_product',
  args: { item_id: 'itm_oat', product_id: 'prd_oat' },
  output: { item_id: 'itm_oat', status: 'proposed' },
}
const everything = { items: [{ item_id: 'itm_milk' }, { item_id: 'itm_oat', product_ids: ['prd_oat'] }] }
const line = {
  product: 'x',
  packs: 1,
  pack_quantity: 24,
  quantity: 24,
  unit: 'l',
  pack_price_minor: 100,
  line_total_minor: 100,
}
const order = (itemId: string) => ({
  supplier_id: 'sup_1',
  supplier: 'Hofladen',
  currency: 'EUR',
  lines: [{ ...line, item_id: itemId }],
})
const quoted: PastCall = {
  name: 'create_quote',
  args: everything,
  output: { quote_id: 'quo_1', orders: [order('itm_milk'), order('itm_oat')], unmet: [], messages: [] },
}
const place = (output: unknown): PastCall => ({ name: 'place_order', args: { quote_id: 'quo_1' }, output })
const accepted = (receipt: string | null) =>
  place({ results: [{ supplier_id: 'sup_1', outcome: 'accepted', item_ids: ['itm_milk', 'itm_oat'] }], receipt })
const refusedFor = (severity: string) =>
  place({
    results: [
      { supplier_id: 'sup_1', outcome: 'accepted', item_ids: ['itm_milk'] },
      {
        supplier_id: 'sup_2',
        outcome: 'refused',
        item_ids: ['itm_oat'],
        messages: [{ code: 'need_stale', severity, text: 'The need changed.' }],
      },
    ],
    receipt: null,
  })
const marked: PastCall = { name: 'mark_ordered', args: {}, output: { marked: [], already_marked: 0 } }

describe('step by step', () => {
  test('searches what can be found by name only', () => {
    expect(next([])).toEqual(call('search_catalog', searched.args as object))
  })

  test('remembers the product that a name stands for', () => {
    expect(next([searched])).toEqual(
      call('link_product', { item_id: 'itm_oat', product_id: 'prd_oat', note: 'matched by name' }),
    )
  })

  test('quotes everything, with the products it chose', () => {
    expect(next([searched, linked])).toEqual(call('create_quote', everything))
    expect(next([], { due: [milk] })).toEqual(call('create_quote', {}))
  })

  test('orders what was quoted', () => {
    expect(next([searched, linked, quoted])).toMatchObject({
      calls: [{ name: 'place_order', args: { quote_id: 'quo_1', rationale: expect.any(String) } }],
    })
  })

  test('hands over the receipt unchanged, and finishes', () => {
    expect(next([searched, linked, quoted, accepted('a.b')])).toEqual(call('mark_ordered', { receipt: 'a.b' }))
    expect(next([searched, linked, quoted, accepted('a.b'), marked])).toMatchObject({ kind: 'finish' })
    expect(next([searched, linked, quoted, accepted(null)])).toMatchObject({ kind: 'finish' })
  })

  test('a sku that no offer has is searched by name before anything is ordered', () => {
    const first: PastCall = {
      name: 'create_quote',
      args: {},
      output: { quote_id: null, orders: [], unmet: [{ item_id: 'itm_milk', code: 'no_offer', text: 'no offer' }] },
    }
    const search = { queries: [{ text: 'Milk', unit: 'l', limit: 5 }] }
    expect(next([first], { due: [milk] })).toEqual(call('search_catalog', search))
    const results = [
      { query: 'Milk', products: [{ product_id: 'prd_milk', name: 'Milk', score: 1, offers: [{ unit: 'l' }] }] },
    ]
    const found = { name: 'search_catalog', args: search, output: { results } }
    const link = { name: 'link_product', args: { item_id: 'itm_milk' }, output: {} }
    expect(next([first, found, link], { due: [milk] })).toEqual(
      call('create_quote', { items: [{ item_id: 'itm_milk', product_ids: ['prd_milk'] }] }),
    )
    const nothing = { name: 'search_catalog', args: search, output: { results: [{ query: 'Milk', products: [] }] } }
    expect(next([first, nothing], { due: [milk] })).toEqual({
      kind: 'finish',
      answer: {
        summary: 'Nothing that is due can be bought now.',
        skipped: [{ item_id: 'itm_milk', reason: 'no product in the catalogs is clearly this item' }],
      },
    })
  })
})

describe('a refused order', () => {
  test.each(['final', 'needs_human'])('is left alone when its severity is %s', (severity) => {
    expect(next([searched, linked, quoted, refusedFor(severity)])).toMatchObject({ kind: 'finish' })
  })

  test('is quoted once more, for what it left open, when that may help', () => {
    const calls = [searched, linked, quoted, refusedFor('recoverable')]
    expect(next(calls)).toEqual(call('create_quote', { items: [{ item_id: 'itm_oat', product_ids: ['prd_oat'] }] }))
    const again = { ...quoted, output: { quote_id: 'quo_2', orders: [order('itm_oat')], unmet: [] } }
    expect(next([...calls, again])).toMatchObject({ calls: [{ name: 'place_order', args: { quote_id: 'quo_2' } }] })
    expect(next([...calls, again, refusedFor('recoverable')])).toMatchObject({ kind: 'finish' })
  })

  test('as a whole counts for all that was quoted', () => {
    const expired = place({
      messages: [{ code: 'quote_expired', severity: 'recoverable', text: 'The quote expired.' }],
    })
    expect(next([searched, linked, quoted, expired])).toEqual(call('create_quote', everything))
  })
})

test.each([
  ['a text instead of an answer', 'The outcome of place_order is unknown'],
  ['an internal error', { messages: [{ code: 'internal_error', severity: 'needs_human', text: 'x' }] }],
])('an order that got %s is looked up, never sent again', (_, output) => {
  const calls = [searched, linked, quoted, place(output)]
  expect(next(calls)).toEqual(call('list_orders', {}))
  const looked = { name: 'list_orders', args: {}, output: { orders: [] } }
  expect(next([...calls, looked])).toMatchObject({ kind: 'finish' })
})

describe('it ends with reasons', () => {
  test('when nothing is to be bought', () => {
    expect(next([], { due: [{ ...milk, need: 0 }] })).toMatchObject({ answer: { summary: 'There is nothing to buy.' } })
  })

  test('when ordering is not on offer', () => {
    const tools = new Set(['search_catalog', 'create_quote'])
    expect(next([searched, quoted], { tools })).toMatchObject({ kind: 'finish' })
    expect(next([searched], { tools })).toEqual(call('create_quote', everything))
  })

  test('when there is no quote', () => {
    const failed = { name: 'create_quote', args: {}, output: 'create_quote gave no answer; nothing was changed.' }
    expect(next([failed], { due: [milk] })).toMatchObject({
      answer: { summary: 'There is no quote: create_quote gave no answer; nothing was changed.' },
    })
  })
})

describe('a product for a name', () => {
  const product = (name: string, score = 0.8, offers = [{ unit: 'l' }]) => ({
    product_id: `prd_${name}`,
    name,
    score,
    offers,
  })
  const chosen = (name: string, products: Parameters<typeof matchByName>[1]) => {
    const match = matchByName(name, products)
    return match.kind === 'chosen' ? match.productIds : match.reason
  }

  test('is the one with all its words, even if another scores a little higher', () => {
    expect(chosen('oat drink', [product('Rice drink', 0.82), product('Oat drink 1 l', 0.8)])).toEqual([
      'prd_Oat drink 1 l',
    ])
  })

  test('may be several of the same words', () => {
    const products = [product('Oat drink'), { ...product('OAT Drink'), product_id: 'prd_2' }]
    expect(chosen('Oat drink', products)).toEqual(['prd_Oat drink', 'prd_2'])
  })

  test('never has another size', () => {
    expect(chosen('Paper cup 200 ml', [product('Paper cup 300 ml', 0.95), product('Paper cup 200 ml', 0.9)])).toEqual([
      'prd_Paper cup 200 ml',
    ])
    expect(chosen('Paper cup 200 ml', [product('Paper cup 300 ml', 0.95)])).toMatch(/^no product/)
  })

  test('is not guessed between equals, from weak likeness or without an offer', () => {
    expect(chosen('Tea', [product('Black tea'), product('Green tea')])).toMatch(/^several products are equally likely/)
    expect(chosen('Tea', [product('Teapot', 0.2)])).toMatch(/^no product/)
    expect(chosen('Tea', [product('Tea', 0.9, [])])).toMatch(/^no product/)
  })
})

test('the model answers a request as the SDK makes it, with calls that no two turns share', async () => {
  const input = agentInput(
    buildSnapshot([buildItem(), buildItem({ itemId: 'itm_oat', name: 'Oat drink', sku: null })]),
    null,
  )
  const tools = allTools.map((name) => ({
    type: 'function' as const,
    name,
    description: '',
    parameters: { type: 'object' as const, properties: {}, required: [], additionalProperties: true as const },
    strict: false,
  }))
  const request = { modelSettings: {}, tools, outputType: 'text' as const, handoffs: [], tracing: false }
  const model = new RulesModel()
  const first = await model.getResponse({ ...request, input: [{ role: 'user', content: input }] })
  expect(first.usage).toMatchObject({ requests: 1, totalTokens: 0 })
  expect(first.output).toMatchObject([{ type: 'function_call', callId: 'rules_1', name: 'search_catalog' }])
  const second = await model.getResponse({
    ...request,
    input: [
      { role: 'user', content: input },
      ...first.output,
      {
        type: 'function_call_result',
        name: 'search_catalog',
        callId: 'rules_1',
        status: 'completed',
        output: { type: 'text', text: JSON.stringify(searched.output) },
      },
    ],
  })
  expect(second.output).toMatchObject([{ callId: 'rules_2', name: 'link_product' }])
})

test('a request without our data ends at once', async () => {
  const { output } = await new RulesModel().getResponse({
    input: 'Hello',
    modelSettings: {},
    tools: [],
    outputType: 'text',
    handoffs: [],
    tracing: false,
  })
  expect(output).toMatchObject([{ type: 'message', role: 'assistant' }])
})
