import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { applyOrderEvents, type OrderEvent } from '../../src/stock/apply-order-events.js'
import { countStock } from '../../src/stock/count-stock.js'
import { findItem } from '../../src/stock/find-item.js'
import { getItem } from '../../src/stock/get-item.js'
import { listItems } from '../../src/stock/list-items.js'
import { markOrdered } from '../../src/stock/mark-ordered.js'
import { recordUse } from '../../src/stock/record-use.js'
import { removeItem } from '../../src/stock/remove-item.js'
import { requestItem } from '../../src/stock/request-item.js'
import { buildEvent, buildItem, buildList, buildReceipt, buildRun, viewOf } from '../helpers/stock-builders.js'
import { createTestDatabase, type TestDatabase } from '../helpers/test-database.js'

const DAY_MS = 24 * 60 * 60 * 1000

let db: TestDatabase
beforeAll(async () => {
  db = await createTestDatabase()
})
afterAll(() => db.drop())

function apply(...events: OrderEvent[]) {
  return applyOrderEvents(db.ctx, { events })
}

async function booked(itemId: string): Promise<number> {
  const rows = await db.ctx.db.selectFrom('stock.movements').select('quantity').where('item_id', '=', itemId).execute()
  return rows.reduce((sum, row) => sum + row.quantity, 0)
}

describe('a receipt', () => {
  it('puts what was accepted on order, once', async () => {
    const list = await buildList(db.ctx)
    const itemId = await buildItem(db.ctx, { list, onHand: 8 })
    const caller = await buildRun(db.ctx, list)
    const receipt = buildReceipt(db.ctx, { list, lines: { [itemId]: 32 } })
    const first = await markOrdered(db.ctx, { receipt, caller })
    expect(first).toMatchObject({ marked: [{ itemId, quantity: 32 }], alreadyMarked: 0, messages: [] })
    expect(await markOrdered(db.ctx, { receipt, caller })).toEqual({ marked: [], alreadyMarked: 1, messages: [] })
    const { item, expected } = await getItem(db.ctx, { item: itemId })
    expect(item).toMatchObject({ onHand: 8, onOrder: 32, position: 40, due: false, need: 0 })
    expect(expected).toMatchObject([{ supplierId: 'sup_1', openQuantity: 32, status: 'approved' }])
  })

  it('brought twice at once counts once', async () => {
    const list = await buildList(db.ctx)
    const a = await buildItem(db.ctx, { list })
    const b = await buildItem(db.ctx, { list })
    const receipt = buildReceipt(db.ctx, { list, lines: { [a]: 5, [b]: 6 } })
    const results = await Promise.all([1, 2, 3, 4].map(() => markOrdered(db.ctx, { receipt })))
    expect(results.flatMap((result) => result.marked)).toHaveLength(2)
    expect(await viewOf(db.ctx, a)).toMatchObject({ onOrder: 5 })
  })

  it('is believed only as ordering signed it, for the own list, under the own claim', async () => {
    const list = await buildList(db.ctx)
    const itemId = await buildItem(db.ctx, { list })
    const caller = await buildRun(db.ctx, list)
    const receipt = buildReceipt(db.ctx, { list, lines: { [itemId]: 10 } })
    const [body = '', signature = ''] = receipt.split('.')
    const forged = Buffer.from(body, 'base64url').toString().replace('"quantity":10', '"quantity":99')
    for (const text of [
      `${Buffer.from(forged).toString('base64url')}.${signature}`,
      body,
      'I ordered it all',
      buildReceipt({ ...db.ctx, secret: 'another secret of the same length, 32+' }, { list, lines: { [itemId]: 10 } }),
    ]) {
      await expect(markOrdered(db.ctx, { receipt: text, caller })).rejects.toMatchObject({
        refusal: { code: 'invalid_receipt' },
      })
    }
    const stranger = await buildRun(db.ctx, await buildList(db.ctx))
    await expect(markOrdered(db.ctx, { receipt, caller: stranger })).rejects.toMatchObject({
      refusal: { code: 'wrong_list' },
    })
    const zombie = { ...caller, epoch: 0 }
    await expect(markOrdered(db.ctx, { receipt, caller: zombie })).rejects.toMatchObject({
      refusal: { code: 'fenced' },
    })
    const rehearsal = { ...caller, dryRun: true }
    await expect(markOrdered(db.ctx, { receipt, caller: rehearsal })).rejects.toMatchObject({
      refusal: { code: 'dry_run' },
    })
    expect(await viewOf(db.ctx, itemId)).toMatchObject({ onOrder: 0 })
  })

  it('about an item that the list does not have says so and marks the others', async () => {
    const list = await buildList(db.ctx)
    const itemId = await buildItem(db.ctx, { list })
    const foreign = await buildItem(db.ctx, { list: await buildList(db.ctx) })
    const receipt = buildReceipt(db.ctx, { list, lines: { [itemId]: 10, [foreign]: 5, itm_none: 5 } })
    const result = await markOrdered(db.ctx, { receipt })
    expect(result.marked).toMatchObject([{ itemId }])
    expect(result.messages.map(({ code }) => code)).toEqual(['unknown_item', 'unknown_item'])
    expect(await viewOf(db.ctx, foreign)).toMatchObject({ onOrder: 0 })
  })
})

describe('events of ordering', () => {
  it('bring an order from opened to received, and each again changes nothing', async () => {
    const list = await buildList(db.ctx)
    const itemId = await buildItem(db.ctx, { list, onHand: 8 })
    const line = { list, itemId }
    const story = [
      buildEvent(db.ctx, { ...line, type: 'line_opened', status: 'approved' }),
      buildEvent(db.ctx, { ...line, status: 'confirmed', expectedAt: new Date('2026-03-09T00:00:00Z') }),
      buildEvent(db.ctx, {
        ...line,
        type: 'delivery',
        status: 'partially_received',
        receivedQuantity: 12,
        deliveryId: `dlv_${itemId}_1`,
        deliveredQuantity: 12,
      }),
      buildEvent(db.ctx, {
        ...line,
        type: 'delivery',
        status: 'received',
        receivedQuantity: 30,
        isFinal: true,
        deliveryId: `dlv_${itemId}_2`,
        deliveredQuantity: 18,
      }),
    ]
    const states = [
      { onHand: 8, onOrder: 30 },
      { onHand: 8, onOrder: 30 },
      { onHand: 20, onOrder: 18 },
      { onHand: 38, onOrder: 0 },
    ]
    for (const [index, event] of story.entries()) {
      expect(await apply(event)).toEqual({ applied: 1, skipped: 0, messages: [] })
      expect(await viewOf(db.ctx, itemId)).toMatchObject(states[index] ?? {})
    }
    expect(await apply(...story, ...story)).toEqual({ applied: 0, skipped: 8, messages: [] })
    const { item, movements, expected } = await getItem(db.ctx, { item: itemId })
    expect(item).toMatchObject({ onHand: 38, onOrder: 0 })
    expect(expected).toEqual([])
    expect(movements.map(({ kind, quantity, cause }) => [kind, quantity, cause])).toEqual([
      ['delivery', 18, `delivery of order ord_${itemId}`],
      ['delivery', 12, `delivery of order ord_${itemId}`],
      ['count', 8, 'first count'],
    ])
  })

  it('that come late or all at once never overwrite what a newer one said, but their deliveries count', async () => {
    const list = await buildList(db.ctx)
    const itemId = await buildItem(db.ctx, { list })
    const opened = buildEvent(db.ctx, { list, itemId, type: 'line_opened' })
    const some = buildEvent(db.ctx, {
      list,
      itemId,
      receivedQuantity: 10,
      deliveryId: `dlv_${itemId}`,
      deliveredQuantity: 10,
    })
    const closed = buildEvent(db.ctx, { list, itemId, status: 'closed_short', receivedQuantity: 10, isFinal: true })
    await apply(closed)
    expect(await viewOf(db.ctx, itemId)).toMatchObject({ onHand: 0, onOrder: 0 })
    expect(await apply(some, opened)).toMatchObject({ applied: 2 })
    expect(await viewOf(db.ctx, itemId)).toMatchObject({ onHand: 10, onOrder: 0 })
  })

  it('know better than a receipt, before it and after it', async () => {
    const list = await buildList(db.ctx)
    const itemId = await buildItem(db.ctx, { list })
    const receipt = buildReceipt(db.ctx, { list, lines: { [itemId]: 30 } })
    await markOrdered(db.ctx, { receipt })
    const { expected } = await getItem(db.ctx, { item: itemId })
    const orderId = expected[0]?.orderId ?? ''
    await apply(
      buildEvent(db.ctx, { list, itemId, orderId, lineId: `${orderId}_${itemId}`, status: 'rejected', isFinal: true }),
    )
    expect(await viewOf(db.ctx, itemId)).toMatchObject({ onOrder: 0, need: 40 })
    expect(await markOrdered(db.ctx, { receipt })).toMatchObject({ marked: [], alreadyMarked: 1 })
    expect(await viewOf(db.ctx, itemId)).toMatchObject({ onOrder: 0, need: 40 })
  })

  it.each(['rejected', 'declined', 'expired', 'cancelled'])(
    'give the need back when an order is %s',
    async (status) => {
      const list = await buildList(db.ctx)
      const itemId = await buildItem(db.ctx, { list })
      await apply(buildEvent(db.ctx, { list, itemId, status: 'awaiting_approval' }))
      expect(await viewOf(db.ctx, itemId)).toMatchObject({ onOrder: 30, due: false })
      await apply(buildEvent(db.ctx, { list, itemId, status, isFinal: true, type: 'line_closed' }))
      expect(await viewOf(db.ctx, itemId)).toMatchObject({ onOrder: 0, need: 40 })
    },
  )

  it('applied by many at once count each delivery once', async () => {
    const list = await buildList(db.ctx)
    const items = await Promise.all([1, 2, 3].map(() => buildItem(db.ctx, { list })))
    const events = items.map((itemId) =>
      buildEvent(db.ctx, { list, itemId, receivedQuantity: 5, deliveryId: `dlv_${itemId}`, deliveredQuantity: 5 }),
    )
    const results = await Promise.all([
      apply(...events),
      apply(...events.toReversed()),
      apply(...events),
      apply(...events),
    ])
    expect(results.reduce((sum, result) => sum + result.applied, 0)).toBe(3)
    // The same delivery in an event of its own is still the same delivery.
    await apply(...events.map((event) => ({ ...event, eventId: `again_${event.eventId}`, seq: event.seq + 1_000_000 })))
    for (const itemId of items) expect(await viewOf(db.ctx, itemId)).toMatchObject({ onHand: 5, onOrder: 25 })
  })

  it('about items that the list never had are left out with a word; those of removed items are not', async () => {
    const list = await buildList(db.ctx)
    const other = await buildItem(db.ctx, { list: await buildList(db.ctx) })
    const removed = await buildItem(db.ctx, { list })
    await removeItem(db.ctx, { item: removed })
    const result = await apply(
      buildEvent(db.ctx, { list, itemId: 'itm_never' }),
      buildEvent(db.ctx, { list, itemId: other }),
      buildEvent(db.ctx, {
        list,
        itemId: removed,
        deliveryId: `dlv_${removed}`,
        deliveredQuantity: 3,
        receivedQuantity: 3,
      }),
    )
    expect(result).toMatchObject({ applied: 1, skipped: 2 })
    expect(result.messages.map(({ text }) => text)).toEqual([
      `Order ord_itm_never is for item itm_never, which list ${list} doesn't have; it was left out.`,
      `Order ord_${other} is for item ${other}, which list ${list} doesn't have; it was left out.`,
    ])
    expect(await viewOf(db.ctx, other)).toMatchObject({ onOrder: 0 })
    expect(await booked(removed)).toBe(3)
  })

  it('of a delivery that a later count has seen do not count it twice', async () => {
    const list = await buildList(db.ctx)
    const itemId = await buildItem(db.ctx, { list, onHand: 4 })
    db.clock.advance(DAY_MS)
    const delivered = db.clock.now()
    db.clock.advance(60_000)
    await countStock(db.ctx, { item: itemId, quantity: 33 })
    await apply(
      buildEvent(db.ctx, {
        list,
        itemId,
        receivedQuantity: 30,
        deliveryId: `dlv_${itemId}`,
        deliveredQuantity: 30,
        at: delivered,
      }),
    )
    expect(await viewOf(db.ctx, itemId)).toMatchObject({ onHand: 33, onOrder: 0 })
    expect(await booked(itemId)).toBe(33)
    await recordUse(db.ctx, { item: itemId, quantity: 3 })
    expect(await booked(itemId)).toBe(30)
  })

  it('make reordering go on: delivered, used up, due again', async () => {
    const list = await buildList(db.ctx)
    const itemId = await buildItem(db.ctx, { list, onHand: 6, dailyUse: 2 })
    db.clock.advance(20 * DAY_MS)
    expect(await viewOf(db.ctx, itemId)).toMatchObject({ onHand: 0, need: 40 })
    await apply(
      buildEvent(db.ctx, {
        list,
        itemId,
        status: 'received',
        quantity: 40,
        receivedQuantity: 40,
        isFinal: true,
        deliveryId: `dlv_${itemId}`,
        deliveredQuantity: 40,
      }),
    )
    expect(await viewOf(db.ctx, itemId)).toMatchObject({ onHand: 40, due: false })
    db.clock.advance(15 * DAY_MS)
    expect(await viewOf(db.ctx, itemId)).toMatchObject({ onHand: 10, due: true, need: 30 })
  })
})

describe('one-offs and standing needs', () => {
  it('a one-off is done when all of it has come', async () => {
    const list = await buildList(db.ctx)
    const { itemId } = await requestItem(db.ctx, { list, name: 'Ladder', quantity: 2, unit: 'pcs' })
    const line = { list, itemId, quantity: 2 }
    await apply(buildEvent(db.ctx, line))
    expect(await listItems(db.ctx, { list, filter: 'due' })).toEqual([])
    await apply(buildEvent(db.ctx, { ...line, receivedQuantity: 1, deliveryId: 'dlv_ladder_1', deliveredQuantity: 1 }))
    expect(await viewOf(db.ctx, itemId)).toMatchObject({ onHand: 1, onOrder: 1, due: false })
    await apply(buildEvent(db.ctx, { ...line, receivedQuantity: 1, status: 'closed_short', isFinal: true }))
    expect(await viewOf(db.ctx, itemId)).toMatchObject({ due: true, need: 1 })
    const rest = { ...line, lineId: 'lin_ladder_rest', quantity: 1, receivedQuantity: 1, isFinal: true }
    await apply(buildEvent(db.ctx, { ...rest, status: 'received', deliveryId: 'dlv_ladder_2', deliveredQuantity: 1 }))
    await expect(findItem(db.ctx, { list, ref: 'Ladder' })).rejects.toThrow(/no item/)
    // What ordering still says of it is no news, and the name is free for the next ladder.
    expect(await apply(buildEvent(db.ctx, { ...rest, type: 'line_closed', status: 'received' }))).toMatchObject({
      messages: [],
    })
    expect(await requestItem(db.ctx, { list, name: 'Ladder', quantity: 2, unit: 'pcs' })).toMatchObject({ isNew: true })
  })

  it('a standing need is due once an interval, and at once again when its order came to nothing', async () => {
    const list = await buildList(db.ctx)
    const itemId = await buildItem(db.ctx, { list, every: '1w', reorderPoint: null, orderUpTo: 6, onHand: 50 })
    expect(await viewOf(db.ctx, itemId)).toMatchObject({ kind: 'standing', due: true, need: 6 })
    const line = { list, itemId, quantity: 6 }
    await apply(buildEvent(db.ctx, { ...line, status: 'awaiting_approval' }))
    expect(await viewOf(db.ctx, itemId)).toMatchObject({ due: false })
    await apply(buildEvent(db.ctx, { ...line, status: 'declined', isFinal: true }))
    expect(await viewOf(db.ctx, itemId)).toMatchObject({ due: true, need: 6 })

    const received = { ...line, lineId: `lin_${itemId}_2`, status: 'received', receivedQuantity: 6, isFinal: true }
    await apply(buildEvent(db.ctx, received))
    db.clock.advance(6 * DAY_MS)
    expect(await viewOf(db.ctx, itemId)).toMatchObject({ due: false })
    db.clock.advance(DAY_MS)
    expect(await viewOf(db.ctx, itemId)).toMatchObject({ due: true, need: 6 })
  })
})
