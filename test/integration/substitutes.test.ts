import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { DomainContext } from '../../src/platform/context.js'
import type { NamedProduct } from '../../src/purchasing/needs/register-needs.js'
import { createQuote, type Quote } from '../../src/purchasing/quotes/create-quote.js'
import { addItem } from '../../src/stock/add-item.js'
import { confirmCount } from '../../src/stock/confirm-count.js'
import { countStock } from '../../src/stock/count-stock.js'
import { updateItem } from '../../src/stock/update-item.js'
import { openTestShop, type TestShop } from '../helpers/cafe.js'
import { buildNeed, buildOffer, buildSupplier, registerRun } from '../helpers/purchasing-builders.js'
import { createTestDatabase, type TestDatabase } from '../helpers/test-database.js'

const gtin = '4006381333931'

describe('a quote', () => {
  let database: TestDatabase
  let ctx: DomainContext
  beforeAll(async () => {
    database = await createTestDatabase()
    ctx = database.ctx
  })
  afterAll(() => database.drop())
  beforeEach(async () => {
    for (const table of ['offer_prices', 'offer_breaks', 'offers', 'products', 'suppliers'] as const) {
      await database.db.deleteFrom(`purchasing.${table}`).execute()
    }
    await buildSupplier(ctx, { id: 'north' })
    await buildSupplier(ctx, { id: 'south' })
    await buildOffer(ctx, { supplierId: 'south', name: 'Oat', sku: 'S-2', gtin, price: '0.20' })
    await buildOffer(ctx, { supplierId: 'south', name: 'Soy', sku: 'S-3', price: '0.10' })
  })

  async function quoteMilk(
    substitutes: readonly NamedProduct[],
    overrides: { links?: [string]; maxUnitPrice?: string } = {},
  ) {
    const links = (overrides.links ?? []).map((productId) => ({ productId, status: 'proposed' as const }))
    const need = buildNeed({
      itemId: 'milk',
      sku: 'N-1',
      quantity: 10,
      substitutes,
      links,
      maxUnitPrice: overrides.maxUnitPrice,
    })
    return createQuote(await registerRun(ctx, [need]), {})
  }
  const linesOf = (quote: Quote) =>
    quote.content.orders
      .flatMap((order) => order.lines.map((line) => `${line.packs} ${line.product} by ${line.matchedBy}`))
      .sort()

  const oatThenSoy = [{ gtin }, { sku: 'S-3' }]

  it.each<[string, { price?: string; stockPacks?: number } | null, readonly NamedProduct[], string[]]>([
    ['takes the item itself, however dear it is', { price: '9.00' }, oatThenSoy, ['10 Milk by sku']],
    ['takes the first where it can not be had', null, oatThenSoy, ['10 Oat by substitute']],
    ['takes the first where it is out of stock', { stockPacks: 0 }, oatThenSoy, ['10 Oat by substitute']],
    [
      'takes them in the order of the list, not of their price',
      null,
      [...oatThenSoy].reverse(),
      ['10 Soy by substitute'],
    ],
    ['only fills up with them', { price: '9.00', stockPacks: 7 }, oatThenSoy, ['3 Oat by substitute', '7 Milk by sku']],
    [
      'passes over codes that nobody sells',
      null,
      [{ sku: 'X' }, { productId: 'prd_x' }, { sku: 'S-3' }],
      ['10 Soy by substitute'],
    ],
    ['without any has nothing', null, [], []],
  ])('%s', async (_what, own, substitutes, lines) => {
    if (own !== null) await buildOffer(ctx, { supplierId: 'north', name: 'Milk', sku: 'N-1', ...own })
    const quote = await quoteMilk(substitutes)
    expect(linesOf(quote)).toEqual(lines)
    // A person listed them: nobody has to look again.
    for (const order of quote.content.orders) expect(order.approvalReasons).toEqual([])
    expect(quote.content.unmet).toHaveLength(lines.length === 0 ? 1 : 0)
  })

  it('goes on to the next where one is not enough, and to what a model proposes last', async () => {
    const rice = await buildOffer(ctx, { supplierId: 'north', name: 'Rice', price: '0.01' })
    await buildOffer(ctx, { supplierId: 'north', name: 'Milk', sku: 'N-1', stockPacks: 2 })
    await buildOffer(ctx, { supplierId: 'north', name: 'Nut', sku: 'N-4', stockPacks: 3 })
    const quote = await quoteMilk([{ sku: 'N-4' }, { gtin }], { links: [rice.productId] })
    expect(linesOf(quote)).toEqual(['2 Milk by sku', '3 Nut by substitute', '5 Oat by substitute'])
    const short = await quoteMilk([{ sku: 'N-4' }], { links: [rice.productId] })
    expect(linesOf(short).some((line) => line.endsWith('Rice by proposed_link'))).toBe(true)
  })

  it('keeps to the cap of the item', async () => {
    const quote = await quoteMilk([{ gtin }, { sku: 'S-3' }], { maxUnitPrice: '0.15' })
    expect(linesOf(quote)).toEqual(['10 Soy by substitute'])
  })

  it('takes no sku that suppliers use for different products', async () => {
    await buildOffer(ctx, { supplierId: 'north', name: 'Bleach', sku: 'S-3', price: '0.01' })
    expect(linesOf(await quoteMilk([{ sku: 'S-3' }, { gtin }]))).toEqual(['10 Oat by substitute'])
  })

  it('takes what a person lists for what it is, though a model proposes it as well', async () => {
    const soy = await buildOffer(ctx, { supplierId: 'north', name: 'Soy N', sku: 'N-5' })
    const quote = await quoteMilk([{ productId: soy.productId }], { links: [soy.productId] })
    expect(linesOf(quote)).toEqual(['10 Soy N by substitute'])
    expect(quote.content.orders[0]?.approvalReasons).toEqual([])
  })
})

describe('a run', () => {
  let shop: TestShop
  afterEach(() => shop.close())

  it('buys a substitute where the item can not be had, and nothing for a count that is hardly true', async () => {
    shop = await openTestShop({ example: false })
    const { ctx } = shop
    await buildSupplier(ctx, { id: 'north' })
    await buildOffer(ctx, { supplierId: 'north', name: 'Oat milk', sku: 'OM-2', unit: 'l' })
    await buildOffer(ctx, { supplierId: 'north', name: 'Beans', sku: 'B-1', unit: 'kg' })
    const levels = { reorderPoint: 10, orderUpTo: 40, dailyUse: 2 }
    await addItem(ctx, { name: 'Oat milk', unit: 'l', sku: 'OM-1', substitutes: 'OM-2', ...levels })
    const beans = await addItem(ctx, { name: 'Beans', unit: 'kg', sku: 'B-1', onHand: 60, ...levels })
    await countStock(ctx, { item: beans.itemId, quantity: 2 })

    const first = await shop.run()
    expect(first.outcome.items).toMatchObject([
      { name: 'Beans', decision: 'needs_attention', orderedQuantity: 0, needQuantity: 0 },
      { name: 'Oat milk', decision: 'ordered', orderedQuantity: 40 },
    ])
    expect(first.outcome.items[0]?.reason).toMatch(/counted as 2 kg: 58 kg gone in 1 day, where 2 kg go in a day/)
    expect(first.snapshot?.items).toMatchObject([{ daysLeft: 1, useBasis: '2 kg a day, as stated' }, { daysLeft: 0 }])

    await confirmCount(ctx, { item: beans.itemId })
    const second = await shop.run()
    expect(second.outcome.items).toMatchObject([{ name: 'Beans', decision: 'ordered', orderedQuantity: 38 }])
  })

  it('reorders by what goes', async () => {
    shop = await openTestShop({ example: false })
    const { ctx } = shop
    await buildSupplier(ctx, { id: 'north' })
    await buildOffer(ctx, { supplierId: 'north', name: 'Tea', sku: 'T-1', packQuantity: 6 })
    const { itemId } = await addItem(ctx, {
      name: 'Tea',
      unit: 'pcs',
      sku: 'T-1',
      onHand: 13,
      reorder: 'auto',
      leadTimeDays: 3,
    })
    expect((await shop.run()).outcome.items).toEqual([])
    await updateItem(ctx, { item: itemId, changes: { dailyUse: 4 } })
    expect((await shop.run()).outcome.items).toEqual([])
    await countStock(ctx, { item: itemId, quantity: 12 })
    // 4 · 3 days on the way and 4 · 14 until the next order: up to 68
    expect((await shop.run()).outcome.items).toMatchObject([
      { needQuantity: 56, orderedQuantity: 60, decision: 'ordered' },
    ])
  })
})
