import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { assertInvariants } from '../../src/invariants/find-violations.js'
import { type FailpointName, readFailpointLog } from '../../src/platform/failpoints.js'
import { createRun } from '../../src/runs/create-run.js'
import { getRun } from '../../src/runs/find-runs.js'
import { expectNoProcessLeft, type RestockProcess, restock, startRestock } from '../helpers/restock-process.js'
import { createTestDatabase, type TestDatabase } from '../helpers/test-database.js'
import { until } from '../helpers/until.js'

const folder = join(tmpdir(), `restock-shutdown-${randomBytes(4).toString('hex')}`)
let database: TestDatabase
let env: Record<string, string>
const running: RestockProcess[] = []

beforeEach(async () => {
  database = await createTestDatabase()
  env = {
    DATABASE_URL: database.url,
    RESTOCK_SECRET: 'x'.repeat(40),
    RESTOCK_DATA_DIR: folder,
    RESTOCK_CONFIG: 'examples/cafe/restock.yaml',
    // Ten minutes: a run that goes on sooner was given back.
    RESTOCK_LEASE_MS: '600000',
    RESTOCK_SHUTDOWN_MS: '4000',
  }
})
afterEach(async () => {
  for (const { child } of running.splice(0)) child.kill('SIGKILL')
  await expectNoProcessLeft()
  await database.drop()
})
afterAll(() => rm(folder, { recursive: true, force: true }))

function start(role: 'worker' | 'scheduler' | 'up', extra: Record<string, string> = {}): RestockProcess {
  const process = startRestock([role], { env: { ...env, RESTOCK_WEB_PORT: '0', ...extra } })
  running.push(process)
  return process
}

async function failAt(spec: string): Promise<{ process: RestockProcess; reached(): boolean; runId: string }> {
  const logFile = join(tmpdir(), `restock-failpoints-${randomBytes(4).toString('hex')}`)
  const failpoints = { RESTOCK_FAILPOINTS: spec, RESTOCK_FAILPOINTS_LOG: logFile }
  const process = start('up', failpoints)
  await process.says(/is up/)
  const { id } = await createRun(database.ctx, { list: 'cafe' })
  return {
    process,
    runId: id,
    reached: () => readFailpointLog(logFile).some(({ what }) => what !== 'reached'),
  }
}

/** With deliveries and rejections heard of by the list, every item has one open order at most, and so on. */
async function expectWhole(runId: string): Promise<void> {
  const ended = await until(
    'the end of the run',
    async () => {
      const run = await getRun(database.ctx, runId)
      return run.status === 'pending' || run.status === 'running' ? null : run
    },
    90_000,
  )
  expect(ended.status, ended.error ?? '').toBe('completed')
  expect(ended.outcome?.items.length).toBeGreaterThan(10)
  await until(
    'every order to be sent',
    async () => {
      const { rows } = await database.pool.query(
        "select from purchasing.orders where status in ('approved', 'submitting')",
      )
      return rows.length === 0
    },
    90_000,
  )
  await assertInvariants(database.db)
}

describe('a worker that is told to stop', () => {
  const places: readonly FailpointName[] = [
    'claim.after',
    'answer.before',
    'send.before',
    'commit.before',
    'send.after',
  ]
  it.each(places)(
    'at %s ends in time and gives its run back, which goes on with the next start',
    async (place) => {
      // Longer than it may take, and shorter than it takes to abandon what is in hand.
      const { process, reached, runId } = await failAt(`${place}=delay:1800`)
      await until(place, () => reached(), 60_000)
      process.child.kill('SIGTERM')
      expect(await process.ended, process.stderr()).toBe(0)
      const after = start('up')
      await after.says(/is up/)
      await expectWhole(runId)
      after.child.kill('SIGTERM')
      expect(await after.ended, after.stderr()).toBe(0)
    },
    180_000,
  )

  it('while a step hangs ends all the same', async () => {
    const { process, reached, runId } = await failAt('answer.before=delay:600000')
    await until('the step', () => reached(), 60_000)
    process.child.kill('SIGTERM')
    expect(await Promise.race([process.ended, sleep(30_000, 'still there')]), process.stderr()).toBe(0)
    expect(await getRun(database.ctx, runId), 'left to its lease').toMatchObject({ status: 'running' })
    await database.db
      .updateTable('restock.runs')
      .set({ lease_until: new Date(0) })
      .where('id', '=', runId)
      .execute()
    start('up')
    await expectWhole(runId)
  }, 180_000)

  it('twice ends at once', async () => {
    const { process, reached } = await failAt('answer.before=delay:600000')
    await until('the step', () => reached(), 60_000)
    process.child.kill('SIGKILL')
    await process.ended
    env = { ...env, RESTOCK_SHUTDOWN_MS: '300000' }
    await database.pool.query("update restock.runs set lease_until = now() where status = 'running'")
    const patient = await failAt('answer.before=delay:600000')
    await until('the step', () => patient.reached(), 60_000)
    patient.process.child.kill('SIGTERM')
    await until('the first to be heard', () => patient.process.stderr().includes('once more ends it at once'))
    patient.process.child.kill('SIGTERM')
    expect(await Promise.race([patient.process.ended, sleep(30_000, 'still there')])).toBe(143)
  }, 180_000)
})

describe('a start after a crash', () => {
  it.each(['submit.before', 'submit.after'] as const)(
    'finds out what became of an order whose sending was cut off at %s',
    async (place) => {
      const { process, runId } = await failAt(`${place}=kill`)
      expect(await process.ended).toBe('SIGKILL')
      const { rows } = await database.pool.query("select from purchasing.orders where status = 'submitting'")
      expect(rows).toHaveLength(1)
      // Whoever sends has a minute.
      start('up', { RESTOCK_CLOCK_OFFSET_MS: '120000', RESTOCK_LEASE_MS: '2000' })
      await database.pool.query("update restock.runs set lease_until = now() where status = 'running'")
      await expectWhole(runId)
      const { rows: sent } = await database.pool.query<{ orders: number; accepted: number }>(
        `select (select count(*)::int from purchasing.orders where channel = 'simulated' and status in ('submitted', 'confirmed')) as orders,
          (select count(*)::int from purchasing.simulated_orders) as accepted`,
      )
      expect(sent[0]?.orders).toBe(sent[0]?.accepted)
      expect(sent[0]?.orders).toBeGreaterThan(0)
    },
    180_000,
  )

  it('goes on with migrations that were killed anywhere', async () => {
    for (const schema of ['stock', 'purchasing', 'restock', 'access', 'bullmq']) {
      await database.pool.query(`drop schema if exists ${schema} cascade`)
    }
    let killed = 0
    // The whole takes about a second, most of it the start.
    for (let round = 0; round < 12; round++) {
      const process = startRestock(['migrate'], { env })
      const timer = setTimeout(() => process.child.kill('SIGKILL'), 300 + round * 60)
      if ((await process.ended) === 'SIGKILL') killed += 1
      clearTimeout(timer)
    }
    // Two at once, as when two machines start.
    const both = await Promise.all([restock(['migrate'], { env }), restock(['migrate'], { env })])
    for (const { code, stderr } of both) expect(code, stderr).toBe(0)
    expect(killed).toBeGreaterThan(0)
    const shapeOf = async (pool: TestDatabase['pool']) =>
      (
        await pool.query(
          `select table_schema, table_name, column_name, data_type, is_nullable, column_default
           from information_schema.columns where table_schema in ('stock', 'purchasing', 'restock', 'bullmq')
           order by table_schema, table_name, ordinal_position`,
        )
      ).rows
    const fresh = await createTestDatabase()
    try {
      expect(await shapeOf(database.pool)).toEqual(await shapeOf(fresh.pool))
    } finally {
      await fresh.drop()
    }
  }, 120_000)
})
