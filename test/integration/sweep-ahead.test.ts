import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { silentLogger } from '../../src/platform/context.js'
import { type JobQueue, openQueue } from '../../src/platform/queue.js'
import { createRun } from '../../src/runs/create-run.js'
import { beat } from '../../src/schedules/beat.js'
import { createTestDatabase, type TestDatabase } from '../helpers/test-database.js'

let database: TestDatabase
let queue: JobQueue
beforeAll(async () => {
  database = await createTestDatabase()
  queue = openQueue({ databaseUrl: database.url, redisUrl: null, prefix: 'ahead', log: silentLogger })
})
afterAll(async () => {
  await queue.close()
  await database.drop()
})

test('a scheduler that starts queues what a dead worker had in hand for the end of its lease; later sweeps wait for it', async () => {
  const { ctx } = database
  const { id } = await createRun(ctx, { list: 'cafe' })
  const leaseUntil = sql<Date>`clock_timestamp() + interval '5 minutes'`
  const held = { status: 'running' as const, epoch: 3, lease_until: leaseUntil }
  await ctx.db.updateTable('restock.runs').set(held).where('id', '=', id).execute()
  const options = { sweepEveryMs: 1, trackEveryMs: 1e15, dueSubmissions: async () => [] }
  const job = () => queue.queues.replenish.getJob(`run-${id}-4`)

  await beat(ctx, queue, options, { swept: 1, tracked: 1 })
  expect(await job()).toBeUndefined()

  await beat(ctx, queue, options, { swept: 0, tracked: 1 })
  expect(await (await job())?.isDelayed()).toBe(true)
  const delayMs = (await job())?.opts.delay ?? 0
  expect(delayMs).toBeGreaterThan(4 * 60_000)
  expect(delayMs).toBeLessThanOrEqual(5 * 60_000)
})
