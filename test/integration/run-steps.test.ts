import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { inTransaction } from '../../src/platform/database.js'
import { claimRun } from '../../src/runs/claim-run.js'
import { createRun } from '../../src/runs/create-run.js'
import { LostClaimError } from '../../src/runs/finish-run.js'
import { finishStep, isInDoubt, type RunStep, readSteps, recordStep } from '../../src/runs/run-steps.js'
import { createTestDatabase, type TestDatabase } from '../helpers/test-database.js'
import { until } from '../helpers/until.js'

let database: TestDatabase
let runId: string
let lists = 0
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

beforeEach(async () => {
  runId = (await createRun(database.ctx, { list: `list-${++lists}` })).id
  await claim()
})

/** A claim whose lease is over at once: the next one may follow. */
const claim = () => claimRun(database.ctx, { runId, workerId: 'w', leaseMs: 0 })

const intent = (epoch: number, step = 1): RunStep => ({
  runId,
  epoch,
  step,
  kind: 'tool',
  name: 'place_order',
  journal: { leg: 1, position: step, fingerprint: 'f' },
  isWrite: true,
  request: { b: 1, a: { 10: 'x', 9: 'y' } },
  response: null,
  error: null,
  inputTokens: 0,
  outputTokens: 0,
  startedAt: database.clock.now(),
  durationMs: 0,
})
const result = { response: { z: 1, a: [] }, error: null, inputTokens: 0, outputTokens: 0, durationMs: 5 }

test('a step is recorded under the newest claim only', async () => {
  await recordStep(database.ctx, intent(1))
  await claim()
  await expect(recordStep(database.ctx, intent(1, 2))).rejects.toThrow(LostClaimError)
  await expect(finishStep(database.ctx, { runId, epoch: 1 }, { epoch: 1, step: 1 }, result)).rejects.toThrow(
    LostClaimError,
  )
  const steps = await readSteps(database.ctx, runId)
  expect(steps).toHaveLength(1)
  expect(steps.every(isInDoubt)).toBe(true)
})

test('a later claim finishes what an earlier one announced; texts come back letter by letter', async () => {
  await recordStep(database.ctx, intent(1))
  await claim()
  await finishStep(database.ctx, { runId, epoch: 2 }, { epoch: 1, step: 1 }, result)
  const [step] = await readSteps(database.ctx, runId)
  expect(step).toMatchObject({ epoch: 1, response: { z: 1, a: [] }, durationMs: 5 })
  // A model is given this very text again: the order of keys counts.
  expect(JSON.stringify(step?.request)).toBe(JSON.stringify(intent(1).request))
  expect(JSON.stringify(step?.response)).toBe('{"z":1,"a":[]}')
})

test('nothing is recorded for a run that has ended', async () => {
  await database.ctx.db.updateTable('restock.runs').set({ status: 'failed' }).where('id', '=', runId).execute()
  await expect(recordStep(database.ctx, intent(1))).rejects.toThrow(LostClaimError)
})

test('whoever claims the run while a write is being announced sees the announcement', async () => {
  let claimed: ReturnType<typeof claim> | undefined
  await inTransaction(database.ctx, async (tx) => {
    await recordStep(tx, intent(1))
    claimed = claim()
    await until('the claim to wait', async () => {
      const { rows } = await sql<{ count: number }>`
        select count(*)::int as count from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock' and query like 'update "restock"."runs"%'`.execute(
        database.db,
      )
      return rows[0]?.count === 1
    })
  })
  expect(await claimed).toMatchObject({ kind: 'claimed', run: { epoch: 2 } })
  expect(await readSteps(database.ctx, runId)).toHaveLength(1)
})

test('whoever announces a write while the run is being claimed is refused', async () => {
  let announced: Promise<void> | undefined
  await inTransaction(database.ctx, async (tx) => {
    await claimRun(tx, { runId, workerId: 'w2', leaseMs: 0 })
    announced = recordStep(database.ctx, intent(1))
    announced.catch(() => undefined)
    await until('the announcement to wait', async () => {
      const { rows } = await sql<{ count: number }>`
        select count(*)::int as count from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock' and query like '%insert into restock.run_steps%'`.execute(
        database.db,
      )
      return rows[0]?.count === 1
    })
  })
  await expect(announced).rejects.toThrow(LostClaimError)
  expect(await readSteps(database.ctx, runId)).toHaveLength(0)
})
