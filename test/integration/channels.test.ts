import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { BehaviourName } from '../../examples/supplier-server/behaviours.js'
import type { DomainContext } from '../../src/platform/context.js'
import type { LookUp } from '../../src/purchasing/channels/channel.js'
import { createHttpChannel } from '../../src/purchasing/channels/http.js'
import type { ChannelName, Channels } from '../../src/purchasing/channels/index.js'
import type { LimitSettings } from '../../src/purchasing/limits/limit-settings.js'
import { applyLimits } from '../../src/purchasing/limits/list-limits.js'
import { cancelOrder } from '../../src/purchasing/orders/cancel-order.js'
import { closeOrder } from '../../src/purchasing/orders/close-order.js'
import { findOrders } from '../../src/purchasing/orders/find-orders.js'
import { getOrder, getOrderHistory, type Order } from '../../src/purchasing/orders/get-order.js'
import { receiveOrder } from '../../src/purchasing/orders/receive-order.js'
import { resolveOrder } from '../../src/purchasing/orders/resolve-order.js'
import { approveOrder } from '../../src/purchasing/placing/approve-order.js'
import { declineOrder } from '../../src/purchasing/placing/decline-order.js'
import { dueSubmissions } from '../../src/purchasing/sending/due-submissions.js'
import { submitOrder } from '../../src/purchasing/sending/submit-order.js'
import { trackOrders } from '../../src/purchasing/sending/track-orders.js'
import { type ChannelWorld, channelSecret, openChannelWorld, type Placed } from '../helpers/channel-world.js'
import type { MailFate, TestSmtpServer } from '../helpers/smtp-server.js'
import { viewOf } from '../helpers/stock-builders.js'
import type { TestSupplier } from '../helpers/supplier-server.js'
import type { TestDatabase } from '../helpers/test-database.js'

const hourMs = 3_600_000

let world: ChannelWorld
let database: TestDatabase
let ctx: DomainContext
let supplier: TestSupplier
let smtp: TestSmtpServer
let channels: Channels

beforeAll(async () => {
  world = await openChannelWorld()
  ;({ database, ctx, supplier, smtp, channels } = world)
})
afterAll(() => world.close())

/** Three packs of 12 l at 10.00, for an item that has none; the list knows of it. */
async function place(channel: ChannelName, behaviour?: BehaviourName): Promise<Placed> {
  const placed = await world.place(channel, behaviour)
  await world.sync()
  return placed
}

/** One round of the beat: send what is due, ask about what was sent, tell the list. */
async function round(): Promise<void> {
  for (const orderId of await dueSubmissions(ctx, { limit: 100 })) await submitOrder(ctx, { orderId }, channels)
  await trackOrders(ctx, channels)
  await world.sync()
}

/** Rounds six hours apart, a week of them; `decide` is asked after each of them until it has done something. */
async function live({ orderId }: Placed, decide?: (order: Order) => Promise<boolean>): Promise<void> {
  let isDecided = decide === undefined
  for (let count = 0; count < 28; count++) {
    await round()
    if (!isDecided && decide !== undefined) isDecided = await decide(await getOrder(ctx, { orderId }))
    database.clock.advance(6 * hourMs)
  }
  expect(isDecided, 'there was something to decide').toBe(true)
}

/** Everything that has to agree at the end, in one line: order, budget, list. */
async function reality({ orderId, itemId }: Placed): Promise<string> {
  const order = await getOrder(ctx, { orderId })
  const budget = await ctx.db
    .selectFrom('purchasing.reservations')
    .selectAll()
    .where('order_id', '=', orderId)
    .executeTakeFirstOrThrow()
  const item = await viewOf(ctx, itemId)
  const received = order.lines.reduce((sum, line) => sum + line.receivedQuantity, 0)
  const events = await ctx.db
    .selectFrom('purchasing.events')
    .select('payload')
    .where('order_id', '=', orderId)
    .execute()
  const delivered = events
    .map(({ payload }) => (payload as { deliveredQuantity: number | null }).deliveredQuantity ?? 0)
    .reduce((sum, quantity) => sum + quantity, 0)
  expect(delivered, 'what the list was told').toBe(received)
  return `${order.status}, ${budget.state} ${budget.amount_minor}, received ${received}, on hand ${item.onHand}, on order ${item.onOrder}`
}

/** But to take note of goods that nobody ordered. */
async function expectNothingLeftToDo({ orderId }: Placed): Promise<void> {
  const { attention, lines } = await getOrder(ctx, { orderId })
  if (lines.some((line) => line.receivedQuantity > line.quantity)) {
    expect(attention).toMatch(/It brought \d+ l of “.*” more than was ordered/)
    await closeOrder(ctx, { orderId, by: 'Ada' })
  }
  expect((await getOrder(ctx, { orderId })).attention).toBeNull()
}

function sendingsOf({ orderId }: Placed): string {
  const taken = supplier.book.all().filter(({ order }) => order.idempotency_key === orderId).length
  return `sent ${supplier.book.sendings.get(orderId) ?? 0}, taken ${taken}`
}

const onAttention =
  (act: (orderId: string) => Promise<unknown>, words: RegExp) =>
  async ({ orderId, attention }: Order) => {
    if (attention === null) return false
    expect(attention).toMatch(words)
    expect((await findOrders(ctx, { attention: true })).map((order) => order.orderId)).toContain(orderId)
    await act(orderId)
    return true
  }

const accept = onAttention((orderId) => approveOrder(ctx, { orderId, by: 'Ada' }), /The supplier changed it/)
const decline = onAttention((orderId) => declineOrder(ctx, { orderId, by: 'Ada' }), /The supplier changed it/)
const notPlaced = onAttention(
  (orderId) => resolveOrder(ctx, { orderId, placed: false, by: 'Ada' }),
  /Nobody knows whether/,
)
const cancel = async ({ orderId, status }: Order) => {
  if (status !== 'confirmed') return false
  await cancelOrder(ctx, { orderId, by: 'Ada', reason: 'too much' })
  return true
}

const whole = 'received, settled 3000, received 36, on hand 36, on order 0'
const void3000 = (status: string) => `${status}, released 3000, received 0, on hand 0, on order 0`

describe('over http', () => {
  const rows: readonly {
    behaviour: BehaviourName
    decide?: (order: Order) => Promise<boolean>
    says?: string
    limits?: LimitSettings
    ends: string
    sent?: string
  }[] = [
    { behaviour: 'normal', ends: whole },
    { behaviour: 'late', ends: whole },
    { behaviour: 'twice', ends: whole },
    { behaviour: 'silent', ends: whole },
    { behaviour: 'cut-after', ends: whole },
    { behaviour: 'cut-before', ends: whole, sent: 'sent 2, taken 1' },
    { behaviour: 'down', decide: notPlaced, says: 'not placed', ends: void3000('rejected'), sent: 'sent 0, taken 0' },
    { behaviour: 'reject', ends: void3000('rejected') },
    { behaviour: 'fewer', ends: 'received, settled 2000, received 24, on hand 24, on order 0' },
    { behaviour: 'nothing', ends: void3000('rejected') },
    { behaviour: 'slightly-dearer', ends: 'received, settled 3060, received 36, on hand 36, on order 0' },
    {
      behaviour: 'dearer',
      decide: accept,
      says: 'accepted',
      ends: 'received, settled 3600, received 36, on hand 36, on order 0',
    },
    { behaviour: 'dearer', decide: decline, says: 'declined', ends: void3000('cancelled') },
    { behaviour: 'dearer', says: 'cancelled by rule', limits: { on_amendment: 'cancel' }, ends: void3000('cancelled') },
    {
      behaviour: 'dearer',
      says: 'accepted by rule',
      limits: { on_amendment: 'accept' },
      ends: 'received, settled 3600, received 36, on hand 36, on order 0',
    },
    {
      behaviour: 'dearer',
      says: 'within a wider tolerance',
      limits: { amendment_tolerance_percent: '20' },
      ends: 'received, settled 3600, received 36, on hand 36, on order 0',
    },
    {
      behaviour: 'more',
      decide: accept,
      says: 'accepted',
      ends: 'received, settled 4000, received 48, on hand 48, on order 0',
    },
    { behaviour: 'substitute', decide: accept, says: 'accepted', ends: whole },
    { behaviour: 'substitute', decide: decline, says: 'declined', ends: void3000('cancelled') },
    { behaviour: 'parts', ends: whole },
    { behaviour: 'over', ends: 'received, settled 3000, received 60, on hand 60, on order 0' },
    { behaviour: 'normal', decide: cancel, says: 'cancelled', ends: void3000('cancelled') },
    { behaviour: 'no-cancel', decide: cancel, says: 'to be cancelled', ends: whole },
  ]

  it.each(rows.map((row) => ({ says: 'and nobody decides', ...row })))(
    '$behaviour, $says: $ends',
    async ({ behaviour, decide, limits, ends, sent }) => {
      await applyLimits(ctx, { list: 'cafe', limits: limits ?? {}, source: 'person' })
      const placed = await place('http', behaviour)
      await live(placed, decide)
      expect(await reality(placed)).toBe(ends)
      expect(sendingsOf(placed)).toBe(sent ?? 'sent 1, taken 1')
      await expectNothingLeftToDo(placed)
      const before = await reality(placed)
      await round()
      expect(await reality(placed)).toBe(before)
    },
  )

  it('tells in the order what was ordered and what came of it', async () => {
    await applyLimits(ctx, { list: 'cafe', limits: {}, source: 'person' })
    const placed = await place('http', 'substitute')
    await live(placed, accept)
    const order = await getOrder(ctx, placed)
    expect(order.lines[0]).toMatchObject({ product: 'Something very similar', sku: 'OTHER', packs: 3 })
    expect(order.lines[0]?.original).toMatchObject({ product: `Product ${placed.itemId}`, packs: 3 })
    const history = await getOrderHistory(ctx, placed)
    expect(history.map(({ kind, actor }) => `${kind} by ${actor.replace(/:.*/, '')}`)).toEqual([
      'placed by run',
      'submitting by restock',
      'confirmed by supplier',
      'amendment_pending by supplier',
      'amendment_accepted by person',
      'received by supplier',
    ])
    expect(history[3]?.details).toMatchObject({ changes: [{ kind: 'substituted' }], askBecause: [expect.any(String)] })
  })

  it.each<BehaviourName>(['normal', 'cut-before'])(
    'survives a sender that dies while sending: %s',
    async (behaviour) => {
      const placed = await place('http', behaviour)
      const order = await getOrder(ctx, placed)
      await submitOrder(ctx, { orderId: order.orderId }, channels)
      // What kill -9 leaves: sent, or not, and nothing noted of the answer.
      await ctx.db
        .updateTable('purchasing.orders')
        .set({ status: 'submitting', supplier_reference: null, next_attempt_at: ctx.clock.now() })
        .where('id', '=', order.orderId)
        .execute()
      await live(placed)
      expect(await reality(placed)).toBe(whole)
      expect(sendingsOf(placed)).toBe(behaviour === 'normal' ? 'sent 1, taken 1' : 'sent 2, taken 1')
    },
  )

  it('tells the list at once what will come, and only once it holds', async () => {
    const fewer = await place('http', 'fewer')
    await round()
    expect(await reality(fewer)).toBe('confirmed, settled 2000, received 0, on hand 0, on order 24')
    const more = await place('http', 'more')
    await round()
    expect(await reality(more)).toBe('confirmed, settled 3000, received 0, on hand 0, on order 36')
    await approveOrder(ctx, { orderId: more.orderId, by: 'Ada' })
    await world.sync()
    expect(await reality(more)).toBe('confirmed, settled 4000, received 0, on hand 0, on order 48')
    await Promise.all([live(fewer), live(more)])
  })

  it('does not ask again about what was declined, even where the supplier will not cancel', async () => {
    const placed = await place('http', 'stubborn')
    const seen: (string | null)[] = []
    await live(placed, async (order) => {
      seen.push(order.attention)
      if (seen.length === 1) await declineOrder(ctx, { orderId: order.orderId, by: 'Ada' })
      return seen.length === 4
    })
    expect(seen[0]).toContain('The supplier changed it')
    expect(seen[2]).toContain('It was not cancelled: it is packed already')
    expect(seen[2]).not.toContain('The supplier changed it')
    const kinds = (await getOrderHistory(ctx, placed)).map(({ kind }) => kind)
    expect(kinds).toEqual([
      ...['placed', 'submitting', 'confirmed', 'amendment_pending', 'amendment_declined', 'cancel_requested'],
      ...['cancel_refused', 'received'],
    ])
    expect(await reality(placed)).toBe(whole)
  })

  it('ends with what came when the supplier takes the rest back, and moves with its days', async () => {
    const saying = (answer: LookUp, packsDelivered: number): Channels => ({
      http: {
        ...createHttpChannel({ askEveryMs: 0 }),
        status: async (_, order) => ({
          answer,
          deliveries: order.lines
            .map((line) => ({ id: `${order.orderId}-x`, lineId: line.lineId, quantity: 12, at: ctx.clock.now() }))
            .slice(0, packsDelivered),
        }),
      },
    })
    const confirmed = { outcome: 'confirmed', reference: null } as const
    const hear = async (answer: LookUp, packsDelivered: number) => {
      database.clock.advance(hourMs)
      await trackOrders(ctx, saying(answer, packsDelivered))
      await world.sync()
    }

    const shrunk = await place('http')
    await round()
    const day = new Date(ctx.clock.now().getTime() + 9 * 24 * hourMs)
    await hear({ ...confirmed, expectedAt: day }, 1)
    expect(await getOrder(ctx, shrunk)).toMatchObject({ status: 'partially_received', expectedAt: day })
    const { lineId = '' } = (await getOrder(ctx, shrunk)).lines[0] ?? {}
    await hear({ ...confirmed, terms: { lines: [{ lineId, packs: 1 }] } }, 1)
    expect(await reality(shrunk)).toBe('received, settled 1000, received 12, on hand 12, on order 0')

    const dropped = await place('http')
    await round()
    await hear(confirmed, 1)
    await hear({ outcome: 'cancelled', reason: 'out of stock' }, 1)
    expect(await reality(dropped)).toBe('closed_short, settled 1000, received 12, on hand 12, on order 0')
    expect((await getOrder(ctx, dropped)).statusReason).toBe('out of stock')
  })

  it('asks again when the supplier thinks better of it, and only about what is new', async () => {
    const placed = await place('http', 'dearer-later')
    const seen: string[] = []
    await live(placed, async ({ attention, orderId }) => {
      if (attention === null) return false
      seen.push(attention)
      // Four looks at the same words are one question.
      if (seen.length < 4) return false
      await approveOrder(ctx, { orderId, by: 'Ada' })
      return true
    })
    expect(new Set(seen).size).toBe(1)
    const kinds = (await getOrderHistory(ctx, placed)).map(({ kind }) => kind)
    expect(kinds.filter((kind) => kind === 'amendment_pending')).toHaveLength(1)
    // It had come in whole by then: the new price is booked all the same.
    expect(await reality(placed)).toBe('received, settled 3600, received 36, on hand 36, on order 0')
  })

  it('never lets a supplier past a limit, whatever the tolerance, and not a person either', async () => {
    const limits = { per_order: '35', amendment_tolerance_percent: '50', on_amendment: 'accept' } as const
    await applyLimits(ctx, { list: 'cafe', limits, source: 'person' })
    const placed = await place('http', 'dearer')
    await round()
    const { attention, orderId } = await getOrder(ctx, placed)
    expect(attention).toContain('per_order')
    await expect(approveOrder(ctx, { orderId, by: 'Ada' })).rejects.toMatchObject({
      refusal: { code: 'amendment_over_limit' },
    })
    expect((await getOrder(ctx, placed)).totalMinor).toBe(3_000)
    await applyLimits(ctx, { list: 'cafe', limits: { per_order: '36' }, source: 'person' })
    await approveOrder(ctx, { orderId, by: 'Ada' })
    expect((await getOrder(ctx, placed)).totalMinor).toBe(3_600)
    await live(placed)
    await applyLimits(ctx, { list: 'cafe', limits: {}, source: 'person' })
  })

  it('decides once when two people decide at the same moment', async () => {
    const placed = await place('http', 'dearer')
    await round()
    const { orderId } = placed
    const by = { orderId, by: 'Ada' }
    const outcomes = await Promise.allSettled([approveOrder(ctx, by), declineOrder(ctx, by), approveOrder(ctx, by)])
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    const kinds = (await getOrderHistory(ctx, placed)).map(({ kind }) => kind)
    expect(kinds.filter((kind) => /^amendment_(accepted|declined)$/.test(kind))).toHaveLength(1)
    await live(placed)
  })

  it('books everything once when several ask at the same time', async () => {
    const placed = await place('http', 'parts')
    await round()
    database.clock.advance(80 * hourMs)
    await Promise.all([1, 2, 3].map(() => trackOrders(ctx, channels)))
    await world.sync()
    expect(await reality(placed)).toBe(whole)
  })

  it('is refused by a supplier that does not know the signature, and goes out when that is mended', async () => {
    const placed = await place('http')
    const { supplierId } = await getOrder(ctx, placed)
    world.secrets[supplierId] = 'another secret, just as long'
    await round()
    database.clock.advance(2 * hourMs)
    expect(await getOrder(ctx, placed)).toMatchObject({
      status: 'approved',
      statusReason: expect.stringContaining('HTTP 401'),
      attention: expect.stringContaining('could not be sent'),
    })
    world.secrets[supplierId] = channelSecret
    await live(placed)
    expect(await reality(placed)).toBe(whole)
    expect(sendingsOf(placed)).toBe('sent 1, taken 1')
  })

  it('surfaces what does not come, until a person ends it', async () => {
    const placed = await place('http', 'normal')
    await round()
    const deaf: Channels = {
      ...channels,
      http: { ...createHttpChannel(), status: async () => ({ answer: { outcome: 'cannot_tell' }, deliveries: [] }) },
    }
    const attentionAfter = async (hours: number) => {
      database.clock.advance(hours * hourMs)
      await trackOrders(ctx, deaf)
      return (await getOrder(ctx, placed)).attention
    }
    expect(await attentionAfter(24 + 48)).toBeNull()
    expect(await attentionAfter(1)).toContain('It has not come')
    await applyLimits(ctx, { list: 'cafe', limits: { overdue_grace_days: 5 }, source: 'person' })
    expect(await attentionAfter(1)).toBeNull()
    await applyLimits(ctx, { list: 'cafe', limits: {}, source: 'person' })
    await receiveOrder(ctx, { orderId: placed.orderId, lines: [{ line: placed.itemId, quantity: 12 }], by: 'Ada' })
    expect(await attentionAfter(1)).toContain('Part of it is missing')
    await closeOrder(ctx, { orderId: placed.orderId, by: 'Ada' })
    expect(await attentionAfter(1)).toBeNull()
    await world.sync()
    expect(await reality(placed)).toBe('closed_short, settled 1000, received 12, on hand 12, on order 0')
  })

  it('leaves a supplier that is down alone, more and more', async () => {
    const placed = await place('http', 'normal')
    await round()
    let asked = 0
    const away: Channels = {
      http: {
        ...createHttpChannel(),
        status: () => {
          asked += 1
          return Promise.reject(new Error('away'))
        },
      },
    }
    for (let minute = 0; minute < 12 * 60; minute += 4) {
      database.clock.advance(4 * 60_000)
      await trackOrders(ctx, away)
    }
    // First 4, then 8, 16, 32 and at last 60 minutes apart.
    expect(asked).toBeGreaterThan(10)
    expect(asked).toBeLessThan(22)
    expect((await getOrder(ctx, placed)).attention).toContain('for over an hour')
    await live(placed)
    expect(await reality(placed)).toBe(whole)
  })
})

describe('by mail', () => {
  const receiveIn = (...quantities: readonly number[]) => {
    const left = [...quantities]
    return async ({ orderId, status, lines }: Order) => {
      if (status !== 'submitted' && status !== 'partially_received') return false
      const quantity = left.shift() ?? 0
      await receiveOrder(ctx, { orderId, lines: [{ line: lines[0]?.lineId ?? '', quantity }], by: 'Ada' })
      return left.length === 0
    }
  }
  const resolve = (placed: boolean) =>
    onAttention((orderId) => resolveOrder(ctx, { orderId, placed, by: 'Ada' }), /Nobody knows whether/)
  const inTurn =
    (...steps: readonly ((order: Order) => Promise<boolean>)[]) =>
    async () => {
      const left = [...steps]
      return async (order: Order) => {
        if (await left[0]?.(order)) left.shift()
        return left.length === 0
      }
    }

  const rows: readonly {
    fates: readonly MailFate[]
    what: string
    decide: () => Promise<(order: Order) => Promise<boolean>>
    ends: string
    mails: number
  }[] = [
    { fates: [], what: 'delivered', decide: inTurn(receiveIn(36)), ends: whole, mails: 1 },
    { fates: [], what: 'delivered in three parts', decide: inTurn(receiveIn(12, 12, 12)), ends: whole, mails: 1 },
    {
      fates: [],
      what: 'delivered with too much',
      decide: inTurn(receiveIn(48)),
      ends: 'received, settled 3000, received 48, on hand 48, on order 0',
      mails: 1,
    },
    { fates: ['refuse the recipient'], what: 'sent again', decide: inTurn(receiveIn(36)), ends: whole, mails: 1 },
    { fates: ['refuse the content'], what: 'sent again', decide: inTurn(receiveIn(36)), ends: whole, mails: 1 },
    { fates: ['cut before the content'], what: 'sent again', decide: inTurn(receiveIn(36)), ends: whole, mails: 1 },
    {
      fates: ['cut after the content'],
      what: 'found with the supplier',
      decide: inTurn(resolve(true), receiveIn(36)),
      ends: whole,
      mails: 1,
    },
    {
      fates: ['cut after the content'],
      what: 'found lost',
      decide: inTurn(resolve(false)),
      ends: void3000('rejected'),
      mails: 1,
    },
    {
      fates: ['cut after the content'],
      what: 'delivered while in doubt',
      decide: inTurn(async (order) => {
        if (order.status !== 'unknown') return false
        await receiveOrder(ctx, { orderId: order.orderId, by: 'Ada' })
        return true
      }),
      ends: whole,
      mails: 1,
    },
  ]

  it.each(rows)('$fates, $what: $ends', async ({ fates, decide, ends, mails }) => {
    smtp.fates.push(...fates)
    const placed = await place('email')
    await live(placed, await decide())
    expect(await reality(placed)).toBe(ends)
    const sent = smtp.taken.filter((mail) => mail.includes(`Order ${placed.orderId}\n`))
    expect(sent).toHaveLength(mails)
    await expectNothingLeftToDo(placed)
  })

  it('carries the order as people read it', async () => {
    const placed = await place('email')
    await round()
    const mail = (smtp.taken.find((each) => each.includes(`Order ${placed.orderId}\n`)) ?? '')
      .replace(/=\n/g, '')
      .replace(/=E2=80=AF|=C2=A0/g, ' ')
    expect(mail).toContain(`Subject: Order ${placed.orderId}`)
    expect(mail).toContain('To: sales@dairy.example')
    expect(mail).toMatch(/Reply-To: .*<orders@cafe.example>/)
    expect(mail).toContain(`Message-ID: <${placed.orderId}@cafe.example>`)
    expect(mail).toMatch(/1 {2}SKU-\S+ +Product \S+ +3 {2}12 l +10\.00 EUR {2}30\.00 EUR/)
    expect(mail).toContain('Total: 30.00 EUR')
    await live(placed, receiveIn(36))
  })

  it('is not waited for when the server takes it and stays silent', async () => {
    smtp.fates.push('take and stay silent')
    const placed = await place('email')
    const patient = channels.email
    if (patient === undefined) throw new Error('there is no mail')
    const hasty: Channels = {
      email: {
        ...patient,
        submit: (c, order, signal) => patient.submit(c, order, AbortSignal.any([signal, AbortSignal.timeout(300)])),
      },
    }
    const { status } = await submitOrder(ctx, { orderId: placed.orderId }, hasty)
    expect(status).toBe('unknown')
    await live(placed, await inTurn(resolve(true), receiveIn(36))())
    expect(smtp.taken.filter((mail) => mail.includes(`Order ${placed.orderId}\n`))).toHaveLength(1)
  })
})

describe('by hand and simulated', () => {
  it.each<[string, readonly number[], string]>([
    ['at once', [36], whole],
    ['in three parts', [12, 12, 12], whole],
    ['with too much', [12, 36], 'received, settled 3000, received 48, on hand 48, on order 0'],
  ])('a person records what came %s', async (_, quantities, ends) => {
    const placed = await place('manual')
    const left = [...quantities]
    await live(placed, async ({ orderId, status }) => {
      if (status !== 'submitted' && status !== 'partially_received') return false
      await receiveOrder(ctx, { orderId, lines: [{ line: placed.itemId, quantity: left.shift() ?? 0 }], by: 'Ada' })
      return left.length === 0
    })
    expect(await reality(placed)).toBe(ends)
    await expectNothingLeftToDo(placed)
  })

  it('waits for a person to order it, from the moment it is approved until they say that they have', async () => {
    const placed = await place('manual')
    const { orderId } = placed
    const attention = async () => (await getOrder(ctx, { orderId })).attention
    const waiting = async () => (await findOrders(ctx, { attention: true })).map((order) => order.orderId)
    expect(await attention()).toContain(`orders resolve ${orderId} --placed`)
    expect(await waiting()).toContain(orderId)
    await applyLimits(ctx, { list: 'cafe', limits: { paused: true }, source: 'person' })
    expect(await attention()).toBeNull()
    expect(await waiting()).not.toContain(orderId)
    await applyLimits(ctx, { list: 'cafe', limits: {}, source: 'person' })
    await round()
    expect(await attention()).toMatch(/It is for you to order from Supplier s\d+ by hand/)
    expect(await resolveOrder(ctx, { orderId, placed: true, by: 'Ada' })).toMatchObject({
      status: 'confirmed',
      statusReason: 'ordered by hand, says Ada',
      attention: null,
    })
    await expect(resolveOrder(ctx, { orderId, placed: true, by: 'Ada' })).rejects.toMatchObject({
      refusal: { code: 'not_in_doubt' },
    })
    await round()
    expect(await reality(placed)).toBe('confirmed, settled 3000, received 0, on hand 0, on order 36')
    await receiveOrder(ctx, { orderId, by: 'Ada' })
    await world.sync()
    expect(await reality(placed)).toBe(whole)
  })

  it.each(['approved', 'submitted'])('is free again where it can’t be had, also while it is %s', async (status) => {
    const placed = await place('manual')
    if (status === 'submitted') await round()
    expect((await getOrder(ctx, placed)).status).toBe(status)
    await resolveOrder(ctx, { orderId: placed.orderId, placed: false, by: 'Ada' })
    await round()
    expect(await reality(placed)).toBe(void3000('rejected'))
    await expectNothingLeftToDo(placed)
  })

  it('surfaces what came too much, until somebody has taken note of it', async () => {
    const placed = await place('simulated')
    const { orderId } = placed
    await round()
    const bring = async (quantity: number) => {
      const lines = [{ line: placed.itemId, quantity }]
      return (await receiveOrder(ctx, { orderId, lines, by: 'Ada' })).attention
    }
    expect(await bring(40)).toMatch(/4 l of “.*” more than was ordered.*orders close/)
    await expect(bring(1)).rejects.toMatchObject({ refusal: { code: 'not_receivable' } })
    await closeOrder(ctx, { orderId, by: 'Ada' })
    await expect(closeOrder(ctx, { orderId, by: 'Ada' })).rejects.toMatchObject({ refusal: { code: 'not_closable' } })
    expect((await getOrderHistory(ctx, placed)).at(-1)).toMatchObject({ kind: 'excess_noted', actor: 'person:Ada' })
    await world.sync()
    expect(await reality(placed)).toBe('received, settled 3000, received 40, on hand 40, on order 0')
  })

  it('a person closes what is not completed', async () => {
    const placed = await place('manual')
    await live(placed, async ({ orderId, status }) => {
      if (status === 'submitted') {
        await receiveOrder(ctx, { orderId, lines: [{ line: placed.itemId, quantity: 12 }], by: 'Ada' })
        return false
      }
      if (status !== 'partially_received') return false
      await closeOrder(ctx, { orderId, by: 'Ada' })
      return true
    })
    expect(await reality(placed)).toBe('closed_short, settled 1000, received 12, on hand 12, on order 0')
  })

  it('the simulated supplier delivers everything', async () => {
    const placed = await place('simulated')
    await live(placed)
    expect(await reality(placed)).toBe(whole)
  })
})
