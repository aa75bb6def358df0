import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { DomainContext } from '../../src/platform/context.js'
import { inTransaction, openDatabase } from '../../src/platform/database.js'
import { RefusalError } from '../../src/platform/errors.js'
import { readReceipt } from '../../src/platform/receipt.js'
import type { Caller } from '../../src/platform/run-context.js'
import { getLimits } from '../../src/purchasing/limits/get-limits.js'
import type { LimitSettings } from '../../src/purchasing/limits/limit-settings.js'
import { applyLimits } from '../../src/purchasing/limits/list-limits.js'
import { openQuantities } from '../../src/purchasing/needs/open-quantities.js'
import { registerPersonNeeds } from '../../src/purchasing/needs/person-needs.js'
import { cancelOrder } from '../../src/purchasing/orders/cancel-order.js'
import { findOrders } from '../../src/purchasing/orders/find-orders.js'
import { changeStatus } from '../../src/purchasing/orders/move-order.js'
import { findLines, lockOrder } from '../../src/purchasing/orders/order-rows.js'
import { readOrderEvents } from '../../src/purchasing/orders/read-order-events.js'
import { recordDeliveries } from '../../src/purchasing/orders/record-deliveries.js'
import { declineOrder } from '../../src/purchasing/placing/decline-order.js'
import { type Placement, placeOrder } from '../../src/purchasing/placing/place-order.js'
import { rehearsalMessage } from '../../src/purchasing/placing/rehearsal.js'
import {
  buildCaller,
  buildLine,
  buildNeed,
  buildQuoteOrder,
  insertPersonQuote,
  insertQuote,
  insertReadyQuote,
  insertSupplier,
  type RunCaller,
  registerRun,
} from '../helpers/order-builders.js'
import { createTestDatabase, type TestDatabase } from '../helpers/test-database.js'

let database: TestDatabase
let ctx: DomainContext

beforeAll(async () => {
  database = await createTestDatabase()
  ctx = database.ctx
  for (const id of ['a', 'b', 'c']) await insertSupplier(ctx, id)
  await insertSupplier(ctx, 'post', { channel: 'email' })
})
afterAll(() => database.drop())

// Each test starts in a month of its own with nothing spent, so that none has to know of the others.
let month = 0
beforeEach(async () => {
  database.clock.set(new Date(Date.UTC(2026, month++, 10, 9)))
  await limit({})
})

const limit = (limits: LimitSettings) =>
  applyLimits(ctx, { list: 'cafe', currency: 'EUR', timeZone: 'Europe/Berlin', limits, source: 'person' })

function place(caller: Caller, quoteId: string, rationale = 'running low'): Promise<Placement> {
  return placeOrder({ ...ctx, caller }, { quoteId, rationale })
}

async function refusalOf(work: Promise<unknown>): Promise<string> {
  try {
    await work
  } catch (error) {
    if (error instanceof RefusalError) return error.refusal.code
    throw error
  }
  return 'not refused'
}

const outcomes = (placement: Placement) => placement.results.map((result) => `${result.supplierId} ${result.outcome}`)
const codes = (placement: Placement) =>
  placement.results.flatMap((result) => result.messages.map((message) => message.code))

async function count(
  table: 'purchasing.orders' | 'purchasing.reservations' | 'purchasing.events' | 'purchasing.order_history',
) {
  const row = await ctx.db
    .selectFrom(table)
    .select((select) => select.fn.countAll<number>().as('rows'))
    .executeTakeFirstOrThrow()
  return row.rows
}

describe('an accepted quote', () => {
  it('becomes one order a supplier, with budget, story, events and a receipt', async () => {
    const caller = buildCaller('run_accepted')
    await registerRun(ctx, caller, [buildNeed('milk'), buildNeed('juice')])
    const quoteId = await insertQuote(ctx, { runId: caller.run }, [
      buildQuoteOrder('b', [buildLine('juice')], { shippingMinor: 490 }),
      buildQuoteOrder('a', [buildLine('milk', { taxMinor: 210, taxRate: 0.07 })]),
    ])
    const before = await readOrderEvents(ctx, { after: 0 })
    const placement = await place(caller, quoteId, '  running\n low\u0000 ')

    expect(placement.replayed).toBe(false)
    expect(placement.results).toMatchObject([
      { supplierId: 'a', outcome: 'accepted', totalMinor: 3_210, itemIds: ['milk'], messages: [] },
      { supplierId: 'b', outcome: 'accepted', totalMinor: 3_490, itemIds: ['juice'], messages: [] },
    ])
    const orders = await findOrders(ctx, { runId: caller.run })
    expect(orders).toHaveLength(2)
    const milk = orders.find((order) => order.supplierId === 'a')
    expect(milk).toMatchObject({
      orderId: placement.results[0]?.orderId,
      status: 'approved',
      placedBy: 'run',
      rationale: 'running low',
      totalMinor: 3_210,
      expectedAt: new Date(ctx.clock.now().getTime() + 2 * 86_400_000),
      lines: [{ itemId: 'milk', sku: 'SKU-milk', packs: 3, packQuantity: 12, quantity: 36, receivedQuantity: 0 }],
    })
    const receipt = readReceipt(ctx.secret, placement.receipt ?? '')
    expect(receipt).toMatchObject({ run: caller.run, list: 'cafe', currency: 'EUR' })
    expect(receipt?.orders.map((order) => [order.supplier_id, order.status, order.lines.length])).toEqual([
      ['a', 'approved', 1],
      ['b', 'approved', 1],
    ])
    const { events } = await readOrderEvents(ctx, { after: before.next })
    expect(events.map((event) => [event.type, event.itemId, event.quantity, event.isFinal])).toEqual([
      ['line_opened', 'milk', 36, false],
      ['line_opened', 'juice', 36, false],
    ])
    const { limits } = await getLimits(ctx, { list: 'cafe' })
    expect(limits.map((each) => each.kind)).not.toContain('per_day')
    await limit({ per_day: 100 })
    const [perDay] = (await getLimits(ctx, { list: 'cafe' })).limits
    expect(perDay).toMatchObject({ kind: 'per_day', amountMinor: 10_000, usedMinor: 6_700, leftMinor: 3_300 })
  })

  it('is placed once, however often and at once it is asked for', async () => {
    const caller = buildCaller('run_same')
    await registerRun(ctx, caller, [buildNeed('same_milk'), buildNeed('same_juice')])
    const quoteId = await insertQuote(ctx, { runId: caller.run }, [
      buildQuoteOrder('a', [buildLine('same_milk')]),
      buildQuoteOrder('b', [buildLine('same_juice')]),
    ])
    const placements = await Promise.all(Array.from({ length: 20 }, () => place(caller, quoteId)))
    expect(placements.filter((placement) => !placement.replayed)).toHaveLength(1)
    expect(new Set(placements.map(({ results, receipt }) => JSON.stringify({ results, receipt }))).size).toBe(1)
    expect(await findOrders(ctx, { runId: caller.run })).toHaveLength(2)

    // Later claims of the same run repeat the call too, long after the quote has expired.
    database.clock.advance(86_400_000)
    const later = buildCaller('run_same', { epoch: 2 })
    await registerRun(ctx, later, [])
    const again = await place(later, quoteId, ' running   low ')
    expect(again).toEqual({ ...placements[0], replayed: true })

    const other = placeOrder({ ...ctx, caller: later }, { quoteId, rationale: 'because' })
    await expect(other).rejects.toMatchObject({ refusal: { code: 'idempotency_conflict' } })
    await expect(other).rejects.toThrow(placements[0]?.results[0]?.orderId ?? 'an order')
    expect(await findOrders(ctx, { runId: caller.run })).toHaveLength(2)
  })

  it('leaves nothing behind when the database fails halfway, and can be placed afterwards', async () => {
    const { caller, quoteId } = await insertReadyQuote(ctx, { supplierId: 'a' })
    const before = [
      await count('purchasing.orders'),
      await count('purchasing.reservations'),
      await count('purchasing.events'),
    ]
    // The second history row of the transaction's last table hits a trigger: everything before it must go.
    await failOnce('purchasing.events')
    await expect(place(caller, quoteId)).rejects.toThrow('the disk is full')
    await healFailure('purchasing.events')
    expect([
      await count('purchasing.orders'),
      await count('purchasing.reservations'),
      await count('purchasing.events'),
    ]).toEqual(before)
    expect(outcomes(await place(caller, quoteId))).toEqual(['a accepted'])
  })

  it('deals with lines of two pack sizes for one item, and with one item split over two suppliers', async () => {
    const caller = buildCaller('run_split')
    await registerRun(ctx, caller, [buildNeed('split_milk', { quantity: 40 })])
    const quoteId = await insertQuote(ctx, { runId: caller.run }, [
      buildQuoteOrder('a', [
        buildLine('split_milk', { packs: 2, packQuantity: 12 }),
        buildLine('split_milk', { packs: 4, packQuantity: 1, offerId: 'off_small' }),
      ]),
      buildQuoteOrder('b', [buildLine('split_milk', { packs: 1, packQuantity: 12 })]),
    ])
    const placement = await place(caller, quoteId)
    expect(outcomes(placement)).toEqual(['a accepted', 'b accepted'])
    expect((await openQuantities(ctx, 'cafe', ['split_milk'])).get('split_milk')).toBe(40)
  })
})

async function failOnce(table: string): Promise<void> {
  await sql`create function purchasing.fail() returns trigger language plpgsql as $$ begin raise exception 'the disk is full'; end $$`.execute(
    ctx.db,
  )
  await sql`create trigger fail before insert on ${sql.table(table)} execute function purchasing.fail()`.execute(ctx.db)
}

async function healFailure(table: string): Promise<void> {
  await sql`drop trigger fail on ${sql.table(table)}`.execute(ctx.db)
  await sql`drop function purchasing.fail()`.execute(ctx.db)
}

describe('needs', () => {
  it('are bought once by two runs that saw the same', async () => {
    const [one, two] = [buildCaller('run_one'), buildCaller('run_two')]
    for (const caller of [one, two]) await registerRun(ctx, caller, [buildNeed('race_milk')])
    const quotes = await Promise.all(
      [one, two].map((caller) =>
        insertQuote(ctx, { runId: caller.run }, [buildQuoteOrder('a', [buildLine('race_milk')])]),
      ),
    )
    const placements = await Promise.all([place(one, quotes[0] ?? ''), place(two, quotes[1] ?? '')])
    expect(placements.flatMap(outcomes).sort()).toEqual(['a accepted', 'a refused'])
    expect(placements.flatMap(codes)).toEqual(['need_stale'])
    expect((await openQuantities(ctx, 'cafe', ['race_milk'])).get('race_milk')).toBe(36)
  })

  it('are bought once by two runs even if the first order has come in before the second is placed', async () => {
    const [one, two] = [buildCaller('run_first'), buildCaller('run_second')]
    for (const caller of [one, two]) await registerRun(ctx, caller, [buildNeed('quick_milk')])
    const first = await insertQuote(ctx, { runId: one.run }, [buildQuoteOrder('a', [buildLine('quick_milk')])])
    const second = await insertQuote(ctx, { runId: two.run }, [buildQuoteOrder('a', [buildLine('quick_milk')])])
    database.clock.advance(1_000)
    const { results } = await place(one, first)
    await ctx.db
      .updateTable('purchasing.order_lines')
      .set({ received_quantity: 36 })
      .where('order_id', '=', results[0]?.orderId ?? '')
      .execute()
    await ctx.db
      .updateTable('purchasing.orders')
      .set({ status: 'received' })
      .where('id', '=', results[0]?.orderId ?? '')
      .execute()
    expect(codes(await place(two, second))).toEqual(['need_stale'])
  })

  it('can’t be bought twice by one run with two quotes', async () => {
    const caller = buildCaller('run_twice')
    await registerRun(ctx, caller, [buildNeed('twice_milk')])
    const quote = () => insertQuote(ctx, { runId: caller.run }, [buildQuoteOrder('a', [buildLine('twice_milk')])])
    const [first, second] = [await quote(), await quote()]
    expect(outcomes(await place(caller, first))).toEqual(['a accepted'])
    expect(codes(await place(caller, second))).toEqual(['over_need'])
  })

  it('may be completed by one run with two quotes', async () => {
    const caller = buildCaller('run_rest')
    await registerRun(ctx, caller, [buildNeed('rest_milk')])
    const quote = (packs: number) =>
      insertQuote(ctx, { runId: caller.run }, [buildQuoteOrder('a', [buildLine('rest_milk', { packs })])])
    expect(outcomes(await place(caller, await quote(2)))).toEqual(['a accepted'])
    expect(outcomes(await place(caller, await quote(1)))).toEqual(['a accepted'])
    expect(codes(await place(caller, await quote(1)))).toEqual(['over_need'])
  })

  it('are judged item by item: a stale one refuses its order, the other supplier’s order stands', async () => {
    const caller = buildCaller('run_half')
    await registerRun(ctx, caller, [
      buildNeed('half_milk', { onOrderSeen: 5 }),
      buildNeed('half_juice'),
      buildNeed('half_tea'),
    ])
    const quoteId = await insertQuote(ctx, { runId: caller.run }, [
      buildQuoteOrder('a', [buildLine('half_milk'), buildLine('half_tea')]),
      buildQuoteOrder('b', [buildLine('half_juice')]),
    ])
    const placement = await place(caller, quoteId)
    expect(outcomes(placement)).toEqual(['a refused', 'b accepted'])
    expect(codes(placement)).toEqual(['need_stale'])
    expect(readReceipt(ctx.secret, placement.receipt ?? '')?.orders).toHaveLength(1)
  })

  it('that the run no longer has are refused', async () => {
    const { caller, quoteId } = await insertReadyQuote(ctx, { supplierId: 'a' })
    await registerRun(ctx, caller, [])
    const placement = await place(caller, quoteId)
    expect(codes(placement)).toEqual(['need_stale'])
    expect(placement.receipt).toBeNull()
  })
})

describe('limits', () => {
  it('let exactly as many concurrent orders through as the budget holds', async () => {
    await limit({ per_month: '100' })
    const ready = []
    for (let index = 0; index < 30; index++) ready.push(await insertReadyQuote(ctx, { supplierId: 'a' }))
    // From two pools, as two servers would.
    const other = openDatabase({ url: database.url, applicationName: 'restock-test-2', log: ctx.log })
    try {
      const placements = await Promise.all(
        ready.map(({ caller, quoteId }, index) =>
          placeOrder({ ...ctx, db: index % 2 === 0 ? ctx.db : other.db, caller }, { quoteId, rationale: 'low' }),
        ),
      )
      expect(placements.filter((placement) => placement.results[0]?.outcome === 'accepted')).toHaveLength(3)
      expect(placements.flatMap(codes).filter((code) => code === 'limit_per_month')).toHaveLength(27)
    } finally {
      await other.close()
    }
    const perMonth = (await getLimits(ctx, { list: 'cafe' })).limits[0]
    expect(perMonth).toMatchObject({
      usedMinor: 9_000,
      leftMinor: 1_000,
      resetsAt: new Date(resetOfMonth(ctx.clock.now())),
    })
  })

  it('take the suppliers of a quote in order, and count what was accepted before', async () => {
    await limit({ per_day: 65 })
    const caller = buildCaller('run_order')
    const items = ['order_a', 'order_b', 'order_c']
    await registerRun(
      ctx,
      caller,
      items.map((id) => buildNeed(id)),
    )
    const quoteId = await insertQuote(
      ctx,
      { runId: caller.run },
      ['c', 'a', 'b'].map((id) => buildQuoteOrder(id, [buildLine(`order_${id}`)])),
    )
    const placement = await place(caller, quoteId)
    expect(outcomes(placement)).toEqual(['a accepted', 'b accepted', 'c refused'])
    expect(placement.results[2]?.messages[0]?.text).toContain('5.00 EUR of 65.00 EUR')
  })

  it('hold orders above approve_above for a person, and count them as spent', async () => {
    await limit({ approve_above: 29.99, per_day: 59 })
    const held = await insertReadyQuote(ctx, { supplierId: 'a' })
    const placement = await place(held.caller, held.quoteId)
    expect(outcomes(placement)).toEqual(['a pending_approval'])
    expect(placement.results[0]?.messages).toMatchObject([{ code: 'approval_needed', severity: 'needs_human' }])
    const [order] = await findOrders(ctx, { runId: held.caller.run })
    expect(order).toMatchObject({
      status: 'awaiting_approval',
      approvalExpiresAt: new Date(ctx.clock.now().getTime() + 72 * 3_600_000),
    })
    expect(order?.approvalReasons[0]).toContain('30.00 EUR is above 29.99 EUR (approve_above)')
    expect(readReceipt(ctx.secret, placement.receipt ?? '')?.orders[0]?.status).toBe('awaiting_approval')

    const next = await insertReadyQuote(ctx, { supplierId: 'a' })
    expect(codes(await place(next.caller, next.quoteId))).toEqual(['limit_per_day'])

    await declineOrder(ctx, { orderId: order?.orderId ?? '', by: 'Ada' })
    const third = await insertReadyQuote(ctx, { supplierId: 'a' })
    expect(outcomes(await place(third.caller, third.quoteId))).toEqual(['a pending_approval'])
  })

  it('see through an order that is cut into pieces', async () => {
    await limit({ approve_above: 45, per_order: 80 })
    const caller = buildCaller('run_cut')
    const items = ['cut_1', 'cut_2', 'cut_3']
    await registerRun(
      ctx,
      caller,
      items.map((id) => buildNeed(id)),
    )
    const results = []
    for (const item of items) {
      const quoteId = await insertQuote(ctx, { runId: caller.run }, [buildQuoteOrder('a', [buildLine(item)])])
      results.push(...outcomes(await place(caller, quoteId)))
    }
    expect(results).toEqual(['a accepted', 'a pending_approval', 'a refused'])
  })

  it('turn over when the list’s day does, also in a night without a midnight', async () => {
    await limit({ per_month: 30 })
    // In Asunción the clocks went from 24:00 on 30 September 2017 to 01:00 on 1 October.
    const night = { supplierId: 'a', timeZone: 'America/Asuncion' }
    database.clock.set('2017-10-01T03:59:59.999Z')
    const inSeptember = await insertReadyQuote(ctx, night)
    const tooMuch = await insertReadyQuote(ctx, night)
    const inOctober = await insertReadyQuote(ctx, night)
    expect(outcomes(await place(inSeptember.caller, inSeptember.quoteId))).toEqual(['a accepted'])
    expect(codes(await place(tooMuch.caller, tooMuch.quoteId))).toEqual(['limit_per_month'])
    expect((await getLimits(ctx, { list: 'cafe' })).limits[0]?.resetsAt).toEqual(new Date('2017-10-01T04:00:00Z'))
    database.clock.set('2017-10-01T04:00:00Z')
    expect(outcomes(await place(inOctober.caller, inOctober.quoteId))).toEqual(['a accepted'])
    const reserved = await ctx.db
      .selectFrom('purchasing.reservations')
      .select('local_date')
      .where('local_date', '<', '2018-01-01')
      .orderBy('local_date')
      .execute()
    expect(reserved.map((row) => row.local_date)).toEqual(['2017-09-30', '2017-10-01'])
  })

  it('count the orders of a day, refuse suppliers that are not allowed, and channels that are not there', async () => {
    await limit({ orders_per_day: 1, allowed_suppliers: ['a', 'post'] })
    const ready = []
    for (const supplierId of ['a', 'b', 'post']) ready.push(await insertReadyQuote(ctx, { supplierId }))
    const seen = []
    for (const { caller, quoteId } of ready) seen.push(codes(await place(caller, quoteId)))
    expect(seen).toEqual([
      [],
      ['supplier_not_allowed', 'limit_orders_per_day'],
      ['channel_not_available', 'limit_orders_per_day'],
    ])
  })

  it('pause everything', async () => {
    await limit({ paused: true })
    const { caller, quoteId } = await insertReadyQuote(ctx, { supplierId: 'a' })
    expect(await refusalOf(place(caller, quoteId))).toBe('buying_paused')
    await limit({})
    expect(outcomes(await place(caller, quoteId))).toEqual(['a accepted'])
  })

  it('hold what only a proposed link says is right, what the agent asked for itself, and what a person’s client orders', async () => {
    const proposed = await insertReadyQuote(ctx, {
      supplierId: 'a',
      lines: [buildLine('proposed_milk', { matchedBy: 'proposed_link', needsPersonBecause: ['proposed_match'] })],
    })
    expect(outcomes(await place(proposed.caller, proposed.quoteId))).toEqual(['a pending_approval'])
    const requested = await insertReadyQuote(ctx, {
      supplierId: 'a',
      lines: [buildLine('requested_milk', { needsPersonBecause: ['agent_request'] })],
    })
    expect(outcomes(await place(requested.caller, requested.quoteId))).toEqual(['a pending_approval'])
    const quoteId = await insertPersonQuote(ctx, 'a')
    const placement = await place({ kind: 'person' }, quoteId)
    expect(outcomes(placement)).toEqual(['a pending_approval'])
    expect(readReceipt(ctx.secret, placement.receipt ?? '')?.run).toBeNull()
    const [order] = await findOrders(ctx, { status: 'awaiting_approval', limit: 1 })
    expect(order?.orderId).toBeDefined()

    await limit({ person_orders_need_approval: false })
    expect(outcomes(await place({ kind: 'person' }, await insertPersonQuote(ctx, 'a')))).toEqual(['a accepted'])
  })

  it('hold what a person’s client asks for again while the first is on its way, whatever the settings', async () => {
    await limit({ person_orders_need_approval: false })
    // As create_quote does it: what is asked for is registered on the spot, with what is on order by then.
    const ask = async (itemId: string, quantity = 36) => {
      const items = [{ itemId, name: 'Juice', quantity, unit: 'l', productIds: [`prd_${itemId}`] }]
      const runId = await inTransaction(ctx, (tx) => registerPersonNeeds(tx, { list: 'cafe', items }))
      return insertQuote(ctx, { runId, placedBy: 'person' }, [buildQuoteOrder('a', [buildLine(itemId)])])
    }
    const person = (quoteId: string) => place({ kind: 'person' }, quoteId)
    const [first, second] = [await ask('lemonade'), await ask('lemonade')]
    expect(outcomes(await person(first))).toEqual(['a accepted'])
    expect(codes(await person(second))).toEqual(['need_stale'])

    const again = await person(await ask('lemonade'))
    expect(outcomes(again)).toEqual(['a pending_approval'])
    expect(again.results[0]?.messages).toMatchObject([
      {
        code: 'approval_needed',
        text: '36 l of “Juice” are on order already; a person has to say that this is wanted besides.',
      },
    ])
    expect((await openQuantities(ctx, 'cafe', ['lemonade'])).get('lemonade')).toBe(72)

    // What a run has ordered counts as well, and what is no longer on order doesn't.
    const run = await insertReadyQuote(ctx, { supplierId: 'a', lines: [buildLine('cider')] })
    expect(outcomes(await place(run.caller, run.quoteId))).toEqual(['a accepted'])
    expect(outcomes(await person(await ask('cider')))).toEqual(['a pending_approval'])
    for (const { orderId, lines } of await findOrders(ctx, { limit: 200 })) {
      if (lines.some(({ itemId }) => itemId === 'cider')) await cancelOrder(ctx, { orderId, by: 'Ada', reason: 'no' })
    }
    expect(outcomes(await person(await ask('cider')))).toEqual(['a accepted'])
  })

  it('hold what a person’s client asks for again when the first has just come in, and sell it again a day later', async () => {
    await limit({ person_orders_need_approval: false })
    const ask = async (itemId: string) => {
      const items = [{ itemId, name: 'Juice', quantity: 36, unit: 'l', productIds: [`prd_${itemId}`] }]
      const runId = await inTransaction(ctx, (tx) => registerPersonNeeds(tx, { list: 'cafe', items }))
      return insertQuote(ctx, { runId, placedBy: 'person' }, [buildQuoteOrder('a', [buildLine(itemId)])])
    }
    const person = (quoteId: string) => place({ kind: 'person' }, quoteId)
    // Its supplier says that it came days ago; nobody here knew.
    const at = new Date('2020-01-01T00:00:00.000Z')
    const deliver = (orderId: string) =>
      inTransaction(ctx, async (tx) => {
        let order = await lockOrder(tx, orderId)
        for (const to of ['submitting', 'submitted'] as const) {
          order = await changeStatus(tx, order, { to, actor: 'test', reason: null })
        }
        const lines = await findLines(tx, orderId)
        const deliveries = lines.map(({ id, quantity }) => ({ id: `dlv_${id}`, lineId: id, quantity, at }))
        await recordDeliveries(tx, order, deliveries, { actor: 'test', source: 'test' })
      })
    const first = await person(await ask('nectar'))
    expect(outcomes(first)).toEqual(['a accepted'])
    const asked = await ask('nectar')
    await deliver(first.results[0]?.orderId ?? '')
    expect(codes(await person(asked))).toEqual(['need_stale'])
    expect((await openQuantities(ctx, 'cafe', ['nectar'])).get('nectar')).toBe(0)
    const quotes = await Promise.all(Array.from({ length: 4 }, () => ask('nectar')))
    const placements = await Promise.all(quotes.map(person))
    expect(placements.flatMap(outcomes).filter((outcome) => outcome === 'a pending_approval')).toHaveLength(1)
    expect(placements.flatMap(codes).filter((code) => code === 'need_stale')).toHaveLength(3)
    expect(placements.flatMap(({ results }) => results[0]?.messages ?? [])).toContainEqual({
      code: 'approval_needed',
      severity: 'needs_human',
      text: '36 l of “Juice” came in within the last day; a person has to say that this is wanted besides.',
    })
    for (const { results } of placements) {
      for (const { orderId } of results) if (orderId !== null) await declineOrder(ctx, { orderId, by: 'Ada', forMs: 0 })
    }
    database.clock.advance(86_400_000)
    expect(outcomes(await person(await ask('nectar')))).toEqual(['a accepted'])
  })

  it('hold what a person’s client cuts into small orders, as soon as they are large together', async () => {
    await limit({ person_orders_need_approval: false, approve_above: '70' })
    const buy = async (supplierId: string) => place({ kind: 'person' }, await insertPersonQuote(ctx, supplierId))
    expect(outcomes(await buy('a'))).toEqual(['a accepted'])
    expect(outcomes(await buy('a'))).toEqual(['a accepted'])
    const third = await buy('a')
    expect(outcomes(third)).toEqual(['a pending_approval'])
    expect(third.results[0]?.messages).toMatchObject([
      {
        text: 'The total of 30.00 EUR on top of the 60.00 EUR that was ordered from Supplier a today through persons’ clients, and nobody looked at, is above 70.00 EUR (approve_above).',
      },
    ])
    expect(outcomes(await buy('b'))).toEqual(['b accepted'])
    // Runs have their own account, and a new day begins a new one.
    const run = await insertReadyQuote(ctx, { supplierId: 'a', lines: [buildLine(`five_${month}`)] })
    expect(outcomes(await place(run.caller, run.quoteId))).toEqual(['a accepted'])
    database.clock.advance(86_400_000)
    expect(outcomes(await buy('a'))).toEqual(['a accepted'])
  })

  it('leave one of twenty that a person’s client places at once for the same need', async () => {
    await limit({ person_orders_need_approval: false })
    const items = [{ itemId: 'soda', name: 'Soda', quantity: 36, unit: 'l', productIds: ['prd_soda'] }]
    const quotes: string[] = []
    for (let count = 0; count < 20; count++) {
      const runId = await inTransaction(ctx, (tx) => registerPersonNeeds(tx, { list: 'cafe', items }))
      quotes.push(await insertQuote(ctx, { runId, placedBy: 'person' }, [buildQuoteOrder('a', [buildLine('soda')])]))
    }
    const placements = await Promise.all(quotes.map((quoteId) => place({ kind: 'person' }, quoteId)))
    expect(placements.flatMap(outcomes).filter((outcome) => outcome === 'a accepted')).toHaveLength(1)
    expect(placements.flatMap(codes)).toEqual(Array.from({ length: 19 }, () => 'need_stale'))
  })

  it('hold a first order from a supplier where that is asked for', async () => {
    await limit({ first_supplier_order_needs_approval: true })
    const first = await insertReadyQuote(ctx, { supplierId: 'c' })
    // c was never bought from in this file without a refusal; a was, many times.
    expect(outcomes(await place(first.caller, first.quoteId))).toEqual(['c pending_approval'])
    const known = await insertReadyQuote(ctx, { supplierId: 'a' })
    expect(outcomes(await place(known.caller, known.quoteId))).toEqual(['a accepted'])
  })
})

describe('a dry run', () => {
  /** A quote over three suppliers: 30.00 that may be bought, 60.00 that a person has to see, 90.00 that is too much. */
  async function prepareThree() {
    const caller = buildCaller(`run_dry_${month}`, { dryRun: true })
    const line = (supplierId: string, packs: number) =>
      buildLine(`dry_${supplierId}_${month}`, { packs, packQuantity: 10, quantity: packs * 10 })
    const orders = [
      buildQuoteOrder('a', [line('a', 3)]),
      buildQuoteOrder('b', [line('b', 6)]),
      buildQuoteOrder('c', [line('c', 9)]),
      buildQuoteOrder('post', [line('post', 1)]),
    ]
    await registerRun(
      ctx,
      caller,
      orders.flatMap(({ lines }) => lines.map(({ itemId, quantity }) => buildNeed(itemId, { quantity }))),
    )
    return { caller, quoteId: await insertQuote(ctx, { runId: caller.run }, orders) }
  }

  it('says what would become of each order, and writes nothing', async () => {
    await limit({ approve_above: '50', per_order: '80', per_month: '95' })
    const { caller, quoteId } = await prepareThree()
    const tables = ['orders', 'reservations', 'events', 'order_history'] as const
    const counts = async () => Promise.all(tables.map((table) => count(`purchasing.${table}`)))
    const before = await counts()
    const rehearsal = await place(caller, quoteId)
    expect(outcomes(rehearsal)).toEqual(['a accepted', 'b pending_approval', 'c refused', 'post refused'])
    expect(codes(rehearsal)).toEqual([
      'approval_needed',
      'limit_per_order',
      'limit_per_month',
      'channel_not_available',
      'limit_per_month',
    ])
    expect(rehearsal).toMatchObject({ isRehearsal: true, replayed: false, receipt: null })
    expect(rehearsal.results.map(({ orderId, totalMinor }) => [orderId, totalMinor])).toEqual([
      [null, 3_000],
      [null, 6_000],
      [null, 9_000],
      [null, 1_000],
    ])
    expect(rehearsalMessage(rehearsal.results)).toEqual({
      code: 'dry_run',
      severity: 'final',
      text: 'This run only rehearses: nothing was ordered or reserved; of its orders 1 for 30.00 EUR would be accepted, 1 for 60.00 EUR would wait for a person, 2 for 100.00 EUR would be refused.',
    })
    expect(await counts()).toEqual(before)
    const { limits } = await getLimits(ctx, { list: 'cafe' })
    expect(limits.find(({ kind }) => kind === 'per_month')).toMatchObject({ usedMinor: 0 })
  })

  it('says the same however often it is asked, and for real by the run itself', async () => {
    const { caller, quoteId } = await prepareThree()
    const [first, second] = [await place(caller, quoteId), await place(caller, quoteId)]
    expect(second).toEqual(first)
    const real = await place({ ...caller, dryRun: false }, quoteId)
    expect(outcomes(real)).toEqual(outcomes(first))
    expect(real.results.filter(({ orderId }) => orderId !== null)).toHaveLength(3)
  })
})

type Attempt = (quoteId: string, caller: RunCaller) => { caller: Caller; quoteId: string }

describe('quotes that can’t be placed', () => {
  it.each<[string, string, Attempt]>([
    ['quote_not_found', 'made up', (_, caller) => ({ caller, quoteId: 'quo_nowhere' })],
    ['wrong_run', 'of another run', (quoteId) => ({ caller: buildCaller('run_of_somebody'), quoteId })],
    ['wrong_run', 'of another list', (quoteId, caller) => ({ caller: { ...caller, list: 'lab' }, quoteId })],
    ['wrong_run', 'of a run, by a person', (quoteId) => ({ caller: { kind: 'person' }, quoteId })],
    ['fenced', 'under an older claim', (quoteId, caller) => ({ caller: { ...caller, epoch: 0 }, quoteId })],
    ['fenced', 'under a claim nobody knows', (quoteId, caller) => ({ caller: { ...caller, epoch: 2 }, quoteId })],
  ])('%s: %s', async (code, _, attempt) => {
    const { caller, quoteId } = await insertReadyQuote(ctx, { supplierId: 'a' })
    const before = await count('purchasing.orders')
    const tried = attempt(quoteId, caller)
    expect(await refusalOf(place(tried.caller, tried.quoteId))).toBe(code)
    expect(await count('purchasing.orders')).toBe(before)
    expect(outcomes(await place(caller, quoteId))).toEqual(['a accepted'])
  })

  it('expire', async () => {
    const { caller, quoteId } = await insertReadyQuote(ctx, { supplierId: 'a' })
    database.clock.advance(30 * 60_000)
    expect(await refusalOf(place(caller, quoteId))).toBe('quote_expired')
  })

  it('are stopped by a newer claim, wherever the older one is', async () => {
    const { caller, quoteId } = await insertReadyQuote(ctx, { supplierId: 'a' })
    await registerRun(ctx, { ...caller, epoch: 2 }, [])
    expect(await refusalOf(place(caller, quoteId))).toBe('fenced')
  })
})

function resetOfMonth(now: Date): string {
  const next = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1))
  const summer = next.getUTCMonth() >= 3 && next.getUTCMonth() <= 9
  return new Date(next.getTime() - (summer ? 2 : 1) * 3_600_000).toISOString()
}
