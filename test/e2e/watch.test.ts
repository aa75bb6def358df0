import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createRun } from '../../src/runs/create-run.js'
import { getRun } from '../../src/runs/find-runs.js'
import { addList } from '../../src/stock/lists.js'
import { expectNoProcessLeft, startRestock } from '../helpers/restock-process.js'
import { createTestDatabase, type TestDatabase } from '../helpers/test-database.js'

let database: TestDatabase

beforeAll(async () => {
  database = await createTestDatabase()
  await addList(database.ctx, { id: 'cafe', currency: 'EUR', timeZone: 'Europe/Berlin' })
})
afterAll(() => database.drop())

it('restock watch ends with Ctrl-C, and the run goes on', async () => {
  const { id } = await createRun(database.ctx, { list: 'cafe' })
  const env = {
    DATABASE_URL: database.url,
    RESTOCK_SECRET: 'x'.repeat(40),
    RESTOCK_DATA_DIR: join(tmpdir(), 'restock-none'),
  }
  const watching = startRestock(['watch', id], { env, cwd: tmpdir() })
  await watching.says(/waits for a worker/)
  watching.child.kill('SIGINT')
  expect(await watching.ended, watching.stderr()).toBe(130)
  expect(watching.stderr()).toContain(`Not watching any more; the run goes on by itself.`)
  expect(await getRun(database.ctx, id)).toMatchObject({ status: 'pending' })
  await expectNoProcessLeft()
})
