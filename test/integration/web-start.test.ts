import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { JobQueue } from '../../src/platform/queue.js'
import { findLists } from '../../src/stock/lists.js'
import { createTestDatabase, type TestDatabase } from '../helpers/test-database.js'
import { createTestWeb, openTestQueue } from '../helpers/web.js'

let database: TestDatabase
let queue: JobQueue
let web: ReturnType<typeof createTestWeb>

beforeAll(async () => {
  database = await createTestDatabase()
  queue = openTestQueue(database)
  web = createTestWeb({ ctx: database.ctx, queue })
})

afterAll(async () => {
  await queue?.close()
  await database?.drop()
})

describe('setting up the first list', () => {
  const own = { currency: 'EUR', timeZone: 'Europe/Berlin' }
  const setUp = (fields: Readonly<Record<string, string | File>>) => {
    const body = new FormData()
    for (const [name, value] of Object.entries(fields)) body.set(name, value)
    return web.request('/start', { method: 'POST', body })
  }

  it('needs no id where one can be made from the name, and says so where none can', async () => {
    const refused = await setUp({ ...own, name: 'Кафе' })
    expect(refused.status).toBe(422)
    expect(await refused.text()).toContain('Id: write one')
    expect(await findLists(database.ctx)).toEqual([])
    expect((await setUp({ ...own, name: 'Café Nord' })).status).toBe(303)
    expect(await findLists(database.ctx)).toMatchObject([{ id: 'cafe-nord', name: 'Café Nord' }])
  })

  it('gives files to begin with, which it takes as they are', async () => {
    const files: Record<string, File> = {}
    for (const kind of ['items', 'suppliers', 'catalog']) {
      const example = await web.request(`/start/example/${kind}.csv`)
      expect(example.headers.get('content-disposition')).toContain(`${kind}.csv`)
      files[kind] = new File([await example.text()], `${kind}.csv`, { type: 'text/csv' })
    }
    expect((await setUp({ ...own, name: 'Kiosk', ...files })).status).toBe(303)
    const items = await web.request('/items?list=kiosk')
    expect(await items.text()).toContain('63 items')
  })
})
