import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { silentLogger } from '../../src/platform/context.js'
import { type JobQueue, openQueue } from '../../src/platform/queue.js'
import { claimRun, maxEpochs, releaseRun } from '../../src/runs/claim-run.js'
import { createRun } from '../../src/runs/create-run.js'
import { findRuns, getRun } from '../../src/runs/find-runs.js'
import { saveSnapshot } from '../../src/runs/finish-run.js'
import { type BeatOptions, beat } from '../../src/schedules/beat.js'
import {
  findSchedules,
  getSchedule,
  pauseSchedule,
  removeSchedule,
  resumeSchedule,
} from '../../src/schedules/change-schedule.js'
import { addSchedule, applySchedules, type ScheduleDefinition } from '../../src/schedules/save-schedule.js'
import { sweepRuns } from '../../src/schedules/sweep-runs.js'
import { takeDueSlots } from '../../src/schedules/take-due-slots.js'
import { buildSnapshot } from '../helpers/agent-items.js'
import { createTestDatabase, type TestDatabase } from '../helpers/test-database.js'

let database: TestDatabase
let queue: JobQueue
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())
beforeEach(async () => {
  queue = openQueue({ databaseUrl: database.url, redisUrl: null, prefix: 'test', log: silentLogger })
  database.clock.set('2026-03-02T05:00:00Z')
  await database.db.deleteFrom('restock.runs').execute()
  await database.db.deleteFrom('restock.schedules').execute()
  for (const bull of Object.values(queue.queues)) await bull.obliterate({ force: true })
})
afterEach(() => queue.close())

function definition(overrides: Partial<ScheduleDefinition> = {}): ScheduleDefinition {
  return {
    name: 'nightly',
    list: 'cafe',
    cron: '0 6 * * *',
    timeZone: 'UTC',
    misfire: 'run_once',
    overlap: 'skip',
    instructions: null,
    isPaused: false,
    ...overrides,
  }
}

const options: BeatOptions = { sweepEveryMs: 5_000, trackEveryMs: 15_000, dueSubmissions: async () => [] }
const oneBeat = () => beat(database.ctx, queue, options, { swept: 0, tracked: 0 })

describe('the beat', () => {
  it('makes and queues a run when its slot has come, and not before', async () => {
    await addSchedule(database.ctx, definition({ instructions: 'buy local' }))
    await oneBeat()
    expect(await findRuns(database.ctx)).toEqual([])
    database.clock.set('2026-03-02T06:00:00Z')
    await oneBeat()
    const [run] = await findRuns(database.ctx)
    expect(run).toMatchObject({
      trigger: 'schedule',
      status: 'pending',
      instructions: 'buy local',
      slot: new Date('2026-03-02T06:00:00Z'),
    })
    expect((await queue.queues.replenish.getJob(`run-${run?.id}-1`))?.data).toEqual({ runId: run?.id })
    expect((await getSchedule(database.ctx, 'nightly')).nextSlot).toEqual(new Date('2026-03-03T06:00:00Z'))
  })

  it('gives one run a slot to any number of schedulers', async () => {
    for (let index = 0; index < 30; index++) {
      await addSchedule(
        database.ctx,
        definition({ name: `s${index}`, list: `l${index}`, cron: '*/10 * * * *', overlap: 'queue' }),
      )
    }
    for (let minute = 0; minute <= 60; minute += 10) {
      database.clock.set(new Date(Date.parse('2026-03-02T06:00:00Z') + minute * 60_000))
      const now = database.clock.now()
      await Promise.all([1, 2, 3].map(() => takeDueSlots(database.ctx, now)))
    }
    const runs = await findRuns(database.ctx, { limit: 1_000 })
    expect(runs).toHaveLength(30 * 7)
    expect(new Set(runs.map((run) => `${run.scheduleId} ${run.slot?.toISOString()}`)).size).toBe(30 * 7)
  })

  it('skips a slot while the run before it is not done, and records that', async () => {
    await addSchedule(database.ctx, definition({ cron: '0 * * * *' }))
    database.clock.set('2026-03-02T06:00:00Z')
    await oneBeat()
    database.clock.set('2026-03-02T07:00:00Z')
    await oneBeat()
    const statuses = (await findRuns(database.ctx)).map((run) => [run.status, run.error])
    expect(statuses).toEqual([
      ['skipped', 'The run before it was not done yet.'],
      ['pending', null],
    ])
  })

  it('queues what a crash left between commit and queue, once', async () => {
    const run = await createRun(database.ctx, { list: 'cafe' })
    await sweepRuns(database.ctx, queue)
    await sweepRuns(database.ctx, queue)
    expect(await queue.queues.replenish.getWaitingCount()).toBe(1)
    expect(await queue.queues.replenish.getJob(`run-${run.id}-1`)).toBeDefined()
  })

  it('queues a run again whose worker is gone, under the next epoch, and gives up in the end', async () => {
    const run = await createRun(database.ctx, { list: 'cafe' })
    for (let epoch = 1; epoch <= 2 * maxEpochs; epoch++) {
      await sweepRuns(database.ctx, queue)
      expect(await queue.queues.replenish.getJob(`run-${run.id}-${epoch}`)).toBeDefined()
      expect(await claimRun(database.ctx, { runId: run.id, workerId: 'w', leaseMs: 60_000 })).toMatchObject({
        kind: 'claimed',
      })
      if (epoch === 1) await saveSnapshot(database.ctx, { runId: run.id, epoch, snapshot: buildSnapshot() })
      await releaseRun(database.ctx, { runId: run.id, epoch })
    }
    await sweepRuns(database.ctx, queue)
    expect(await getRun(database.ctx, run.id)).toMatchObject({
      status: 'failed',
      error: expect.stringContaining('Given up after 20'),
      // Not even then is an item left without a word.
      outcome: { items: [{ itemId: 'itm_milk', decision: 'unknown', reason: expect.stringContaining(run.id) }] },
    })
  })

  it('leaves a run alone whose worker is alive', async () => {
    const run = await createRun(database.ctx, { list: 'cafe' })
    await claimRun(database.ctx, { runId: run.id, workerId: 'w', leaseMs: 60_000 })
    await sweepRuns(database.ctx, queue)
    expect(await queue.queues.replenish.getWaitingCount()).toBe(0)
  })

  it('pauses a schedule that can’t be read any more, and goes on with the others', async () => {
    await addSchedule(database.ctx, definition())
    await addSchedule(database.ctx, definition({ name: 'renamed', list: 'lab' }))
    await database.db
      .updateTable('restock.schedules')
      .set({ time_zone: 'Mars/Olympus' })
      .where('name', '=', 'renamed')
      .execute()
    database.clock.set('2026-03-02T06:00:00Z')
    await oneBeat()
    expect((await findRuns(database.ctx)).map((run) => run.list)).toEqual(['cafe'])
    expect((await getSchedule(database.ctx, 'renamed')).pausedAt).not.toBeNull()
  })

  it('sweeps and tracks although the schedules can’t be read', async () => {
    const run = await createRun(database.ctx, { list: 'cafe' })
    await database.pool.query('alter table restock.schedules rename to schedules_away')
    try {
      await expect(oneBeat()).rejects.toThrow(/schedules/)
    } finally {
      await database.pool.query('alter table restock.schedules_away rename to schedules')
    }
    expect(await queue.queues.replenish.getJob(`run-${run.id}-1`)).toBeDefined()
  })

  it('lets one job of each kind wait, however long nobody works', async () => {
    for (let minute = 0; minute < 10; minute++) {
      database.clock.advance(60_000)
      await beat(database.ctx, queue, { ...options, dueSubmissions: async () => ['ord_9'] }, { swept: 0, tracked: 0 })
    }
    expect(await queue.queues['track-orders'].getWaitingCount()).toBe(1)
    expect(await queue.queues['sync-stock'].getWaitingCount()).toBe(1)
  })

  it('sends approved orders on their way', async () => {
    await beat(database.ctx, queue, { ...options, dueSubmissions: async () => ['ord_1'] }, { swept: 0, tracked: 0 })
    await beat(database.ctx, queue, { ...options, dueSubmissions: async () => ['ord_1'] }, { swept: 0, tracked: 0 })
    expect((await queue.queues['submit-order'].getJobs(['waiting'])).map((job) => job.data)).toEqual([
      { orderId: 'ord_1' },
    ])
  })
})

describe('schedules', () => {
  it('pause, and go on from the next slot', async () => {
    await addSchedule(database.ctx, definition())
    await pauseSchedule(database.ctx, 'nightly')
    database.clock.set('2026-03-04T12:00:00Z')
    await oneBeat()
    expect(await findRuns(database.ctx)).toEqual([])
    expect((await resumeSchedule(database.ctx, 'nightly')).nextSlot).toEqual(new Date('2026-03-05T06:00:00Z'))
  })

  it('follow the configuration file, and stay paused when a person paused them', async () => {
    await applySchedules(database.ctx, [definition(), definition({ name: 'weekly', cron: '0 6 * * 1' })])
    await pauseSchedule(database.ctx, 'nightly')
    await applySchedules(database.ctx, [definition({ cron: '0 7 * * *' })])
    const schedules = await findSchedules(database.ctx)
    expect(schedules.map(({ name, cron, pausedAt }) => [name, cron, pausedAt !== null])).toEqual([
      ['nightly', '0 7 * * *', true],
    ])
  })

  it('that are due stay due when the file is read again', async () => {
    await applySchedules(database.ctx, [definition()])
    database.clock.set('2026-03-02T06:30:00Z')
    await applySchedules(database.ctx, [definition()])
    await oneBeat()
    expect(await findRuns(database.ctx)).toHaveLength(1)
  })

  it('from the file can’t be removed by hand, nor overwritten by one of the same name', async () => {
    await applySchedules(database.ctx, [definition()])
    await expect(removeSchedule(database.ctx, 'nightly')).rejects.toThrow(/comes from the configuration file/)
    await expect(addSchedule(database.ctx, definition())).rejects.toThrow(/There is a schedule "nightly" already/)
    await expect(getSchedule(database.ctx, 'nigthly')).rejects.toThrow(
      /There is no schedule "nigthly" \(there: nightly\)/,
    )
  })
})
