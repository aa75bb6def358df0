import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest'
import { silentLogger } from '../../src/platform/context.js'
import { UnavailableError } from '../../src/platform/errors.js'
import { type JobQueue, openQueue, type StoppableWorker } from '../../src/platform/queue.js'
import { createTestDatabase, type TestDatabase } from '../helpers/test-database.js'
import { until } from '../helpers/until.js'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

const redisUrl = inject('redisUrl')
let prefixes = 0

describe.each([
  { backend: 'postgres', url: null, isThere: true },
  { backend: 'redis', url: redisUrl, isThere: redisUrl !== null },
])('the queue on $backend', ({ backend, url, isThere }) => {
  const queues: JobQueue[] = []
  const workers: StoppableWorker[] = []
  afterEach(async () => {
    await Promise.all(workers.splice(0).map((worker) => worker.close(1_000)))
    await Promise.all(queues.splice(0).map((queue) => queue.close()))
    await database.pool.query('truncate bullmq.job cascade').catch(() => undefined)
  })

  function open(prefix = `test-${process.pid}-${++prefixes}`): JobQueue {
    const queue = openQueue({ databaseUrl: database.url, redisUrl: url, prefix, log: silentLogger })
    queues.push(queue)
    return queue
  }

  async function work(
    queue: JobQueue,
    handler: Parameters<typeof queue.startWorker<'replenish'>>[1],
    lockMs = 30_000,
  ): Promise<StoppableWorker> {
    const worker = await queue.startWorker('replenish', handler, { concurrency: 2, lockMs })
    workers.push(worker)
    return worker
  }

  it.skipIf(!isThere)('says which backend it is and answers a check', async () => {
    const queue = open()
    expect(queue.backend).toBe(backend)
    await queue.check()
  })

  it.skipIf(!isThere)('does a job once, with its payload', async () => {
    const queue = open()
    const done: string[] = []
    await work(queue, async ({ runId }) => {
      done.push(runId)
      return undefined
    })
    await queue.enqueue('replenish', { runId: 'run_a' }, { jobId: 'run-run_a-1' })
    await queue.enqueue('replenish', { runId: 'run_a' }, { jobId: 'run-run_a-1' })
    await queue.enqueue('replenish', { runId: 'run_b' })
    await until('both jobs', () => done.length >= 2)
    expect(done.sort()).toEqual(['run_a', 'run_b'])
  })

  it.skipIf(!isThere)('delays a job that asks to be tried later, without costing an attempt', async () => {
    const queue = open()
    const attempts: number[] = []
    await work(queue, async (_payload, { attempt }) => {
      attempts.push(attempt)
      return attempts.length < 3 ? { retryAt: new Date(Date.now() + 50) } : undefined
    })
    await queue.enqueue('replenish', { runId: 'run_a' })
    await until('the third try', () => attempts.length === 3)
    expect(attempts).toEqual([1, 1, 1])
  })

  it.skipIf(!isThere)('tries a failed job again and tells the last attempt', async () => {
    const queue = open()
    const seen: { attempt: number; isLast: boolean }[] = []
    await work(queue, async (_payload, { attempt, isLast }) => {
      seen.push({ attempt, isLast })
      throw new Error('not today')
    })
    await queue.queues.replenish.add('replenish', { runId: 'run_a' }, { attempts: 2, backoff: 10 })
    await until('two attempts', () => seen.length === 2)
    expect(seen).toEqual([
      { attempt: 1, isLast: false },
      { attempt: 2, isLast: true },
    ])
  })

  it.skipIf(!isThere)('lets a job that has ended make way for a new one of its id, when asked', async () => {
    const queue = open()
    let done = 0
    await work(queue, async () => {
      done += 1
      return undefined
    })
    await queue.enqueue('replenish', { runId: 'run_a' }, { jobId: 'run-run_a-1' })
    await until('the job', async () => (await queue.queues.replenish.getCompletedCount()) === 1)
    await queue.enqueue('replenish', { runId: 'run_a' }, { jobId: 'run-run_a-1' })
    await queue.enqueue('replenish', { runId: 'run_a' }, { jobId: 'run-run_a-1', reviveEnded: true })
    await until('the job again', () => done === 2)
  })

  it.skipIf(!isThere)('fails a job with a wrong payload for good', async () => {
    const queue = open()
    let done = 0
    await work(queue, async () => {
      done += 1
      return undefined
    })
    await queue.queues.replenish.add('replenish', { runId: 7 }, { attempts: 5 })
    await until('the failure', async () => (await queue.queues.replenish.getFailedCount()) === 1)
    expect(done).toBe(0)
  })

  it.skipIf(!isThere)('aborts a job that doesn’t end when the worker has to', async () => {
    const queue = open()
    let isAborted = false
    let isStarted = false
    const worker = await work(queue, async (_payload, { signal }) => {
      isStarted = true
      await sleep(60_000, undefined, { signal }).catch(() => {
        isAborted = true
      })
      return undefined
    })
    await queue.enqueue('replenish', { runId: 'run_a' })
    await until('the job to start', () => isStarted)
    const started = performance.now()
    await worker.close(200)
    expect(isAborted).toBe(true)
    expect(performance.now() - started).toBeLessThan(5_000)
  })
})

describe('a queue that is away', () => {
  it('is told about in one sentence', async () => {
    const queue = openQueue({
      databaseUrl: database.url,
      redisUrl: 'redis://127.0.0.1:1',
      prefix: 'x',
      log: silentLogger,
    })
    const failure = await queue.check().catch((error: unknown) => error)
    await queue.close()
    expect(failure).toBeInstanceOf(UnavailableError)
    expect(String(failure)).toMatch(
      /Redis at redis:\/\/127\.0\.0\.1:1 does not answer \(.+\); start it, correct REDIS_URL, or unset/,
    )
  })
})
