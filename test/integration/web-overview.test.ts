import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { JobQueue } from '../../src/platform/queue.js'
import { addItem } from '../../src/stock/add-item.js'
import { addList } from '../../src/stock/lists.js'
import { createTestDatabase, type TestDatabase } from '../helpers/test-database.js'
import { buildOutcomeItem, createTestWeb, finishedRun, openTestQueue } from '../helpers/web.js'

let database: TestDatabase
let queue: JobQueue
let web: ReturnType<typeof createTestWeb>

beforeAll(async () => {
  database = await createTestDatabase()
  queue = openTestQueue(database)
  web = createTestWeb({ ctx: database.ctx, queue })
  await addList(database.ctx, { id: 'cafe', name: 'Corner Café', currency: 'EUR', timeZone: 'Europe/Berlin' })
})

afterAll(async () => {
  await queue?.close()
  await database?.drop()
})

async function textOf(path: string): Promise<string> {
  const response = await web.request(path)
  expect(response.status).toBe(200)
  return (await response.text()).replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ')
}

const overview = () => textOf('/')

async function lowItem(name: string): Promise<string> {
  const levels = { reorderPoint: 5, orderUpTo: 9 }
  return (await addItem(database.ctx, { list: 'cafe', name, unit: 'kg', onHand: 0, ...levels })).itemId
}

describe('the overview', () => {
  it('says what the last run could not buy, and why, as what needs a person', async () => {
    const honey = await lowItem('Blossom honey')
    const milk = await lowItem('Oat milk')
    const before = await overview()
    expect(before).toContain('0 need a person')
    expect(before).not.toContain('Needs a person')

    const reason = 'kept in kg but sold in pcs'
    await finishedRun(database.ctx, 'cafe', {
      items: [
        buildOutcomeItem({ itemId: honey, name: 'Blossom honey', decision: 'needs_attention', reason }),
        buildOutcomeItem({ itemId: milk, name: 'Oat milk', decision: 'skipped', reason: 'not today' }),
        // Bought enough since, or gone: nobody has to do anything about it.
        buildOutcomeItem({ itemId: 'itm_gone', decision: 'refused', reason: 'over its cap' }),
      ],
      orders: [],
    })
    const after = await overview()
    expect(after).toContain('1 needs a person')
    expect(after).toContain('Blossom honey needs attention Kept in kg but sold in pcs.')
    expect(after).not.toContain('not today')
    expect(after).not.toContain('over its cap')
    expect(after).toContain('Blossom honey none left')
    expect(await textOf(`/items/${honey}`)).toContain('The last run didn’t buy it: kept in kg but sold in pcs')
    expect(await textOf(`/items/${milk}`)).not.toContain('The last run')
  })

  it('calls a list by its name', async () => {
    const page = await overview()
    expect(page).toContain('Last outcomes Corner Café')
  })
})
