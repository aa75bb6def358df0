import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { silentLogger } from '../../src/platform/context.js'
import { type JobQueue, openQueue } from '../../src/platform/queue.js'
import { claimRun } from '../../src/runs/claim-run.js'
import { createRun } from '../../src/runs/create-run.js'
import { findRuns } from '../../src/runs/find-runs.js'
import { failRun, finishRun } from '../../src/runs/finish-run.js'
import { type BeatOptions, beat } from '../../src/schedules/beat.js'
import { getSchedule, pauseSchedule, resumeSchedule } from '../../src/schedules/change-schedule.js'
import { jitterOf } from '../../src/schedules/jitter.js'
import { refreshSlots } from '../../src/schedules/refresh-slots.js'
import { runScheduleNow } from '../../src/schedules/run-schedule-now.js'
import {
  addSchedule,
  applySchedules,
  changeSchedule,
  type ScheduleDefinition,
} from '../../src/schedules/save-schedule.js'
import { sweepRuns } from '../../src/schedules/sweep-runs.js'
import { createTestDatabase, type TestDatabase } from '../helpers/test-database.js'

let database: TestDatabase
let queue: JobQueue
beforeAll(async () => {
  database = await createTestDatabase()
  queue = openQueue({ databaseUrl: database.url, redisUrl: null, prefix: 'test', log: silentLogger })
})
afterAll(async () => {
  await queue?.close()
  await database?.drop()
})
beforeEach(() => database.clock.set('2026-03-02T05:00:00Z'))
afterEach(async () => {
  await database.db.deleteFrom('restock.runs').execute()
  await database.db.deleteFrom('restock.schedules').execute()
  for (const bull of Object.values(queue.queues)) await bull.obliterate({ force: true })
})

function definition(overrides: Partial<ScheduleDefinition> = {}): ScheduleDefinition {
  return {
    name: 'daily',
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

const options: BeatOptions = { sweepEveryMs: 5_000, trackEveryMs: 3_600_000, dueSubmissions: async () => [] }

/** A beat of a scheduler that has just been started. */
async function beatAt(instant: string): Promise<void> {
  database.clock.set(instant)
  await beat(database.ctx, queue, options, { swept: 0, tracked: 0 })
}

/** Slots with what became of them, oldest first. */
async function slots(): Promise<string[]> {
  const runs = await findRuns(database.ctx, { limit: 1_000 })
  return runs
    .flatMap(({ slot, status }) => (slot === null ? [] : [`${slot.toISOString().slice(0, 16)} ${status}`]))
    .sort()
}

const nextSlotOf = async (name = 'daily') => (await getSchedule(database.ctx, name)).nextSlot?.toISOString() ?? null

/** Carries out every waiting run, as a worker would. */
async function work(end: 'completed' | 'failed'): Promise<void> {
  for (const { id } of (await findRuns(database.ctx, { status: 'pending', limit: 1_000 })).reverse()) {
    const claim = await claimRun(database.ctx, { runId: id, workerId: 'w', leaseMs: 60_000 })
    if (claim.kind !== 'claimed') throw new Error(`run ${id} is ${claim.kind}`)
    const held = { runId: id, epoch: claim.run.epoch }
    const usage = { modelCalls: 0, inputTokens: 0, outputTokens: 0 }
    const outcome = { model: 'rules', usage, items: [], orders: [], summary: '' }
    if (end === 'completed') await finishRun(database.ctx, { ...held, outcome })
    else await failRun(database.ctx, { ...held, error: 'no' })
  }
}

describe('three days of downtime', () => {
  const cases: readonly {
    rule: Partial<ScheduleDefinition>
    expected: readonly string[]
    missed: number
  }[] = [
    { rule: { misfire: 'skip' }, expected: [], missed: 3 },
    { rule: { misfire: 'run_once' }, expected: ['2026-03-05T06:00 pending'], missed: 2 },
    { rule: { misfire: 'run_once', catchUpWindowMs: 3_600_000 }, expected: [], missed: 3 },
    { rule: { misfire: 'run_all' }, expected: ['2026-03-05T06:00 pending'], missed: 2 },
    {
      rule: { misfire: 'run_all', catchUpWindowMs: 7 * 86_400_000 },
      expected: ['2026-03-03T06:00 pending', '2026-03-04T06:00 pending', '2026-03-05T06:00 pending'],
      missed: 0,
    },
    {
      rule: { misfire: 'run_all', catchUpWindowMs: 7 * 86_400_000, maxCatchUp: 2 },
      expected: ['2026-03-04T06:00 pending', '2026-03-05T06:00 pending'],
      missed: 1,
    },
    {
      rule: { misfire: 'run_all', cron: '*/5 * * * *', catchUpWindowMs: 7 * 86_400_000, maxCatchUp: 3 },
      expected: ['2026-03-05T08:20 pending', '2026-03-05T08:25 pending', '2026-03-05T08:30 pending'],
      missed: 3 * 288 + 30 - 3,
    },
  ]
  it.each(cases)('under $rule', async ({ rule, expected, missed }) => {
    database.clock.set('2026-03-02T06:01:00Z')
    await addSchedule(database.ctx, definition(rule))
    await beatAt('2026-03-05T08:30:00Z')
    if (rule.misfire === 'skip') expect(await slots()).toEqual([])
    expect(await slots()).toEqual(expected)
    const schedule = await getSchedule(database.ctx, 'daily')
    expect(schedule.missedSlots).toBe(missed)
    expect(schedule.nextSlot?.getTime()).toBeGreaterThan(database.clock.now().getTime())
    // However often it beats then, nothing comes of those days any more.
    await beatAt('2026-03-05T08:30:30Z')
    expect(await slots()).toEqual(expected)
  })

  it('queues what run_all makes up for, one after the other on one list', async () => {
    await addSchedule(database.ctx, definition({ misfire: 'run_all', catchUpWindowMs: 7 * 86_400_000 }))
    await beatAt('2026-03-04T08:00:00Z')
    expect(await queue.queues.replenish.getWaitingCount()).toBe(3)
    const [newest, ...others] = await findRuns(database.ctx, { status: 'pending' })
    const claim = { workerId: 'w', leaseMs: 60_000 }
    expect((await claimRun(database.ctx, { ...claim, runId: newest?.id ?? '' })).kind).toBe('claimed')
    expect((await claimRun(database.ctx, { ...claim, runId: others[0]?.id ?? '' })).kind).toBe('held')
  })
})

describe('a run that is not done when the next slot comes', () => {
  it('lets it wait with overlap: queue, and takes it when the first is done', async () => {
    await addSchedule(database.ctx, definition({ cron: '0 * * * *', overlap: 'queue' }))
    await beatAt('2026-03-02T06:00:00Z')
    await beatAt('2026-03-02T07:00:00Z')
    expect(await slots()).toEqual(['2026-03-02T06:00 pending', '2026-03-02T07:00 pending'])
    await work('completed')
    expect(await slots()).toEqual(['2026-03-02T06:00 completed', '2026-03-02T07:00 completed'])
  })

  it('does not let more than a hundred wait', async () => {
    await addSchedule(database.ctx, definition({ cron: '* * * * *', overlap: 'queue' }))
    const { id } = await getSchedule(database.ctx, 'daily')
    await database.pool.query(
      `insert into restock.runs (id, list, status, trigger, schedule_id, slot, created_at)
       select 'run_waiting_' || n, 'cafe', 'pending', 'schedule', $1, $2::timestamptz - n * interval '1 minute', now()
       from generate_series(1, 99) n`,
      [id, '2026-03-02T05:00:00Z'],
    )
    for (const minute of [1, 2, 3]) await beatAt(`2026-03-02T05:0${minute}:00Z`)
    const found = await slots()
    expect(found.filter((slot) => slot.endsWith('pending'))).toHaveLength(100)
    expect(found.filter((slot) => slot.endsWith('skipped'))).toHaveLength(2)
  })
})

describe('failures in a row', () => {
  it('pause a schedule, say why, and are forgiven when it is resumed', async () => {
    await addSchedule(database.ctx, definition({ cron: '0 * * * *', pauseAfterFailures: 2 }))
    await beatAt('2026-03-02T06:00:00Z')
    await work('failed')
    await beatAt('2026-03-02T07:00:00Z')
    await work('completed')
    await beatAt('2026-03-02T08:00:00Z')
    await work('failed')
    await beatAt('2026-03-02T08:30:00Z')
    expect((await getSchedule(database.ctx, 'daily')).pausedAt).toBeNull()
    await beatAt('2026-03-02T09:00:00Z')
    await work('failed')
    await beatAt('2026-03-02T09:00:10Z')
    expect(await getSchedule(database.ctx, 'daily')).toMatchObject({
      pausedAt: new Date('2026-03-02T09:00:10Z'),
      pausedReason: 'its last 2 runs failed',
      nextSlot: null,
    })
    await beatAt('2026-03-02T10:00:00Z')
    expect(await slots()).toHaveLength(4)

    expect(await resumeSchedule(database.ctx, 'daily')).toMatchObject({ pausedAt: null, pausedReason: null })
    await beatAt('2026-03-02T11:00:00Z')
    expect(await slots()).toHaveLength(5)
    await work('failed')
    await beatAt('2026-03-02T12:00:00Z')
    expect((await getSchedule(database.ctx, 'daily')).pausedAt, 'one is not two').toBeNull()
  })

  it('that nobody looked at since are seen when the slot comes', async () => {
    await addSchedule(database.ctx, definition({ pauseAfterFailures: 1 }))
    await beatAt('2026-03-02T06:00:00Z')
    await work('failed')
    await beatAt('2026-03-03T06:00:00Z')
    expect(await slots()).toEqual(['2026-03-02T06:00 failed'])
    expect((await getSchedule(database.ctx, 'daily')).pausedReason).toBe('its last 1 run failed')
  })
})

describe('jitter', () => {
  it('delays the job of a run, also when the sweep has to queue it again', async () => {
    await addSchedule(database.ctx, definition({ jitterMs: 600_000 }))
    await beatAt('2026-03-02T06:00:00Z')
    const [run] = await findRuns(database.ctx)
    const jobId = `run-${run?.id}-1`
    const expected = jitterOf(600_000, run?.id ?? '')
    expect(expected).toBeGreaterThan(1_000)
    expect((await queue.queues.replenish.getJob(jobId))?.delay).toBe(expected)
    await queue.queues.replenish.obliterate({ force: true })
    database.clock.advance(1_000)
    await sweepRuns(database.ctx, queue)
    expect((await queue.queues.replenish.getJob(jobId))?.delay).toBe(expected - 1_000)
    expect((await queue.queues.replenish.getJob(jobId))?.delay).toBeLessThan(600_000)
  })
})

describe('run now', () => {
  it('comes beside the slots, with what the schedule says', async () => {
    await addSchedule(database.ctx, definition({ instructions: 'buy local' }))
    const started = await runScheduleNow(database.ctx, { name: 'daily', insteadOfNext: false })
    expect(started).toMatchObject({ isNew: true, slot: null })
    const [run] = await findRuns(database.ctx)
    expect(run).toMatchObject({
      id: started.runId,
      list: 'cafe',
      instructions: 'buy local',
      trigger: 'manual',
      slot: null,
    })
    expect(await nextSlotOf()).toBe('2026-03-02T06:00:00.000Z')
    const again = await runScheduleNow(database.ctx, { name: 'daily', insteadOfNext: false })
    expect(again, 'asked twice').toEqual({ runId: started.runId, isNew: false, slot: null })
    await beatAt('2026-03-02T06:00:00Z')
    expect(await slots(), 'it counts for overlap').toEqual(['2026-03-02T06:00 skipped'])
  })

  it('stands for the next slot, when asked: that one does not come again', async () => {
    await addSchedule(database.ctx, definition())
    const started = await runScheduleNow(database.ctx, { name: 'daily', insteadOfNext: true })
    expect(started).toMatchObject({ isNew: true, slot: new Date('2026-03-02T06:00:00Z') })
    expect(await nextSlotOf()).toBe('2026-03-03T06:00:00.000Z')
    await work('completed')
    await beatAt('2026-03-02T06:00:00Z')
    expect(await slots()).toEqual(['2026-03-02T06:00 completed'])
  })

  it('works for a paused schedule, which has no slot to stand for', async () => {
    await addSchedule(database.ctx, definition())
    await pauseSchedule(database.ctx, 'daily')
    await expect(runScheduleNow(database.ctx, { name: 'daily', insteadOfNext: true })).rejects.toThrow(/is paused/)
    expect(await runScheduleNow(database.ctx, { name: 'daily', insteadOfNext: false })).toMatchObject({ isNew: true })
  })
})

describe('a clock that jumps', () => {
  it('back by an hour gives no slot twice', async () => {
    await addSchedule(database.ctx, definition({ cron: '*/10 * * * *', overlap: 'queue' }))
    for (const minute of ['05:10', '05:20', '05:30']) await beatAt(`2026-03-02T${minute}:00Z`)
    for (const minute of ['04:35', '04:45', '05:05', '05:10', '05:20', '05:30', '05:40']) {
      await beatAt(`2026-03-02T${minute}:00Z`)
    }
    expect(await slots()).toEqual([
      // The clock has not seen these before, but for 04:50, which it was late for.
      '2026-03-02T04:40 pending',
      '2026-03-02T05:00 pending',
      '2026-03-02T05:10 pending',
      '2026-03-02T05:20 pending',
      '2026-03-02T05:30 pending',
      '2026-03-02T05:40 pending',
    ])
  })

  it('a year ahead makes up for little, and set right again waits for no year', async () => {
    await addSchedule(
      database.ctx,
      definition({ cron: '* * * * *', misfire: 'run_all', overlap: 'queue', maxCatchUp: 5 }),
    )
    await beatAt('2027-03-02T05:00:30Z')
    const ahead = await slots()
    expect(ahead).toHaveLength(5)
    expect((await getSchedule(database.ctx, 'daily')).missedSlots).toBeGreaterThan(500)
    await beatAt('2026-03-02T05:01:00Z')
    expect(await nextSlotOf()).toBe('2026-03-02T05:02:00.000Z')
    await beatAt('2026-03-02T05:02:00Z')
    expect(await slots()).toEqual(['2026-03-02T05:02 pending', ...ahead])
  })
})

describe('a schedule that is changed', () => {
  it('while it is due: its slot is dealt with as it was asked for, and the new clock counts from then on', async () => {
    await addSchedule(database.ctx, definition({ instructions: 'old' }))
    database.clock.set('2026-03-02T06:00:30Z')
    const changed = await changeSchedule(database.ctx, 'daily', { cron: '30 7 * * *', instructions: 'new' })
    expect(changed).toMatchObject({ cron: '30 7 * * *', misfire: 'run_once', list: 'cafe' })
    await beatAt('2026-03-02T06:00:31Z')
    expect(await slots()).toEqual(['2026-03-02T06:00 pending'])
    expect(await findRuns(database.ctx)).toMatchObject([{ instructions: 'old' }])
    expect(await queue.queues.replenish.getWaitingCount(), 'the sweep queues it').toBe(1)
    expect(await nextSlotOf()).toBe('2026-03-02T07:30:00.000Z')
  })

  it('by its file while it is due and nobody is there', async () => {
    await applySchedules(database.ctx, [definition()])
    database.clock.set('2026-03-05T12:00:00Z')
    await applySchedules(database.ctx, [definition({ timeZone: 'Asia/Tokyo' })])
    await beatAt('2026-03-05T12:00:01Z')
    expect(await slots()).toEqual(['2026-03-05T06:00 pending'])
    expect(await getSchedule(database.ctx, 'daily')).toMatchObject({
      missedSlots: 3,
      nextSlot: new Date('2026-03-05T21:00:00Z'),
    })
  })

  it('from the file is changed only there', async () => {
    await applySchedules(database.ctx, [definition()])
    await expect(changeSchedule(database.ctx, 'daily', { cron: '0 1 * * *' })).rejects.toThrow(/change it there/)
  })
})

describe('time zone data that changes', () => {
  it('moves the waiting slot to the instant at which the wall shows the time, and only then', async () => {
    await addSchedule(database.ctx, definition({ timeZone: 'America/New_York' }))
    await addSchedule(database.ctx, definition({ name: 'same', timeZone: 'Europe/Berlin' }))
    // As older data would have left it, by which New York is two hours off.
    await database.db
      .updateTable('restock.schedules')
      .set({ zone_data: '1999a', next_slot: new Date('2026-03-02T13:00:00Z') })
      .where('name', '=', 'daily')
      .execute()
    await database.db.updateTable('restock.schedules').set({ zone_data: '1999a' }).where('name', '=', 'same').execute()
    expect(await refreshSlots(database.ctx)).toBe(1)
    expect(await nextSlotOf()).toBe('2026-03-02T11:00:00.000Z')
    expect(await nextSlotOf('same')).toBe('2026-03-03T05:00:00.000Z')
    expect(await refreshSlots(database.ctx)).toBe(0)
  })
})

describe('a queue that is away', () => {
  it('keeps no slot from being taken; the sweep brings the runs when it is back', async () => {
    for (const name of ['one', 'two', 'three']) await addSchedule(database.ctx, definition({ name, list: name }))
    const away: JobQueue = { ...queue, enqueue: () => Promise.reject(new Error('the queue is away')) }
    database.clock.set('2026-03-02T06:00:00Z')
    await expect(beat(database.ctx, away, options, { swept: 0, tracked: 0 })).rejects.toThrow('the queue is away')
    expect(await slots()).toHaveLength(3)
    // A run by hand, which nobody queued either.
    await createRun(database.ctx, { list: 'cafe' })
    await beatAt('2026-03-02T06:00:05Z')
    expect(await queue.queues.replenish.getWaitingCount()).toBe(4)
    expect(await slots()).toHaveLength(3)
  })
})
