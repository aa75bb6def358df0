import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { JobQueue } from '../../src/platform/queue.js'
import { addItem } from '../../src/stock/add-item.js'
import { countStock } from '../../src/stock/count-stock.js'
import { listItems } from '../../src/stock/list-items.js'
import { addList } from '../../src/stock/lists.js'
import { createTestDatabase, type TestDatabase } from '../helpers/test-database.js'
import { createTestWeb, openTestQueue } from '../helpers/web.js'

let database: TestDatabase
let queue: JobQueue
let web: ReturnType<typeof createTestWeb>

beforeAll(async () => {
  database = await createTestDatabase()
  queue = openTestQueue(database)
  web = createTestWeb({ ctx: database.ctx, queue })
  await addList(database.ctx, { id: 'cafe', currency: 'EUR', timeZone: 'Europe/Berlin' })
  await addItem(database.ctx, { list: 'cafe', name: 'Milk', unit: 'l', reorderPoint: 5, orderUpTo: 20, onHand: 12 })
})

afterAll(async () => {
  await queue?.close()
  await database?.drop()
})

function send(path: string, fields: Readonly<Record<string, string | File>>): Promise<Response> {
  const body = new FormData()
  for (const [name, value] of Object.entries(fields)) body.set(name, value)
  return Promise.resolve(web.request(path, { method: 'POST', body }))
}

const csv = (text: string) => new File([text], 'items.csv', { type: 'text/csv' })

/** What the form under a preview would send. */
function hiddenFields(page: string): Record<string, string> {
  const fields = page.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)
  return Object.fromEntries([...fields].map((match) => [match[1] ?? '', (match[2] ?? '').replaceAll('&amp;', '&')]))
}

describe('importing with a preview', () => {
  const file = () => csv('name,unit,reorder_point,order_up_to\nMilk,l,8,20\nCups,pcs,100,500\n')

  it('shows what would change and changes nothing; applying it changes exactly that', async () => {
    const preview = await send('/items/import', { file: file() })
    expect(preview.status).toBe(200)
    const page = await preview.text()
    expect(page).toContain('1 new')
    expect(page).toContain('Cups')
    expect((await listItems(database.ctx, { list: 'cafe', filter: 'all' })).map(({ name }) => name)).toEqual(['Milk'])
    const done = await send('/items/import', hiddenFields(page))
    expect(done.status).toBe(303)
    const items = await listItems(database.ctx, { list: 'cafe', filter: 'all' })
    expect(items.map(({ name, reorderPoint }) => [name, reorderPoint])).toEqual([
      ['Cups', 100],
      ['Milk', 8],
    ])
    expect(await (await send('/items/import', { file: file() })).text()).toContain('like that already')
  })

  it('names a file that is wrong as it is called', async () => {
    const refused = await send('/items/import', { file: csv('name,unit,reorder_point\nMilk,l,many\n') })
    expect(refused.status).toBe(422)
    expect(await refused.text()).toMatch(/role="alert">items\.csv, line 2, column reorder_point: .* is not a number/)
  })

  it('is asked again when something has changed between preview and import', async () => {
    const page = await (await send('/items/import', { file: csv('name,unit,order_up_to\nMilk,l,40\n') })).text()
    await addItem(database.ctx, { list: 'cafe', name: 'Beans', unit: 'kg' })
    const fields = hiddenFields(page)
    const stillFine = await send('/items/import', fields)
    expect(stillFine.status).toBe(303)
    const again = await send('/items/import', fields)
    expect(again.status).toBe(409)
    expect(await again.text()).toContain('nothing was imported')
  })

  it.each([
    ['a broken row', { file: csv('name,unit,reorder_point\nMilk,l,many\n') }, 'line 2'],
    ['no file', {}, 'Choose a CSV file.'],
    ['a packed file that is none', { packed: 'AAAA', digest: '' }, 'did not come through whole'],
  ])('says what is wrong with %s', async (_what, fields, text) => {
    const response = await send('/items/import', fields)
    expect(response.status).toBe(422)
    expect(await response.text()).toContain(text)
  })
})

describe('the overview', () => {
  it('knows of a count at once, wherever it was made', async () => {
    const overview = async () => (await web.request('/')).text()
    expect(await overview()).not.toMatch(/id="low".*Milk/s)
    await countStock(database.ctx, { list: 'cafe', item: 'Milk', quantity: 1, actor: 'somebody else' })
    expect(await overview()).toMatch(/id="low".*Milk/s)
    await countStock(database.ctx, { list: 'cafe', item: 'Milk', quantity: 30, actor: 'somebody else' })
    expect(await overview()).not.toMatch(/id="low".*Milk/s)
  })
})
