import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { addItem } from '../../src/stock/add-item.js'
import type { ItemInput } from '../../src/stock/item-settings.js'
import { addList } from '../../src/stock/lists.js'
import { updateItem } from '../../src/stock/update-item.js'
import { openTestShop, type TestShop } from '../helpers/cafe.js'
import { buildOffer, buildSupplier } from '../helpers/purchasing-builders.js'

let shop: TestShop
beforeEach(async () => {
  shop = await openTestShop({ example: false })
  const { ctx } = shop
  await buildSupplier(ctx, { id: 'north', shippingFee: '9.00', freeShippingOver: '30' })
  await buildOffer(ctx, { supplierId: 'north', name: 'Tea', sku: 'T-1', price: '25.00' })
  await buildOffer(ctx, { supplierId: 'north', name: 'Salt', sku: 'S-1', price: '1.00' })
  await addItem(ctx, { name: 'Tea', unit: 'pcs', sku: 'T-1', onHand: 1, reorderPoint: 1, orderUpTo: 2 })
  await addItem(ctx, { name: 'Salt', unit: 'pcs', sku: 'S-1', onHand: 11, reorderPoint: 10, orderUpTo: 20 })
})
afterEach(() => shop.close())

describe('an item close to its reorder point', () => {
  it('is bought along where that reaches free shipping, and said to be', async () => {
    const demandRules = { topUpPercent: 20 }
    await addList(shop.ctx, { id: 'cafe', currency: 'EUR', timeZone: 'Europe/Berlin', demandRules })
    const run = await shop.run()
    expect(run.outcome.items).toMatchObject([
      { name: 'Tea', decision: 'ordered', needQuantity: 1, orderedQuantity: 1 },
      { name: 'Salt', decision: 'ordered', needQuantity: 0, orderedQuantity: 5 },
    ])
    expect(run.outcome.items[1]?.reason).toMatch(/not due yet, but buying it along makes the whole cheaper/)
    expect(run.outcome.orders).toMatchObject([{ subtotalMinor: 3000, shippingMinor: 0, totalMinor: 3000 }])
    expect(run.outcome.summary).toMatch(/1 item due: 2 ordered/)
    expect((await shop.run()).outcome.items).toEqual([])
  })

  it.each<[string, ItemInput, readonly number[]]>([
    ['in whole multiples only', { orderMultiple: 4 }, [1, 8]],
    ['never in less than its minimum', { minimumQuantity: 7 }, [1, 7]],
    ['not at all where its minimum costs more than that saves', { minimumQuantity: 10 }, [1]],
  ])('is bought along %s', async (_how, changes, quantities) => {
    const demandRules = { topUpPercent: 20 }
    await addList(shop.ctx, { id: 'cafe', currency: 'EUR', timeZone: 'Europe/Berlin', demandRules })
    await updateItem(shop.ctx, { list: 'cafe', item: 'Salt', changes })
    const run = await shop.run()
    expect(run.outcome.items.map(({ orderedQuantity }) => orderedQuantity)).toEqual(quantities)
  })

  it('stays where it is unless the list asks for that', async () => {
    const run = await shop.run()
    expect(run.outcome.items.map(({ name }) => name)).toEqual(['Tea'])
    expect(run.outcome.orders).toMatchObject([{ totalMinor: 3400 }])
  })
})
