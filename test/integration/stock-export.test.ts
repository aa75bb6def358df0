import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { gtinCheckDigit } from '../../src/platform/gtin.js'
import { addItem, type NewItem } from '../../src/stock/add-item.js'
import { countStock } from '../../src/stock/count-stock.js'
import { exportItems } from '../../src/stock/export-items.js'
import { importItems } from '../../src/stock/import-items.js'
import { listItems } from '../../src/stock/list-items.js'
import { requestItem } from '../../src/stock/request-item.js'
import { buildList } from '../helpers/stock-builders.js'
import { createTestDatabase, type TestDatabase } from '../helpers/test-database.js'

let db: TestDatabase
beforeAll(async () => {
  db = await createTestDatabase()
})
afterAll(() => db.drop())

function load(csv: string, list: string) {
  return importItems(db.ctx, { bytes: Buffer.from(csv), fileName: 'items.csv', list })
}

/** As `exportItems` shows them, without what differs between two lists. */
async function settingsOf(list: string) {
  const items = await listItems(db.ctx, { list, filter: 'all' })
  return items.map(({ itemId: _id, list: _list, version: _version, ...item }) => item)
}

const awkward = fc.constantFrom(
  'Größe "L"',
  'a,b;c',
  "O'Brien",
  '=1+1',
  '@cmd',
  '-5',
  'שלום עולם',
  '🥛🧀',
  'مرحبا',
  '   spaced  ',
  '\u202Eevil',
  'null',
  '""',
  'x\u0000y',
  'Zoë\u0301',
  'sep=;',
  '\ufeffname',
)
const someText = fc.oneof(
  awkward,
  fc.string({ minLength: 1, maxLength: 30 }),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
)
const lines = fc.array(someText, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('\r\n'))
const quantity = fc.integer({ min: 1, max: 9_999_999 }).map((n) => n / 1000)
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null })
const code = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9 ",;=-]{0,10}[A-Za-z0-9]$/)
const gtin = fc.integer({ min: 1, max: 999_999_999 }).map((n) => {
  const body = `200${String(n).padStart(9, '0')}`
  return `${body}${gtinCheckDigit(body)}`
})

const levels = fc.oneof(
  fc.record({ every: fc.constantFrom('3d', '2w', '1m'), orderUpTo: quantity }),
  fc.record({
    reorder: fc.constantFrom('fixed' as const, 'auto' as const),
    reorderPoint: maybe(quantity),
    leadTimeDays: maybe(fc.integer({ min: 0, max: 365 })),
    serviceLevel: maybe(fc.constantFrom(0.5, 0.95, 0.999)),
  }),
)
const item: fc.Arbitrary<Omit<NewItem, 'list'>> = fc
  .record({
    name: someText,
    unit: fc.constantFrom('l', 'kg', 'pcs', 'Stück', '盒'),
    onHand: maybe(quantity),
    sku: maybe(code),
    gtin: maybe(gtin),
    dailyUse: maybe(quantity),
    reorderQuantity: maybe(quantity),
    orderMultiple: maybe(quantity),
    minimumQuantity: maybe(quantity),
    overMax: fc.constantFrom('allow', 'round_down', 'hold'),
    maxUnitPrice: maybe(fc.integer({ min: 1, max: 99_999 }).map((n) => String(n / 1000))),
    substitutes: maybe(
      fc.uniqueArray(code, { minLength: 1, maxLength: 3 }).map((codes) => codes.map((ref) => `sku:${ref}`).join('|')),
    ),
    category: maybe(someText),
    notes: maybe(lines),
    levels,
  })
  .map(({ levels: how, ...rest }) => ({ ...rest, ...how }))

function withoutIds(csv: string): string {
  return csv.replace(/,itm_\d+$/gm, ',')
}

describe('items as CSV', () => {
  it('come back from their own export unchanged, and make the same list elsewhere', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(item, { minLength: 1, maxLength: 6 }), async (items) => {
        const list = await buildList(db.ctx)
        for (const [index, input] of items.entries()) {
          // Names and codes are each item's own; what is refused is not in the list, and that is fine.
          await addItem(db.ctx, { ...input, list, name: `${input.name} ${index}` }).catch((error: unknown) => {
            if (!(error instanceof Error) || error.name !== 'InputError') throw error
          })
        }
        const before = await settingsOf(list)
        if (before.length === 0) return
        const csv = await exportItems(db.ctx, { list })
        expect(await load(csv, list)).toEqual({ created: 0, updated: 0, unchanged: before.length })
        expect(await settingsOf(list)).toEqual(before)

        const other = await buildList(db.ctx)
        await load(csv.replaceAll(list, other), other)
        expect(await settingsOf(other)).toEqual(before)
        // Ids are each item's own; the first list keeps its.
        expect(withoutIds(await exportItems(db.ctx, { list: other }))).toBe(withoutIds(csv.replaceAll(list, other)))
      }),
      { numRuns: 60 },
    )
  })

  it('show what is there now, leave settings blank that are as usual, and leave one-off requests out', async () => {
    const list = await buildList(db.ctx)
    await addItem(db.ctx, {
      list,
      name: 'Milk "fresh"',
      unit: 'l',
      onHand: 9,
      reorderPoint: 2,
      substitutes: 'OM-2|4006381333931',
    })
    await addItem(db.ctx, {
      list,
      name: 'Tea',
      unit: 'g',
      reorder: 'auto',
      overMax: 'hold',
      leadTimeDays: 3,
      serviceLevel: 0.9,
    })
    await countStock(db.ctx, { list, item: 'Milk "fresh"', quantity: 5.5 })
    await requestItem(db.ctx, { list, name: 'Ladder', quantity: 1, unit: 'pcs' })
    expect(withoutIds(await exportItems(db.ctx, { list }))).toBe(
      'name,list,sku,gtin,unit,on_hand,daily_use,every,reorder_point,order_up_to,order_multiple,minimum_quantity,' +
        'max_unit_price,category,notes,reorder,lead_time_days,service_level,reorder_quantity,over_max,substitutes,id\n' +
        `"Milk ""fresh""",${list},,,l,5.5,,,2,,,,,,,,,,,,sku:OM-2|gtin:4006381333931,\n` +
        `Tea,${list},,,g,0,,,,,,,,,,auto,3,0.9,,hold,,\n`,
    )
  })

  it.each([
    ['sku,substitutes\nA,OM-1,B|OM-1', /line 2, column substitutes: sku OM-1 is the item itself/],
    ['sku,substitutes\nA,OM-1,B|B', /line 2, column substitutes: names "sku:B" twice/],
  ])('say where substitutes are wrong: %j', async (text, problem) => {
    const [header, row] = text.split('\n')
    const [name, ...cells] = row?.split(',') ?? []
    const csv = `name,unit,${header}\n${name},l,${cells.join(',')}\n`
    await expect(load(csv, await buildList(db.ctx))).rejects.toThrow(problem)
  })
})
