import { afterEach, expect, it } from 'vitest'
import { importCatalog } from '../../src/purchasing/catalog/import-catalog.js'
import { importSuppliers } from '../../src/purchasing/catalog/import-suppliers.js'
import { getLimits } from '../../src/purchasing/limits/get-limits.js'
import { applyLimits } from '../../src/purchasing/limits/list-limits.js'
import { findOrders } from '../../src/purchasing/orders/find-orders.js'
import { receiveOrder } from '../../src/purchasing/orders/receive-order.js'
import { importItems } from '../../src/stock/import-items.js'
import { listItems } from '../../src/stock/list-items.js'
import { openTestShop, type TestShop } from '../helpers/cafe.js'
import { csvBytes } from '../helpers/purchasing-builders.js'

let shop: TestShop
afterEach(() => shop.close())

/** 0.1 + 0.2 is 0.30000000000000004 in binary fractions, 3 × 0.1 is, and 0.4 − 0.1 is, too. */
it.each([
  [
    'packs of 0.1 kg at 3.33',
    '0.1',
    '3.33',
    { packs: 3, lineTotalMinor: 999, taxMinor: 70, totalMinor: 1_069 },
    '33.3',
  ],
  ['a pack of 1 kg at 3.33', '1', '3.33', { packs: 1, lineTotalMinor: 333, taxMinor: 23, totalMinor: 356 }, '3.33'],
  [
    'packs of 0.3 kg at 1.00, 3.33 a kg',
    '0.3',
    '1.00',
    { packs: 1, lineTotalMinor: 100, taxMinor: 7, totalMinor: 107 },
    '3.34',
  ],
])(
  '0.1 + 0.2 kg, bought as %s, are exact to the cent and the gram from need to shelf',
  async (_, pack, price, bought, cap) => {
    shop = await openTestShop({ example: false })
    const { ctx } = shop
    const total = (bought.totalMinor / 100).toFixed(2)
    // Every limit is exactly what it costs: a cent of noise anywhere and it would be refused.
    const limits = {
      per_order: total,
      per_day: total,
      per_supplier: { spice: { per_month: total } },
      max_line_amount: (bought.lineTotalMinor / 100).toFixed(2),
    }
    await applyLimits(ctx, { list: 'cafe', limits, source: 'person' })
    await importSuppliers(ctx, {
      bytes: csvBytes('id,name,channel,currency,tax_rate\nspice,Spice & Co,manual,EUR,0.07\n'),
      fileName: 'suppliers.csv',
    })
    await importCatalog(ctx, {
      bytes: csvBytes(`supplier,sku,name,unit,pack_quantity,price\nspice,SAF,Saffron,kg,${pack},${price}\n`),
      fileName: 'catalog.csv',
    })
    await importItems(ctx, {
      bytes: csvBytes(
        `name,sku,unit,on_hand,reorder_point,order_up_to,max_unit_price\nSaffron,SAF,kg,0.1,0.1,0.4,${cap}\n`,
      ),
      fileName: 'items.csv',
      list: 'cafe',
    })

    const { outcome } = await shop.run()
    expect(outcome.items).toMatchObject([{ decision: 'ordered', needQuantity: 0.3 }])
    const [order] = await findOrders(ctx, {})
    const quantity = Number((bought.packs * Number(pack)).toFixed(3))
    expect(order).toMatchObject({
      subtotalMinor: bought.lineTotalMinor,
      taxMinor: bought.taxMinor,
      totalMinor: bought.totalMinor,
      lines: [{ packs: bought.packs, quantity, lineTotalMinor: bought.lineTotalMinor, taxMinor: bought.taxMinor }],
    })
    const used = (await getLimits(ctx, { list: 'cafe' })).limits.filter(({ usedMinor }) => usedMinor !== null)
    expect(used.map(({ usedMinor, leftMinor }) => [usedMinor, leftMinor])).toEqual([
      [bought.totalMinor, 0],
      [bought.totalMinor, 0],
    ])

    await shop.submitAndDeliver()
    const orderId = order?.orderId ?? ''
    const line = order?.lines[0]?.lineId ?? ''
    await receiveOrder(ctx, { orderId, lines: [{ line, quantity: 0.1 }], by: 'Ada' })
    const rest = quantity === 0.3 ? { lines: [{ line, quantity: 0.2 }] } : {}
    const received = await receiveOrder(ctx, { orderId, ...rest, by: 'Ada' })
    expect(received).toMatchObject({ status: 'received', lines: [{ receivedQuantity: quantity }] })
    await shop.submitAndDeliver()
    const [item] = await listItems(ctx, { list: 'cafe', filter: 'all' })
    expect(item).toMatchObject({ onHand: quantity === 0.3 ? 0.4 : 1.1, onOrder: 0 })
  },
)
