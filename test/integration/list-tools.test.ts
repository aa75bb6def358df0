import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { listTools } from '../../servers/list/tools/index.js'
import { type Caller, syncContext } from '../../src/platform/run-context.js'
import { undoMovement } from '../../src/stock/undo-movement.js'
import { buildItem, buildList, buildReceipt, buildRun, viewOf } from '../helpers/stock-builders.js'
import { createTestDatabase, type TestDatabase } from '../helpers/test-database.js'

const person: Caller = { kind: 'person' }
const sync: Caller = { kind: 'run', ...syncContext }

let db: TestDatabase
beforeAll(async () => {
  db = await createTestDatabase()
})
afterAll(() => db.drop())

/** Calls a tool as the server does, and checks that the answer has the promised shape and nothing beyond it. */
async function call(name: string, caller: Caller, input: object): Promise<Record<string, unknown>> {
  const tool = listTools.find((candidate) => candidate.name === name)
  if (tool === undefined) throw new Error(`no tool ${name}`)
  const output = await tool.handle({ ...db.ctx, caller }, tool.input.parse(input))
  expect(z.strictObject(tool.output.shape).parse(output)).toEqual(output)
  return { ...output }
}

function refused(code: string) {
  return { refusal: { code } }
}

function orderEvent(list: string, itemId: string, overrides: object = {}) {
  return {
    event_id: `evt_${itemId}`,
    seq: 1,
    type: 'delivery',
    list,
    order_id: `ord_${itemId}`,
    line_id: `lin_${itemId}`,
    item_id: itemId,
    supplier_id: 'sup_1',
    status: 'partially_received',
    quantity: 30,
    received_quantity: 12,
    is_final: false,
    expected_at: '2026-03-09T00:00:00.000Z',
    at: '2026-03-02T08:00:00.000Z',
    delivery_id: `dlv_${itemId}`,
    delivered_quantity: 12,
    ...overrides,
  }
}

describe('the tools', () => {
  it('are these, each for its audience, with its hints', () => {
    const hints = listTools.map(({ name, audience, annotations }) => [
      name,
      audience,
      [
        annotations.readOnlyHint ? 'reads' : 'writes',
        ...(annotations.destructiveHint ? ['destructive'] : []),
        ...(annotations.idempotentHint ? ['idempotent'] : []),
        ...(annotations.openWorldHint ? ['open world'] : []),
      ].join(' '),
    ])
    expect(hints).toEqual([
      ['list_items', 'agent', 'reads idempotent'],
      ['mark_ordered', 'agent', 'writes idempotent'],
      ['snooze_item', 'agent', 'writes idempotent'],
      ['link_product', 'agent', 'writes idempotent'],
      ['request_item', 'agent', 'writes idempotent'],
      ['get_item', 'person', 'reads idempotent'],
      ['add_item', 'person', 'writes'],
      ['update_item', 'person', 'writes destructive idempotent'],
      ['remove_item', 'person', 'writes destructive idempotent'],
      ['record_use', 'person', 'writes'],
      ['count_stock', 'person', 'writes idempotent'],
      ['begin_run', 'worker', 'writes idempotent'],
      ['end_run', 'worker', 'writes idempotent'],
      ['apply_order_events', 'worker', 'writes idempotent'],
    ])
  })

  it('take everything as plain JSON schema', () => {
    for (const tool of listTools) {
      expect(z.toJSONSchema(tool.input, { io: 'input' }), tool.name).toMatchObject({ type: 'object' })
      expect(z.toJSONSchema(tool.output, { io: 'output' }), tool.name).toMatchObject({ type: 'object' })
    }
  })
})

describe('reading', () => {
  it('begin_run and list_items show what is due, with the need and how it came about', async () => {
    const list = await buildList(db.ctx)
    const item_id = await buildItem(db.ctx, {
      list,
      name: 'Milk',
      unit: 'l',
      sku: 'M-1',
      onHand: 8,
      orderMultiple: 6,
      minimumQuantity: 12,
      maxUnitPrice: '1.30',
      category: 'Dairy',
      notes: 'Fresh',
    })
    await buildItem(db.ctx, { list, name: 'Tea', onHand: 50 })
    const milk = {
      item_id,
      list,
      name: 'Milk',
      kind: 'stock',
      unit: 'l',
      category: 'Dairy',
      notes: 'Fresh',
      sku: 'M-1',
      gtin: null,
      max_unit_price: '1.3',
      on_hand: 8,
      on_order: 0,
      position: 8,
      reorder_point: 10,
      order_up_to: 40,
      due: true,
      need: 36,
      steps: [
        { rule: 'order_up_to', from: 0, to: 32 },
        { rule: 'order_multiple', from: 32, to: 36 },
      ],
      links: [],
      origin: 'person',
      snoozed_until: null,
      attention: null,
      mean_daily_use: null,
      use_basis: null,
      days_left: null,
      auto: null,
      substitutes: [],
      needed_by: null,
      urgency: 1,
      top_up: 0,
      top_up_portions: null,
      version: expect.stringMatching(/^[0-9a-f]{12}$/),
    }
    const run: Caller = { kind: 'run', run: 'run_reading', list, epoch: 1, dryRun: true }
    const begun = {
      list,
      currency: 'EUR',
      time_zone: 'Europe/Berlin',
      as_of: db.clock.now().toISOString(),
      items: [milk],
      top_ups: [],
      messages: [],
    }
    expect(await call('begin_run', run, {})).toEqual(begun)
    expect(await call('begin_run', run, {})).toEqual(begun)
    expect(await call('list_items', run, {})).toEqual({ list, items: [milk], next_cursor: null, messages: [] })
    expect(await call('list_items', run, { filter: 'all' })).toMatchObject({
      items: [milk, { name: 'Tea', due: false }],
    })
    expect(await call('get_item', run, { item_id: 'milk' })).toMatchObject({
      item: milk,
      movements: [{ kind: 'count', quantity: 8 }],
      expected: [],
    })
  })

  it('list_items gives pages that stay right while items come and go', async () => {
    const list = await buildList(db.ctx)
    for (const n of [1, 2, 3, 4, 10]) await buildItem(db.ctx, { list, name: `Item ${n}` })
    const page = (cursor?: unknown) =>
      call('list_items', person, { list, limit: '2', ...(cursor === undefined ? {} : { cursor }) })
    const names = (answer: Record<string, unknown>) =>
      z
        .array(z.object({ name: z.string() }))
        .parse(answer.items)
        .map(({ name }) => name)
    const first = await page()
    expect(names(first)).toEqual(['Item 1', 'Item 2'])
    await call('remove_item', person, { item_id: 'Item 2', list })
    await buildItem(db.ctx, { list, name: 'Item 0' })
    const second = await page(first.next_cursor)
    expect(names(second)).toEqual(['Item 3', 'Item 4'])
    const third = await page(second.next_cursor)
    expect([names(third), third.next_cursor]).toEqual([['Item 10'], null])
    await expect(page('nonsense')).rejects.toThrow(/next_cursor of the page before/)
  })

  it('shows a run its own list and no other', async () => {
    const list = await buildList(db.ctx)
    const caller = await buildRun(db.ctx, list)
    const other = await buildList(db.ctx)
    const secret = await buildItem(db.ctx, { list: other, name: 'Secret' })
    await expect(call('list_items', caller, { list: other })).rejects.toMatchObject(refused('wrong_list'))
    await expect(call('get_item', caller, { item_id: secret })).rejects.toMatchObject(refused('wrong_list'))
    await expect(call('get_item', caller, { item_id: 'Secret' })).rejects.toThrow(/no item "Secret" on list/)
    await expect(call('list_items', sync, {})).rejects.toThrow(/no list "\*"/)
    await expect(call('begin_run', sync, {})).rejects.toThrow(/no list "\*"/)
    await expect(call('begin_run', person, {})).rejects.toMatchObject(refused('worker_only'))
  })
})

describe('what the agent writes, done twice', () => {
  it('mark_ordered', async () => {
    const list = await buildList(db.ctx)
    const itemId = await buildItem(db.ctx, { list })
    const caller = await buildRun(db.ctx, list)
    const receipt = buildReceipt(db.ctx, { list, lines: { [itemId]: 40 } })
    expect(await call('mark_ordered', caller, { receipt })).toMatchObject({
      marked: [{ item_id: itemId, quantity: 40 }],
      already_marked: 0,
    })
    expect(await call('mark_ordered', caller, { receipt })).toEqual({ marked: [], already_marked: 1, messages: [] })
    expect(await call('list_items', caller, {})).toMatchObject({ items: [] })
    await expect(call('mark_ordered', caller, { receipt: `${receipt}x` })).rejects.toMatchObject(
      refused('invalid_receipt'),
    )
  })

  it('snooze_item', async () => {
    const list = await buildList(db.ctx)
    const item_id = await buildItem(db.ctx, { list })
    const caller = await buildRun(db.ctx, list)
    const input = { item_id, days: '3', reason: 'closed' }
    const answer = { item_id, snoozed_until: '2026-03-05T08:00:00.000Z', messages: [] }
    expect(await call('snooze_item', caller, input)).toEqual(answer)
    expect(await call('snooze_item', caller, input)).toEqual(answer)
    expect(await call('list_items', caller, {})).toMatchObject({ items: [] })
    await expect(call('snooze_item', caller, { ...input, days: 8 })).rejects.toThrow()
    await expect(call('snooze_item', caller, { ...input, days: 0 })).rejects.toThrow()
  })

  it('link_product', async () => {
    const list = await buildList(db.ctx)
    const item_id = await buildItem(db.ctx, { list })
    const caller = await buildRun(db.ctx, list)
    const answer = { item_id, product_id: 'prd_1', status: 'proposed', messages: [] }
    expect(await call('link_product', caller, { item_id, product_id: 'prd_1' })).toEqual(answer)
    expect(await call('link_product', caller, { item_id, product_id: 'prd_1', note: 'same' })).toEqual(answer)
    expect(await call('link_product', person, { item_id, product_id: 'prd_2' })).toMatchObject({ status: 'proposed' })
    const links = [{ product_id: 'prd_1', status: 'proposed' }]
    expect(await call('list_items', caller, {})).toMatchObject({ items: [{ links }] })
    expect(await call('list_items', await buildRun(db.ctx, list), {})).toMatchObject({ items: [{ links: [] }] })
    const both = await call('list_items', person, { list })
    expect(both).toMatchObject({ items: [{ links: [...links, { product_id: 'prd_2', status: 'proposed' }] }] })
  })

  it('request_item', async () => {
    const list = await buildList(db.ctx)
    const caller = await buildRun(db.ctx, list)
    const input = { name: 'Birthday cake', quantity: '2', unit: 'pcs', notes: 'for Ada' }
    const first = await call('request_item', caller, input)
    expect(first.messages).toEqual([])
    expect(await call('request_item', caller, input)).toMatchObject({
      item_id: first.item_id,
      messages: [{ code: 'already_requested' }],
    })
    expect(await call('list_items', caller, {})).toMatchObject({
      items: [{ kind: 'one_off', origin: 'agent', need: 2 }],
    })
    await expect(call('request_item', caller, { ...input, list: 'elsewhere' })).rejects.toMatchObject(
      refused('wrong_list'),
    )
  })

  it('is refused on another list, by an older claim, before begin_run and in a dry run', async () => {
    const list = await buildList(db.ctx)
    const item_id = await buildItem(db.ctx, { list })
    const receipt = buildReceipt(db.ctx, { list, lines: { [item_id]: 40 } })
    const alive = await buildRun(db.ctx, list, 2)
    const writes: [string, object][] = [
      ['mark_ordered', { receipt }],
      ['snooze_item', { item_id, days: 1, reason: 'x' }],
      ['link_product', { item_id, product_id: 'prd_1' }],
      ['request_item', { list, name: 'Cake', quantity: 1, unit: 'pcs' }],
    ]
    const stranger = await buildRun(db.ctx, await buildList(db.ctx))
    for (const [tool, input] of writes) {
      await expect(call(tool, stranger, input), tool).rejects.toMatchObject(refused('wrong_list'))
      await expect(call(tool, { ...alive, epoch: 1 }, input), tool).rejects.toMatchObject(refused('fenced'))
      await expect(call(tool, { ...alive, run: 'run_unknown' }, input), tool).rejects.toMatchObject(refused('fenced'))
      await expect(call(tool, sync, input), tool).rejects.toMatchObject(
        refused(tool === 'mark_ordered' ? 'wrong_list' : 'fenced'),
      )
      if (tool === 'link_product') continue // It holds for the rehearsal alone.
      await expect(call(tool, { ...alive, dryRun: true }, input), tool).rejects.toMatchObject(refused('dry_run'))
    }
    expect(await call('list_items', alive, { filter: 'all' })).toMatchObject({
      items: [{ item_id, due: true, on_order: 0, links: [], snoozed_until: null }],
    })
  })
})

describe('what people write', () => {
  it('says at once what is hardly true, and shows what was taken back', async () => {
    const list = await buildList(db.ctx)
    const { item_id } = await call('add_item', person, {
      list,
      name: 'Flour',
      unit: 'kg',
      on_hand: 50,
      daily_use: 2,
      reorder: 'auto',
      lead_time_days: '5',
      service_level: 0.9,
      substitutes: ['FL-2', 'gtin:4006381333931', 'prd_0123456789abcd'],
    })
    expect(await call('get_item', person, { item_id })).toMatchObject({
      item: {
        reorder_point: 10,
        order_up_to: 38,
        mean_daily_use: 2,
        use_basis: '2 kg a day, as stated',
        days_left: 25,
        auto: { lead_time_days: 5, lead_time_basis: 'stated', service_level: 0.9, z: 1.282, safety_stock: 0 },
        substitutes: [{ sku: 'FL-2' }, { gtin: '4006381333931' }, { product_id: 'prd_0123456789abcd' }],
      },
    })
    const doubtful = [{ code: 'doubtful', severity: 'needs_human', text: expect.stringMatching(/count it again/) }]
    expect(await call('count_stock', person, { item_id, quantity: 500 })).toMatchObject({ messages: doubtful })
    expect(await call('count_stock', person, { item_id, quantity: 50 })).toMatchObject({ messages: [] })
    expect(await call('record_use', person, { item_id, quantity: 45 })).toMatchObject({
      messages: [{ code: 'doubtful', text: expect.stringMatching(/undo it, count, or confirm it/) }],
    })
    const { movements } = (await call('get_item', person, { item_id })) as { movements: { movement_id: number }[] }
    await undoMovement(db.ctx, { movementId: movements[0]?.movement_id ?? 0 })
    expect(await call('get_item', person, { item_id })).toMatchObject({
      movements: [
        { kind: 'adjustment', undoes: movements[0]?.movement_id },
        { kind: 'use', undone_by: expect.any(Number) },
        { kind: 'count' },
        { kind: 'count' },
        { kind: 'count' },
      ],
    })
    const cleared = { item_id, reorder: null, substitutes: [], over_max: 'hold' }
    expect(await call('update_item', person, cleared)).toMatchObject({
      changed: ['over_max', 'reorder', 'substitutes'],
    })
    const twice = call('update_item', person, { item_id, substitutes: ['A', 'A'] })
    await expect(twice).rejects.toThrow('substitutes: names "sku:A" twice')
  })

  it('add, update, count, use, remove', async () => {
    const list = await buildList(db.ctx)
    const added = await call('add_item', person, {
      list,
      name: 'Oat drink',
      unit: 'l',
      on_hand: '5',
      reorder_point: 10,
      order_up_to: '40',
      max_unit_price: 2.3,
    })
    await expect(call('add_item', person, { list, name: 'Oat drink', unit: 'l' })).rejects.toThrow(
      /has "Oat drink" already/,
    )
    const item_id = added.item_id
    expect(await call('get_item', person, { item_id })).toMatchObject({
      item: { on_hand: 5, need: 35, max_unit_price: '2.3' },
    })

    const changes = { item_id: 'Oat drink', list, order_up_to: 60, max_unit_price: null, notes: 'Barista' }
    expect(await call('update_item', person, changes)).toMatchObject({
      item_id,
      changed: ['order_up_to', 'max_unit_price', 'notes'],
    })
    expect(await call('update_item', person, changes)).toMatchObject({ changed: [] })

    const counted = { item_id, quantity: '12.5' }
    expect(await call('count_stock', person, counted)).toMatchObject({ before: 5, on_hand: 12.5, unit: 'l' })
    expect(await call('count_stock', person, counted)).toMatchObject({ before: 12.5, on_hand: 12.5 })
    expect(await call('record_use', person, { item_id, quantity: 2 })).toMatchObject({ before: 12.5, on_hand: 10.5 })
    expect(await call('record_use', person, { item_id, quantity: 2 })).toMatchObject({ before: 10.5, on_hand: 8.5 })
    expect(await call('count_stock', person, { item_id, quantity: 0 })).toMatchObject({ on_hand: 0 })
    await expect(call('count_stock', person, { item_id, quantity: '' })).rejects.toThrow()
    await expect(call('count_stock', person, { item_id, quantity: null })).rejects.toThrow()
    await expect(call('record_use', person, { item_id, quantity: -1 })).rejects.toThrow()

    expect(await call('remove_item', person, { item_id })).toMatchObject({ item_id, name: 'Oat drink' })
    await expect(call('remove_item', person, { item_id })).rejects.toThrow(/no item/)
  })

  it('is refused to a run', async () => {
    const list = await buildList(db.ctx)
    const item_id = await buildItem(db.ctx, { list, onHand: 4 })
    const caller = await buildRun(db.ctx, list)
    const writes: [string, object][] = [
      ['add_item', { list, name: 'Gin', unit: 'l' }],
      ['update_item', { item_id, order_up_to: 999 }],
      ['remove_item', { item_id }],
      ['count_stock', { item_id, quantity: 0 }],
      ['record_use', { item_id, quantity: 1 }],
    ]
    for (const [tool, input] of writes) {
      await expect(call(tool, caller, input), tool).rejects.toMatchObject(refused('person_only'))
    }
    expect(await call('list_items', person, { list, filter: 'all' })).toMatchObject({
      items: [{ on_hand: 4, order_up_to: 40 }],
    })
  })
})

describe('apply_order_events', () => {
  it('brings deliveries to the list, once', async () => {
    const list = await buildList(db.ctx)
    const itemId = await buildItem(db.ctx, { list })
    const events = [orderEvent(list, itemId)]
    expect(await call('apply_order_events', sync, { events })).toEqual({ applied: 1, skipped: 0, messages: [] })
    expect(await call('apply_order_events', sync, { events })).toEqual({ applied: 0, skipped: 1, messages: [] })
    expect(await call('get_item', person, { item_id: itemId })).toMatchObject({
      item: { on_hand: 12, on_order: 18 },
      expected: [{ open_quantity: 18, expected_at: '2026-03-09T00:00:00.000Z', status: 'partially_received' }],
    })
    expect(await call('apply_order_events', sync, { events: [] })).toEqual({ applied: 0, skipped: 0, messages: [] })
  })

  it('believes neither a person nor the context that a model works under', async () => {
    const list = await buildList(db.ctx)
    const itemId = await buildItem(db.ctx, { list })
    const caller = await buildRun(db.ctx, list)
    const events = [orderEvent(list, itemId)]
    for (const anyone of [caller, person, { ...caller, run: 'sync' }]) {
      await expect(call('apply_order_events', anyone, { events })).rejects.toMatchObject(refused('worker_only'))
    }
    expect(await viewOf(db.ctx, itemId)).toMatchObject({ onHand: 0, onOrder: 0 })
  })
})
