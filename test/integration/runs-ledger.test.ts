import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { claimRun, releaseRun, renewLease } from '../../src/runs/claim-run.js'
import { createRun } from '../../src/runs/create-run.js'
import { getRun } from '../../src/runs/find-runs.js'
import { finishRun, LostClaimError, saveSnapshot } from '../../src/runs/finish-run.js'
import type { RunOutcome } from '../../src/runs/run.js'
import { createTestDatabase, type TestDatabase } from '../helpers/test-database.js'
import { until } from '../helpers/until.js'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())
beforeEach(() => database.db.deleteFrom('restock.runs').execute())

const outcome: RunOutcome = {
  model: 'rules',
  usage: { modelCalls: 0, inputTokens: 0, outputTokens: 0 },
  items: [],
  orders: [],
  summary: 'nothing due',
}

const claim = (runId: string, workerId = 'w1', leaseMs = 60_000) => claimRun(database.ctx, { runId, workerId, leaseMs })

describe('claimRun', () => {
  it('makes a pending run ours and raises the epoch', async () => {
    const run = await createRun(database.ctx, { list: 'cafe' })
    const answer = await claim(run.id)
    expect(answer).toMatchObject({ kind: 'claimed', run: { status: 'running', epoch: 1, claimedBy: 'w1' } })
  })

  it('gives a run to one of twenty who ask at once', async () => {
    const run = await createRun(database.ctx, { list: 'cafe' })
    const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => claim(run.id, `w${index}`)))
    expect(answers.filter((answer) => answer.kind === 'claimed')).toHaveLength(1)
    expect(answers.filter((answer) => answer.kind === 'held')).toHaveLength(19)
  })

  it('holds a second run of the same list back, but not one of another list', async () => {
    const [first, second, other] = await Promise.all([
      createRun(database.ctx, { list: 'cafe' }),
      createRun(database.ctx, { list: 'cafe' }),
      createRun(database.ctx, { list: 'lab' }),
    ])
    await claim(first.id)
    expect(await claim(second.id)).toMatchObject({ kind: 'held' })
    expect(await claim(other.id)).toMatchObject({ kind: 'claimed' })
    await finishRun(database.ctx, { runId: first.id, epoch: 1, outcome })
    expect(await claim(second.id)).toMatchObject({ kind: 'claimed' })
  })

  it('takes over a run whose lease has ended; the first claimant’s writes fail from then on', async () => {
    const run = await createRun(database.ctx, { list: 'cafe' })
    await claim(run.id, 'w1', 1)
    const second = await until('the lease to end', async () => {
      const answer = await claim(run.id, 'w2')
      return answer.kind === 'claimed' && answer
    })
    expect(second.run).toMatchObject({ epoch: 2, claimedBy: 'w2' })
    expect(await renewLease(database.ctx, { runId: run.id, epoch: 1, leaseMs: 60_000 })).toBe(false)
    await expect(finishRun(database.ctx, { runId: run.id, epoch: 1, outcome })).rejects.toThrow(LostClaimError)
    const snapshot = { list: 'cafe', currency: 'EUR', timeZone: 'UTC', asOf: '', items: [] }
    await expect(saveSnapshot(database.ctx, { runId: run.id, epoch: 1, snapshot })).rejects.toThrow(LostClaimError)
    expect(await renewLease(database.ctx, { runId: run.id, epoch: 2, leaseMs: 60_000 })).toBe(true)
  })

  it('says that a run is finished, and keeps its outcome', async () => {
    const run = await createRun(database.ctx, { list: 'cafe' })
    await claim(run.id)
    await finishRun(database.ctx, { runId: run.id, epoch: 1, outcome })
    expect(await claim(run.id)).toMatchObject({ kind: 'finished' })
    expect((await getRun(database.ctx, run.id)).outcome).toEqual(outcome)
  })

  it('lets a released run be claimed at once', async () => {
    const run = await createRun(database.ctx, { list: 'cafe' })
    await claim(run.id)
    await releaseRun(database.ctx, { runId: run.id, epoch: 1 })
    expect(await claim(run.id, 'w2')).toMatchObject({ kind: 'claimed', run: { epoch: 2 } })
  })

  it('says that there is no such run', async () => {
    await expect(claim('run_nowhere')).rejects.toThrow('There is no run "run_nowhere".')
  })
})
