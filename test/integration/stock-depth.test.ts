import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { applyOrderEvents } from '../../src/stock/apply-order-events.js'
import { beginRun } from '../../src/stock/begin-run.js'
import { confirmCount } from '../../src/stock/confirm-count.js'
import { countStock } from '../../src/stock/count-stock.js'
import { getItem } from '../../src/stock/get-item.js'
import { importItems } from '../../src/stock/import-items.js'
import { itemHistory } from '../../src/stock/item-history.js'
import { recordUse } from '../../src/stock/record-use.js'
import { undoMovement } from '../../src/stock/undo-movement.js'
import { updateItem } from '../../src/stock/update-item.js'
import { buildEvent, buildItem, buildList, buildRun, viewOf } from '../helpers/stock-builders.js'
import { createTestDatabase, type TestDatabase } from '../helpers/test-database.js'

const DAY_MS = 24 * 60 * 60 * 1000

let db: TestDatabase
beforeAll(async () => {
  db = await createTestDatabase()
})
afterAll(() => db.drop())
beforeEach(() => db.clock.set('2026-03-02T08:00:00Z'))

function days(count: number): void {
  db.clock.advance(count * DAY_MS)
}

async function deliver(list: string, itemId: string, quantity: number): Promise<void> {
  const deliveryId = `dlv_${itemId}_${db.clock.now().getTime()}`
  const delivery = { type: 'delivery' as const, deliveryId, deliveredQuantity: quantity, receivedQuantity: quantity }
  const line = {
    orderId: `ord_${deliveryId}`,
    lineId: `lin_${deliveryId}`,
    quantity,
    status: 'received',
    isFinal: true,
  }
  await applyOrderEvents(db.ctx, { events: [buildEvent(db.ctx, { list, itemId, ...delivery, ...line })] })
}

async function newest(item: string): Promise<number> {
  const { movements } = await itemHistory(db.ctx, { item, limit: 1 })
  return movements[0]?.movementId ?? 0
}

async function booked(itemId: string): Promise<number> {
  const rows = await db.ctx.db.selectFrom('stock.movements').select('quantity').where('item_id', '=', itemId).execute()
  return Math.round(rows.reduce((sum, row) => sum + row.quantity, 0) * 1000) / 1000
}

describe('undoing a movement', () => {
  it('books its opposite, once, and keeps both', async () => {
    const item = await buildItem(db.ctx, { list: await buildList(db.ctx), onHand: 20 })
    days(1)
    await recordUse(db.ctx, { item, quantity: 6 })
    const movementId = await newest(item)
    days(1)
    expect(await undoMovement(db.ctx, { movementId, actor: 'ada' })).toMatchObject({
      undoes: movementId,
      before: 14,
      onHand: 20,
      warning: null,
    })
    const { movements } = await getItem(db.ctx, { item })
    expect(movements).toMatchObject([
      { kind: 'adjustment', quantity: 6, actor: 'ada', cause: `undo of ${movementId} (used)`, undoes: movementId },
      { kind: 'use', quantity: -6, movementId, undoneBy: movements[0]?.movementId },
      { kind: 'count', counted: 20, undoneBy: null },
    ])
    expect(await booked(item)).toBe(20)
    const again = undoMovement(db.ctx, { movementId })
    await expect(again).rejects.toThrow(`movement ${movementId} has been undone already, by movement`)
    await expect(undoMovement(db.ctx, { movementId: await newest(item) })).rejects.toThrow('is itself an undo')
    expect((await viewOf(db.ctx, item)).onHand).toBe(20)
  })

  it('of a count goes back to what the count before it and daily use say', async () => {
    const item = await buildItem(db.ctx, { list: await buildList(db.ctx), onHand: 40, dailyUse: 2 })
    days(10)
    await countStock(db.ctx, { item, quantity: 5 })
    days(1)
    expect(await undoMovement(db.ctx, { movementId: await newest(item) })).toMatchObject({ before: 3, onHand: 18 })
    expect(await booked(item)).toBe(40)
  })

  it('of a use of more than was there takes the correction back with it', async () => {
    const item = await buildItem(db.ctx, { list: await buildList(db.ctx), onHand: 2 })
    await recordUse(db.ctx, { item, quantity: 5 })
    expect((await viewOf(db.ctx, item)).onHand).toBe(0)
    expect(await undoMovement(db.ctx, { movementId: await newest(item) })).toMatchObject({ before: 0, onHand: 2 })
    expect(await booked(item)).toBe(2)
  })

  it('of a delivery warns that its order still counts it', async () => {
    const list = await buildList(db.ctx)
    const item = await buildItem(db.ctx, { list, onHand: 5 })
    days(1)
    await deliver(list, item, 30)
    expect((await viewOf(db.ctx, item)).onHand).toBe(35)
    const undone = await undoMovement(db.ctx, { movementId: await newest(item) })
    expect(undone).toMatchObject({
      before: 35,
      onHand: 5,
      warning: expect.stringMatching(/still counts it as received/),
    })
    expect(await viewOf(db.ctx, item)).toMatchObject({ onHand: 5, onOrder: 0, due: true, need: 35 })
  })

  it('of a count brings back deliveries that were taken to be in it', async () => {
    const list = await buildList(db.ctx)
    const item = await buildItem(db.ctx, { list, onHand: 5 })
    days(1)
    const at = db.clock.now()
    days(1)
    await countStock(db.ctx, { item, quantity: 33 })
    const count = await newest(item)
    const late = {
      type: 'delivery' as const,
      deliveryId: `dlv_late_${item}`,
      deliveredQuantity: 30,
      receivedQuantity: 30,
      at,
    }
    await applyOrderEvents(db.ctx, { events: [buildEvent(db.ctx, { list, itemId: item, ...late })] })
    expect((await viewOf(db.ctx, item)).onHand).toBe(33)
    expect(await booked(item)).toBe(33)
    expect(await undoMovement(db.ctx, { movementId: count })).toMatchObject({ before: 33, onHand: 35 })
    expect(await booked(item)).toBe(35)
  })

  it('is refused where a later count has the last word, or nothing would be left', async () => {
    const item = await buildItem(db.ctx, { list: await buildList(db.ctx), onHand: 20 })
    const first = await newest(item)
    await expect(undoMovement(db.ctx, { movementId: first })).rejects.toThrow('is the only count there is')
    days(1)
    await recordUse(db.ctx, { item, quantity: 1 })
    const use = await newest(item)
    days(1)
    await countStock(db.ctx, { item, quantity: 18 })
    await expect(undoMovement(db.ctx, { movementId: use })).rejects.toThrow('came before a count')
    await expect(undoMovement(db.ctx, { movementId: first })).rejects.toThrow('came before a count')
    await undoMovement(db.ctx, { movementId: await newest(item) })
    expect(await undoMovement(db.ctx, { movementId: use })).toMatchObject({ before: 19, onHand: 20 })
    await expect(undoMovement(db.ctx, { movementId: 999_999 })).rejects.toThrow('no movement 999999')
    await expect(undoMovement(db.ctx, { movementId: 0.5 })).rejects.toThrow('no movement 0.5')
  })

  it('by twenty at once happens once', async () => {
    const list = await buildList(db.ctx)
    const item = await buildItem(db.ctx, { list, onHand: 20 })
    await recordUse(db.ctx, { item, quantity: 6 })
    const movementId = await newest(item)
    const tries = await Promise.allSettled(Array.from({ length: 20 }, () => undoMovement(db.ctx, { movementId })))
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(await booked(item)).toBe(20)
  })

  it('is for people', async () => {
    const list = await buildList(db.ctx)
    const item = await buildItem(db.ctx, { list, onHand: 20 })
    const caller = await buildRun(db.ctx, list)
    const refused = { refusal: { code: 'person_only' } }
    await expect(undoMovement(db.ctx, { movementId: await newest(item), caller })).rejects.toMatchObject(refused)
    await expect(confirmCount(db.ctx, { item, caller })).rejects.toMatchObject(refused)
  })
})

describe('daily use', () => {
  it('is learned from counts and deliveries, shown with its basis, and taken off', async () => {
    const list = await buildList(db.ctx)
    const item = await buildItem(db.ctx, { list, unit: 'l', onHand: 40 })
    days(5)
    await countStock(db.ctx, { item, quantity: 30 })
    expect(await viewOf(db.ctx, item)).toMatchObject({ meanDailyUse: null, useBasis: null, daysLeft: null })
    await deliver(list, item, 24)
    days(5)
    await countStock(db.ctx, { item, quantity: 42 })
    const learned = { dailyUse: null, meanDailyUse: 2.2, useBasis: '2.2 l a day, from 3 counts over 10 days' }
    expect(await viewOf(db.ctx, item)).toMatchObject({ ...learned, onHand: 42, daysLeft: 19 })
    days(3)
    expect(await viewOf(db.ctx, item)).toMatchObject({ ...learned, onHand: 35.4, daysLeft: 16 })
    expect(await recordUse(db.ctx, { item, quantity: 1 })).toMatchObject({ before: 35.4, onHand: 34.4 })
  })

  it('as stated wins, until it is cleared', async () => {
    const item = await buildItem(db.ctx, { list: await buildList(db.ctx), onHand: 40, dailyUse: 4 })
    for (const left of [30, 20]) {
      days(5)
      await countStock(db.ctx, { item, quantity: left })
    }
    days(1)
    expect(await viewOf(db.ctx, item)).toMatchObject({ onHand: 16, useBasis: '4 pcs a day, as stated', daysLeft: 4 })
    await updateItem(db.ctx, { item, changes: { dailyUse: null } })
    expect(await viewOf(db.ctx, item)).toMatchObject({
      onHand: 18,
      useBasis: '2 pcs a day, from 3 counts over 10 days',
      daysLeft: 9,
    })
  })

  it('is not learned from what was undone', async () => {
    const item = await buildItem(db.ctx, { list: await buildList(db.ctx), onHand: 40 })
    for (const left of [30, 20]) {
      days(5)
      await countStock(db.ctx, { item, quantity: left })
    }
    days(1)
    await countStock(db.ctx, { item, quantity: 2 })
    expect((await viewOf(db.ctx, item)).meanDailyUse).toBeGreaterThan(3)
    await undoMovement(db.ctx, { movementId: await newest(item) })
    expect((await viewOf(db.ctx, item)).meanDailyUse).toBe(2)
  })
})

describe('reorder: auto', () => {
  it('orders by what goes and how long orders take, in steps that a person can check', async () => {
    const list = await buildList(db.ctx)
    const item = await buildItem(db.ctx, {
      list,
      unit: 'l',
      onHand: 40,
      reorder: 'auto',
      reorderPoint: null,
      orderUpTo: null,
    })
    expect(await viewOf(db.ctx, item)).toMatchObject({
      auto: null,
      attention: expect.stringMatching(/too little is known/),
    })
    for (const left of [30, 14, 4]) {
      days(5)
      await countStock(db.ctx, { item, quantity: left })
    }
    // 36 in 15 days; (10 − 12)² / 5 + (16 − 12)² / 5 + (10 − 12)² / 5 = 4.8 over 2, √2.4 = 1.549
    // 2.4 · 7 = 16.8, and 1.645 · 1.549 · √7 = 6.742; then 14 days more, rounded up to a whole number
    expect(await viewOf(db.ctx, item)).toMatchObject({
      reorderPoint: 23.542,
      orderUpTo: 58,
      due: true,
      need: 54,
      attention: null,
      auto: {
        meanDailyUse: 2.4,
        sigma: 1.549,
        leadTimeDays: 7,
        leadTimeBasis: 'default',
        serviceLevel: 0.95,
        z: 1.645,
        safetyStock: 6.742,
        reviewDays: 14,
      },
      steps: [
        { rule: 'auto_lead_time_use', from: 0, to: 16.8 },
        { rule: 'auto_reorder_point', from: 16.8, to: 23.542 },
        { rule: 'auto_order_up_to', from: 23.542, to: 58 },
        { rule: 'order_up_to', from: 0, to: 54 },
      ],
    })
    await updateItem(db.ctx, { item, changes: { leadTimeDays: 4, serviceLevel: 0.5, orderMultiple: 24 } })
    expect(await viewOf(db.ctx, item)).toMatchObject({
      reorderPoint: 9.6,
      orderUpTo: 48,
      need: 48,
      auto: { leadTimeDays: 4, leadTimeBasis: 'stated', z: 0, safetyStock: 0 },
    })
  })

  it('learns how long orders take from those that came', async () => {
    const list = await buildList(db.ctx)
    const item = await buildItem(db.ctx, { list, onHand: 40, reorder: 'auto', dailyUse: 2 })
    for (const took of [2, 5]) {
      const line = { list, itemId: item, lineId: `lin_lead_${took}`, orderId: `ord_lead_${took}` }
      await applyOrderEvents(db.ctx, { events: [buildEvent(db.ctx, { ...line, type: 'line_opened' })] })
      days(took)
      const came = { type: 'delivery' as const, deliveredQuantity: 15, receivedQuantity: 15 }
      await applyOrderEvents(db.ctx, {
        events: [buildEvent(db.ctx, { ...line, ...came, deliveryId: `dlv_lead_${took}` })],
      })
      // The rest comes later, and says nothing of how soon the next order begins to arrive.
      days(1)
      const rest = { ...came, receivedQuantity: 30, isFinal: true, status: 'received' }
      await applyOrderEvents(db.ctx, {
        events: [buildEvent(db.ctx, { ...line, ...rest, deliveryId: `dlv_rest_${took}` })],
      })
    }
    expect((await viewOf(db.ctx, item)).auto).toMatchObject({
      leadTimeDays: 3.5,
      leadTimeBasis: 'deliveries',
      leadTimeUse: 7,
      reorderPoint: 7,
      orderUpTo: 35,
    })
  })

  it('goes by stated levels until it knows better, and by the rules of its list', async () => {
    const demandRules = { reviewDays: 7, leadTimeDays: 3, serviceLevel: 0.975 }
    const list = await buildList(db.ctx, { demandRules })
    const item = await buildItem(db.ctx, { list, onHand: 8, reorder: 'auto' })
    expect(await viewOf(db.ctx, item)).toMatchObject({ reorderPoint: 10, orderUpTo: 40, need: 32, auto: null })
    await updateItem(db.ctx, { item, changes: { dailyUse: 2 } })
    expect(await viewOf(db.ctx, item)).toMatchObject({
      reorderPoint: 6,
      orderUpTo: 20,
      due: false,
      auto: { reviewDays: 7, leadTimeDays: 3, serviceLevel: 0.975, z: 1.96 },
    })
  })

  it('never orders what nobody uses', async () => {
    const item = await buildItem(db.ctx, { list: await buildList(db.ctx), onHand: 0, reorder: 'auto', dailyUse: 0 })
    expect(await viewOf(db.ctx, item)).toMatchObject({
      due: false,
      need: 0,
      attention: expect.stringMatching(/nothing of it goes/),
    })
  })

  it.each([
    [{ reorder: 'auto', every: '2w', reorderPoint: null }, /reorder: auto is for what is kept in stock/],
    [{ serviceLevel: 1 }, /service_level: "1" is too large/],
    [{ leadTimeDays: 400 }, /lead_time_days: "400" is too large/],
  ] as const)('refuses %j', async (settings, text) => {
    await expect(buildItem(db.ctx, { list: await buildList(db.ctx), ...settings })).rejects.toThrow(text)
  })
})

describe('what is hardly true', () => {
  async function doubtful() {
    const list = await buildList(db.ctx)
    const item = await buildItem(db.ctx, { list, unit: 'l', onHand: 40, dailyUse: 2 })
    days(10)
    await deliver(list, item, 30)
    days(0.5)
    const counted = await countStock(db.ctx, { item, quantity: 0 })
    return { list, item, counted }
  }

  it('is said at once, and nothing is bought for it until a person stands by it', async () => {
    const { list, item, counted } = await doubtful()
    const text = 'It was counted as 0 right after 30 l came in; count it again, or confirm the count.'
    expect(counted.doubt).toBe(text)
    const { items } = await beginRun(db.ctx, { run: 'run_doubt', list, epoch: 1 })
    expect(items).toMatchObject([
      {
        itemId: item,
        onHand: 0,
        due: true,
        need: 0,
        attention: text,
        steps: [
          { rule: 'order_up_to', from: 0, to: 40 },
          { rule: 'held', from: 40, to: 0 },
        ],
      },
    ])
    expect(await confirmCount(db.ctx, { item, actor: 'ada' })).toMatchObject({ doubt: text })
    expect(await viewOf(db.ctx, item)).toMatchObject({ onHand: 0, due: true, need: 40, attention: null })
    expect((await getItem(db.ctx, { item })).movements[0]).toMatchObject({
      quantity: 0,
      actor: 'ada',
      cause: `confirmed: ${text}`,
    })
    expect(await confirmCount(db.ctx, { item })).toMatchObject({ doubt: null })
  })

  it.each([
    ['counts again and finds the goods', 48, 0, false],
    ['counts again and finds none', 0, 40, true],
  ])('until a person %s', async (_what, quantity, need, due) => {
    const { item } = await doubtful()
    expect(await countStock(db.ctx, { item, quantity })).toMatchObject({ doubt: null })
    expect(await viewOf(db.ctx, item)).toMatchObject({ onHand: quantity, need, due, attention: null })
  })

  it('until it is undone', async () => {
    const { item } = await doubtful()
    await undoMovement(db.ctx, { movementId: await newest(item) })
    expect(await viewOf(db.ctx, item)).toMatchObject({ onHand: 50, due: false, attention: null })
  })

  it('of a use is held, too', async () => {
    const item = await buildItem(db.ctx, { list: await buildList(db.ctx), unit: 'l', onHand: 50, dailyUse: 2 })
    expect(await recordUse(db.ctx, { item, quantity: 45 })).toMatchObject({
      doubt: 'A use of 45 l was recorded, but 2 l go in a day; undo it, count, or confirm it.',
    })
    expect(await viewOf(db.ctx, item)).toMatchObject({ due: true, need: 0 })
    await undoMovement(db.ctx, { movementId: await newest(item) })
    expect(await viewOf(db.ctx, item)).toMatchObject({ onHand: 50, due: false, attention: null })
  })
})

describe('over_max', () => {
  it.each([
    ['allow', 36, null],
    ['', 36, null],
    ['round_down', 30, null],
    ['hold', 0, /over_max is hold/],
  ])('as a file says %j', async (rule, need, attention) => {
    const list = await buildList(db.ctx)
    const csv = `name,unit,on_hand,reorder_point,order_up_to,order_multiple,over_max\nMilk,l,8,10,40,6,${rule}\n`
    await importItems(db.ctx, { bytes: Buffer.from(csv), fileName: 'items.csv', list })
    const { items } = await beginRun(db.ctx, { run: `run_${list}`, list, epoch: 1 })
    expect(items).toMatchObject([{ overMax: rule || 'allow', need }])
    if (attention !== null) expect(items[0]?.attention).toMatch(attention)
  })

  it('refuses another word', async () => {
    const list = await buildList(db.ctx)
    const bytes = Buffer.from('name,unit,over_max\nMilk,l,rounddown\n')
    await expect(importItems(db.ctx, { bytes, fileName: 'items.csv', list })).rejects.toThrow(
      'items.csv, line 2, column over_max: "rounddown" is not possible here; did you mean round_down?',
    )
  })
})
