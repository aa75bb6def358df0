import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { applyLimits } from '../../src/purchasing/limits/list-limits.js'
import { getOrder } from '../../src/purchasing/orders/get-order.js'
import type { Remedy } from '../../src/purchasing/orders/order-attention.js'
import type { OrderRow } from '../../src/purchasing/orders/order-rows.js'
import { receiveOrder } from '../../src/purchasing/orders/receive-order.js'
import type { OrderStatus } from '../../src/purchasing/tables.js'
import { readOrder } from '../../src/web/pages/orders/order-queries.js'
import { type ApiWorld, openApiWorld, orderIn } from '../helpers/api-world.js'

let world: ApiWorld
beforeAll(async () => {
  world = await openApiWorld()
})
afterAll(() => world?.close())

const commands = /orders (approve|decline|close|receive|resolve|cancel)\b|restock orders|--placed/

type Changes = Partial<
  Pick<
    OrderRow,
    'channel' | 'cancel_refused' | 'submitted_at' | 'submit_attempts' | 'placed_at' | 'track_failures' | 'expected_at'
  >
>

async function orderWith(status: OrderStatus, columns: Changes = {}): Promise<string> {
  const orderId = await orderIn(world, status)
  if (Object.keys(columns).length > 0) {
    await world.ctx.db.updateTable('purchasing.orders').set(columns).where('id', '=', orderId).execute()
  }
  return orderId
}

/** What the page says beside its menu, as a reader sees it. */
async function textOf(path: string): Promise<string> {
  const response = await world.web.request(path)
  expect(response.status).toBe(200)
  const [, main = ''] = (await response.text()).split('<main')
  return main
    .replace(/<[^>]*>/g, ' ')
    .replaceAll('&#39;', "'")
    .replace(/\s+/g, ' ')
}

const ago = (ms: number) => new Date(world.ctx.clock.now().getTime() - ms)
const hourMs = 3_600_000

const cases: readonly (readonly [remedy: Remedy, order: () => Promise<string>])[] = [
  [
    'settle_excess',
    async () => {
      const orderId = await orderWith('confirmed')
      const { lines } = await getOrder(world.ctx, { orderId })
      await receiveOrder(world.ctx, {
        orderId,
        lines: lines.map(({ lineId, quantity }) => ({ line: lineId, quantity: quantity + 4 })),
        by: 'Ada',
      })
      return orderId
    },
  ],
  ['order_by_hand', () => orderWith('approved', { channel: 'manual' })],
  ['settle_cancel', () => orderWith('confirmed', { cancel_refused: 'it is packed' })],
  ['end_doubt', () => orderWith('unknown', { submitted_at: ago(2 * hourMs) })],
  ['wait_for_sending', () => orderWith('approved', { submit_attempts: 3, placed_at: ago(2 * hourMs) })],
  ['wait_for_answer', () => orderWith('confirmed', { track_failures: 9 })],
  ['ask_for_goods', () => orderWith('confirmed', { expected_at: ago(200 * hourMs) })],
]

describe('an order that needs a person', () => {
  it.each(cases)('says on its page with which buttons that is put right: %s', async (remedy, place) => {
    const orderId = await place()
    const order = await getOrder(world.ctx, { orderId })
    expect(order.attentionReasons.map((reason) => reason.remedy)).toEqual([remedy])
    const [reason] = order.attentionReasons
    const page = await textOf(`/orders/${orderId}`)
    expect(page).toContain(reason?.text)
    expect(page).not.toMatch(commands)
    const notice = /<p class="notice">([^<]*)</.exec(await (await world.web.request(`/orders/${orderId}`)).text())
    const named = [...(notice?.[1] ?? '').matchAll(/“([^”]+)”/g)].map(([, name = '']) => name)
    const buttons = named.filter((name) => !(reason?.text ?? '').includes(name))
    if (!remedy.startsWith('wait_')) expect(buttons.length).toBeGreaterThan(0)
    // Each stands once more on the page: what is named is there to be pressed.
    for (const name of buttons) expect([name, page.split(name).length - 1]).toEqual([name, 2])

    const overview = await textOf('/')
    expect(overview).toContain(reason?.text)
    expect(overview).not.toMatch(/orders (close|resolve|receive)/)
    expect(order.attention).toContain(reason?.text)
    if (!remedy.startsWith('wait_')) expect(order.attention).toContain(orderId)
    const answer = await world.call('getOrder', { params: { order: orderId } })
    expect(answer.body).toMatchObject({
      order: { attention: order.attention, attentionReasons: order.attentionReasons },
    })
    // The overview shows the first few alone.
    await world.ctx.db
      .updateTable('purchasing.orders')
      .set({ status: 'cancelled', excess_seen_by: 'Ada' })
      .where('id', '=', orderId)
      .execute()
  })

  it('is told what to press, and no command, when something can’t be done as it stands', async () => {
    const said = async (orderId: string, form: string) => {
      const response = await world.web.request(`/orders/${orderId}/${form}`, {
        method: 'POST',
        body: new URLSearchParams(),
      })
      const cookie = response.headers.getSetCookie()[0]?.split(';')[0] ?? ''
      const page = await (await world.web.request(`/orders/${orderId}`, { headers: { cookie } })).text()
      return /<p class="notice bad" role="status">([^<]*)</.exec(page)?.[1] ?? ''
    }
    expect(await said(await orderWith('unknown'), 'close')).toBe(
      'As the order stands now it can’t be closed. What can be done with it is below.',
    )
    expect(await said(await orderWith('unknown'), 'cancel')).toMatch(/can’t be cancelled. What can be done/)
    const waiting = await orderWith('awaiting_approval')
    await applyLimits(world.ctx, { list: 'cafe', limits: { paused: true }, source: 'person' })
    const { seen } = await readOrder(world.ctx, waiting)
    const response = await world.web.request(`/orders/${waiting}/approve`, {
      method: 'POST',
      body: new URLSearchParams({ seen }),
    })
    const [cookie = ''] = response.headers.getSetCookie()
    const { text } = JSON.parse(
      Buffer.from(cookie.split(';')[0]?.split('=')[1] ?? '', 'base64url').toString('utf8'),
    ) as { text: string }
    expect(text).toBe('Buying is paused. Resume it under Limits, then do this again.')
  })
})
