import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createRun } from '../../src/runs/create-run.js'
import { getRun } from '../../src/runs/find-runs.js'
import { countWorkers } from '../../src/runs/workers.js'
import { expectNoProcessLeft, type RestockProcess, restock, startRestock } from '../helpers/restock-process.js'
import { createTestDatabase, type TestDatabase } from '../helpers/test-database.js'
import { until } from '../helpers/until.js'

let database: TestDatabase
let env: Readonly<Record<string, string>>
const running: RestockProcess[] = []
const wait = ['run', '--wait', '--json', '--config', 'examples/cafe/restock.yaml']

beforeAll(async () => {
  database = await createTestDatabase()
  env = { DATABASE_URL: database.url, RESTOCK_SECRET: 'x'.repeat(40), RESTOCK_DATA_DIR: join(tmpdir(), 'restock-none') }
  const first = await restock(wait, { env })
  expect(first.code, first.stderr).toBe(0)
}, 60_000)
afterEach(async () => {
  for (const { child } of running.splice(0)) child.kill('SIGKILL')
  await database.pool.query('delete from restock.workers')
  await expectNoProcessLeft()
})
afterAll(() => database.drop())

describe('restock run --wait', () => {
  it('sends what a person has approved since the last time', async () => {
    const orders = async () => {
      const { stdout } = await restock(['orders', 'list', '--json'], { env })
      return (JSON.parse(stdout) as { orders: { orderId: string; status: string }[] }).orders
    }
    const waiting = (await orders()).find((order) => order.status === 'awaiting_approval')
    expect((await restock(['orders', 'approve', waiting?.orderId ?? ''], { env })).code).toBe(0)
    const second = await restock(wait, { env })
    expect(second.code, second.stderr).toBe(0)
    await until('the order to be sent', async () => {
      const order = (await orders()).find(({ orderId }) => orderId === waiting?.orderId)
      return order?.status === 'confirmed'
    })
  })

  it('works by itself when the worker that it relied on was killed', async () => {
    const worker = startRestock(['worker'], { env })
    running.push(worker)
    await worker.says(/The worker is up/)
    worker.child.kill('SIGKILL')
    await worker.ended
    expect(await countWorkers(database.ctx), 'it still looks alive').toBe(1)

    const waiting = startRestock(wait, { env })
    running.push(waiting)
    expect(await Promise.race([waiting.ended, deadline(45_000)]), waiting.stderr()).toBe(0)
    expect(JSON.parse(waiting.stdout())).toMatchObject({ run: { status: 'completed' } })
    expect(waiting.stderr()).toContain('No worker is left; this command goes on by itself.')
    expect(waiting.stderr()).not.toContain('this command works on it itself')
  }, 60_000)

  it('takes over a run of its list that nobody works on any more', async () => {
    const stale = await createRun(database.ctx, { list: 'cafe' })
    await database.pool.query(
      "update restock.runs set status = 'running', epoch = 1, claimed_by = 'dead', lease_until = now() - interval '1 minute' where id = $1",
      [stale.id],
    )
    const waiting = startRestock(wait, { env })
    running.push(waiting)
    expect(await Promise.race([waiting.ended, deadline(45_000)]), waiting.stderr()).toBe(0)
    expect(await getRun(database.ctx, stale.id)).toMatchObject({ status: 'completed', epoch: 2 })
  }, 60_000)

  it('gives up at its timeout, and says so', async () => {
    const busy = await createRun(database.ctx, { list: 'cafe' })
    await database.pool.query(
      "update restock.runs set status = 'running', epoch = 1, claimed_by = 'busy', lease_until = now() + interval '1 hour' where id = $1",
      [busy.id],
    )
    const bound = { ...env, RESTOCK_RUN_TIMEOUT_MS: '5000' }
    const waiting = startRestock(wait, { env: bound })
    running.push(waiting)
    const started = performance.now()
    expect(await Promise.race([waiting.ended, deadline(45_000)]), waiting.stderr()).toBe(1)
    expect(performance.now() - started).toBeGreaterThan(15_000)
    expect(waiting.stdout()).toBe('')
    expect(waiting.stderr()).toMatch(
      /restock: Run run_\S+ is still pending after 0\.3 minutes; .*restock runs show run_/,
    )
    expect((await restock([...wait, '--timeout', 'soon'], { env })).code).toBe(2)
    // The hour is over: the next one that waits gets its turn.
    await database.pool.query("update restock.runs set lease_until = now() where status = 'running'")
    expect((await restock(wait, { env })).code).toBe(0)
  }, 120_000)
})

function deadline(ms: number): Promise<string> {
  return new Promise((resolve) => setTimeout(resolve, ms, `still running after ${ms} ms`).unref())
}
