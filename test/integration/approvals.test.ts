import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { DomainContext } from '../../src/platform/context.js'
import { RefusalError } from '../../src/platform/errors.js'
import { getLimits } from '../../src/purchasing/limits/get-limits.js'
import type { LimitSettings } from '../../src/purchasing/limits/limit-settings.js'
import { applyLimits } from '../../src/purchasing/limits/list-limits.js'
import { pauseAllBuying } from '../../src/purchasing/limits/pause.js'
import { openQuantities } from '../../src/purchasing/needs/open-quantities.js'
import { getOrder, getOrderHistory } from '../../src/purchasing/orders/get-order.js'
import { readOrderEvents } from '../../src/purchasing/orders/read-order-events.js'
import { approveOrder } from '../../src/purchasing/placing/approve-order.js'
import { declineOrder } from '../../src/purchasing/placing/decline-order.js'
import { expireApprovals } from '../../src/purchasing/placing/expire-approvals.js'
import { placeOrder } from '../../src/purchasing/placing/place-order.js'
import { dueSubmissions } from '../../src/purchasing/sending/due-submissions.js'
import { submitOrder } from '../../src/purchasing/sending/submit-order.js'
import {
  buildCaller,
  buildLine,
  buildNeed,
  buildQuoteOrder,
  insertQuote,
  insertSupplier,
  placeOne,
  registerRun,
} from '../helpers/order-builders.js'
import { createTestDatabase, type TestDatabase } from '../helpers/test-database.js'

let database: TestDatabase
let ctx: DomainContext
const dayMs = 86_400_000

beforeAll(async () => {
  database = await createTestDatabase()
  ctx = database.ctx
  await insertSupplier(ctx, 'a')
  await insertSupplier(ctx, 'b')
})
afterAll(() => database.drop())

// Each test starts in a month of its own with nothing spent.
let month = 0
let itemCounter = 0
beforeEach(async () => {
  database.clock.set(new Date(Date.UTC(2026, month++, 10, 9)))
  await limit({})
  await pauseAllBuying(ctx, { paused: false, by: 'Ada' })
})

const limit = (limits: LimitSettings) =>
  applyLimits(ctx, { list: 'cafe', currency: 'EUR', timeZone: 'Europe/Berlin', limits, source: 'person' })

/** An order of three packs at 10.00 that waits for a person. */
async function hold(itemId = `itm_${++itemCounter}`, supplierId = 'a', limits: LimitSettings = {}): Promise<string> {
  await limit({ ...limits, approve_above: '0' })
  const orderId = await placeOne(ctx, supplierId, { lines: [buildLine(itemId)] })
  await limit(limits)
  expect((await getOrder(ctx, { orderId })).status).toBe('awaiting_approval')
  return orderId
}

const approve = (orderId: string, by = 'Ada') => approveOrder(ctx, { orderId, by })
const statusOf = async (orderId: string) => (await getOrder(ctx, { orderId })).status

async function refusalOf(work: Promise<unknown>): Promise<{ code: string; text: string }> {
  try {
    await work
  } catch (error) {
    if (error instanceof RefusalError) return error.refusal
    throw error
  }
  return { code: 'not refused', text: '' }
}

async function budgetOf(orderId: string): Promise<string> {
  const row = await ctx.db
    .selectFrom('purchasing.reservations')
    .selectAll()
    .where('order_id', '=', orderId)
    .executeTakeFirstOrThrow()
  return `${row.state} ${row.amount_minor} on ${row.local_date}`
}

const changeOffer = (itemId: string, set: Record<string, unknown>) =>
  ctx.db.updateTable('purchasing.offers').set(set).where('id', '=', `off_${itemId}`).execute()

describe('an approval', () => {
  it('lets out exactly what was asked: supplier, lines, quantities and total', async () => {
    const orderId = await hold()
    const asked = await getOrder(ctx, { orderId })
    await approve(orderId)
    const approved = await getOrder(ctx, { orderId })
    expect(approved).toMatchObject({ status: 'approved', approvedBy: 'Ada' })
    const terms = ({ supplierId, totalMinor, subtotalMinor, lines }: typeof asked) => ({
      supplierId,
      totalMinor,
      subtotalMinor,
      lines,
    })
    expect(terms(approved)).toEqual(terms(asked))
    expect((await submitOrder(ctx, { orderId })).status).toBe('confirmed')
  })

  it('starts the lead time, and goes out by the channel that the supplier has now', async () => {
    const orderId = await hold('itm_channel', 'b')
    await ctx.db.updateTable('purchasing.suppliers').set({ channel: 'manual' }).where('id', '=', 'b').execute()
    database.clock.advance(dayMs)
    const order = await approve(orderId)
    expect(order).toMatchObject({ channel: 'manual', expectedAt: new Date(ctx.clock.now().getTime() + 2 * dayMs) })
    await ctx.db.updateTable('purchasing.suppliers').set({ channel: 'simulated' }).where('id', '=', 'b').execute()
  })

  it.each<[string, (itemId: string) => Promise<unknown>, RegExp]>([
    [
      'the price is up',
      (item) => changeOffer(item, { pack_price_minor: 1_001 }),
      /costs 10\.01 EUR a pack now instead of 10\.00 EUR/,
    ],
    [
      'it is out of stock',
      (item) => changeOffer(item, { stock_packs: 2 }),
      /only 2 packs of .* are in stock now, and 3 were ordered/,
    ],
    ['the offer is gone', (item) => changeOffer(item, { archived_at: new Date() }), /is not offered any more/],
    ['the packs are smaller', (item) => changeOffer(item, { pack_quantity: 10 }), /holds 10 l now instead of 12 l/],
    ['more packs have to be taken', (item) => changeOffer(item, { minimum_packs: 4 }), /is sold from 4 packs on now/],
  ])('lapses when %s, frees everything, and says what has changed', async (_, change, text) => {
    const itemId = `itm_${++itemCounter}`
    const orderId = await hold(itemId)
    const before = await readOrderEvents(ctx, { after: 0, limit: 1_000 })
    await change(itemId)
    const refusal = await refusalOf(approve(orderId))
    expect(refusal).toMatchObject({ code: 'approval_lapsed', text: expect.stringMatching(text) })
    expect(refusal.text).toContain('the next run quotes its items again')

    const order = await getOrder(ctx, { orderId })
    expect(order).toMatchObject({ status: 'expired', approvedBy: null, statusReason: expect.stringMatching(text) })
    expect(await budgetOf(orderId)).toMatch(/^released 3000/)
    expect((await openQuantities(ctx, 'cafe', [itemId])).get(itemId)).toBe(0)
    const { events } = await readOrderEvents(ctx, { after: before.next })
    expect(events.map((event) => [event.orderId, event.type, event.isFinal])).toEqual([[orderId, 'line_closed', true]])
    expect(await dueSubmissions(ctx, { limit: 500 })).not.toContain(orderId)
    expect((await refusalOf(approve(orderId))).code).toBe('order_status')

    // The item is free: once the supplier has it again, the next run buys it at what it costs now.
    await changeOffer(itemId, { stock_packs: null })
    const next = buildCaller(`run_after_${itemId}`)
    await registerRun(ctx, next, [buildNeed(itemId)])
    const quoteId = await insertQuote(ctx, { runId: next.run }, [
      buildQuoteOrder('a', [buildLine(itemId, { packPriceMinor: 1_001 })]),
    ])
    const { results } = await placeOrder({ ...ctx, caller: next }, { quoteId, rationale: 'low' })
    expect(results.map(({ outcome }) => outcome)).toEqual(['accepted'])
  })

  it('lapses when the supplier is gone or has become dearer to order from', async () => {
    const change = (set: Record<string, unknown>) =>
      ctx.db.updateTable('purchasing.suppliers').set(set).where('id', '=', 'b').execute()
    const cases = [
      { set: { archived_at: new Date() }, back: { archived_at: null }, text: 'not among the suppliers any more' },
      {
        set: { shipping_fee_minor: 490 },
        back: { shipping_fee_minor: 0 },
        text: 'shipping costs 4.90 EUR instead of 0.00 EUR',
      },
      { set: { tax_rate: 0.07 }, back: { tax_rate: 0 }, text: 'the tax is 2.10 EUR instead of 0.00 EUR' },
      {
        set: { minimum_order_minor: 3_001 },
        back: { minimum_order_minor: 0 },
        text: 'takes orders from 30.01 EUR on now',
      },
    ]
    for (const { set, back, text } of cases) {
      const orderId = await hold(undefined, 'b')
      await change(set)
      expect(await refusalOf(approve(orderId))).toMatchObject({
        code: 'approval_lapsed',
        text: expect.stringContaining(text),
      })
      expect(await statusOf(orderId)).toBe('expired')
      await change(back)
    }
  })

  it('takes a lower price, and records it', async () => {
    const itemId = `itm_${++itemCounter}`
    const orderId = await hold(itemId)
    await changeOffer(itemId, { pack_price_minor: 950 })
    const order = await approve(orderId)
    expect(order).toMatchObject({
      status: 'approved',
      subtotalMinor: 2_850,
      totalMinor: 2_850,
      lines: [{ packs: 3, packPriceMinor: 950, lineTotalMinor: 2_850 }],
    })
    expect(await budgetOf(orderId)).toMatch(/^reserved 2850/)
    expect((await getOrderHistory(ctx, { orderId })).at(-1)).toMatchObject({
      kind: 'approved',
      actor: 'person:Ada',
      details: { totalMinor: 2_850, approvedTotalMinor: 3_000 },
    })
    await submitOrder(ctx, { orderId })
    expect(await budgetOf(orderId)).toMatch(/^settled 2850/)
  })
})

describe('limits at the approval', () => {
  it('hold as they are by then: refused by name, and the order goes on waiting', async () => {
    const orderId = await hold()
    await limit({ per_order: '29.99', allowed_suppliers: ['b'] })
    const refusal = await refusalOf(approve(orderId))
    expect(refusal.code).toBe('supplier_not_allowed')
    expect(refusal.text).toContain('(allowed_suppliers: b)')
    expect(refusal.text).toContain('30.00 EUR is above the limit per order of 29.99 EUR (per_order)')
    expect(await statusOf(orderId)).toBe('awaiting_approval')
    expect(await budgetOf(orderId)).toMatch(/^reserved 3000/)
    await limit({ per_order: '30', approve_above: '0', price_rise: 'refuse', max_price_rise_percent: '0' })
    expect((await approve(orderId)).status).toBe('approved')
  })

  it('are those of the day of the approval, whose budget it takes', async () => {
    const budget = { per_day: '50' }
    const orderId = await hold(undefined, 'a', budget)
    const placed = ctx.clock.now()
    database.clock.advance(dayMs)
    await placeOne(ctx, 'a', {})
    expect(await refusalOf(approve(orderId))).toMatchObject({
      code: 'limit_per_day',
      text: expect.stringContaining('20.00 EUR of 50.00 EUR (per_day)'),
    })
    database.clock.advance(dayMs)
    await approve(orderId)
    const today = new Date(placed.getTime() + 2 * dayMs).toISOString().slice(0, 10)
    expect(await budgetOf(orderId)).toBe(`reserved 3000 on ${today}`)
    const { limits } = await getLimits(ctx, { list: 'cafe' })
    expect(limits.find(({ kind }) => kind === 'per_day')).toMatchObject({ usedMinor: 3_000, leftMinor: 2_000 })
  })

  it('let two orders of yesterday through only as far as today’s budget goes', async () => {
    const held = [await hold(), await hold(), await hold()]
    database.clock.advance(dayMs)
    await limit({ per_day: '65' })
    const decisions = await Promise.all(held.map((orderId) => refusalOf(approve(orderId))))
    expect(decisions.map(({ code }) => code).sort()).toEqual(['limit_per_day', 'not refused', 'not refused'])
  })

  it('do not count it among the orders of another day', async () => {
    const orderId = await hold()
    database.clock.advance(dayMs)
    await limit({ orders_per_day: 1 })
    await placeOne(ctx, 'a', {})
    expect((await approve(orderId)).status).toBe('approved')
    const { limits } = await getLimits(ctx, { list: 'cafe' })
    expect(limits.find(({ kind }) => kind === 'orders_per_day')).toMatchObject({ usedCount: 1, leftCount: 0 })
  })

  it('stop everything while buying is paused, for one list or for all', async () => {
    const orderId = await hold()
    await limit({ paused: true })
    expect((await refusalOf(approve(orderId))).code).toBe('buying_paused')
    await limit({})
    await pauseAllBuying(ctx, { paused: true, by: 'Bob' })
    expect(await refusalOf(approve(orderId))).toMatchObject({
      code: 'buying_paused',
      text: expect.stringContaining('restock limits set --all paused false'),
    })
    expect(await statusOf(orderId)).toBe('awaiting_approval')
    await pauseAllBuying(ctx, { paused: false, by: 'Bob' })
    expect((await approve(orderId)).status).toBe('approved')
  })
})

describe('deciding at the same moment', () => {
  it('twenty approvals: one', async () => {
    const orderId = await hold()
    const codes = await Promise.all(
      Array.from({ length: 20 }, async (_, at) => (await refusalOf(approve(orderId, `P${at}`))).code),
    )
    expect(codes.filter((code) => code === 'not refused')).toHaveLength(1)
    expect(codes.filter((code) => code === 'order_status')).toHaveLength(19)
    const steps = (await getOrderHistory(ctx, { orderId })).map(({ kind }) => kind)
    expect(steps).toEqual(['placed', 'approved'])
  })

  it('an approval, a decline and the expiry: one of them, and the budget agrees', async () => {
    const outcomes = new Set<string>()
    for (let round = 0; round < 12; round++) {
      const orderId = await hold()
      // Somebody whose clock is three days ahead finds it expired, while people still decide.
      const later = new Date(ctx.clock.now().getTime() + 3 * dayMs)
      const contenders = [
        () => refusalOf(approve(orderId)),
        () => refusalOf(declineOrder(ctx, { orderId, by: 'Bob', forMs: 0 })),
        () => expireApprovals({ ...ctx, clock: { now: () => later } }),
      ]
      const from = round % 3
      await Promise.all([...contenders.slice(from), ...contenders.slice(0, from)].map((decide) => decide()))
      const status = await statusOf(orderId)
      outcomes.add(status)
      expect(['approved', 'declined', 'expired']).toContain(status)
      const steps = (await getOrderHistory(ctx, { orderId })).map(({ kind }) => kind)
      expect(steps).toEqual(['placed', status])
      expect(await budgetOf(orderId)).toMatch(status === 'approved' ? /^reserved 3000/ : /^released 3000/)
    }
    expect(outcomes.size).toBeGreaterThan(1)
  })
})

describe('a pause', () => {
  it('keeps approved orders here until it ends, and what is placed is refused by name', async () => {
    const orderId = await placeOne(ctx, 'a', {})
    await pauseAllBuying(ctx, { paused: true, by: 'Ada' })
    expect(await dueSubmissions(ctx, { limit: 500 })).toEqual([])
    expect((await submitOrder(ctx, { orderId })).status).toBe('approved')
    const refusal = await refusalOf(placeOne(ctx, 'a', {}))
    expect(refusal).toMatchObject({ code: 'buying_paused' })
    expect(refusal.text).toContain('paused for every list (paused of *, by Ada since 2')
    expect(await getLimits(ctx, { list: 'cafe' })).toMatchObject({ paused: true, pausedForAllSince: expect.any(Date) })

    await pauseAllBuying(ctx, { paused: false, by: 'Ada' })
    expect(await dueSubmissions(ctx, { limit: 500 })).toContain(orderId)
    expect((await submitOrder(ctx, { orderId })).status).toBe('confirmed')
    expect(await getLimits(ctx, { list: 'cafe' })).toMatchObject({ paused: false, pausedForAllSince: null })
  })

  it('of one list holds back only its own orders', async () => {
    const orderId = await placeOne(ctx, 'a', {})
    await applyLimits(ctx, { list: 'lab', limits: { paused: true }, source: 'person' })
    expect(await dueSubmissions(ctx, { limit: 500 })).toContain(orderId)
    await limit({ paused: true })
    expect(await dueSubmissions(ctx, { limit: 500 })).not.toContain(orderId)
    expect((await submitOrder(ctx, { orderId })).status).toBe('approved')
    await limit({})
    expect((await submitOrder(ctx, { orderId })).status).toBe('confirmed')
  })

  it('made again keeps when and by whom it was made first', async () => {
    await pauseAllBuying(ctx, { paused: true, by: 'Ada' })
    const since = ctx.clock.now()
    database.clock.advance(1_000)
    await pauseAllBuying(ctx, { paused: true, by: 'Bob' })
    const { text } = await refusalOf(placeOne(ctx, 'a', {}))
    expect(text).toContain(`by Ada since ${since.toISOString()}`)
  })
})
