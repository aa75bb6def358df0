import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createOrderingServer } from '../../servers/ordering/server.js'
import { readReceipt } from '../../src/platform/receipt.js'
import { type RunContext, runContextKey, signRunContext, syncContext } from '../../src/platform/run-context.js'
import { importCatalog } from '../../src/purchasing/catalog/import-catalog.js'
import { importSuppliers } from '../../src/purchasing/catalog/import-suppliers.js'
import { applyLimits } from '../../src/purchasing/limits/list-limits.js'
import { submitOrder } from '../../src/purchasing/sending/submit-order.js'
import { trackOrders } from '../../src/purchasing/sending/track-orders.js'
import { createTestDatabase, type TestDatabase } from '../helpers/test-database.js'

let database: TestDatabase
let client: Client

beforeAll(async () => {
  database = await createTestDatabase()
  const csv = (...lines: string[]) => ({ bytes: Buffer.from(lines.join('\n')), fileName: 'test.csv' })
  await importSuppliers(
    database.ctx,
    csv('id,name,channel,currency,tax_rate,shipping_fee,lead_time_days', 'dairy,Dairy,simulated,EUR,0.07,4.90,2'),
  )
  await importCatalog(
    database.ctx,
    csv(
      'supplier,sku,name,unit,pack_quantity,price',
      'dairy,M12,Whole milk,l,12,10.00',
      'dairy,J6,Orange juice,l,6,9.00',
    ),
  )
  for (const list of ['cafe', 'lab']) {
    await applyLimits(database.ctx, {
      list,
      currency: 'EUR',
      timeZone: 'Europe/Berlin',
      limits: { per_month: 1000 },
      source: 'file',
    })
  }
  const server = createOrderingServer(() => database.ctx)
  client = new Client({ name: 'test', version: '1' })
  const [ours, theirs] = InMemoryTransport.createLinkedPair()
  await server.connect(theirs)
  await client.connect(ours)
})
afterAll(async () => {
  await client.close()
  await database.drop()
})

type Answer = { readonly isError: boolean; readonly content: Record<string, unknown> }

async function call(name: string, input: object, meta?: Record<string, unknown>): Promise<Answer> {
  const result = await client.callTool({
    name,
    arguments: { ...input },
    ...(meta === undefined ? {} : { _meta: meta }),
  })
  return { isError: result.isError === true, content: result.structuredContent as Record<string, unknown> }
}

const as = (context: Partial<RunContext> & { run: string }, secret = database.ctx.secret, forMs = 60_000) => ({
  [runContextKey]: signRunContext(
    secret,
    { list: 'cafe', epoch: 1, dryRun: false, ...context },
    new Date(database.clock.now().getTime() + forMs),
  ),
})

const code = (answer: Answer) => (answer.content.messages as { code: string }[])[0]?.code

const milk = {
  item_id: 'milk',
  name: 'Milk',
  quantity: 30,
  unit: 'l',
  sku: 'M12',
  on_order_seen: 0,
  origin: 'person',
  links: [],
}
const terms = { list: 'cafe', currency: 'EUR', time_zone: 'Europe/Berlin' }

describe('a run, tool by tool', () => {
  const run = () => as({ run: 'run_1' })
  let quoteId = ''
  let orderId = ''

  it('quotes what it has registered, and nothing else', async () => {
    expect((await call('register_needs', { ...terms, needs: [milk] }, run())).content).toMatchObject({ registered: 1 })
    expect(code(await call('create_quote', { items: [{ item_id: 'gold' }] }, run()))).toBe('need_not_registered')
    expect(code(await call('create_quote', { items: [{ item_id: 'milk', quantity: 31 }] }, run()))).toBe(
      'quantity_above_need',
    )
    const quote = await call('create_quote', {}, run())
    expect(quote).toMatchObject({ isError: false, content: { total_minor: 3_700, unmet: [] } })
    quoteId = String(quote.content.quote_id)
  })

  it('places it once, and gets a receipt that the list will believe', async () => {
    const input = { quote_id: quoteId, rationale: 'Milk is low.' }
    const placed = await call('place_order', input, run())
    expect(placed).toMatchObject({
      isError: false,
      content: {
        replayed: false,
        results: [
          {
            supplier_id: 'dairy',
            outcome: 'accepted',
            total_minor: 3_700,
            currency: 'EUR',
            item_ids: ['milk'],
            messages: [],
          },
        ],
      },
    })
    const receipt = readReceipt(database.ctx.secret, String(placed.content.receipt))
    expect(receipt?.orders[0]?.lines).toMatchObject([{ item_id: 'milk', quantity: 36, unit: 'l' }])
    orderId = receipt?.orders[0]?.order_id ?? ''
    expect((await call('place_order', input, run())).content).toEqual({ ...placed.content, replayed: true })
    expect(code(await call('place_order', { ...input, rationale: 'More!' }, run()))).toBe('idempotency_conflict')
    const second = await call('create_quote', {}, run())
    const again = await call('place_order', { quote_id: second.content.quote_id, rationale: 'More!' }, run())
    expect(again.content).toMatchObject({
      receipt: null,
      results: [{ outcome: 'refused', messages: [{ code: 'over_need' }] }],
    })
  })

  it('sees its order, what is left of the limits, and the events', async () => {
    const { content } = await call('get_order', { order_id: orderId }, run())
    expect(content.order).toMatchObject({
      order_id: orderId,
      run_id: 'run_1',
      status: 'approved',
      subtotal_minor: 3_000,
      total_minor: 3_700,
      rationale: 'Milk is low.',
      lines: [
        { item_id: 'milk', packs: 3, pack_quantity: 12, quantity: 36, line_total_minor: 3_000, matched_by: 'sku' },
      ],
    })
    expect((await call('list_orders', { run_id: 'run_1' }, run())).content.orders).toEqual([content.order])
    const limits = await call('get_limits', {}, run())
    expect(limits.content).toMatchObject({ list: 'cafe', paused: false })
    expect(limits.content.limits).toContainEqual(
      expect.objectContaining({
        kind: 'per_month',
        amount_minor: 100_000,
        used_minor: 3_700,
        left_minor: 96_300,
        resets_at: '2026-03-31T22:00:00.000Z',
      }),
    )
    await submitOrder(database.ctx, { orderId })
    database.clock.advance(2 * 86_400_000)
    await trackOrders(database.ctx)
    const events = await call('read_order_events', { after: 0 }, as(syncContext))
    expect(events.content).toMatchObject({ has_more: false })
    expect((events.content.events as { type: string; order_id: string }[]).map((event) => event.type)).toEqual([
      'line_opened',
      'line_changed',
      'line_changed',
      'delivery',
      'line_closed',
    ])
    const next = await call('read_order_events', { after: events.content.next }, as(syncContext))
    expect(next.content).toMatchObject({ events: [], next: events.content.next })
  })

  it('sees nothing of other lists', async () => {
    const lab = as({ run: 'run_lab', list: 'lab' })
    expect(code(await call('get_order', { order_id: orderId }, lab))).toBe('order_not_found')
    expect((await call('list_orders', { run_id: 'run_1' }, lab)).content.orders).toEqual([])
    expect(code(await call('list_orders', { list: 'cafe' }, lab))).toBe('wrong_list')
    expect(code(await call('get_limits', { list: 'cafe' }, lab))).toBe('wrong_list')
    expect((await call('read_order_events', { after: 0 }, lab)).content.events).toEqual([])
    expect(code(await call('cancel_order', { order_id: orderId, reason: 'no' }, as({ run: 'run_1' })))).toBe(
      'person_only',
    )
  })
})

describe('who is calling', () => {
  it.each<[string, () => Record<string, unknown>]>([
    ['forged', () => as({ run: 'run_2' }, 'another secret that is long enough')],
    ['expired', () => as({ run: 'run_2' }, undefined, 0)],
    ['changed', () => ({ [runContextKey]: { ...as({ run: 'run_2' })[runContextKey], list: 'lab' } })],
    ['empty', () => ({ [runContextKey]: {} })],
    ['null', () => ({ [runContextKey]: null })],
  ])('a %s run context gets nothing, not even what a person gets', async (_, meta) => {
    for (const [name, input] of [
      ['register_needs', { ...terms, needs: [milk] }],
      ['place_order', { quote_id: 'quo_1', rationale: 'x' }],
      ['list_orders', {}],
      ['read_order_events', { after: 0 }],
    ] as const) {
      const answer = await call(name, input, meta())
      expect([answer.isError, code(answer)]).toEqual([true, 'invalid_run_context'])
    }
  })

  it('the worker’s tools answer nobody without one', async () => {
    expect(code(await call('register_needs', { ...terms, needs: [milk] }))).toBe('worker_only')
    expect(code(await call('read_order_events', { after: 0 }))).toBe('worker_only')
  })

  it('the context of the sync job buys nothing', async () => {
    expect((await call('place_order', { quote_id: 'quo_1', rationale: 'x' }, as(syncContext))).isError).toBe(true)
    expect((await call('register_needs', { ...terms, list: '*', needs: [milk] }, as(syncContext))).isError).toBe(true)
  })

  it('a person’s client may quote and order; what it orders waits for approval, and it may take it back', async () => {
    const search = await call('search_catalog', { queries: ['juice'] })
    const [result] = search.content.results as { products: { product_id: string }[] }[]
    const items = [
      { item_id: 'juice', quantity: 6, unit: 'l', name: 'Juice', product_ids: [result?.products[0]?.product_id] },
    ]
    expect(code(await call('create_quote', { items }))).toBe('unknown_list')
    const quote = await call('create_quote', { items, list: 'cafe' })
    const placed = await call('place_order', { quote_id: quote.content.quote_id, rationale: 'Guests.' })
    expect(placed.content).toMatchObject({
      results: [{ outcome: 'pending_approval', messages: [{ code: 'approval_needed' }, { code: 'approval_needed' }] }],
    })
    const [{ order_id }] = placed.content.results as [{ order_id: string }]
    const cancelled = await call('cancel_order', { order_id, reason: 'Nobody came.' })
    expect(cancelled.content.order).toMatchObject({ status: 'cancelled', status_reason: 'Nobody came.', run_id: null })
    expect(code(await call('cancel_order', { order_id, reason: 'Again.' }))).toBe('too_late_to_cancel')
    expect((await call('list_suppliers', {})).content.suppliers).toMatchObject([{ supplier_id: 'dairy' }])
  })
})

describe('every tool', () => {
  it('says what it does, to whom, and with which effects', async () => {
    const { tools } = await client.listTools()
    expect(tools.map((tool) => tool.name).sort()).toEqual([
      'cancel_order',
      'create_quote',
      'end_buying',
      'get_limits',
      'get_order',
      'list_orders',
      'list_suppliers',
      'place_order',
      'read_order_events',
      'register_needs',
      'search_catalog',
    ])
    for (const tool of tools) {
      expect(tool.description?.length, tool.name).toBeGreaterThan(20)
      expect(tool.outputSchema?.properties, tool.name).toHaveProperty('messages')
      expect(Object.keys(tool.annotations ?? {}).sort(), tool.name).toEqual([
        'destructiveHint',
        'idempotentHint',
        'openWorldHint',
        'readOnlyHint',
        'title',
      ])
    }
  })

  it.each([
    ['place_order', { quote_id: '', rationale: 'x' }],
    ['place_order', { quote_id: 'x'.repeat(65), rationale: 'x' }],
    ['place_order', { quote_id: 'quo_1' }],
    ['list_orders', { status: 'lost' }],
    ['list_orders', { limit: 100_000 }],
    ['get_order', {}],
  ])('refuses wrong input to %s', async (name, input) => {
    const result = await client.callTool({ name, arguments: input })
    expect(result.isError).toBe(true)
  })
})
