import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findOrders } from '../../src/purchasing/orders/find-orders.js'
import type { Order } from '../../src/purchasing/orders/get-order.js'
import { openTestShop, type TestShop } from '../helpers/cafe.js'
import { createTestCli, type TestCli } from '../helpers/run-cli.js'
import { testSecret } from '../helpers/test-database.js'

let shop: TestShop
let cli: TestCli
let late: Order

const dayMs = 86_400_000

beforeAll(async () => {
  shop = await openTestShop()
  await shop.run()
  await shop.submitAndDeliver()
  const [order] = await findOrders(shop.ctx, { status: 'confirmed' })
  if (order === undefined) throw new Error('nothing was ordered')
  late = order
  // A supplier that has promised and forgotten.
  await shop.ctx.db
    .updateTable('purchasing.orders')
    .set({ channel: 'manual', expected_at: new Date(shop.ctx.clock.now().getTime() - 3 * dayMs) })
    .where('id', '=', late.orderId)
    .execute()
  const offsetMs = shop.ctx.clock.now().getTime() - Date.now()
  cli = createTestCli({
    env: { DATABASE_URL: shop.database.url, RESTOCK_SECRET: testSecret, RESTOCK_CLOCK_OFFSET_MS: String(offsetMs) },
  })
})

afterAll(async () => {
  cli?.remove()
  await shop?.close()
})

describe('an order that does not come', () => {
  it('is in the summary of each run of its list, with what can be done', async () => {
    for (const _ of ['first', 'second']) {
      const { outcome } = await shop.run()
      expect(outcome.summary).toContain(`Order ${late.orderId} (${late.supplier}) needs attention: It has not come`)
      expect(outcome.summary).toContain(`orders close ${late.orderId}`)
    }
  })

  it('is listed apart on the command line', async () => {
    const { orders } = (await cli.run('orders', 'list', '--attention', '--json')).json() as { orders: Order[] }
    expect(orders.map(({ orderId }) => orderId)).toEqual([late.orderId])
    expect(orders[0]?.attention).toContain('It has not come')
    expect((await cli.run('orders', 'show', late.orderId)).stdout).toContain('needs you')
  })

  it('is forgotten once a person has ended it', async () => {
    await cli.run('orders', 'close', late.orderId, '--reason', 'never came')
    expect(await findOrders(shop.ctx, { attention: true })).toEqual([])
    expect((await shop.run()).outcome.summary).not.toContain(`Order ${late.orderId}`)
  })
})
