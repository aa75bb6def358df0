import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { syncStock, syncStockNow } from '../../src/processors/sync-stock.js'
import { openShop, type Shop } from '../helpers/agent-shop.js'
import { type AgentWorker, clearRuns, openAgentWorker } from '../helpers/agent-worker.js'
import { createTestDatabase, type TestDatabase, testSecret } from '../helpers/test-database.js'

let database: TestDatabase
let shop: Shop
let worker: AgentWorker

beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

beforeEach(async () => {
  shop = await openShop(testSecret, () => new Date())
  for (let index = 0; index < 450; index++) {
    const sku = `SKU${index}`
    shop.items.push({ id: `itm_${index}`, name: `Item ${index}`, need: 1, sku })
    shop.products.push({ id: `prd_${index}`, name: `Product ${index}`, sku, supplier: 'S', pack: 1, priceMinor: 100 })
  }
  // Ordering knows of 450 lines that the list has not heard of.
  const ordering = openAgentWorker({ base: database.ctx, servers: shop.servers })
  shop.interfere('read_order_events', () => ({ events: [], next: 0, has_more: false }))
  await ordering.run()
  await ordering.close()
  shop.behaveAgain()
  shop.calls.length = 0
  await database.db.deleteFrom('restock.sync_cursors').execute()
  worker = openAgentWorker({ base: database.ctx, servers: shop.servers })
})
afterEach(async () => {
  await worker.close()
  await shop.close()
  await clearRuns(database)
})

const cursor = async () => (await database.db.selectFrom('restock.sync_cursors').select('seq').executeTakeFirst())?.seq
const pages = () => shop.calls.filter(({ tool }) => tool === 'apply_order_events').length

test('carries every event to the list, page by page, and a second time none', async () => {
  expect(await syncStockNow(worker.ctx)).toBe(450)
  expect(pages()).toBe(3)
  expect(await cursor()).toBe(450)
  expect(await syncStockNow(worker.ctx)).toBe(0)
  expect(pages()).toBe(3)
  expect(shop.calls.every(({ caller }) => caller !== 'invalid' && caller.kind === 'run' && caller.run === 'sync')).toBe(
    true,
  )
})

test('that died halfway goes on where it was, and events that were applied already change nothing', async () => {
  let applied = 0
  shop.interfere('apply_order_events', (next) => {
    const result = next()
    if (++applied === 2) throw new Error('died after the second page was applied, before that was known')
    return result
  })
  const attempt = { jobId: 'job', attempt: 1, isLast: false, signal: new AbortController().signal }
  await expect(syncStock(worker.ctx, {}, attempt)).rejects.toThrow('apply_order_events')
  expect(await cursor()).toBe(200)
  shop.behaveAgain()
  expect(await syncStock(worker.ctx, {}, attempt)).toBeUndefined()
  expect(await cursor()).toBe(450)
  expect(await syncStockNow(worker.ctx)).toBe(0)
})

test('twice at once applies each event once, and the cursor never goes back', async () => {
  const [one, two] = await Promise.all([syncStockNow(worker.ctx), syncStockNow(worker.ctx)])
  expect(one + two).toBe(450)
  expect(await cursor()).toBe(450)
})

test('a server that says there is more but does not move on is not asked for ever', async () => {
  shop.interfere('read_order_events', () => ({ events: [], next: 0, has_more: true }))
  expect(await syncStockNow(worker.ctx)).toBe(0)
})

test('stops between pages when it is told to', async () => {
  const stop = new AbortController()
  shop.interfere('apply_order_events', (next) => {
    stop.abort(new Error('stopping'))
    return next()
  })
  await expect(syncStockNow(worker.ctx, stop.signal)).rejects.toThrow('stopping')
  expect(pages()).toBe(1)
})
