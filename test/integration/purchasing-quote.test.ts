import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { DomainContext } from '../../src/platform/context.js'
import type { Caller } from '../../src/platform/run-context.js'
import { importCatalog } from '../../src/purchasing/catalog/import-catalog.js'
import { importSuppliers } from '../../src/purchasing/catalog/import-suppliers.js'
import { productId, productIdentity } from '../../src/purchasing/catalog/product-identity.js'
import { assertFence } from '../../src/purchasing/fences.js'
import { applyLimits } from '../../src/purchasing/limits/list-limits.js'
import { registerNeeds } from '../../src/purchasing/needs/register-needs.js'
import { createQuote, type Quote } from '../../src/purchasing/quotes/create-quote.js'
import { quoteContentSchema } from '../../src/purchasing/quotes/quote.js'
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
  const tables = ['order_lines', 'orders', 'quotes', 'needs', 'run_lists', 'list_limits', 'fences'] as const
  for (const table of tables) await database.db.deleteFrom(`purchasing.${table}`).execute()
  for (const table of ['offer_breaks', 'offers', 'products', 'suppliers'] as const) {
    await database.db.deleteFrom(`purchasing.${table}`).execute()
  }
})

const gtin = '4006381333931'
const person = () => ({ ...ctx, caller: { kind: 'person' } as const })
const refusal = (code: string) => expect.objectContaining({ refusal: expect.objectContaining({ code }) })
const linesOf = (quote: Quote) =>
  quote.content.orders.flatMap((order) =>
    order.lines.map((line) => `${order.supplierId}: ${line.packs} × ${line.packQuantity} ${line.unit} ${line.product}`),
  )

describe('a run', () => {
  test('gets a quote for all it registered, exact to the last cent, and it is stored', async () => {
    await buildSupplier(ctx, {
      id: 'north',
      taxRate: '0.07',
      shippingFee: '4.90',
      freeShippingOver: '50',
      leadTimeDays: 2,
    })
    await buildSupplier(ctx, { id: 'paper', taxRate: '0.19', shippingFee: '7.50', freeShippingOver: '10' })
    const milk = await buildOffer(ctx, {
      supplierId: 'north',
      name: 'Whole milk 12 x 1 l',
      gtin,
      unit: 'ml',
      packQuantity: 12_000,
      price: '11.45',
      sku: 'N-1',
    })
    await buildOffer(ctx, { supplierId: 'paper', name: 'Cups', sku: 'C-8', packQuantity: 50, price: '3.35' })
    const run = await registerRun(ctx, [
      buildNeed({ itemId: 'itm_milk', name: 'Milk', unit: 'l', quantity: 20, gtin }),
      buildNeed({ itemId: 'itm_cups', name: 'Cups', quantity: 120, sku: 'C-8' }),
    ])

    const quote = await createQuote(run, {})
    expect(quote).toMatchObject({
      currency: 'EUR',
      list: 'cafe',
      expiresAt: new Date(ctx.clock.now().getTime() + 30 * 60_000),
      // 22.90 + 4.90 + 1.60 and 10.05 + 0 + 1.91
      totalMinor: 2940 + 1196,
      messages: [],
      content: {
        unmet: [],
        comparison: {
          cheapestPerItemMinor: 4136,
          landedMinor: 2290 + 490 + 1005,
          cheapestPackPerItemMinor: 2290 + 490 + 1005,
          bestSingleSupplier: null,
        },
        method: 'enumeration',
        gap: 0,
      },
    })
    expect(quote.content.orders).toEqual([
      {
        supplierId: 'north',
        supplierName: 'Supplier north',
        channel: 'simulated',
        leadTimeDays: 2,
        currency: 'EUR',
        subtotalMinor: 2290,
        shippingMinor: 490,
        taxMinor: 160,
        discountMinor: 0,
        totalMinor: 2940,
        approvalReasons: [],
        lines: [
          {
            itemId: 'itm_milk',
            itemName: 'Milk',
            offerId: expect.stringMatching(/^off_/),
            productId: milk.productId,
            product: 'Whole milk 12 x 1 l',
            offerSku: 'N-1',
            matchedBy: 'gtin',
            needsPersonBecause: [],
            packs: 2,
            packQuantity: 12,
            quantity: 24,
            unit: 'l',
            packPriceMinor: 1145,
            taxRate: 0.07,
            taxMinor: 160,
            lineTotalMinor: 2290,
          },
        ],
      },
      expect.objectContaining({
        supplierId: 'paper',
        subtotalMinor: 1005,
        shippingMinor: 0,
        taxMinor: 191,
        totalMinor: 1196,
      }),
    ])
    const stored = await database.db.selectFrom('purchasing.quotes').selectAll().executeTakeFirstOrThrow()
    expect(stored).toMatchObject({
      id: quote.quoteId,
      run_id: 'run_1',
      list: 'cafe',
      placed_by: 'run',
      time_zone: 'Europe/Berlin',
    })
    expect(quoteContentSchema.parse(stored.content)).toEqual(quote.content)
  })

  test('may ask for less, or for some, but for nothing that it didn’t register and never for more', async () => {
    await buildSupplier(ctx, { id: 'north' })
    await buildOffer(ctx, { supplierId: 'north', name: 'Tea', sku: 'T' })
    await buildOffer(ctx, { supplierId: 'north', name: 'Cups', sku: 'C' })
    const run = await registerRun(ctx, [
      buildNeed({ itemId: 'tea', sku: 'T', quantity: 5 }),
      buildNeed({ itemId: 'cups', sku: 'C', quantity: 9 }),
    ])
    expect(linesOf(await createQuote(run, { items: [{ itemId: 'tea', quantity: 2 }] }))).toEqual([
      'north: 2 × 1 pcs Tea',
    ])
    expect(linesOf(await createQuote(run, { items: [] }))).toEqual(['north: 9 × 1 pcs Cups', 'north: 5 × 1 pcs Tea'])
    const quotes = () => database.db.selectFrom('purchasing.quotes').select('id').execute()
    const before = await quotes()
    await expect(createQuote(run, { items: [{ itemId: 'gold' }] })).rejects.toEqual(refusal('need_not_registered'))
    await expect(createQuote(run, { items: [{ itemId: 'tea', quantity: 5.001 }] })).rejects.toEqual(
      refusal('quantity_above_need'),
    )
    await expect(createQuote(run, { items: [{ itemId: 'tea' }, { itemId: 'tea' }] })).rejects.toThrow(/twice/)
    await expect(createQuote(run, { items: [{ itemId: 'tea', quantity: 0.0001 }] })).rejects.toThrow(/3 decimals/)
    expect(await quotes()).toEqual(before)
  })

  test('that was taken over, or never registered anything, gets nothing', async () => {
    await buildSupplier(ctx, { id: 'north' })
    await buildOffer(ctx, { supplierId: 'north', name: 'Tea', sku: 'T' })
    const zombie = await registerRun(ctx, [buildNeed({ itemId: 'tea', sku: 'T' })])
    await registerRun(ctx, [buildNeed({ itemId: 'tea', sku: 'T' })], { epoch: 2 })
    await expect(createQuote(zombie, {})).rejects.toEqual(refusal('fenced'))
    await expect(registerRun(ctx, [], { epoch: 1 })).rejects.toEqual(refusal('fenced'))
    await expect(assertFence(ctx, buildRun({ epoch: 1 }))).rejects.toEqual(refusal('fenced'))
    await expect(assertFence(ctx, buildRun({ epoch: 3 }))).rejects.toEqual(refusal('fenced'))
    await expect(createQuote({ ...ctx, caller: buildRun({ run: 'run_9' }) }, {})).rejects.toEqual(refusal('fenced'))
    expect((await createQuote({ ...ctx, caller: buildRun({ epoch: 2 }) }, {})).quoteId).not.toBeNull()
  })

  test('registering again replaces what was registered; a dry run may quote', async () => {
    await buildSupplier(ctx, { id: 'north' })
    await buildOffer(ctx, { supplierId: 'north', name: 'Tea', sku: 'T' })
    await registerRun(ctx, [buildNeed({ itemId: 'tea', sku: 'T' }), buildNeed({ itemId: 'old', sku: 'T' })])
    const run = await registerRun(ctx, [buildNeed({ itemId: 'tea', sku: 'T', quantity: 3 })], { dryRun: true })
    expect(linesOf(await createQuote(run, {}))).toEqual(['north: 3 × 1 pcs Tea'])
  })

  test('nobody registers needs for another list, as the event carrier, as a person, or with nonsense', async () => {
    const terms = { currency: 'EUR', timeZone: 'Europe/Berlin', needs: [] }
    const as = (caller: Caller) => ({ ...ctx, caller })
    await expect(registerNeeds(as(buildRun()), { ...terms, list: 'lab' })).rejects.toEqual(refusal('wrong_list'))
    const carrier = buildRun({ run: 'sync', list: '*', epoch: 0 })
    await expect(registerNeeds(as(carrier), { ...terms, list: '*' })).rejects.toEqual(refusal('wrong_list'))
    await expect(registerNeeds(as({ kind: 'person' }), { ...terms, list: 'cafe' })).rejects.toEqual(
      refusal('worker_only'),
    )
    const bad = [
      buildNeed({ itemId: 'a', quantity: 0 }),
      buildNeed({ itemId: 'a', quantity: 1.0001 }),
      buildNeed({ itemId: 'a', unit: ' ' }),
      buildNeed({ itemId: 'a', maxUnitPrice: 'cheap' }),
      buildNeed({ itemId: 'a', onOrderSeen: -1 }),
    ]
    for (const need of bad) await expect(registerRun(ctx, [need])).rejects.toThrow(/needs\[0\]/)
    await expect(registerRun(ctx, [buildNeed({ itemId: 'a' }), buildNeed({ itemId: 'a' })])).rejects.toThrow(
      /two needs/,
    )
    await expect(registerNeeds(as(buildRun()), { ...terms, list: 'cafe', timeZone: 'Mars' })).rejects.toThrow(
      /time zone/,
    )
    await expect(registerNeeds(as(buildRun()), { ...terms, list: 'cafe', currency: 'XXY' })).rejects.toThrow(/currency/)
    expect(await database.db.selectFrom('purchasing.fences').selectAll().execute()).toEqual([])
  })
})

describe('which products an item may be bought as', () => {
  beforeEach(async () => {
    await buildSupplier(ctx, { id: 'north' })
    await buildSupplier(ctx, { id: 'south' })
  })

  test('its sku brings the same product of other suppliers, too', async () => {
    await buildOffer(ctx, { supplierId: 'north', name: 'Milk', sku: 'N-1', gtin, price: '1.20' })
    await buildOffer(ctx, { supplierId: 'south', name: 'Milk S', sku: 'S-9', gtin, price: '1.10' })
    const run = await registerRun(ctx, [buildNeed({ itemId: 'milk', sku: 'N-1' })])
    const quote = await createQuote(run, {})
    expect(linesOf(quote)).toEqual(['south: 1 × 1 pcs Milk S'])
    expect(quote.content.orders[0]?.lines[0]?.matchedBy).toBe('sku')
  })

  test('a sku that suppliers use for different products says nothing', async () => {
    await buildOffer(ctx, { supplierId: 'north', name: 'Milk', sku: '1001' })
    await buildOffer(ctx, { supplierId: 'south', name: 'Bleach', sku: '1001', price: '0.10' })
    const run = await registerRun(ctx, [buildNeed({ itemId: 'milk', sku: '1001' })])
    const quote = await createQuote(run, {})
    expect(quote.quoteId).toBeNull()
    expect(quote.content.unmet).toEqual([
      expect.objectContaining({ code: 'no_offer', text: expect.stringContaining('different products') }),
    ])
  })

  test('a sku never outweighs the item’s gtin', async () => {
    await buildOffer(ctx, { supplierId: 'north', name: 'Other', sku: 'N-1', gtin: '4006381333948', price: '0.10' })
    await buildOffer(ctx, { supplierId: 'south', name: 'Milk', sku: 'S-1', gtin })
    const run = await registerRun(ctx, [buildNeed({ itemId: 'milk', sku: 'N-1', gtin })])
    expect(linesOf(await createQuote(run, {}))).toEqual(['south: 1 × 1 pcs Milk'])
  })

  test('a confirmed link is as good; a proposed one needs a person the first time', async () => {
    const tea = await buildOffer(ctx, { supplierId: 'north', name: 'Earl Grey' })
    const link = (status: 'confirmed' | 'proposed') => [{ productId: tea.productId, status }]
    const confirmed = await registerRun(ctx, [buildNeed({ itemId: 'tea', links: link('confirmed') })])
    expect((await createQuote(confirmed, {})).content.orders[0]).toMatchObject({
      approvalReasons: [],
      lines: [{ matchedBy: 'confirmed_link', needsPersonBecause: [] }],
    })
    const proposed = await registerRun(ctx, [buildNeed({ itemId: 'tea', links: link('proposed') })])
    const first = await createQuote(proposed, {})
    expect(first.content.orders[0]).toMatchObject({
      approvalReasons: ['first purchase of "Earl Grey" was matched by name'],
      lines: [{ matchedBy: 'proposed_link', needsPersonBecause: ['proposed_match'] }],
    })
    for (const [status, reasons] of [
      ['awaiting_approval', 1],
      ['declined', 1],
      ['confirmed', 0],
    ] as const) {
      await placeInPast(first, status)
      const again = await createQuote(proposed, {})
      expect(again.content.orders[0]?.approvalReasons, status).toHaveLength(reasons)
    }
  })

  test('products that the caller proposes are taken where nothing surer can be had, and made-up ones are named', async () => {
    const sure = await buildOffer(ctx, { supplierId: 'north', name: 'Milk', gtin, price: '1.20', stockPacks: 5 })
    const cheap = await buildOffer(ctx, { supplierId: 'south', name: 'Milkish', price: '0.20' })
    const run = await registerRun(ctx, [buildNeed({ itemId: 'milk', gtin, quantity: 5 }), buildNeed({ itemId: 'tea' })])
    expect(sure.productId).not.toBe(cheap.productId)
    const proposed = { itemId: 'milk', productIds: [cheap.productId, 'prd_made_up'] }
    const quote = await createQuote(run, { items: [proposed] })
    expect(linesOf(quote)).toEqual(['north: 5 × 1 pcs Milk'])
    expect(quote.messages).toEqual([
      expect.objectContaining({ code: 'product_not_found', path: 'items[0].product_ids' }),
    ])
    const more = await registerRun(ctx, [buildNeed({ itemId: 'milk', gtin, quantity: 6 })])
    expect(linesOf(await createQuote(more, { items: [proposed] }))).toEqual(['south: 6 × 1 pcs Milkish'])
  })

  test('what the agent asked for by itself always says so', async () => {
    await buildOffer(ctx, { supplierId: 'north', name: 'Tea', sku: 'T' })
    const run = await registerRun(ctx, [buildNeed({ itemId: 'tea', sku: 'T', origin: 'agent' })])
    expect((await createQuote(run, {})).content.orders[0]).toMatchObject({
      approvalReasons: ['"Tea" was requested by the agent'],
      lines: [{ needsPersonBecause: ['agent_request'] }],
    })
  })

  async function placeInPast(quote: Quote, status: 'awaiting_approval' | 'declined' | 'confirmed'): Promise<void> {
    const [order] = quote.content.orders
    const [line] = order?.lines ?? []
    if (order === undefined || line === undefined || quote.quoteId === null) throw new Error('nothing was quoted')
    const at = ctx.clock.now()
    const id = ctx.newId('ord')
    await database.db.deleteFrom('purchasing.order_lines').execute()
    await database.db.deleteFrom('purchasing.orders').execute()
    await database.db
      .insertInto('purchasing.orders')
      .values({
        id,
        idempotency_key: id,
        quote_id: quote.quoteId,
        run_id: 'run_1',
        list: 'cafe',
        supplier_id: order.supplierId,
        supplier_name: order.supplierName,
        channel: order.channel,
        status,
        status_reason: null,
        currency: 'EUR',
        subtotal_minor: order.subtotalMinor,
        shipping_minor: 0,
        tax_minor: 0,
        discount_minor: 0,
        total_minor: order.subtotalMinor,
        rationale: '',
        placed_by: 'run',
        approval_reasons: '[]',
        approval_expires_at: null,
        approved_by: null,
        placed_at: at,
        updated_at: at,
        submitted_at: null,
        expected_at: null,
        supplier_reference: null,
        submit_attempts: 0,
        next_attempt_at: null,
      })
      .execute()
    await database.db
      .insertInto('purchasing.order_lines')
      .values({
        id: ctx.newId('lin'),
        order_id: id,
        line_number: 1,
        item_id: line.itemId,
        offer_id: line.offerId,
        product_id: line.productId,
        product: line.product,
        matched_by: line.matchedBy,
        packs: line.packs,
        pack_quantity: line.packQuantity,
        quantity: line.quantity,
        unit: line.unit,
        pack_price_minor: line.packPriceMinor,
        tax_rate: 0,
        tax_minor: 0,
        line_total_minor: line.lineTotalMinor,
      })
      .execute()
  }
})

describe('what stays unmet says why', () => {
  test.each([
    ['no_offer', {}, { gtin: '4006381333948' }, /No supplier is known to offer "Milk"/],
    ['out_of_stock', { stockPacks: 0 }, {}, /in stock/],
    ['insufficient_stock', { stockPacks: 4 }, {}, /6 of 10 l stay open/],
    [
      'above_unit_price_cap',
      { price: '1.01' },
      { maxUnitPrice: '1.00' },
      /cap of 1 EUR for 1 l; the lowest price is 1\.01 EUR for 1 l/,
    ],
    ['unit_mismatch', { unit: 'carton' }, {}, /kept in l but sold in carton/],
    ['below_minimum_order', { supplierId: 'big' }, {}, /minimum order/],
    ['currency_mismatch', { supplierId: 'abroad' }, {}, /another currency \(USD\) than the list's, EUR/],
  ])('%s', async (code, offer, need, text) => {
    await buildSupplier(ctx, { id: 'north' })
    await buildSupplier(ctx, { id: 'big', minimumOrder: '500' })
    await buildSupplier(ctx, { id: 'abroad', currency: 'USD' })
    await buildOffer(ctx, { supplierId: 'north', name: 'Milk', gtin, unit: 'l', ...offer })
    const run = await registerRun(ctx, [
      buildNeed({ itemId: 'milk', name: 'Milk', unit: 'l', quantity: 10, gtin, ...need }),
    ])
    const quote = await createQuote(run, {})
    const open = code === 'insufficient_stock' ? 6 : 10
    expect(quote.content.unmet).toEqual([{ itemId: 'milk', quantity: open, code, text: expect.stringMatching(text) }])
    expect(quote.quoteId === null).toBe(code !== 'insufficient_stock')
  })

  test.each(['offers', 'suppliers'] as const)(
    'both offer and supplier count in the list’s currency, not so %s',
    async (table) => {
      await buildSupplier(ctx, { id: 'north' })
      await buildOffer(ctx, { supplierId: 'north', name: 'Milk', gtin })
      await database.db.updateTable(`purchasing.${table}`).set({ currency: 'USD' }).execute()
      const run = await registerRun(ctx, [buildNeed({ itemId: 'milk', gtin })])
      expect((await createQuote(run, {})).content.unmet).toEqual([
        expect.objectContaining({ code: 'currency_mismatch' }),
      ])
    },
  )

  test('a need split over two suppliers is one need', async () => {
    for (const id of ['north', 'south']) {
      await buildSupplier(ctx, { id })
      await buildOffer(ctx, { supplierId: id, name: 'Milk', gtin, stockPacks: 6 })
    }
    const run = await registerRun(ctx, [buildNeed({ itemId: 'milk', gtin, quantity: 10 })])
    const quote = await createQuote(run, {})
    expect(quote.content.unmet).toEqual([])
    expect(quote.content.orders.flatMap((order) => order.lines).reduce((sum, line) => sum + line.quantity, 0)).toBe(10)
    expect(quote.content.orders).toHaveLength(2)
  })
})

describe('a person’s client', () => {
  beforeEach(async () => {
    await buildSupplier(ctx, { id: 'north' })
    await applyLimits(ctx, { list: 'cafe', currency: 'EUR', timeZone: 'Europe/Berlin', limits: {}, source: 'file' })
  })

  test('quotes products that it names, for a list that exists', async () => {
    const tea = await buildOffer(ctx, { supplierId: 'north', name: 'Tea' })
    const items = [{ itemId: 'itm_tea', quantity: 3, unit: 'pcs', productIds: [tea.productId] }]
    const quote = await createQuote(person(), { items })
    expect(linesOf(quote)).toEqual(['north: 3 × 1 pcs Tea'])
    const need = await database.db.selectFrom('purchasing.needs').selectAll().executeTakeFirstOrThrow()
    expect(need).toMatchObject({ list: 'cafe', item_id: 'itm_tea', origin: 'person_client', on_order_seen: 0 })
    expect(need.run_id).toMatch(/^mcp_/)
    await expect(createQuote(person(), { items, list: 'caffe' })).rejects.toThrow(
      /no list "caffe"; ordering knows cafe/,
    )
    await expect(createQuote(person(), {})).rejects.toThrow(/Name the items/)
    await expect(createQuote(person(), { items: [{ itemId: 'itm_tea', quantity: 3, unit: 'pcs' }] })).rejects.toThrow(
      /items\[0\]\.product_ids is missing/,
    )
  })

  test('must say which list where there are several, and buys for none where none is known', async () => {
    const tea = await buildOffer(ctx, { supplierId: 'north', name: 'Tea' })
    const items = [{ itemId: 'itm_tea', quantity: 3, unit: 'pcs', productIds: [tea.productId] }]
    await registerRun(ctx, [], { run: 'run_lab', list: 'lab' })
    await expect(createQuote(person(), { items })).rejects.toThrow(/which list this is for: cafe, lab/)
    expect((await createQuote(person(), { items, list: 'lab' })).list).toBe('lab')
    for (const table of ['run_lists', 'list_limits'] as const)
      await database.db.deleteFrom(`purchasing.${table}`).execute()
    await expect(createQuote(person(), { items })).rejects.toThrow(/knows no list yet/)
  })
})

describe('at size', () => {
  test('the café’s needs over its catalog are solved to the proven lowest cost, and the same again gives the same', async () => {
    const load = async (file: string) => ({ bytes: await readFile(`examples/cafe/${file}`), fileName: file })
    await importSuppliers(ctx, await load('suppliers.csv'))
    await importCatalog(ctx, await load('catalog.csv'))
    const products = await database.db
      .selectFrom('purchasing.products as product')
      .innerJoin('purchasing.offers as offer', 'offer.product_id', 'product.id')
      .select(['product.gtin', 'offer.unit'])
      .distinctOn('product.gtin')
      .where('product.gtin', 'is not', null)
      .orderBy('product.gtin')
      .orderBy('offer.id')
      .limit(45)
      .execute()
    const needs = products.map(({ gtin: number, unit }, index) =>
      buildNeed({ itemId: `itm_${index}`, gtin: number, unit, quantity: 7 + index }),
    )
    expect(needs).toHaveLength(45)
    const run = await registerRun(ctx, needs)
    const first = await createQuote(run, {})
    const again = await createQuote(run, {})
    expect({ ...again.content, solveMs: 0 }).toEqual({ ...first.content, solveMs: 0 })
    const { comparison, gap, method } = first.content
    expect({ gap, method }).toEqual({ gap: 0, method: 'integer_program' })
    expect(comparison.landedMinor).toBeLessThanOrEqual(comparison.cheapestPackPerItemMinor ?? 0)
    const bought = new Set(first.content.orders.flatMap((order) => order.lines.map((line) => line.itemId)))
    const unmet = first.content.unmet.map((need) => need.itemId)
    expect(new Set([...bought, ...unmet]).size).toBe(45)
    expect(bought.size).toBeGreaterThan(35)
    for (const order of first.content.orders) {
      expect(order.lines.reduce((sum, line) => sum + line.lineTotalMinor, 0)).toBe(order.subtotalMinor)
      expect(order.totalMinor).toBe(order.subtotalMinor + order.shippingMinor + order.taxMinor - order.discountMinor)
    }
  })

  test('ten thousand offers for one item don’t hang it', async () => {
    await buildSupplier(ctx, { id: 'north' })
    const milk = await buildOffer(ctx, { supplierId: 'north', name: 'Milk', gtin })
    expect(milk.productId).toBe(productId(productIdentity({ supplierId: 'x', sku: null, gtin, name: 'x' })))
    const rows = Array.from(
      { length: 10_000 },
      (_, index) => `north,M${index},${gtin},Milk,pcs,1,${(1 + (index % 89) / 100).toFixed(2)},2`,
    )
    const bytes = new TextEncoder().encode(
      ['supplier,sku,gtin,name,unit,pack_quantity,price,stock', ...rows, ''].join('\n'),
    )
    expect(await importCatalog(ctx, { bytes, fileName: 'catalog.csv' })).toMatchObject({ created: 10_000 })
    await database.db.updateTable('purchasing.offers').set({ stock_packs: 2 }).execute()
    const run = await registerRun(ctx, [buildNeed({ itemId: 'milk', gtin, quantity: 15_000 })])
    const quote = await createQuote(run, {})
    expect(quote.content.unmet).toEqual([])
    expect(quote.content.gap).toBe(0)
  })
})
