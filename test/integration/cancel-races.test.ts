import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { DomainContext } from '../../src/platform/context.js'
import type { Channel, OrderReport } from '../../src/purchasing/channels/channel.js'
import { applyLimits } from '../../src/purchasing/limits/list-limits.js'
import { openQuantities } from '../../src/purchasing/needs/open-quantities.js'
import { cancelOrder } from '../../src/purchasing/orders/cancel-order.js'
import { getOrder } from '../../src/purchasing/orders/get-order.js'
import { submitOrder } from '../../src/purchasing/sending/submit-order.js'
import { trackOrders } from '../../src/purchasing/sending/track-orders.js'
import { buildLine, insertSupplier, placeOne } from '../helpers/order-builders.js'
import { createTestDatabase, type TestDatabase } from '../helpers/test-database.js'

let database: TestDatabase
let ctx: DomainContext
beforeAll(async () => {
  database = await createTestDatabase()
  ctx = database.ctx
  await insertSupplier(ctx, 'far', { channel: 'http' })
  await applyLimits(ctx, { list: 'cafe', currency: 'EUR', timeZone: 'Europe/Berlin', limits: {}, source: 'person' })
})
afterAll(() => database.drop())

/** A supplier that has sent part of the goods off by the time that it is asked to cancel. */
function buildSupplier(packsSent: number) {
  let isCancelled = false
  let isDown = false
  const confirmed = { outcome: 'confirmed', reference: 'R-1' } as const
  const channel: Channel = {
    submit: async () => confirmed,
    findByKey: async () => confirmed,
    status: async (_, order): Promise<OrderReport> => {
      if (!isCancelled) return { answer: confirmed, deliveries: [] }
      if (isDown) throw new Error('nobody answers')
      const [line] = order.lines
      if (line === undefined) throw new Error('an order without lines')
      const quantity = packsSent * line.packQuantity
      const sent = { id: `parcel-${order.orderId}`, lineId: line.lineId, quantity, at: ctx.clock.now() }
      return {
        answer: { outcome: 'cancelled', reason: 'as you wished' },
        deliveries: packsSent === 0 ? [] : [sent],
      }
    },
    cancel: async () => {
      isCancelled = true
      return { outcome: 'cancelled' }
    },
  }
  return { channels: { http: channel }, fail: (isFailing: boolean) => (isDown = isFailing) }
}

let item = 0
async function order(supplier: ReturnType<typeof buildSupplier>): Promise<string> {
  const orderId = await placeOne(ctx, 'far', { lines: [buildLine(`itm_${++item}`)] })
  await submitOrder(ctx, { orderId }, supplier.channels)
  await cancelOrder(ctx, { orderId, by: 'Ada', reason: 'too many' })
  return orderId
}

async function reality(orderId: string): Promise<string> {
  const { status, lines } = await getOrder(ctx, { orderId })
  const { state, amount_minor } = await ctx.db
    .selectFrom('purchasing.reservations')
    .select(['state', 'amount_minor'])
    .where('order_id', '=', orderId)
    .executeTakeFirstOrThrow()
  const open = (await openQuantities(ctx, 'cafe', [`itm_${item}`])).get(`itm_${item}`)
  return `${status}, ${state} ${amount_minor}, received ${lines[0]?.receivedQuantity}, on order ${open}`
}

beforeEach(() => database.clock.advance(86_400_000))

describe('goods that are on their way when their order is cancelled', () => {
  // Three packs of 12 l at 10.00.
  it.each([
    [0, 'cancelled, released 3000, received 0, on order 0'],
    [1, 'closed_short, settled 1000, received 12, on order 0'],
    [3, 'received, settled 3000, received 36, on order 0'],
  ])('%i packs of three are booked before it ends', async (packs, ends) => {
    const supplier = buildSupplier(packs)
    const orderId = await order(supplier)
    expect(await trackOrders(ctx, supplier.channels)).toMatchObject({ failed: 0 })
    expect(await reality(orderId)).toBe(ends)
    await trackOrders(ctx, supplier.channels)
    expect(await reality(orderId)).toBe(ends)
  })

  it('keep it as it is while nobody says how many there are', async () => {
    const supplier = buildSupplier(2)
    supplier.fail(true)
    const orderId = await order(supplier)
    expect(await trackOrders(ctx, supplier.channels)).toMatchObject({ failed: 1 })
    expect(await reality(orderId)).toMatch(/^confirmed, settled 3000, received 0/)
    supplier.fail(false)
    database.clock.advance(86_400_000)
    await trackOrders(ctx, supplier.channels)
    expect(await reality(orderId)).toBe('closed_short, settled 2000, received 24, on order 0')
  })
})
