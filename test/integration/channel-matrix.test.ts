/** Every channel times every way in which a supplier misbehaves: nothing twice, nothing lost, and all books agree. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Channel, OrderReport } from '../../src/purchasing/channels/channel.js'
import type { ChannelName, Channels } from '../../src/purchasing/channels/index.js'
import { simulatedChannel } from '../../src/purchasing/channels/simulated.js'
import { closeOrder } from '../../src/purchasing/orders/close-order.js'
import { getOrder, type Order } from '../../src/purchasing/orders/get-order.js'
import { receiveOrder } from '../../src/purchasing/orders/receive-order.js'
import { resolveOrder } from '../../src/purchasing/orders/resolve-order.js'
import { type ChannelWorld, type Deed, openChannelWorld, type Placed } from '../helpers/channel-world.js'

let world: ChannelWorld
beforeAll(async () => {
  world = await openChannelWorld()
})
afterAll(() => world.close())

const misbehaviours = ['late', 'twice', 'silent', 'rejects', 'adjusts', 'parts'] as const
type Misbehaviour = (typeof misbehaviours)[number]

const whole = 'received, settled 3000, received 36, on hand 36, on order 0'
const fewer = 'received, settled 2000, received 24, on hand 24, on order 0'
const short = 'closed_short, settled 2000, received 24, on hand 24, on order 0'
const nothing = 'rejected, released 3000, received 0, on hand 0, on order 0'

const dayMs = 86_400_000

/** What a person can do, each once it makes sense. */
const when =
  (isTime: (order: Order) => boolean, act: (orderId: string, order: Order) => Promise<unknown>): Deed =>
  async (order) => {
    if (!isTime(order)) return false
    await act(order.orderId, order)
    return true
  }
const isSent = ({ status }: Order) => ['submitted', 'confirmed', 'partially_received'].includes(status)
const receive = (quantity: number) =>
  when(isSent, (orderId, { lines }) =>
    receiveOrder(world.ctx, { orderId, lines: [{ line: lines[0]?.lineId ?? '', quantity }], by: 'Ada' }),
  )
const receiveLate = when(
  ({ attention }) => attention?.includes('It has not come') === true,
  (orderId) => receiveOrder(world.ctx, { orderId, by: 'Ada' }),
)
/** Somebody else records the same parcel once more. */
const receiveAgain = when(
  ({ status }) => status === 'received',
  (orderId) =>
    expect(receiveOrder(world.ctx, { orderId, by: 'Ben' })).rejects.toMatchObject({
      refusal: { code: 'not_receivable' },
    }),
)
const close = when(isSent, (orderId) => closeOrder(world.ctx, { orderId, by: 'Ada' }))
const resolve = (status: Order['status'], placed: boolean) =>
  when(
    (order) => order.status === status,
    (orderId) => resolveOrder(world.ctx, { orderId, placed, by: 'Ada' }),
  )

interface Case {
  readonly ends: string
  readonly deeds?: readonly Deed[]
  readonly prepare?: (placed: Placed) => Promise<unknown>
  readonly channels?: () => Channels
  /** How often the supplier has the order at the end, where that can be counted; 1 unless said. */
  readonly taken?: number
}

/** A simulated supplier that misbehaves: what is not said is as ever. */
const simulated = (faults: Partial<Channel>): (() => Channels) => {
  return () => ({ ...world.channels, simulated: { ...simulatedChannel, ...faults } })
}
const report = (change: (report: OrderReport, now: Date) => OrderReport): Partial<Channel> => ({
  status: async (ctx, order, signal) => change(await simulatedChannel.status(ctx, order, signal), ctx.clock.now()),
})
/** A worker is killed in the middle of sending; whoever comes next finds an order that is being sent. */
const dieWhileSending = ({ orderId }: Placed) =>
  world.ctx.db
    .updateTable('purchasing.orders')
    .set({ status: 'submitting', submit_attempts: 1, next_attempt_at: world.ctx.clock.now() })
    .where('id', '=', orderId)
    .execute()

const cases: Readonly<Record<ChannelName, Readonly<Record<Misbehaviour, Case>>>> = {
  // Its behaviours are those of examples/supplier-server.
  http: {
    late: { ends: whole },
    twice: { ends: whole },
    silent: { ends: whole },
    rejects: { ends: nothing },
    adjusts: { ends: fewer },
    parts: { ends: whole },
  },
  email: {
    late: { deeds: [receiveLate], ends: whole },
    twice: { deeds: [receive(36), receiveAgain], ends: whole },
    silent: {
      prepare: async () => world.smtp.fates.push('cut after the content'),
      deeds: [resolve('unknown', true), receive(36)],
      ends: whole,
    },
    // They say so on the phone, and the person ends it: nothing came, so nothing is paid.
    rejects: { deeds: [close], ends: 'closed_short, settled 0, received 0, on hand 0, on order 0' },
    adjusts: { deeds: [receive(24), close], ends: short },
    parts: { deeds: [receive(12), receive(12), receive(12)], ends: whole },
  },
  manual: {
    late: { deeds: [resolve('submitted', true), receiveLate], ends: whole },
    twice: { deeds: [resolve('submitted', true), receive(36), receiveAgain], ends: whole },
    silent: { prepare: dieWhileSending, deeds: [resolve('submitted', true), receive(36)], ends: whole },
    rejects: { deeds: [resolve('submitted', false)], ends: nothing },
    adjusts: { deeds: [receive(24), close], ends: short },
    parts: { deeds: [receive(12), receive(12), receive(12)], ends: whole },
  },
  simulated: {
    late: {
      channels: simulated(
        report((said, now) =>
          isBeforeDay(4, said, now) ? { answer: { outcome: 'cannot_tell' }, deliveries: [] } : said,
        ),
      ),
      ends: whole,
    },
    twice: {
      channels: simulated(report((said) => ({ ...said, deliveries: [...said.deliveries, ...said.deliveries] }))),
      ends: whole,
    },
    silent: {
      channels: simulated({
        submit: async (...call) => {
          await simulatedChannel.submit(...call)
          throw new Error('no answer')
        },
      }),
      ends: whole,
    },
    rejects: {
      channels: simulated({ submit: async () => ({ outcome: 'rejected', reason: 'not in our range any more' }) }),
      ends: nothing,
      taken: 0,
    },
    adjusts: {
      channels: simulated({
        submit: async (ctx, order, signal) => ({
          ...(await simulatedChannel.submit(ctx, order, signal)),
          outcome: 'confirmed',
          reference: null,
          terms: { lines: order.lines.map(({ lineId }) => ({ lineId, packs: 2 })) },
        }),
      }),
      ends: fewer,
    },
    parts: {
      channels: simulated(
        report((said, now) => ({
          ...said,
          deliveries: said.deliveries.flatMap((delivery) =>
            [1, 2, 3].flatMap((part) => {
              const at = new Date(delivery.at.getTime() + part * dayMs)
              return at > now ? [] : [{ ...delivery, id: `${delivery.id}-${part}`, quantity: 12, at }]
            }),
          ),
        })),
      ),
      ends: whole,
    },
  },
}

/** So many days after the supplier's own. */
function isBeforeDay(days: number, { deliveries }: OrderReport, now: Date): boolean {
  const at = deliveries[0]?.at
  return at === undefined || now.getTime() < at.getTime() + days * dayMs
}

const httpBehaviours = {
  late: 'late',
  twice: 'twice',
  silent: 'silent',
  rejects: 'reject',
  adjusts: 'fewer',
  parts: 'parts',
} as const

/** How often the supplier has the order; null: nobody can count that. */
async function countTaken(channel: ChannelName, { orderId }: Placed): Promise<number | null> {
  if (channel === 'http')
    return world.supplier.book.all().filter(({ order }) => order.idempotency_key === orderId).length
  if (channel === 'email') return world.smtp.taken.filter((mail) => mail.includes(`Order ${orderId}\n`)).length
  if (channel === 'manual') return null
  const rows = await world.ctx.db
    .selectFrom('purchasing.simulated_orders')
    .select('idempotency_key')
    .where('idempotency_key', '=', orderId)
    .execute()
  return rows.length
}

describe.each(Object.keys(cases) as readonly ChannelName[])('by %s, a supplier that', (channel) => {
  it.each(misbehaviours.map((name) => ({ name, ...cases[channel][name] })))('is $name: $ends', async (each) => {
    const placed = await world.place(channel, httpBehaviours[each.name])
    await each.prepare?.(placed)
    const channels = each.channels?.() ?? world.channels
    await world.live(placed, channels, each.deeds ?? [])
    expect(await world.reality(placed)).toBe(each.ends)
    const taken = await countTaken(channel, placed)
    if (taken !== null) expect(taken, 'orders that the supplier has').toBe(each.taken ?? 1)
    expect((await getOrder(world.ctx, placed)).attention).toBeNull()
    await world.live(placed, channels, [])
    expect(await world.reality(placed)).toBe(each.ends)
  })
})
