import { writeFileSync, existsSync } from 'node:fs'
import { it } from 'vitest'
import { startWeb } from '../../src/web/start-web.js'
import { createTestDatabase } from '../helpers/test-database.js'
import { buildOutcomeItem, buildOutcomeOrder, finishedRun, localWeb, openTestQueue } from '../helpers/web.js'
import { addList } from '../../src/stock/lists.js'
import { createRun } from '../../src/runs/create-run.js'
it('serves', async () => {
  const database = await createTestDatabase()
  const queue = openTestQueue(database)
  await addList(database.ctx, { id: 'cafe', name: 'Corner Café', currency: 'EUR', timeZone: 'Europe/Berlin' })
  await addList(database.ctx, { id: 'lab', currency: 'EUR', timeZone: 'Europe/Berlin' })
  const id = await finishedRun(database.ctx, 'cafe', { items: [buildOutcomeItem(), buildOutcomeItem({ name: 'Straws', decision: 'pending_approval', reason: 'waits for approval: 1 x 500 from Cup & Co (the order of 700 EUR is above 600)' }), buildOutcomeItem({ name: 'Vanilla syrup', decision: 'refused', orderedQuantity: 0, reason: 'every offer is dearer than 4.00 EUR per l' }), buildOutcomeItem({name:'Sugar', decision:'skipped', orderedQuantity: 0, reason:'plenty left'}) ], orders: [buildOutcomeOrder(), buildOutcomeOrder({ id: 'ord_2', supplier: 'Cup & Co', status: 'awaiting_approval', totalMinor: 70012 })] })
  await finishedRun(database.ctx, 'lab', { items: [], orders: [], summary: 'lab: nothing is due.' })
  await createRun(database.ctx, { list: 'cafe', dryRun: true })
  for (let i = 0; i < 5; i++) await queue.enqueue('replenish', { runId: `run_${i}` })
  const web = await startWeb({ ctx: database.ctx, queue, config: { web: localWeb } })
  writeFileSync('/tmp/faces-browser/url.json', JSON.stringify({ url: web.url, id }))
  const until = Date.now() + 240_000
  while (!existsSync('/tmp/faces-browser/stop') && Date.now() < until) await new Promise((r) => setTimeout(r, 200))
  await web.close(); await queue.close(); await database.drop()
}, 300_000)
