import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addItem } from '../../src/stock/add-item.js'
import { beginRun } from '../../src/stock/begin-run.js'
import { countStock } from '../../src/stock/count-stock.js'
import { findItem } from '../../src/stock/find-item.js'
import { getItem } from '../../src/stock/get-item.js'
import { confirmLink, linkProduct } from '../../src/stock/link-product.js'
import { listItems } from '../../src/stock/list-items.js'
import { addList, applyLists, findLists, requireList } from '../../src/stock/lists.js'
import { recordUse } from '../../src/stock/record-use.js'
import { removeItem } from '../../src/stock/remove-item.js'
import { requestItem } from '../../src/stock/request-item.js'
import { snoozeItem, wakeItem } from '../../src/stock/snooze-item.js'
import { updateItem } from '../../src/stock/update-item.js'
import { buildItem, buildList, buildRun, viewOf } from '../helpers/stock-builders.js'
import { createTestDatabase, type TestDatabase } from '../helpers/test-database.js'

const DAY_MS = 24 * 60 * 60 * 1000

let db: TestDatabase
beforeAll(async () => {
  db = await createTestDatabase()
})
afterAll(() => db.drop())

async function booked(itemId: string): Promise<number> {
  const rows = await db.ctx.db.selectFrom('stock.movements').select('quantity').where('item_id', '=', itemId).execute()
  return rows.reduce((sum, row) => sum + row.quantity, 0)
}

describe('lists', () => {
  it('are what the file says; what leaves the file is archived and comes back as it was', async () => {
    const own = await createTestDatabase()
    try {
      const file = { currency: 'EUR', timeZone: 'Europe/Berlin', source: 'file' as const }
      await applyLists(own.ctx, [
        { id: 'cafe', name: 'Corner Café', ...file },
        { id: 'lab', ...file },
      ])
      await addList(own.ctx, { id: 'home', currency: 'USD', timeZone: 'America/New_York' })
      const item = await buildItem(own.ctx, { list: 'lab', onHand: 2 })

      const again = await applyLists(own.ctx, [{ id: 'cafe', ...file, currency: 'CHF' }])
      expect(again).toEqual({ created: [], archived: ['lab'] })
      expect((await findLists(own.ctx)).map(({ id, currency, source }) => [id, currency, source])).toEqual([
        ['cafe', 'CHF', 'file'],
        ['home', 'USD', 'person'],
      ])
      await expect(findItem(own.ctx, { ref: item })).rejects.toThrow(/no item/)

      await applyLists(own.ctx, [{ id: 'lab', ...file }])
      expect(await viewOf(own.ctx, item)).toMatchObject({ list: 'lab', onHand: 2 })
      expect((await findLists(own.ctx)).map(({ id }) => id)).toEqual(['home', 'lab'])
    } finally {
      await own.drop()
    }
  })

  it('are changed by hand only when they were made by hand', async () => {
    const own = await createTestDatabase()
    try {
      await expect(requireList(own.ctx)).rejects.toThrow('there is no list yet')
      await applyLists(own.ctx, [{ id: 'cafe', currency: 'EUR', timeZone: 'Europe/Berlin', source: 'file' }])
      expect(await requireList(own.ctx)).toMatchObject({ id: 'cafe', name: 'cafe' })
      await expect(addList(own.ctx, { id: 'cafe', currency: 'USD', timeZone: 'UTC' })).rejects.toThrow(
        /change it there/,
      )
      await addList(own.ctx, { id: 'lab', currency: 'EUR', timeZone: 'UTC' })
      await expect(requireList(own.ctx)).rejects.toThrow('which list? Name one of cafe, lab')
      await expect(requireList(own.ctx, 'caffe')).rejects.toThrow('no list "caffe"; did you mean cafe?')
      await expect(requireList(own.ctx, 'warehouse')).rejects.toThrow('the lists are cafe, lab')
    } finally {
      await own.drop()
    }
  })

  it.each([
    [{ id: '*', currency: 'EUR', timeZone: 'UTC' }, /can't name a list/],
    [{ id: 'x', currency: 'EURO', timeZone: 'UTC' }, /list x, currency: .*ISO 4217/],
    [{ id: 'x', currency: 'EUR', timeZone: 'Berlin' }, /list x, time_zone: "Berlin" is not a time zone/],
  ])('refuse %j', async (definition, text) => {
    await expect(applyLists(db.ctx, [{ ...definition, source: 'file' }])).rejects.toThrow(text)
  })
})

describe('items', () => {
  it('begin with a first count and are shown with their need', async () => {
    const list = await buildList(db.ctx)
    const itemId = await buildItem(db.ctx, {
      list,
      name: '  Whole milk\t3.5% ',
      unit: 'l',
      sku: 'M-1',
      gtin: '2009900411266',
      onHand: 8,
      orderMultiple: 6,
      minimumQuantity: 12,
      maxUnitPrice: '1.30',
    })
    const { item, movements, expected } = await getItem(db.ctx, { item: itemId })
    expect(item).toMatchObject({
      name: 'Whole milk 3.5%',
      kind: 'stock',
      onHand: 8,
      onOrder: 0,
      position: 8,
      due: true,
      need: 36,
      maxUnitPrice: '1.3',
      overMax: 'allow',
      origin: 'person',
      steps: [
        { rule: 'order_up_to', from: 0, to: 32 },
        { rule: 'order_multiple', from: 32, to: 36 },
      ],
    })
    expect(movements).toMatchObject([{ kind: 'count', quantity: 8, counted: 8, actor: 'person' }])
    expect(expected).toEqual([])
  })

  it('have a name, sku and gtin of their own on their list', async () => {
    const list = await buildList(db.ctx)
    await buildItem(db.ctx, { list, name: 'Milk', sku: 'M-1', gtin: '2009900411266' })
    await expect(buildItem(db.ctx, { list, name: 'MILK' })).rejects.toThrow(/has "Milk" already/)
    await expect(buildItem(db.ctx, { list, name: 'Milch', sku: 'M-1' })).rejects.toThrow(/has sku M-1 already \(Milk\)/)
    await expect(buildItem(db.ctx, { list, name: 'Milch', gtin: '2009900411266' })).rejects.toThrow(
      /gtin 2009900411266/,
    )
    const other = await buildList(db.ctx)
    await expect(buildItem(db.ctx, { list: other, name: 'Milk', sku: 'M-1' })).resolves.toMatch(/^itm_/)
  })

  it('added twice at once are there once', async () => {
    const list = await buildList(db.ctx)
    const results = await Promise.allSettled([1, 2, 3].map(() => buildItem(db.ctx, { list, name: 'Race' })))
    expect(results.map((result) => result.status).sort()).toEqual(['fulfilled', 'rejected', 'rejected'])
    expect(await listItems(db.ctx, { list, filter: 'all' })).toHaveLength(1)
  })

  it.each([
    [{ reorderPoint: 50, orderUpTo: 40 }, /reorder_point: 50 is above order_up_to \(40\)/],
    [{ reorderPoint: null, orderUpTo: null, every: '1w' }, /every needs a quantity: fill order_up_to/],
    [{ every: '1w' }, /by every or by reorder_point, not both/],
    [{ every: 'weekly', reorderPoint: null }, /every: "weekly" is not an interval/],
    [{ orderMultiple: 0 }, /order_multiple: "0" is too small/],
    [{ onHand: -1 }, /on_hand: "-1" is too small/],
    [{ onHand: 0.0005 }, /on_hand: .* more than 3 decimals/],
    [{ gtin: '12345678' }, /gtin: .*not a GTIN/],
    [{ maxUnitPrice: '0' }, /max_unit_price: /],
    [{ name: ' ' }, /name: is blank/],
    [{ unit: '' }, /unit: is blank/],
    [{ notes: 'x'.repeat(501) }, /notes: has 501 characters/],
  ])('refuse %j', async (overrides, text) => {
    const list = await buildList(db.ctx)
    await expect(buildItem(db.ctx, { list, ...overrides })).rejects.toThrow(text)
    expect(await listItems(db.ctx, { list, filter: 'all' })).toEqual([])
  })

  it('are changed setting by setting, checked as a whole, and twice is once', async () => {
    const list = await buildList(db.ctx)
    const itemId = await buildItem(db.ctx, { list, name: 'Eggs', onHand: 5, notes: 'free-range' })
    await buildItem(db.ctx, { list, name: 'Butter' })
    const changes = { every: '1w', reorderPoint: null, name: 'Free-range eggs' }
    expect(await updateItem(db.ctx, { item: itemId, changes })).toEqual({
      itemId,
      changed: ['name', 'every', 'reorder_point'],
    })
    expect(await updateItem(db.ctx, { item: itemId, changes })).toEqual({ itemId, changed: [] })
    expect(await viewOf(db.ctx, itemId)).toMatchObject({
      name: 'Free-range eggs',
      kind: 'standing',
      notes: 'free-range',
      onHand: 5,
      need: 40,
    })
    await expect(updateItem(db.ctx, { item: itemId, changes: { orderUpTo: null } })).rejects.toThrow(/fill order_up_to/)
    await expect(updateItem(db.ctx, { item: itemId, changes: { name: 'butter' } })).rejects.toThrow(
      /has "Butter" already/,
    )
    expect(await viewOf(db.ctx, itemId)).toMatchObject({ name: 'Free-range eggs', orderUpTo: 40 })
  })

  it('are found by id, sku, gtin and name, and by nothing else', async () => {
    const list = await buildList(db.ctx)
    const other = await buildList(db.ctx)
    const itemId = await buildItem(db.ctx, { list, name: 'Oat Drink', sku: 'OAT 1', gtin: '2009900411471' })
    for (const ref of [itemId, 'OAT 1', '2009900411471', '2009-9004-11471', 'oat drink', ' Oat Drink ']) {
      expect(await findItem(db.ctx, { list, ref })).toMatchObject({ itemId, list })
    }
    await expect(findItem(db.ctx, { list, ref: 'oat drnk' })).rejects.toThrow(/did you mean Oat Drink\?/)
    await expect(findItem(db.ctx, { list: other, ref: itemId })).rejects.toThrow(/no item/)
    await buildItem(db.ctx, { list: other, name: 'Oat drink' })
    await expect(findItem(db.ctx, { ref: 'Oat drink' })).rejects.toThrow(/is on several lists/)
  })

  it('that are removed leave their list, their history stays, and the name is free again', async () => {
    const list = await buildList(db.ctx)
    const itemId = await buildItem(db.ctx, { list, name: 'Straws', sku: 'S-1', onHand: 3 })
    await removeItem(db.ctx, { item: itemId })
    await expect(removeItem(db.ctx, { item: itemId })).rejects.toThrow(/no item/)
    expect(await listItems(db.ctx, { list, filter: 'all' })).toEqual([])
    expect(await booked(itemId)).toBe(3)
    expect(await buildItem(db.ctx, { list, name: 'Straws', sku: 'S-1' })).not.toBe(itemId)
  })
})

describe('stock', () => {
  it('is the sum of its movements, each with its cause', async () => {
    const list = await buildList(db.ctx)
    const itemId = await buildItem(db.ctx, { list, onHand: 10 })
    expect(await recordUse(db.ctx, { item: itemId, quantity: 2.5, note: 'party' })).toMatchObject({
      before: 10,
      onHand: 7.5,
    })
    expect(await recordUse(db.ctx, { item: itemId, quantity: 2.5 })).toMatchObject({ before: 7.5, onHand: 5 })
    expect(await countStock(db.ctx, { item: itemId, quantity: 8, actor: 'Ada' })).toMatchObject({
      before: 5,
      onHand: 8,
    })
    expect(await countStock(db.ctx, { item: itemId, quantity: 8 })).toMatchObject({ before: 8, onHand: 8 })
    expect(await viewOf(db.ctx, itemId)).toMatchObject({ onHand: 8 })
    expect(await booked(itemId)).toBe(8)
    const { movements } = await getItem(db.ctx, { item: itemId })
    expect(movements.map(({ kind, quantity, cause, actor }) => [kind, quantity, cause, actor])).toEqual([
      ['count', 0, 'counted', 'person'],
      ['count', 3, 'counted', 'Ada'],
      ['use', -2.5, 'used', 'person'],
      ['use', -2.5, 'party', 'person'],
      ['count', 10, 'first count', 'person'],
    ])
  })

  it('never goes below 0: using more than was believed to be there puts the books right first', async () => {
    const list = await buildList(db.ctx)
    const itemId = await buildItem(db.ctx, { list, onHand: 3 })
    expect(await recordUse(db.ctx, { item: itemId, quantity: 5 })).toMatchObject({ before: 3, onHand: 0 })
    expect(await booked(itemId)).toBe(0)
    expect(await viewOf(db.ctx, itemId)).toMatchObject({ onHand: 0 })
  })

  it('runs down by its daily use until somebody counts', async () => {
    const list = await buildList(db.ctx)
    const itemId = await buildItem(db.ctx, { list, onHand: 20, dailyUse: 1.5 })
    expect(await listItems(db.ctx, { list, filter: 'due' })).toEqual([])
    db.clock.advance(7 * DAY_MS)
    expect(await listItems(db.ctx, { list, filter: 'due' })).toMatchObject([{ itemId, onHand: 9.5, need: 30.5 }])
    expect(await countStock(db.ctx, { item: itemId, quantity: 15 })).toMatchObject({ before: 9.5 })
    expect(await listItems(db.ctx, { list, filter: 'due' })).toEqual([])
    db.clock.advance(30 * DAY_MS)
    expect(await viewOf(db.ctx, itemId)).toMatchObject({ onHand: 0, need: 40 })
  })

  it('counted and used by many at once keeps its books', async () => {
    const list = await buildList(db.ctx)
    const itemId = await buildItem(db.ctx, { list, onHand: 100 })
    await Promise.all(
      Array.from({ length: 30 }, (_, n) =>
        n % 3 === 0
          ? countStock(db.ctx, { item: itemId, quantity: 50 + n })
          : recordUse(db.ctx, { item: itemId, quantity: n }),
      ),
    )
    const { onHand } = await viewOf(db.ctx, itemId)
    expect(await booked(itemId)).toBe(onHand)
  })

  it('used by many at once loses nothing', async () => {
    const list = await buildList(db.ctx)
    const itemId = await buildItem(db.ctx, { list, onHand: 100 })
    await Promise.all(Array.from({ length: 10 }, () => recordUse(db.ctx, { item: itemId, quantity: 3 })))
    expect(await viewOf(db.ctx, itemId)).toMatchObject({ onHand: 70 })
  })

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY, 1.2345])('refuses to be counted as %s', async (quantity) => {
    const list = await buildList(db.ctx)
    const itemId = await buildItem(db.ctx, { list, onHand: 4 })
    await expect(countStock(db.ctx, { item: itemId, quantity })).rejects.toThrow(/^quantity: /)
    await expect(recordUse(db.ctx, { item: itemId, quantity: 0 })).rejects.toThrow(/more than 0/)
    expect(await viewOf(db.ctx, itemId)).toMatchObject({ onHand: 4 })
  })
})

describe('what an agent may do', () => {
  it('snooze an item for a week at most, lengthen a snooze but never shorten one', async () => {
    const list = await buildList(db.ctx)
    const itemId = await buildItem(db.ctx, { list })
    const caller = await buildRun(db.ctx, list)
    const snooze = { item: itemId, reason: 'closed for holidays', caller }
    await expect(snoozeItem(db.ctx, { ...snooze, days: 8 })).rejects.toMatchObject({
      refusal: { code: 'snooze_too_long' },
    })
    await expect(snoozeItem(db.ctx, { ...snooze, days: 0 })).rejects.toThrow(/whole days/)
    const week = await snoozeItem(db.ctx, { ...snooze, days: 7 })
    expect(week.snoozedUntil).toEqual(new Date(db.clock.now().getTime() + 7 * DAY_MS))
    expect(await snoozeItem(db.ctx, { ...snooze, days: 1 })).toEqual(week)
    expect(await viewOf(db.ctx, itemId)).toMatchObject({ due: false, need: 0, snoozeReason: 'closed for holidays' })

    expect(await snoozeItem(db.ctx, { item: itemId, days: 1, reason: 'back early' })).not.toEqual(week)
    db.clock.advance(DAY_MS)
    expect(await viewOf(db.ctx, itemId)).toMatchObject({ due: true, need: 40, snoozedUntil: null })
    await snoozeItem(db.ctx, { item: itemId, days: 30, reason: 'renovation' })
    await wakeItem(db.ctx, { item: itemId })
    expect(await viewOf(db.ctx, itemId)).toMatchObject({ due: true })
  })

  it('propose links, which nobody else uses until a person confirms them', async () => {
    const list = await buildList(db.ctx)
    const itemId = await buildItem(db.ctx, { list })
    const caller = await buildRun(db.ctx, list)
    const link = { item: itemId, productId: 'prd_1', caller }
    expect(await linkProduct(db.ctx, link)).toEqual({ itemId, productId: 'prd_1', status: 'proposed' })
    expect(await linkProduct(db.ctx, { ...link, note: 'same brand' })).toMatchObject({ status: 'proposed' })
    const linksFor = async (run: string) =>
      (await beginRun(db.ctx, { run, list, epoch: 1 })).items.flatMap(({ links }) => links)
    expect(await linksFor(caller.run)).toEqual([{ productId: 'prd_1', status: 'proposed' }])
    expect(await linksFor('run_other')).toEqual([])
    expect((await viewOf(db.ctx, itemId)).links).toEqual([{ productId: 'prd_1', status: 'proposed' }])

    const confirm = { itemId, productId: 'prd_1', actor: 'Ada' }
    expect(await confirmLink(db.ctx, confirm)).toMatchObject({ status: 'confirmed', wasProposed: true })
    expect(await confirmLink(db.ctx, confirm)).toMatchObject({ status: 'confirmed', wasProposed: false })
    expect(await linkProduct(db.ctx, link)).toMatchObject({ status: 'confirmed' })
    expect(await linksFor('run_other')).toEqual([{ productId: 'prd_1', status: 'confirmed' }])
    await expect(confirmLink(db.ctx, { ...confirm, caller })).rejects.toMatchObject({
      refusal: { code: 'person_only' },
    })
  })

  it('request a one-off, once', async () => {
    const list = await buildList(db.ctx)
    const caller = await buildRun(db.ctx, list)
    const request = { name: 'Birthday cake', quantity: 2, unit: 'pcs', caller }
    const first = await requestItem(db.ctx, request)
    expect(first).toMatchObject({ list, isNew: true })
    expect(await requestItem(db.ctx, { ...request, name: 'birthday CAKE' })).toEqual({ ...first, isNew: false })
    expect(await viewOf(db.ctx, first.itemId)).toMatchObject({ kind: 'one_off', origin: 'agent', due: true, need: 2 })
    const refused = { refusal: { code: 'already_on_list' } }
    await expect(requestItem(db.ctx, { ...request, quantity: 3 })).rejects.toMatchObject(refused)
    await buildItem(db.ctx, { list, name: 'Milk' })
    await expect(requestItem(db.ctx, { ...request, name: 'milk' })).rejects.toMatchObject(refused)
    const byPerson = await requestItem(db.ctx, { list, name: 'Ladder', quantity: 1, unit: 'pcs' })
    expect(await viewOf(db.ctx, byPerson.itemId)).toMatchObject({ origin: 'person' })
  })

  it('nothing that is for people', async () => {
    const list = await buildList(db.ctx)
    const item = await buildItem(db.ctx, { list, name: 'Milk', onHand: 4 })
    const caller = await buildRun(db.ctx, list)
    const refused = { refusal: { code: 'person_only' } }
    await expect(addItem(db.ctx, { list, name: 'Gin', unit: 'l', caller })).rejects.toMatchObject(refused)
    await expect(updateItem(db.ctx, { item, changes: { orderUpTo: 999 }, caller })).rejects.toMatchObject(refused)
    await expect(removeItem(db.ctx, { item, caller })).rejects.toMatchObject(refused)
    await expect(countStock(db.ctx, { item, quantity: 0, caller })).rejects.toMatchObject(refused)
    await expect(recordUse(db.ctx, { item, quantity: 1, caller })).rejects.toMatchObject(refused)
    expect(await listItems(db.ctx, { list, filter: 'all' })).toMatchObject([{ itemId: item, onHand: 4, orderUpTo: 40 }])
  })
})

describe('a run', () => {
  it('begins with everything due, that which cannot be ordered included', async () => {
    const list = await buildList(db.ctx, { currency: 'CHF', timeZone: 'Europe/Zurich' })
    const due = await buildItem(db.ctx, { list, name: 'A due', onHand: 10 })
    const stuck = await buildItem(db.ctx, { list, name: 'B stuck', onHand: 10, orderUpTo: 10, orderMultiple: 5 })
    await buildItem(db.ctx, { list, name: 'C enough', onHand: 11 })
    await buildItem(db.ctx, { list, name: 'D untracked', reorderPoint: null })
    const start = await beginRun(db.ctx, { run: 'run_begin', list, epoch: 1 })
    expect(start).toMatchObject({ list, currency: 'CHF', timeZone: 'Europe/Zurich', asOf: db.clock.now() })
    expect(start.items.map(({ itemId, need, attention }) => [itemId, need, attention === null])).toEqual([
      [due, 30, true],
      [stuck, 0, false],
    ])
  })

  it('shuts out its older claims, and never lets one back in', async () => {
    const list = await buildList(db.ctx)
    const item = await buildItem(db.ctx, { list })
    const zombie = await buildRun(db.ctx, list, 1)
    await beginRun(db.ctx, { ...zombie, epoch: 1 })
    await beginRun(db.ctx, { ...zombie, epoch: 2 })
    const fenced = { refusal: { code: 'fenced', severity: 'final' } }
    await expect(beginRun(db.ctx, { ...zombie, epoch: 1 })).rejects.toMatchObject(fenced)
    await expect(snoozeItem(db.ctx, { item, days: 1, reason: 'x', caller: zombie })).rejects.toMatchObject(fenced)
    await expect(linkProduct(db.ctx, { item, productId: 'prd_1', caller: zombie })).rejects.toMatchObject(fenced)
    await expect(requestItem(db.ctx, { name: 'X', quantity: 1, unit: 'l', caller: zombie })).rejects.toMatchObject(
      fenced,
    )
    const unknown = { ...zombie, run: 'run_never_begun' }
    await expect(snoozeItem(db.ctx, { item, days: 1, reason: 'x', caller: unknown })).rejects.toMatchObject(fenced)
    expect(await listItems(db.ctx, { list, filter: 'all' })).toMatchObject([{ itemId: item, due: true, links: [] }])
    const alive = { ...zombie, epoch: 2 }
    await expect(snoozeItem(db.ctx, { item, days: 1, reason: 'x', caller: alive })).resolves.toMatchObject({
      itemId: item,
    })
  })

  it('sees what five thousand items need', async () => {
    const list = await buildList(db.ctx)
    const now = db.clock.now()
    await sql`
      insert into stock.items (id, list, name, kind, unit, reorder_point, order_up_to, daily_use, origin, created_at, updated_at)
      select 'big_' || n, ${list}, 'Big ' || n, 'stock', 'pcs', 11, 40, 1, 'person', ${now}, ${now}
      from generate_series(1, 5000) n`.execute(db.ctx.db)
    await sql`
      insert into stock.movements (item_id, kind, quantity, counted, at, actor, cause)
      select 'big_' || n, kind, case kind when 'count' then 20 else 1 end, case kind when 'count' then 20 end,
        ${now}::timestamptz - make_interval(days => age), 'test', 'test'
      from generate_series(1, 5000) n, (values ('count', 58), ('delivery', 57), ('count', 50), ('delivery', 49), ('count', 40), ('delivery', 39), ('count', 30), ('count', 11), ('delivery', 10), ('delivery', 5)) as m (kind, age)`.execute(
      db.ctx.db,
    )
    await sql`analyze stock.items, stock.movements`.execute(db.ctx.db)
    const { items } = await beginRun(db.ctx, { run: 'run_big', list, epoch: 1 })
    expect(items).toHaveLength(5_000)
    expect(items[0]).toMatchObject({ onHand: 11, useBasis: '1 pcs a day, as stated' })
  })
})
