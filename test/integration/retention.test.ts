import { afterAll, beforeAll, expect, test } from 'vitest'
import { silentLogger } from '../../src/platform/context.js'
import { type JobQueue, openQueue } from '../../src/platform/queue.js'
import { createRun } from '../../src/runs/create-run.js'
import { readSteps, recordStep } from '../../src/runs/run-steps.js'
import { beat } from '../../src/schedules/beat.js'
import { createTestDatabase, type TestDatabase } from '../helpers/test-database.js'

let database: TestDatabase
let queue: JobQueue
beforeAll(async () => {
  database = await createTestDatabase()
  queue = openQueue({ databaseUrl: database.url, redisUrl: null, prefix: 'retention', log: silentLogger })
})
afterAll(async () => {
  await queue.close()
  await database.drop()
})

async function runWithStep(finished: string | null): Promise<string> {
  const { ctx } = database
  const { id } = await createRun(ctx, { list: `list-${await ctx.newId('l')}` })
  const at = (values: { status: 'running' | 'completed'; finished_at: Date | null }) =>
    ctx.db
      .updateTable('restock.runs')
      .set({ ...values, epoch: 1 })
      .where('id', '=', id)
      .execute()
  await at({ status: 'running', finished_at: null })
  const step = { step: 1, kind: 'tool' as const, name: 'x', journal: null, isWrite: false, request: {}, response: {} }
  const rest = { error: null, inputTokens: 0, outputTokens: 0, startedAt: ctx.clock.now(), durationMs: 1 }
  await recordStep(ctx, { runId: id, epoch: 1, ...step, ...rest })
  if (finished !== null) await at({ status: 'completed', finished_at: new Date(finished) })
  return id
}

test('steps of runs that ended long enough ago are forgotten on the beat; younger and open runs keep theirs', async () => {
  database.clock.set('2026-06-30T12:00:00Z')
  const old = await runWithStep('2026-05-31T11:59:00Z')
  const young = await runWithStep('2026-05-31T12:01:00Z')
  const open = await runWithStep(null)
  const options = { sweepEveryMs: 1e12, trackEveryMs: 1e12, dueSubmissions: async () => [] }
  const state = () => ({ swept: database.clock.now().getTime(), tracked: database.clock.now().getTime() })
  const kept = async () => {
    const runs = [old, young, open]
    const steps = await Promise.all(runs.map((id) => readSteps(database.ctx, id)))
    return runs.filter((_, index) => (steps[index]?.length ?? 0) > 0)
  }

  await beat(database.ctx, queue, options, state())
  expect(await kept()).toEqual([old, young, open])
  await beat(database.ctx, queue, { ...options, journalDays: 30 }, state())
  expect(await kept()).toEqual([young, open])
})
