import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { importCatalog } from '../../src/purchasing/catalog/import-catalog.js'
import { importSuppliers } from '../../src/purchasing/catalog/import-suppliers.js'
import { setLimit } from '../../src/purchasing/limits/list-limits.js'
import { findOrders } from '../../src/purchasing/orders/find-orders.js'
import { declineOrder } from '../../src/purchasing/placing/decline-order.js'
import { importItems } from '../../src/stock/import-items.js'
import { listItems } from '../../src/stock/list-items.js'
import { snoozeItem, wakeItem } from '../../src/stock/snooze-item.js'
import { updateItem } from '../../src/stock/update-item.js'
import { openTestShop, type TestShop } from '../helpers/cafe.js'
import { csvBytes } from '../helpers/purchasing-builders.js'

let shop: TestShop

beforeAll(async () => {
  shop = await openTestShop({ example: false })
  const { ctx } = shop
  await importSuppliers(ctx, {
    bytes: csvBytes('id,name,channel,currency\nnorth,North Dairy,simulated,EUR\n'),
    fileName: 'suppliers.csv',
  })
  await importCatalog(ctx, {
    bytes: csvBytes('supplier,sku,name,unit,pack_quantity,price\nnorth,OAT,Oat drink,l,6,10.80\n'),
    fileName: 'catalog.csv',
  })
  await importItems(ctx, {
    bytes: csvBytes('name,sku,unit,on_hand,reorder_point,order_up_to\nOat milk,OAT,l,2,6,24\n'),
    fileName: 'items.csv',
    list: 'cafe',
  })
  await setLimit(ctx, { list: 'cafe', kind: 'approve_above', value: '0' })
})
afterAll(() => shop?.close())

async function decideItem() {
  const { outcome } = await shop.run()
  const [item] = outcome.items
  if (item === undefined) throw new Error('nothing was due')
  return item
}

async function declineWaiting(): Promise<void> {
  const [order] = await findOrders(shop.ctx, { status: 'awaiting_approval' })
  await declineOrder(shop.ctx, { orderId: order?.orderId ?? '', by: 'Ada', reason: 'too dear' })
  await shop.submitAndDeliver()
}

describe('an order that a person declined', () => {
  it('is not put before them by the next run, which says who declined and until when', async () => {
    expect(await decideItem()).toMatchObject({ decision: 'pending_approval' })
    await declineWaiting()
    const next = await decideItem()
    expect(next).toMatchObject({ decision: 'refused', orderedQuantity: 0 })
    expect(next.reason).toMatch(
      /“Oat milk” was declined by Ada on 2026-03-02 and is not offered again before 2026-03-09/,
    )
    expect(await findOrders(shop.ctx, { status: 'awaiting_approval' })).toEqual([])
  })

  it('stays so when the item is snoozed and woken, as a model could have it', async () => {
    const [item] = await listItems(shop.ctx, { list: 'cafe', filter: 'all' })
    await snoozeItem(shop.ctx, { item: item?.itemId ?? '', days: 1, reason: 'not now' })
    await wakeItem(shop.ctx, { item: item?.itemId ?? '' })
    expect((await decideItem()).decision).toBe('refused')
  })

  it('is asked for again when a person has changed the item', async () => {
    const [item] = await listItems(shop.ctx, { list: 'cafe', filter: 'all' })
    await updateItem(shop.ctx, { item: item?.itemId ?? '', changes: { orderUpTo: 12 } })
    expect(await decideItem()).toMatchObject({ decision: 'pending_approval', needQuantity: 10 })
    await declineWaiting()
    expect((await decideItem()).decision).toBe('refused')
  })

  it('is asked for again when the term is over', async () => {
    shop.database.clock.advance(7 * 86_400_000)
    expect((await decideItem()).decision).toBe('pending_approval')
  })
})
