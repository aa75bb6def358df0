import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { applyOrderEvents } from '../../src/stock/apply-order-events.js'
import { importItems } from '../../src/stock/import-items.js'
import { updateItem } from '../../src/stock/update-item.js'
import { csvBytes } from '../helpers/purchasing-builders.js'
import { buildEvent, buildItem, buildList, viewOf } from '../helpers/stock-builders.js'
import { createTestDatabase, type TestDatabase } from '../helpers/test-database.js'

let db: TestDatabase
beforeAll(async () => {
  db = await createTestDatabase()
})
afterAll(() => db.drop())

/** Milk in litres, of which 30 were ordered. */
async function order() {
  const list = await buildList(db.ctx)
  const itemId = await buildItem(db.ctx, { list, name: 'Milk', sku: `SKU-${list}`, unit: 'l' })
  const opened = buildEvent(db.ctx, { list, itemId })
  await applyOrderEvents(db.ctx, { events: [opened] })
  const come = (receivedQuantity: number, isFinal: boolean) =>
    applyOrderEvents(db.ctx, {
      events: [buildEvent(db.ctx, { list, itemId, receivedQuantity, isFinal, status: 'confirmed' })],
    })
  const update = () => updateItem(db.ctx, { item: itemId, changes: { unit: 'ml' } })
  const read = (unit: string, name = 'Milk') =>
    importItems(db.ctx, {
      bytes: csvBytes(`name,sku,unit\nTea,,kg\n${name},SKU-${list},${unit}\n`),
      fileName: 'items.csv',
      list,
    })
  return { itemId, come, update, read }
}

const reason =
  "the unit of “Milk” can't change from l to ml while 30 l are on order; wait until they have come, or end the order first (restock orders list)"

describe('the unit of an item of which some is on order', () => {
  it('stays what it is, whoever changes it', async () => {
    const { itemId, update, read } = await order()
    await expect(update()).rejects.toThrow(reason)
    await expect(read('ml')).rejects.toThrow(`items.csv, line 3, column unit: ${reason}`)
    expect(await viewOf(db.ctx, itemId)).toMatchObject({ unit: 'l', onOrder: 30 })
    // All else may change.
    expect(await read('l', 'Whole milk')).toEqual({ created: 1, updated: 1, unchanged: 0 })
    expect(await viewOf(db.ctx, itemId)).toMatchObject({ name: 'Whole milk', unit: 'l' })
  })

  it('can be changed once all of it has come, or the order has ended', async () => {
    const part = await order()
    await part.come(29.5, false)
    await expect(part.update()).rejects.toThrow('while 0.5 l are on order')
    await part.come(30, false)
    expect(await part.update()).toMatchObject({ changed: ['unit'] })

    const ended = await order()
    await ended.come(12, true)
    expect(await ended.read('ml')).toMatchObject({ updated: 1 })
    expect(await viewOf(db.ctx, ended.itemId)).toMatchObject({ unit: 'ml' })
  })
})
