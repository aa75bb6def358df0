import { afterAll, beforeAll, expect, it } from 'vitest'
import { readStatus } from '../../src/overview/read-status.js'
import { addList, findLists } from '../../src/stock/lists.js'
import { createTestDatabase, type TestDatabase } from '../helpers/test-database.js'
import { buildOutcomeItem, finishedRun } from '../helpers/web.js'

let database: TestDatabase

beforeAll(async () => {
  database = await createTestDatabase()
  await addList(database.ctx, { id: 'cafe', currency: 'EUR', timeZone: 'Europe/Berlin' })
})

afterAll(async () => {
  await database?.drop()
})

async function status() {
  const { ctx } = database
  const { unsettledRuns, lists } = await readStatus(ctx, await findLists(ctx))
  return { unsettled: unsettledRuns.map(({ id }) => id), last: lists[0]?.last?.id }
}

it('what a run could not get stays in the status after a dry run, and goes with the next real one', async () => {
  const { ctx } = database
  const real = await finishedRun(ctx, 'cafe', { items: [buildOutcomeItem({ decision: 'refused' })], orders: [] })
  expect(await status()).toEqual({ unsettled: [real], last: real })

  database.clock.advance(60_000)
  const dry = await finishedRun(ctx, 'cafe', { items: [buildOutcomeItem({ decision: 'refused' })], orders: [] })
  await ctx.db.updateTable('restock.runs').set({ dry_run: true }).where('id', '=', dry).execute()
  expect(await status()).toEqual({ unsettled: [real], last: dry })

  database.clock.advance(60_000)
  const next = await finishedRun(ctx, 'cafe')
  expect(await status()).toEqual({ unsettled: [], last: next })
})
