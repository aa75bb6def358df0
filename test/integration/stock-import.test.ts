import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { importItems } from '../../src/stock/import-items.js'
import { listItems } from '../../src/stock/list-items.js'
import { removeItem } from '../../src/stock/remove-item.js'
import { requestItem } from '../../src/stock/request-item.js'
import { buildItem, buildList, buildRun, viewOf } from '../helpers/stock-builders.js'
import { createTestDatabase, type TestDatabase } from '../helpers/test-database.js'

let db: TestDatabase
beforeAll(async () => {
  db = await createTestDatabase()
})
afterAll(() => db.drop())

function load(csv: string, list?: string) {
  return importItems(db.ctx, { bytes: Buffer.from(csv), fileName: 'items.csv', list })
}

async function all(list: string) {
  return listItems(db.ctx, { list, filter: 'all' })
}

describe('importing items', () => {
  it('takes the example café whole, and a second time changes nothing', async () => {
    const list = await buildList(db.ctx, { id: 'cafe' })
    const input = { bytes: await readFile('examples/cafe/items.csv'), fileName: 'items.csv' }
    const first = await importItems(db.ctx, input)
    expect(first.created).toBeGreaterThanOrEqual(45)
    expect(first).toMatchObject({ updated: 0, unchanged: 0 })
    const items = await all(list)
    expect(items).toHaveLength(first.created)
    expect(items.filter((item) => item.due).length).toBeGreaterThan(10)
    expect(await importItems(db.ctx, input)).toEqual({ created: 0, updated: 0, unchanged: first.created })
    expect(await all(list)).toEqual(items)
  })

  it('reads every column', async () => {
    const list = await buildList(db.ctx)
    await load(
      '\ufeffname;sku;gtin;unit;on_hand;daily_use;every;reorder_point;order_up_to;order_multiple;minimum_quantity;max_unit_price;category;notes\n' +
        'Milk;M-1;2009900411266;l;20,5;11;;24;84;12;6;1,30;Dairy;"Fresh; not UHT"\n' +
        'Eggs;;;pcs;;;1 week;;180;;;;;\n',
      list,
    )
    expect(await all(list)).toMatchObject([
      { name: 'Eggs', kind: 'standing', every: '1w', orderUpTo: 180, onHand: 0, need: 180, sku: null },
      {
        name: 'Milk',
        kind: 'stock',
        sku: 'M-1',
        gtin: '2009900411266',
        unit: 'l',
        onHand: 20.5,
        dailyUse: 11,
        reorderPoint: 24,
        orderUpTo: 84,
        orderMultiple: 12,
        minimumQuantity: 6,
        maxUnitPrice: '1.3',
        category: 'Dairy',
        notes: 'Fresh; not UHT',
      },
    ])
  })

  it('knows an item by sku, else gtin, else name, and updates it', async () => {
    const list = await buildList(db.ctx)
    const bySku = await buildItem(db.ctx, { list, name: 'A', sku: 'S-1', onHand: 7 })
    const byGtin = await buildItem(db.ctx, { list, name: 'B', gtin: '2009900411266' })
    const byName = await buildItem(db.ctx, { list, name: 'C', category: 'Kept', notes: 'goes', orderMultiple: 6 })
    const csv =
      'name,unit,sku,gtin,on_hand,reorder_point,order_up_to,notes\n' +
      'A new,kg,S-1,,99,1,2,\n' +
      'B new,kg,S-2,2009900411266,99,1,2,\n' +
      'c,kg,,,99,1,2,\n' +
      'D,kg,,,5,1,2,new\n'
    expect(await load(csv, list)).toEqual({ created: 1, updated: 3, unchanged: 0 })
    expect(await viewOf(db.ctx, bySku)).toMatchObject({ name: 'A new', unit: 'kg', onHand: 7, orderUpTo: 2 })
    expect(await viewOf(db.ctx, byGtin)).toMatchObject({ name: 'B new', sku: 'S-2', onHand: 0 })
    // A blank cell clears; what the file has no column for stays.
    expect(await viewOf(db.ctx, byName)).toMatchObject({ name: 'c', notes: null, category: 'Kept', orderMultiple: 6 })
    expect(await load(csv, list)).toEqual({ created: 0, updated: 0, unchanged: 4 })
  })

  it('lets items swap their names and codes', async () => {
    const list = await buildList(db.ctx)
    const one = await buildItem(db.ctx, { list, name: 'One', sku: 'S-1' })
    const two = await buildItem(db.ctx, { list, name: 'Two', sku: 'S-2' })
    expect(await load('name,unit,sku\nTwo,pcs,S-1\nOne,pcs,S-2\n', list)).toMatchObject({ updated: 2 })
    expect(await viewOf(db.ctx, one)).toMatchObject({ name: 'Two', sku: 'S-1' })
    expect(await viewOf(db.ctx, two)).toMatchObject({ name: 'One', sku: 'S-2' })
  })

  it('goes to several lists at once, each with names of its own', async () => {
    const a = await buildList(db.ctx)
    const b = await buildList(db.ctx)
    expect(await load(`name,unit,list\nMilk,l,${a}\nMilk,l,${b}\nTea,kg,${b}\n`)).toMatchObject({ created: 3 })
    expect([(await all(a)).length, (await all(b)).length]).toEqual([1, 2])
  })

  it('takes a name again that a removed item had', async () => {
    const list = await buildList(db.ctx)
    const gone = await buildItem(db.ctx, { list, name: 'Milk', sku: 'M-1' })
    await removeItem(db.ctx, { item: gone })
    expect(await load('name,unit,sku\nMilk,l,M-1\n', list)).toMatchObject({ created: 1 })
  })

  it('done twice at once makes each item once', async () => {
    const list = await buildList(db.ctx)
    const csv = 'name,unit\nA,pcs\nB,pcs\nC,pcs\n'
    const results = await Promise.all([load(csv, list), load(csv, list), load(csv, list)])
    expect(results.reduce((sum, result) => sum + result.created, 0)).toBe(3)
    expect(await all(list)).toHaveLength(3)
  })

  it('makes and changes five thousand items in one go', async () => {
    const list = await buildList(db.ctx)
    const rows = (level: number) =>
      Array.from({ length: 5_000 }, (_, n) => `Item ${n},pcs,S-${n},3,10,${level}`).join('\n')
    const header = 'name,unit,sku,on_hand,reorder_point,order_up_to\n'
    expect(await load(header + rows(40), list)).toMatchObject({ created: 5_000 })
    expect(await load(header + rows(50), list)).toMatchObject({ updated: 5_000 })
    const items = await all(list)
    expect(items).toHaveLength(5_000)
    expect(new Set(items.map((item) => item.need))).toEqual(new Set([47]))
  })

  it('is for people', async () => {
    const list = await buildList(db.ctx)
    const caller = await buildRun(db.ctx, list)
    const input = { bytes: Buffer.from('name,unit\nA,pcs\n'), fileName: 'items.csv', list, caller }
    await expect(importItems(db.ctx, input)).rejects.toMatchObject({ refusal: { code: 'person_only' } })
  })
})

describe('a file that is wrong', () => {
  const good = 'Fine,pcs,1,2,3,,,\n'
  const header = 'name,unit,on_hand,reorder_point,order_up_to,order_multiple,every,list\n'

  it.each<[string, string, RegExp]>([
    [
      'unknown column',
      'name,unit,onhand\nA,pcs,1\n',
      /^items\.csv, line 1: unknown column "onhand"; did you mean on_hand\?/,
    ],
    ['no header', 'Milk,l,3\n', /^items\.csv, line 1: no header row found/],
    ['no unit', 'name\nA\n', /^items\.csv, line 1: column unit missing/],
    [
      'bad number',
      `${header}${good}A,pcs,a lot,,,,,\n`,
      /^items\.csv, line 3, column on_hand: "a lot" is not a number/,
    ],
    ['negative stock', `${header}${good}A,pcs,-3,,,,,\n`, /^items\.csv, line 3, column on_hand: "-3" is too small/],
    ['multiple of 0', `${header}${good}A,pcs,,,,0,,\n`, /^items\.csv, line 3, column order_multiple: "0" is too small/],
    [
      'point above level',
      `${header}${good}A,pcs,,5,4,,,\n`,
      /^items\.csv, line 3, column reorder_point: 5 is above order_up_to \(4\)/,
    ],
    [
      'every without quantity',
      `${header}${good}A,pcs,,,,,1w,\n`,
      /^items\.csv, line 3, column every: every needs a quantity: fill order_up_to/,
    ],
    [
      'bad interval',
      `${header}${good}A,pcs,,,9,,weekly,\n`,
      /^items\.csv, line 3, column every: "weekly" is not an interval/,
    ],
    ['no name', `${header}${good},pcs,,,,,,\n`, /^items\.csv, line 3, column name: is blank/],
    [
      'unknown list',
      `${header}${good}A,pcs,,,,,,nowhere\n`,
      /^items\.csv, line 3, column list: "nowhere", but the import is for list/,
    ],
    [
      'one name twice',
      `${header}${good}A,pcs,,,,,,\nfine,kg,,,,,,\n`,
      /^items\.csv, line 4: "fine" stands in line 2 already/,
    ],
  ])('%s: one sentence with the place, and nothing imported', async (_name, csv, text) => {
    const list = await buildList(db.ctx)
    await expect(load(csv, list)).rejects.toThrow(text)
    expect(await all(list)).toEqual([])
  })

  it('names an unknown list by its line when the file chooses', async () => {
    await buildList(db.ctx)
    await expect(load('name,unit,list\nA,pcs,nowhere-at-all\n')).rejects.toThrow(
      /^items\.csv, line 2, column list: no list "nowhere-at-all"; /,
    )
    await expect(load('name,unit\nA,pcs\n')).rejects.toThrow(/^items\.csv, line 2, column list: which list\?/)
    await expect(load('name,unit\nA,pcs\n', 'nowhere-at-all')).rejects.toThrow(/^no list "nowhere-at-all"/)
  })

  it('does not give an item what belongs to another', async () => {
    const list = await buildList(db.ctx)
    await buildItem(db.ctx, { list, name: 'Milk', sku: 'M-1' })
    await buildItem(db.ctx, { list, name: 'Tea', sku: 'T-1' })
    await expect(load('name,unit,sku\nNew,pcs,N-1\nMilk,l,T-1\n', list)).rejects.toThrow(
      `items.csv, line 3, column name: name Milk belongs to "Milk" on list ${list} already; use another`,
    )
    await expect(load('name,unit,sku\nTea,pcs,M-1\nMilk,l,M-1\n', list)).rejects.toThrow(
      'items.csv, line 3: "Milk" stands in line 2 already',
    )
    expect((await all(list)).map((item) => item.name)).toEqual(['Milk', 'Tea'])
  })

  it('does not turn a one-off request into a stocked item', async () => {
    const list = await buildList(db.ctx)
    await requestItem(db.ctx, { list, name: 'Ladder', quantity: 1, unit: 'pcs' })
    await expect(load('name,unit\nladder,pcs\n', list)).rejects.toThrow(
      /line 2, column name: "Ladder" is a one-off request/,
    )
  })
})
