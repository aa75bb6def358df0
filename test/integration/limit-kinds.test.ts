import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { DomainContext } from '../../src/platform/context.js'
import { getLimits } from '../../src/purchasing/limits/get-limits.js'
import { lastPaid } from '../../src/purchasing/limits/last-paid.js'
import type { LimitSettings } from '../../src/purchasing/limits/limit-settings.js'
import { applyLimits, setLimit } from '../../src/purchasing/limits/list-limits.js'
import { placeOrder } from '../../src/purchasing/placing/place-order.js'
import type { QuoteLine } from '../../src/purchasing/quotes/quote.js'
import { submitOrder } from '../../src/purchasing/sending/submit-order.js'
import {
  buildCaller,
  buildLine,
  buildNeed,
  buildQuoteOrder,
  insertOffers,
  insertQuote,
  insertSupplier,
  placeOne,
  registerRun,
} from '../helpers/order-builders.js'
import { createTestDatabase, type TestDatabase } from '../helpers/test-database.js'

let database: TestDatabase
let ctx: DomainContext

beforeAll(async () => {
  database = await createTestDatabase()
  ctx = database.ctx
  for (const id of ['a', 'b']) await insertSupplier(ctx, id)
})
afterAll(() => database.drop())

let month = 0
beforeEach(async () => {
  database.clock.set(new Date(Date.UTC(2026, month++, 10, 9)))
  await limit({})
})

const limit = (limits: LimitSettings) =>
  applyLimits(ctx, { list: 'cafe', currency: 'EUR', timeZone: 'Europe/Berlin', limits, source: 'person' })

let runCounter = 0

/** What becomes of a run that buys these lines from one supplier. */
async function buy(
  lines: readonly QuoteLine[],
  options: { readonly supplierId?: string; readonly run?: string; readonly maxUnitPrice?: string } = {},
) {
  const caller = buildCaller(options.run ?? `run_${++runCounter}`)
  const items = [...new Set(lines.map((line) => line.itemId))]
  const onOrder = await ctx.db
    .selectFrom('purchasing.order_lines as line')
    .innerJoin('purchasing.orders as order', 'order.id', 'line.order_id')
    .select(['line.item_id', 'line.quantity', 'line.received_quantity'])
    .where('order.status', '<>', 'received')
    .execute()
  if (options.run === undefined) {
    const needs = items.map((id) =>
      buildNeed(id, {
        maxUnitPrice: options.maxUnitPrice ?? null,
        onOrderSeen: onOrder.filter((line) => line.item_id === id).reduce((sum, line) => sum + line.quantity, 0),
      }),
    )
    await registerRun(ctx, caller, needs)
  }
  const quoteId = await insertQuote(ctx, { runId: caller.run }, [buildQuoteOrder(options.supplierId ?? 'a', lines)])
  const { results } = await placeOrder({ ...ctx, caller }, { quoteId, rationale: 'low' })
  const [result] = results
  if (result === undefined) throw new Error('nothing was quoted')
  return { ...result, texts: result.messages.map(({ text }) => text).join(' ') }
}

describe('each kind of limit, where the money is committed', () => {
  it.each<[string, LimitSettings, string, string]>([
    ['per_order', { per_order: '29.99' }, 'limit_per_order', '29.99 EUR (per_order)'],
    ['per_day', { per_day: '29.99' }, 'limit_per_day', '29.99 EUR of 29.99 EUR (per_day)'],
    ['per_week', { per_week: '29.99' }, 'limit_per_week', '29.99 EUR of 29.99 EUR (per_week)'],
    ['per_month', { per_month: '29.99' }, 'limit_per_month', '29.99 EUR of 29.99 EUR (per_month)'],
    ['orders_per_day', { orders_per_day: 0 }, 'limit_orders_per_day', '0 of 0 orders a day'],
    ['allowed_suppliers', { allowed_suppliers: ['b'] }, 'supplier_not_allowed', '(allowed_suppliers: b)'],
    ['max_line_amount', { max_line_amount: '29.99' }, 'limit_max_line_amount', '29.99 EUR (max_line_amount)'],
    [
      'per_supplier per order',
      { per_supplier: { a: { per_order: '29.99' } } },
      'limit_per_supplier',
      'from Supplier a of 29.99 EUR (per_supplier.a.per_order)',
    ],
    [
      'per_supplier per month',
      { per_supplier: { a: { per_month: '29.99' } } },
      'limit_per_supplier',
      'month for Supplier a: 29.99 EUR of 29.99 EUR (per_supplier.a.per_month)',
    ],
  ])('%s refuses and names limit, value and allowance', async (_, settings, code, text) => {
    await limit(settings)
    const refused = await buy([buildLine(`itm_${++runCounter}`)])
    expect(refused).toMatchObject({ outcome: 'refused', orderId: null, messages: [{ code, severity: 'needs_human' }] })
    expect(refused.texts).toContain(text)
    await limit({})
    expect((await buy([buildLine(`itm_${++runCounter}`)])).outcome).toBe('accepted')
  })

  it('per_supplier leaves other suppliers alone, and counts a month’s orders together', async () => {
    await limit({ per_supplier: { a: { per_month: '65', per_order: '45' } } })
    const seen = []
    for (const supplierId of ['a', 'b', 'a', 'a', 'b']) {
      seen.push((await buy([buildLine(`itm_${++runCounter}`)], { supplierId })).outcome)
    }
    expect(seen).toEqual(['accepted', 'accepted', 'accepted', 'refused', 'accepted'])
    const { limits } = await getLimits(ctx, { list: 'cafe' })
    expect(limits.filter(({ kind }) => kind.startsWith('per_supplier'))).toMatchObject([
      { kind: 'per_supplier.a.per_order', amountMinor: 4_500 },
      { kind: 'per_supplier.a.per_month', amountMinor: 6_500, usedMinor: 6_000, leftMinor: 500 },
    ])
  })

  it('max_line_amount sees through an item that is bought in pieces by one run', async () => {
    await limit({ max_line_amount: '25' })
    const run = `run_${++runCounter}`
    await registerRun(ctx, buildCaller(run), [buildNeed('pieces')])
    const two = await buy([buildLine('pieces', { packs: 2 })], { run })
    const one = await buy([buildLine('pieces', { packs: 1 })], { run })
    expect([two.outcome, one.outcome]).toEqual(['accepted', 'refused'])
    expect(one.texts).toContain('10.00 EUR on top of the 20.00 EUR that this run has ordered of it from Supplier a')
  })

  it('an item’s own cap is judged again when it is placed, as exactly as it is written', async () => {
    const line = buildLine(`itm_${++runCounter}`, { packQuantity: 3, packPriceMinor: 1_000 })
    const refused = await buy([line], { maxUnitPrice: '3.333333' })
    expect(refused).toMatchObject({ outcome: 'refused', messages: [{ code: 'above_unit_price_cap' }] })
    expect(refused.texts).toContain(
      '10.00 EUR for 3 l, which is above its cap of 3.333333 EUR for 1 l (max_unit_price)',
    )
    expect((await buy([line], { maxUnitPrice: '3.333334' })).outcome).toBe('accepted')
  })
})

describe('how much is bought of an item', () => {
  /** So many packs of so much for a need of 30 l, where the supplier sells no fewer. */
  async function buyFor30(packs: number, packQuantity: number, minimumPacks: number, limits: LimitSettings = {}) {
    await limit(limits)
    const item = `itm_${++runCounter}`
    const line = buildLine(item, { packs, packQuantity, packPriceMinor: 1, quantity: packs * packQuantity })
    await insertOffers(ctx, [buildQuoteOrder('a', [line])])
    await ctx.db
      .updateTable('purchasing.offers')
      .set({ minimum_packs: minimumPacks })
      .where('id', '=', line.offerId)
      .execute()
    return buy([line])
  }

  it.each<[string, number, number, number, LimitSettings, string]>([
    ['one pack of ten times the need', 1, 300, 1, {}, 'accepted'],
    ['one pack of more', 1, 300.001, 1, {}, 'pending_approval'],
    ['a minimum that somebody typed three zeros too many of', 1000, 1, 1000, {}, 'pending_approval'],
    ['the same where that is allowed', 1000, 1, 1000, { max_times_need: '33.34' }, 'accepted'],
    ['a little less than that', 1000, 1, 1000, { max_times_need: '33.33' }, 'pending_approval'],
    ['whole packs past the need where nothing may be', 3, 12, 1, { max_times_need: 1 }, 'pending_approval'],
    ['exactly the need there', 3, 10, 1, { max_times_need: 1 }, 'accepted'],
  ])('%s: a person is asked from max_times_need on', async (_, packs, packQuantity, minimum, limits, outcome) => {
    const placed = await buyFor30(packs, packQuantity, minimum, limits)
    expect(placed.outcome).toBe(outcome)
    if (outcome === 'accepted') return
    expect(placed.messages).toMatchObject([{ code: 'approval_needed', severity: 'needs_human' }])
    expect(placed.texts).toContain(`${packs * packQuantity} l of “Item`)
    expect(placed.texts).toContain('where 30 l are needed, more than')
    expect(placed.texts).toContain('(max_times_need)')
  })

  it('counts all lines of the item, whatever suppliers they are from', async () => {
    await limit({ max_times_need: '1.1' })
    const item = `itm_${++runCounter}`
    const caller = buildCaller(`run_${runCounter}`)
    await registerRun(ctx, caller, [buildNeed(item)])
    const quoteId = await insertQuote(ctx, { runId: caller.run }, [
      buildQuoteOrder('a', [buildLine(item, { packs: 2, packQuantity: 12 })]),
      buildQuoteOrder('b', [buildLine(item, { packs: 1, packQuantity: 10, offerId: `off_b_${item}` })]),
    ])
    const { results } = await placeOrder({ ...ctx, caller }, { quoteId, rationale: 'low' })
    expect(results.map(({ outcome }) => outcome)).toEqual(['pending_approval', 'pending_approval'])
  })
})

describe('orders of one run with one supplier', () => {
  const split = async (supplierIds: readonly string[]) => {
    const caller = buildCaller(`run_${++runCounter}`)
    const items = supplierIds.map((_, index) => `itm_${runCounter}_${index}`)
    await registerRun(
      ctx,
      caller,
      items.map((item) => buildNeed(item)),
    )
    const seen: string[] = []
    for (const [index, supplierId] of supplierIds.entries()) {
      const line = buildLine(items[index] ?? '')
      const quoteId = await insertQuote(ctx, { runId: caller.run }, [
        buildQuoteOrder(supplierId, [line], { shippingMinor: 500, totalMinor: 3_500 }),
      ])
      const { results } = await placeOrder({ ...ctx, caller }, { quoteId, rationale: 'low' })
      seen.push(results.map(({ outcome, messages }) => messages[0]?.code ?? outcome).join())
    }
    return seen
  }

  it('are three at most: a model can’t cut a need into many orders that each pay for shipping', async () => {
    const code = 'limit_orders_per_run'
    expect(await split(['a', 'a', 'b', 'a', 'a', 'a', 'b'])).toEqual([
      ...['accepted', 'accepted', 'accepted', 'accepted'],
      ...[code, code, 'accepted'],
    ])
  })

  it('are as many as the list’s limit says', async () => {
    await limit({ orders_per_run: 1 })
    expect(await split(['a', 'b', 'a'])).toEqual(['accepted', 'accepted', 'limit_orders_per_run'])
    const { limits } = await getLimits(ctx, { list: 'cafe' })
    expect(limits.find(({ kind }) => kind === 'orders_per_run')).toMatchObject({ value: 1 })
  })
})

describe('a price that has risen', () => {
  /** Bought and confirmed at so much for a pack of 12 l. */
  async function paid(itemId: string, packPriceMinor: number, overrides: Partial<QuoteLine> = {}): Promise<void> {
    const orderId = await placeOne(ctx, 'a', { lines: [buildLine(itemId, { packPriceMinor, ...overrides })] })
    await submitOrder(ctx, { orderId })
    // It came in, so that the item can be needed again.
    await ctx.db
      .updateTable('purchasing.order_lines')
      .set((set) => ({ received_quantity: set.ref('quantity') }))
      .where('order_id', '=', orderId)
      .execute()
    await ctx.db.updateTable('purchasing.orders').set({ status: 'received' }).where('id', '=', orderId).execute()
    database.clock.advance(86_400_000)
  }

  it('waits for a person above the percentage, and goes through up to it', async () => {
    const [at, above] = [`itm_${++runCounter}`, `itm_${++runCounter}`]
    for (const item of [at, above]) await paid(item, 1_000)
    await limit({ max_price_rise_percent: '10' })
    expect(await buy([buildLine(at, { packPriceMinor: 1_100 })])).toMatchObject({ outcome: 'accepted', messages: [] })
    const held = await buy([buildLine(above, { packPriceMinor: 1_101 })])
    expect(held).toMatchObject({ outcome: 'pending_approval', messages: [{ code: 'approval_needed' }] })
    expect(held.texts).toMatch(
      /costs 11\.01 EUR for 12 l, 10\.1 % more than the 10\.00 EUR for 12 l last paid on 20\d\d-\d\d-\d\d; the most .* is 10 % \(max_price_rise_percent\)/,
    )
  })

  it('is refused where that is set', async () => {
    const item = `itm_${++runCounter}`
    await paid(item, 1_000)
    await limit({ max_price_rise_percent: '10', price_rise: 'refuse' })
    expect(await buy([buildLine(item, { packPriceMinor: 1_101 })])).toMatchObject({
      outcome: 'refused',
      messages: [{ code: 'limit_price_rise' }],
    })
  })

  it('is seen through smaller packs and other products', async () => {
    const item = `itm_${++runCounter}`
    await paid(item, 1_200)
    await limit({ max_price_rise_percent: '0' })
    const outcome = async (overrides: Partial<QuoteLine>) => (await buy([buildLine(item, overrides)])).outcome
    const product = { productId: 'prd_other', offerId: 'off_other' }
    expect(await outcome({ packQuantity: 6, packPriceMinor: 601, packs: 5, quantity: 30 })).toBe('pending_approval')
    expect((await lastPaid(ctx, { list: 'cafe', itemId: item })).map(({ packPriceMinor }) => packPriceMinor)).toEqual([
      1_200,
    ])
    const other = `itm_${++runCounter}`
    await paid(other, 1_200)
    expect((await buy([buildLine(other, { ...product, packPriceMinor: 1_201 })])).outcome).toBe('pending_approval')
  })

  it('is measured by the last price of the same product, else by the last of any', async () => {
    const item = `itm_${++runCounter}`
    const dear = { productId: 'prd_dear', offerId: 'off_dear' }
    await paid(item, 2_000, dear)
    await paid(item, 1_000)
    const prices = await lastPaid(ctx, { list: 'cafe', itemId: item })
    expect(prices.map(({ productId, packPriceMinor }) => [productId, packPriceMinor])).toEqual([
      [`prd_${item}`, 1_000],
      ['prd_dear', 2_000],
    ])
    await limit({ max_price_rise_percent: '5', price_rise: 'refuse' })
    expect((await buy([buildLine(item, { packPriceMinor: 1_051 })])).outcome).toBe('refused')
    expect((await buy([buildLine(item, { ...dear, packPriceMinor: 2_100 })])).outcome).toBe('accepted')
  })

  it('is none for what was never bought, was only asked for, or came to nothing', async () => {
    const item = `itm_${++runCounter}`
    await limit({ approve_above: '0' })
    await placeOne(ctx, 'a', { lines: [buildLine(item, { packPriceMinor: 1 })] })
    expect(await lastPaid(ctx, { list: 'cafe', itemId: item })).toEqual([])
    await limit({ max_price_rise_percent: '0', price_rise: 'refuse' })
    expect((await buy([buildLine(item)])).outcome).toBe('accepted')
    expect(await lastPaid(ctx, { list: 'lab', itemId: item })).toEqual([])
  })
})

describe('limits of one supplier', () => {
  const set = (kind: string, value: unknown, list = 'own') =>
    setLimit(ctx, { list, currency: 'EUR', timeZone: 'Europe/Berlin', kind, value })
  const kinds = async (list = 'own') =>
    (await getLimits(ctx, { list })).limits
      .filter(({ kind }) => kind.startsWith('per_supplier'))
      .map(({ kind, amountMinor }) => `${kind} ${amountMinor}`)

  it('are set, changed and removed one by one', async () => {
    for (const id of ['north', 'south']) await insertSupplier(ctx, id)
    await expect(set('per_supplier.nort.per_month', '500')).rejects.toThrow('no supplier "nort"; did you mean north?')
    await set('per_supplier.north.per_month', '500')
    await set('per_supplier.north.per_order', '50.5')
    await set('per_supplier.south.per_order', '7')
    expect(await kinds()).toEqual([
      'per_supplier.north.per_order 5050',
      'per_supplier.north.per_month 50000',
      'per_supplier.south.per_order 700',
    ])
    await set('per_supplier.north.per_order', null)
    await set('per_supplier.south.per_order', null)
    expect(await kinds()).toEqual(['per_supplier.north.per_month 50000'])
    await expect(set('per_supplier.north.per_day', '5')).rejects.toThrow('is not a limit')
    await expect(set('per_supplier.north.per_month', '0.001')).rejects.toThrow(
      'per_supplier.north.per_month of list own',
    )
    await applyLimits(ctx, {
      list: 'filed',
      currency: 'EUR',
      timeZone: 'UTC',
      limits: { per_supplier: { north: { per_month: '5' } } },
      source: 'file',
    })
    await expect(set('per_supplier.north.per_month', '9999', 'filed')).rejects.toThrow('configuration file')
    expect(await kinds('filed')).toEqual(['per_supplier.north.per_month 500'])
  })
})
