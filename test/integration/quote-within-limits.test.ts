import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { DomainContext } from '../../src/platform/context.js'
import { getLimits } from '../../src/purchasing/limits/get-limits.js'
import type { LimitSettings } from '../../src/purchasing/limits/limit-settings.js'
import { applyLimits } from '../../src/purchasing/limits/list-limits.js'
import type { NeedToRegister } from '../../src/purchasing/needs/register-needs.js'
import { placeOrder } from '../../src/purchasing/placing/place-order.js'
import { createQuote, type Quote } from '../../src/purchasing/quotes/create-quote.js'
import { solveBasket } from '../../src/purchasing/solver/solve-basket.js'
import { buildNeed, buildOffer, buildRun, buildSupplier, registerRun } from '../helpers/purchasing-builders.js'
import { createTestDatabase, type TestDatabase } from '../helpers/test-database.js'

let database: TestDatabase
let ctx: DomainContext
beforeAll(async () => {
  database = await createTestDatabase()
  ctx = database.ctx
})
afterAll(() => database.drop())
beforeEach(async () => {
  await sql`truncate purchasing.suppliers, purchasing.products, purchasing.orders, purchasing.quotes, purchasing.needs,
    purchasing.run_lists, purchasing.list_limits, purchasing.fences, purchasing.events cascade`.execute(database.db)
})

const setLimits = (limits: LimitSettings) =>
  applyLimits(ctx, { list: 'cafe', currency: 'EUR', timeZone: 'Europe/Berlin', limits, source: 'file' })
const linesOf = (quote: Quote) =>
  quote.content.orders
    .flatMap((order) => order.lines.map((line) => `${order.supplierId}: ${line.packs} ${line.product}`))
    .sort()
const unmetOf = (quote: Quote) => quote.content.unmet.map(({ itemId, quantity, code }) => ({ itemId, quantity, code }))
const placeAll = (run: Awaited<ReturnType<typeof registerRun>>, quote: Quote) =>
  placeOrder(run, { quoteId: quote.quoteId ?? '', rationale: 'it is due' })

/** Needs by item, for products of the same sku. */
function buildNeeds(needs: Readonly<Record<string, Partial<NeedToRegister>>>): NeedToRegister[] {
  return Object.entries(needs).map(([itemId, need]) => buildNeed({ itemId, name: itemId, sku: itemId, ...need }))
}

describe('a quote is the cheapest basket, not the cheapest items', () => {
  test('and an order less is worth what the list says', async () => {
    await buildSupplier(ctx, { id: 'north' })
    await buildSupplier(ctx, { id: 'south' })
    await buildOffer(ctx, { supplierId: 'south', name: 'Tea', sku: 'tea', price: '18.00' })
    await buildOffer(ctx, { supplierId: 'north', name: 'Salt', sku: 'salt', gtin: '4006381333931', price: '1.00' })
    await buildOffer(ctx, { supplierId: 'south', name: 'Salt S', gtin: '4006381333931', price: '1.05' })
    const run = await registerRun(ctx, buildNeeds({ tea: {}, salt: {} }))
    await setLimits({ order_effort: '0.04' })
    expect(linesOf(await createQuote(run, {}))).toEqual(['north: 1 Salt', 'south: 1 Tea'])
    await setLimits({ order_effort: '0.06', per_order: '19.05' })
    const quote = await createQuote(run, {})
    expect(linesOf(quote)).toEqual(['south: 1 Salt S', 'south: 1 Tea'])
    expect(quote).toMatchObject({
      totalMinor: 1905,
      content: { gap: 0, orderEffortMinor: 6, comparison: { landedMinor: 1905, cheapestPackPerItemMinor: 1900 } },
    })
    expect((await placeAll(run, quote)).results).toMatchObject([{ outcome: 'accepted', totalMinor: 1905 }])
    const { limits } = await getLimits(ctx, { list: 'cafe' })
    expect(limits.find(({ kind }) => kind === 'order_effort')).toMatchObject({ amountMinor: 6, source: 'file' })
  })

  test('what is dearer alone is bought where the others are, when that saves the shipping', async () => {
    await buildSupplier(ctx, { id: 'north', shippingFee: '6.00' })
    await buildSupplier(ctx, { id: 'south', shippingFee: '6.00', freeShippingOver: '20' })
    await buildOffer(ctx, { supplierId: 'south', name: 'Tea', sku: 'tea', price: '18.00' })
    await buildOffer(ctx, { supplierId: 'north', name: 'Salt', sku: 'salt', gtin: '4006381333931', price: '1.00' })
    await buildOffer(ctx, { supplierId: 'south', name: 'Salt S', gtin: '4006381333931', price: '3.00' })
    const run = await registerRun(ctx, buildNeeds({ tea: {}, salt: {} }))
    const quote = await createQuote(run, {})
    expect(linesOf(quote)).toEqual(['south: 1 Salt S', 'south: 1 Tea'])
    expect(quote).toMatchObject({
      totalMinor: 2100,
      content: {
        gap: 0,
        comparison: {
          cheapestPerItemMinor: 1800 + 600 + 100 + 600,
          landedMinor: 2100,
          cheapestPackPerItemMinor: 3100,
          bestSingleSupplier: { supplier: 'Supplier south', landedMinor: 2100 },
        },
      },
    })
  })
})

describe('a quote keeps within what the limits leave', () => {
  beforeEach(async () => {
    await buildSupplier(ctx, { id: 'north', taxRate: '0.10' })
    await buildOffer(ctx, { supplierId: 'north', name: 'Tea', sku: 'tea', price: '10.00' })
    await buildOffer(ctx, { supplierId: 'north', name: 'Salt', sku: 'salt', price: '10.00' })
  })

  test.each<[string, LimitSettings, string, RegExp]>([
    ['month', { per_month: '34' }, 'over_budget', /can still spend 34\.00 EUR of 34\.00 EUR \(per_month\)/],
    ['day', { per_day: '34', per_month: '500' }, 'over_budget', /34\.00 EUR of 34\.00 EUR \(per_day\)/],
    ['order', { per_order: '34' }, 'above_maximum_order', /may still come to 34\.00 EUR of 34\.00 EUR \(per_order\)/],
    [
      'supplier',
      { per_supplier: { north: { per_month: '34' } } },
      'above_maximum_order',
      /34\.00 EUR \(per_supplier\.north\.per_month\)/,
    ],
  ])('per %s, and what fits is placed without a word', async (_what, limits, code, text) => {
    await setLimits(limits)
    const run = await registerRun(ctx, buildNeeds({ tea: { quantity: 5 } }))
    const quote = await createQuote(run, {})
    // 3 packs are 33.00 with tax.
    expect(linesOf(quote)).toEqual(['north: 3 Tea'])
    expect(quote.content.unmet).toEqual([{ itemId: 'tea', quantity: 2, code, text: expect.stringMatching(text) }])
    expect((await placeAll(run, quote)).results).toMatchObject([{ outcome: 'accepted', totalMinor: 3300 }])
    const again = await createQuote(await registerRun(ctx, buildNeeds({ salt: {} }), { run: 'run_2' }), {})
    const isPerRun = code === 'above_maximum_order' && 'per_order' in limits
    expect(again.quoteId === null).toBe(!isPerRun)
  })

  test('what the run has ordered before counts as the same order', async () => {
    await setLimits({ per_order: '34' })
    const run = await registerRun(ctx, buildNeeds({ tea: { quantity: 2 }, salt: { quantity: 2 } }))
    await placeAll(run, await createQuote(run, { items: [{ itemId: 'tea' }] }))
    const rest = await createQuote(run, { items: [{ itemId: 'salt' }] })
    expect(linesOf(rest)).toEqual(['north: 1 Salt'])
    expect(unmetOf(rest)).toEqual([{ itemId: 'salt', quantity: 1, code: 'above_maximum_order' }])
  })

  test('the most urgent first', async () => {
    await setLimits({ per_day: '22' })
    const run = await registerRun(ctx, buildNeeds({ tea: { quantity: 2 }, salt: { quantity: 2, priority: 3 } }))
    const quote = await createQuote(run, {})
    expect(linesOf(quote)).toEqual(['north: 2 Salt'])
    expect(unmetOf(quote)).toEqual([{ itemId: 'tea', quantity: 2, code: 'over_budget' }])
  })

  test('one line that a limit forbids does not take the others with it', async () => {
    await setLimits({ max_line_amount: '25' })
    const run = await registerRun(ctx, buildNeeds({ tea: { quantity: 5 }, salt: { quantity: 2 } }))
    const quote = await createQuote(run, {})
    expect(linesOf(quote)).toEqual(['north: 2 Salt', 'north: 2 Tea'])
    expect(unmetOf(quote)).toMatchObject([{ itemId: 'tea', quantity: 3 }])
    expect((await placeAll(run, quote)).results).toMatchObject([{ outcome: 'accepted' }])
  })

  test('a price that has risen too much is left for another offer, or said', async () => {
    const first = await registerRun(ctx, buildNeeds({ tea: {}, salt: {} }))
    await placeAll(first, await createQuote(first, {}))
    await database.db.updateTable('purchasing.orders').set({ status: 'confirmed' }).execute()
    await database.db
      .updateTable('purchasing.offers')
      .set({ pack_price_minor: 2000 })
      .where('name', 'in', ['Tea', 'Salt'])
      .execute()
    await setLimits({ max_price_rise_percent: 10, price_rise: 'refuse' })
    await buildSupplier(ctx, { id: 'south', shippingFee: '50.00' })
    await database.db
      .updateTable('purchasing.products')
      .set({ gtin: '4006381333931' })
      .where('name', '=', 'Tea')
      .execute()
    await buildOffer(ctx, { supplierId: 'south', name: 'Tea S', sku: 'tea-s', price: '10.50' })
    const product = await database.db
      .selectFrom('purchasing.offers')
      .select('product_id')
      .where('sku', '=', 'tea-s')
      .executeTakeFirstOrThrow()
    const link = [{ productId: product.product_id, status: 'confirmed' as const }]
    const needs = buildNeeds({ tea: { links: link, onOrderSeen: 1 }, salt: { onOrderSeen: 1 } })
    const quote = await createQuote(await registerRun(ctx, needs, { run: 'run_2' }), {})
    expect(linesOf(quote)).toEqual(['south: 1 Tea S'])
    expect(quote.content.unmet).toEqual([
      expect.objectContaining({
        itemId: 'salt',
        code: 'limit_price_rise',
        text: expect.stringMatching(/20\.00 EUR for 1 pcs, 100\.0 % more than the 10\.00 EUR for 1 pcs last paid/),
      }),
    ])
  })

  test('only from allowed suppliers, and only in time', async () => {
    await buildSupplier(ctx, { id: 'slow', leadTimeDays: 9 })
    await buildOffer(ctx, { supplierId: 'slow', name: 'Rice', sku: 'rice' })
    await setLimits({ allowed_suppliers: ['slow'] })
    const soon = await registerRun(ctx, buildNeeds({ tea: {}, rice: { neededBy: '2026-03-06' } }))
    expect(unmetOf(await createQuote(soon, {}))).toEqual([
      { itemId: 'rice', quantity: 1, code: 'too_late' },
      { itemId: 'tea', quantity: 1, code: 'supplier_not_allowed' },
    ])
    const later = await registerRun(ctx, buildNeeds({ rice: { neededBy: '2026-03-12' } }))
    expect(linesOf(await createQuote(later, {}))).toEqual(['slow: 1 Rice'])
  })
})

describe('while a basket is being solved', () => {
  test('no transaction is open, and a run that is taken over meanwhile stores no quote', async () => {
    await buildSupplier(ctx, { id: 'north' })
    await buildOffer(ctx, { supplierId: 'north', name: 'Tea', sku: 'tea' })
    const run = await registerRun(ctx, buildNeeds({ tea: {} }))
    const solver: { solve: typeof solveBasket } = {
      solve: async (problem, options) => {
        await registerRun(ctx, buildNeeds({ tea: {} }), { epoch: 2 })
        return solveBasket(problem, options)
      },
    }
    await expect(createQuote(run, {}, solver)).rejects.toMatchObject({ refusal: { code: 'fenced' } })
    expect(await database.db.selectFrom('purchasing.quotes').select('id').execute()).toEqual([])
    const taker = { ...ctx, caller: buildRun({ epoch: 2 }) }
    expect(linesOf(await createQuote(taker, {}))).toEqual(['north: 1 Tea'])
  })
})
