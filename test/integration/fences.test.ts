import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { listTools } from '../../servers/list/tools/index.js'
import { type RunContext, runContextKey, signRunContext } from '../../src/platform/run-context.js'
import { closeEndedRuns } from '../../src/processors/close-runs.js'
import { createRun } from '../../src/runs/create-run.js'
import { openTestShop, type TestShop } from '../helpers/cafe.js'
import { testSecret } from '../helpers/test-database.js'

/** Every tool by which a run may change something, at the real servers over HTTP, with arguments that would do it. */
let shop: TestShop
let itemId: string
let quoteId: string
let receipt: string

beforeAll(async () => {
  shop = await openTestShop()
  await begin(1)
  const quoted = await call('create_quote', {}, 1)
  quoteId = z.object({ quote_id: z.string() }).parse(quoted).quote_id
  const { items } = z
    .object({ items: z.array(z.object({ item_id: z.string() })) })
    .parse(await call('list_items', {}, 1))
  itemId = items[0]?.item_id ?? ''
})
afterAll(() => shop.close())

const serverOf = (tool: string) => (listTools.some(({ name }) => name === tool) ? 'list' : 'ordering')

interface As {
  readonly actor?: RunContext['actor']
  readonly run?: string
  readonly audience?: string
}

async function call(
  tool: string,
  args: Readonly<Record<string, unknown>>,
  epoch: number,
  as: As = {},
): Promise<unknown> {
  const server = serverOf(tool)
  const connection = (await shop.worker.mcp.open()).find(({ name }) => name === server)
  const { run = 'run_x', actor = 'worker', audience = server } = as
  const context = { run, list: 'cafe', epoch, dryRun: false, actor }
  const expiresAt = new Date(shop.ctx.clock.now().getTime() + 60_000)
  const meta = { [runContextKey]: signRunContext(testSecret, context, expiresAt, audience) }
  const result = await connection?.call(tool, args, { meta })
  return result?.structuredContent
}

const refusals = z.object({ messages: z.array(z.object({ code: z.string() })) })
const codeOf = (answer: unknown) => refusals.parse(answer).messages[0]?.code

async function begin(epoch: number): Promise<void> {
  const begun = z
    .object({
      list: z.string(),
      currency: z.string(),
      time_zone: z.string(),
      items: z.array(z.looseObject({ on_order: z.number(), need: z.number(), unit: z.string() })),
    })
    .parse(await call('begin_run', {}, epoch))
  const { list, currency, time_zone, items } = begun
  const needs = items
    .filter(({ need }) => need > 0)
    .map(({ need, on_order, item_id, name, unit, sku, gtin, origin, links }) => {
      return { item_id, name, unit, sku, gtin, origin, links, quantity: need, on_order_seen: on_order }
    })
  expect(codeOf(await call('register_needs', { list, currency, time_zone, needs }, epoch))).toBeUndefined()
}

/** Arguments with which each write would go through. */
const writes = (): readonly (readonly [string, Readonly<Record<string, unknown>>])[] => [
  ['create_quote', {}],
  ['place_order', { quote_id: quoteId, rationale: 'due' }],
  ['mark_ordered', { receipt }],
  ['snooze_item', { item_id: itemId, days: 2, reason: 'because' }],
  ['link_product', { item_id: itemId, product_id: 'prd_1' }],
  ['request_item', { name: 'Gold', quantity: 1, unit: 'kg' }],
]

const rowsOf = async () => {
  const { rows } = await shop.database.pool.query(`
    select (select count(*) from purchasing.orders) orders, (select count(*) from purchasing.quotes) quotes,
      (select count(*) from purchasing.reservations) reservations, (select count(*) from stock.links) links,
      (select count(*) from stock.items) items, (select count(*) from stock.expected_receipts) receipts,
      (select count(*) from stock.items where snoozed_until is not null) snoozed`)
  return rows[0] as unknown
}

async function expectAllRefused(epoch: number, as: As, code: string): Promise<void> {
  const before = await rowsOf()
  for (const [tool, args] of writes()) expect([tool, codeOf(await call(tool, args, epoch, as))]).toEqual([tool, code])
  expect(await rowsOf()).toEqual(before)
}

describe('a run’s writes', () => {
  test('under an older claim are all refused, at both servers, by the worker and by the model', async () => {
    receipt = 'not a receipt yet'
    await begin(2)
    const tools = writes().filter(([tool]) => tool !== 'mark_ordered')
    const before = await rowsOf()
    for (const [tool, args] of tools) {
      expect([tool, codeOf(await call(tool, args, 1, { actor: 'agent' }))]).toEqual([tool, 'fenced'])
      expect([tool, codeOf(await call(tool, args, 1))]).toEqual([tool, 'fenced'])
    }
    expect(codeOf(await call('begin_run', {}, 1))).toBe('fenced')
    expect(codeOf(await call('end_run', {}, 1))).toBe('fenced')
    expect(codeOf(await call('end_buying', {}, 1))).toBe('fenced')
    expect(await rowsOf()).toEqual(before)
  })

  test('under the newest claim go through; the same quote by the next claim is the same order', async () => {
    const placed = z
      .object({ receipt: z.string() })
      .parse(await call('place_order', { quote_id: quoteId, rationale: 'due' }, 2))
    receipt = placed.receipt
    for (const [tool, args] of writes()) expect([tool, codeOf(await call(tool, args, 2))]).toEqual([tool, undefined])
  })

  test('with a context that was meant for the other server, or under another run’s name, are refused', async () => {
    const before = await rowsOf()
    for (const [tool, args] of writes()) {
      const other = serverOf(tool) === 'list' ? 'ordering' : 'list'
      expect(codeOf(await call(tool, args, 2, { audience: other }))).toBe('invalid_run_context')
    }
    for (const [tool, args] of writes()) {
      // Whose quote it is comes first: nobody else may even learn what became of it.
      const code = tool === 'place_order' ? 'wrong_run' : 'fenced'
      expect([tool, codeOf(await call(tool, args, 2, { run: 'run_y' }))]).toEqual([tool, code])
    }
    expect(await rowsOf()).toEqual(before)
  })

  test('after the run has ended are all refused, under its last claim and under any later one', async () => {
    for (const tool of ['end_run', 'end_buying', 'end_run', 'end_buying']) {
      expect(codeOf(await call(tool, {}, 2))).toBeUndefined()
    }
    await expectAllRefused(2, {}, 'fenced')
    await expectAllRefused(3, {}, 'fenced')
    expect(codeOf(await call('begin_run', {}, 3))).toBe('fenced')
    expect(
      codeOf(await call('register_needs', { list: 'cafe', currency: 'EUR', time_zone: 'UTC', needs: [] }, 3)),
    ).toBe('fenced')
  })
})

describe('a run that ended', () => {
  const fencedAt = async (id: string) => {
    const row = await shop.ctx.db
      .selectFrom('restock.runs')
      .select('fenced_at')
      .where('id', '=', id)
      .executeTakeFirstOrThrow()
    return row.fenced_at
  }

  test('is closed by its worker', async () => {
    const done = await shop.run()
    expect(await fencedAt(done.id)).not.toBeNull()
    expect(codeOf(await call('request_item', { name: 'Silver', quantity: 1, unit: 'kg' }, 1, { run: done.id }))).toBe(
      'fenced',
    )
  })

  test('whose worker died before that is closed by the next sync', async () => {
    const { id } = await createRun(shop.ctx, { list: 'cafe' })
    const ended = { status: 'failed' as const, epoch: 1, finished_at: shop.ctx.clock.now() }
    await shop.ctx.db.updateTable('restock.runs').set(ended).where('id', '=', id).execute()
    expect(codeOf(await call('begin_run', {}, 1, { run: id }))).toBeUndefined()
    await closeEndedRuns(shop.worker)
    expect(await fencedAt(id)).not.toBeNull()
    expect(codeOf(await call('request_item', { name: 'Silver', quantity: 1, unit: 'kg' }, 1, { run: id }))).toBe(
      'fenced',
    )
  })
})
