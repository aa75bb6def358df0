/** A list, suppliers on every channel and the jobs that send and track: what becomes of an order, end to end. */
import { expect } from 'vitest'
import type { BehaviourName } from '../../examples/supplier-server/behaviours.js'
import type { DomainContext } from '../../src/platform/context.js'
import { addSupplier } from '../../src/purchasing/catalog/add-supplier.js'
import { createHttpChannel } from '../../src/purchasing/channels/http.js'
import { type ChannelName, type Channels, createChannels } from '../../src/purchasing/channels/index.js'
import { getOrder, type Order } from '../../src/purchasing/orders/get-order.js'
import { readOrderEvents } from '../../src/purchasing/orders/read-order-events.js'
import { placeOrder } from '../../src/purchasing/placing/place-order.js'
import { dueSubmissions } from '../../src/purchasing/sending/due-submissions.js'
import { submitOrder } from '../../src/purchasing/sending/submit-order.js'
import { trackOrders } from '../../src/purchasing/sending/track-orders.js'
import { applyOrderEvents } from '../../src/stock/apply-order-events.js'
import { addList } from '../../src/stock/lists.js'
import { buildLine, insertReadyQuote } from './order-builders.js'
import { startSmtpServer, type TestSmtpServer } from './smtp-server.js'
import { buildItem, viewOf } from './stock-builders.js'
import { startSupplier, type TestSupplier } from './supplier-server.js'
import { createTestDatabase, type TestDatabase } from './test-database.js'

export interface Placed {
  readonly orderId: string
  readonly itemId: string
}

/** Done once it answers true. */
export type Deed = (order: Order) => Promise<boolean>

/** What requests to suppliers over HTTP are signed with, unless a test changes it. */
export const channelSecret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'

export interface ChannelWorld {
  readonly database: TestDatabase
  readonly ctx: DomainContext
  readonly supplier: TestSupplier
  readonly smtp: TestSmtpServer
  readonly channels: Channels
  /** By supplier. */
  readonly secrets: Record<string, string>
  /** Three packs of 12 l at 10.00, for an item that has none. */
  place(channel: ChannelName, behaviour?: BehaviourName): Promise<Placed>
  /** What the sync-stock job does, without the servers in between. */
  sync(): Promise<void>
  /** A week, looked at every six hours: what is due is sent, suppliers are asked, the list is told, and people do theirs. */
  live(placed: Placed, channels: Channels, deeds: readonly Deed[]): Promise<void>
  /** Everything that has to agree at the end, in one line: order, budget, list. */
  reality(placed: Placed): Promise<string>
  close(): Promise<void>
}

const hourMs = 3_600_000

export async function openChannelWorld(): Promise<ChannelWorld> {
  const database = await createTestDatabase()
  const { ctx } = database
  const supplier = await startSupplier({ now: () => ctx.clock.now(), secret: channelSecret })
  const smtp = await startSmtpServer()
  const secrets: Record<string, string> = {}
  const channels: Channels = {
    ...createChannels({ smtpUrl: smtp.url, mailFrom: 'Corner Café <orders@cafe.example>', secrets: {} }),
    http: createHttpChannel({ secrets, timeoutMs: 500 }),
  }
  await addList(ctx, { id: 'cafe', currency: 'EUR', timeZone: 'Europe/Berlin' })
  let counter = 0
  let cursor = 0

  async function place(channel: ChannelName, behaviour: BehaviourName = 'normal'): Promise<Placed> {
    const id = `s${++counter}`
    secrets[id] = channelSecret
    await addSupplier(ctx, {
      id,
      name: `Supplier ${id}`,
      channel,
      currency: 'EUR',
      url: channel === 'http' ? supplier.urlOf(behaviour) : null,
      email: channel === 'email' ? 'sales@dairy.example' : null,
      leadTimeDays: 1,
    })
    const itemId = await buildItem(ctx, { list: 'cafe', unit: 'l', name: `Milk ${id}` })
    const { quoteId, caller } = await insertReadyQuote(ctx, {
      supplierId: id,
      lines: [buildLine(itemId)],
      order: { leadTimeDays: 1 },
    })
    const { results } = await placeOrder({ ...ctx, caller }, { quoteId, rationale: 'low' }, channels)
    const orderId = results[0]?.orderId
    if (!orderId) throw new Error(`the order was refused: ${JSON.stringify(results)}`)
    return { orderId, itemId }
  }

  async function sync(): Promise<void> {
    const page = await readOrderEvents(ctx, { after: cursor, limit: 500 })
    await applyOrderEvents(ctx, {
      events: page.events.map((event) => ({
        ...event,
        expectedAt: event.expectedAt === null ? null : new Date(event.expectedAt),
        at: new Date(event.at),
      })),
    })
    cursor = page.next
  }

  return {
    database,
    ctx,
    supplier,
    smtp,
    channels,
    secrets,
    place,
    sync,
    async live({ orderId }, used, deeds) {
      const left = [...deeds]
      for (let count = 0; count < 28; count++) {
        // Two workers look at the same moment, as they may.
        const due = await dueSubmissions(ctx, { limit: 100 })
        await Promise.all([...due, ...due].map((id) => submitOrder(ctx, { orderId: id }, used)))
        await Promise.all([trackOrders(ctx, used), trackOrders(ctx, used)])
        await sync()
        if (await left[0]?.(await getOrder(ctx, { orderId }))) left.shift()
        await sync()
        database.clock.advance(6 * hourMs)
      }
      expect(left, 'everybody has done what was theirs to do').toHaveLength(0)
    },
    async reality({ orderId, itemId }) {
      const order = await getOrder(ctx, { orderId })
      const budget = await ctx.db
        .selectFrom('purchasing.reservations')
        .selectAll()
        .where('order_id', '=', orderId)
        .executeTakeFirstOrThrow()
      const item = await viewOf(ctx, itemId)
      const received = order.lines.reduce((sum, line) => sum + line.receivedQuantity, 0)
      return `${order.status}, ${budget.state} ${budget.amount_minor}, received ${received}, on hand ${item.onHand}, on order ${item.onOrder}`
    },
    async close() {
      await supplier.close()
      await smtp.close()
      await database.drop()
    },
  }
}
