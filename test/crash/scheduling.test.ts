import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest'
import { silentLogger } from '../../src/platform/context.js'
import { openQueue } from '../../src/platform/queue.js'
import { beat } from '../../src/schedules/beat.js'
import { findSchedules } from '../../src/schedules/change-schedule.js'
import { addSchedule } from '../../src/schedules/save-schedule.js'
import type { SchedulerSettings } from '../fixtures/scheduler.js'
import { type BuiltFixture, buildFixture, type FixtureProcess, startFixture } from '../helpers/fixture-process.js'
import { createTestDatabase, type TestDatabase } from '../helpers/test-database.js'
import { until } from '../helpers/until.js'

const schedulers = 3
const schedulesInAll = 200
const realSeconds = Number(process.env.RESTOCK_TEST_SCHEDULING_SECONDS ?? 30)
/** A second is a minute. */
const rate = 60
const start = '2026-03-02T05:00:00Z'
const end = new Date(Date.parse(start) + realSeconds * rate * 1_000).toISOString()
const seed = Number(process.env.RESTOCK_TEST_SEED ?? Math.floor(Math.random() * 2 ** 31))

const redisUrl = inject('redisUrl')
let fixture: BuiltFixture
let database: TestDatabase
const running: FixtureProcess[] = []
beforeAll(async () => {
  fixture = await buildFixture('scheduler.ts')
})
afterEach(async () => {
  for (const { child } of running) child.kill('SIGKILL')
  await Promise.all(running.splice(0).map(({ ended }) => ended))
  await database.drop()
})
afterAll(() => fixture.remove())

/** Numbers from 0 to 1 that depend on the seed alone (mulberry32). */
function randomFrom(from: number): () => number {
  let state = from
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

interface RunRow {
  readonly id: string
  readonly schedule_id: string
  readonly slot: Date
  readonly status: string
  readonly created_at: Date
}

/** The sweep looks at the thousand that were created first. Which of those created in one instant are among them is open. */
function oldestOf(rows: readonly RunRow[]): RunRow[] {
  const created = rows.map((row) => row.created_at.getTime()).sort((a, b) => a - b)
  const limit = created[1_000] ?? Number.POSITIVE_INFINITY
  return rows.filter((row) => row.created_at.getTime() < limit)
}

/** Minutes between the slots of a schedule; the hour begins anew. */
const periods = [1, 2, 3, 5, 7, 10, 15, 30]

function expectedSlots(period: number): string[] {
  const slots: string[] = []
  for (let minute = Date.parse(start) + 60_000; minute <= Date.parse(end); minute += 60_000) {
    if (new Date(minute).getUTCMinutes() % period === 0) slots.push(new Date(minute).toISOString())
  }
  return slots
}

describe.each([
  { backend: 'postgres', url: null, isThere: true },
  { backend: 'redis', url: redisUrl, isThere: redisUrl !== null },
])('schedulers that are killed again and again, with the queue on $backend', ({ url, isThere }) => {
  it.skipIf(!isThere)(
    'give each slot of each schedule exactly one run, and each run its job',
    async () => {
      console.info(`seed ${seed} (RESTOCK_TEST_SEED), ${realSeconds} s`)
      const random = randomFrom(seed)
      database = await createTestDatabase()
      database.clock.set(start)
      for (let index = 0; index < schedulesInAll; index++) {
        await addSchedule(database.ctx, {
          name: `s${index}`,
          list: `list-${index}`,
          cron: `*/${periods[index % periods.length]} * * * *`,
          // Half an hour off, which changes nothing about every minute.
          timeZone: index % 16 === 0 ? 'Asia/Kolkata' : 'UTC',
          misfire: 'run_all',
          maxCatchUp: 100,
          overlap: 'queue',
          instructions: null,
          isPaused: false,
        })
      }
      const prefix = `scheduling-${process.pid}-${seed}`
      const began = Date.now()
      const settings: SchedulerSettings = {
        databaseUrl: database.url,
        redisUrl: url,
        prefix,
        began,
        start,
        end,
        rate,
        failpoints: '',
      }
      const startOne = (isDoomed: boolean) => {
        // The doomed die by themselves where it hurts most: between the commit of a run and its job.
        const failpoints = isDoomed ? `enqueue.before=kill@${1 + Math.floor(random() * 40)}` : ''
        const process = startFixture(fixture, [JSON.stringify({ ...settings, failpoints })])
        running.push(process)
        return process
      }
      const alive: FixtureProcess[] = []
      for (let index = 0; index < schedulers; index++) alive.push(startOne(index === 0))
      let kills = 0
      let ownDeaths = 0
      while (Date.now() - began < realSeconds * 1_000) {
        await sleep(200 + random() * 500)
        const victim = Math.floor(random() * schedulers)
        for (const [index, process] of alive.entries()) {
          if (process.hasEnded()) {
            expect(await process.ended, process.stderr()).toBe('SIGKILL')
            ownDeaths += 1
          } else if (index === victim && process.stdout().includes('ready')) {
            process.child.kill('SIGKILL')
            await process.ended
            kills += 1
          } else continue
          alive[index] = startOne(random() < 0.5)
        }
      }
      // Those that are left at the end of time bring in what is due.
      for (const [index, process] of alive.entries()) {
        process.child.kill('SIGKILL')
        await process.ended
        alive[index] = startOne(false)
      }
      for (const process of alive) {
        await until('a beat at the end', () => process.stdout().includes('done'), 60_000)
        process.child.stdin?.end()
        expect(await process.ended, process.stderr()).toBe(0)
      }

      const schedules = await findSchedules(database.ctx)
      const { rows } = await database.pool.query<RunRow>(
        'select id, schedule_id, slot, status, created_at from restock.runs order by slot',
      )
      for (const [index, schedule] of [...schedules].sort((a, b) => order(a.name) - order(b.name)).entries()) {
        const found = rows.filter((row) => row.schedule_id === schedule.id).map((row) => row.slot.toISOString())
        expect(found, schedule.name).toEqual(expectedSlots(periods[index % periods.length] ?? 0))
        expect(schedule.missedSlots, schedule.name).toBe(0)
      }
      expect(new Set(rows.map((row) => row.status))).toEqual(new Set(['pending']))

      const queue = openQueue({ databaseUrl: database.url, redisUrl: url, prefix, log: silentLogger })
      try {
        database.clock.set(end)
        const options = { sweepEveryMs: 0, trackEveryMs: 3_600_000, dueSubmissions: async () => [] }
        await beat(database.ctx, queue, options, { swept: 0, tracked: database.clock.now().getTime() })
        const jobs = await queue.queues.replenish.getJobs(['waiting'], 0, -1)
        const ids = jobs.map((job) => job.id)
        expect(ids.length, 'no job twice').toBe(new Set(ids).size)
        const missing = oldestOf(rows).filter((row) => !ids.includes(`run-${row.id}-1`))
        expect(missing).toEqual([])
        console.info(
          `${rows.length} slots, ${kills} kills and ${ownDeaths} deaths between commit and queue, ${ids.length} jobs`,
        )
      } finally {
        await queue.queues.replenish.obliterate({ force: true })
        await queue.close()
      }
      expect(kills).toBeGreaterThan(2)
      expect(ownDeaths).toBeGreaterThan(0)
    },
    realSeconds * 1_000 + 180_000,
  )
})

function order(name: string): number {
  return Number(name.slice(1))
}
