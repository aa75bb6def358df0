import {
  createPostgresBackend,
  DelayedError,
  type Job,
  type JobsOptions,
  Queue,
  UnrecoverableError,
  Worker,
} from 'bullmq'
import { Redis } from 'ioredis'
import { type JobName, type JobPayload, jobs } from '../../jobs/index.js'
import type { Logger } from './context.js'
import { clientThatGivesUp, databasePatience } from './database-patience.js'
import { UnavailableError } from './errors.js'
import { failpoint } from './failpoints.js'
import { queueSchema } from './queue-schema.js'

export interface QueueSettings {
  readonly databaseUrl: string
  /** For one statement, where the queue lives in Postgres. */
  readonly databaseTimeoutMs?: number | undefined
  /** null: the queue lives in Postgres. */
  readonly redisUrl: string | null
  /** Keeps two installations on one Redis apart. */
  readonly prefix: string
  readonly log: Logger
}

export interface EnqueueOptions {
  /** The same id is queued once while the job is kept. May not contain `:`. */
  readonly jobId?: string
  readonly delayMs?: number
  /** A job of that id that has ended (completed or failed) makes way for a new one, instead of standing for it. */
  readonly reviveEnded?: boolean
}

/** What a processor is told about the job it works for. */
export interface JobAttempt {
  readonly jobId: string
  /** 1 for the first. */
  readonly attempt: number
  readonly isLast: boolean
  /** Aborted when the worker lost the job or is told to stop now. */
  readonly signal: AbortSignal
}

/** `retryAt`: not now; the job is delayed until then, and that costs no attempt. */
export type JobHandler<Name extends JobName> = (
  payload: JobPayload<Name>,
  attempt: JobAttempt,
) => Promise<{ readonly retryAt?: Date } | undefined>

export interface QueueWorkerOptions {
  readonly concurrency: number
  /** How long a job is believed to be worked on without a sign of life. */
  readonly lockMs: number
}

export interface StoppableWorker {
  /** Waits for running jobs until the deadline, then aborts them and lets go. */
  close(deadlineMs: number): Promise<void>
}

/** BullMQ's own queue. Its type names Redis, but the Postgres backend's queue has the same face. */
export type BullQueue = Queue

export interface JobQueue {
  readonly backend: 'redis' | 'postgres'
  /** For the dashboard. */
  readonly queues: Readonly<Record<JobName, BullQueue>>
  enqueue<Name extends JobName>(name: Name, payload: JobPayload<Name>, options?: EnqueueOptions): Promise<void>
  startWorker<Name extends JobName>(
    name: Name,
    handler: JobHandler<Name>,
    options: QueueWorkerOptions,
  ): Promise<StoppableWorker>
  /** Fails with one sentence when the queue's database does not answer. */
  check(): Promise<void>
  close(): Promise<void>
}

/** Opens the queue on Redis or on Postgres: everything above this function is the same for both. The caller closes it. */
export function openQueue(settings: QueueSettings): JobQueue {
  return settings.redisUrl === null ? openOnPostgres(settings) : openOnRedis(settings, settings.redisUrl)
}

function openOnPostgres(settings: QueueSettings): JobQueue {
  const { silenceMs, ...limits } = databasePatience(settings.databaseTimeoutMs)
  // Each queue and worker keeps a small pool of its own, a worker one connection more to listen on, which may be silent for long.
  const connection = {
    ...limits,
    Client: clientThatGivesUp(silenceMs),
    connectionString: settings.databaseUrl,
    schema: queueSchema,
    application_name: 'restock-queue',
    max: 3,
    idleTimeoutMillis: Math.min(10_000, silenceMs / 2),
    keepAlive: true,
  }
  return buildQueue({
    log: settings.log,
    backend: 'postgres',
    makeQueue: (name) => withoutBackendType(new Queue(name, { connection }, createPostgresBackend)),
    makeWorker: (name, process, options) =>
      new Worker(name, process, { ...options, connection }, createPostgresBackend),
    check: () => checkPostgres(settings.databaseUrl),
    disconnect: async () => undefined,
  })
}

function withoutBackendType(queue: unknown): BullQueue {
  if (queue instanceof Queue) return queue
  throw new TypeError('not a queue')
}

async function checkPostgres(databaseUrl: string): Promise<void> {
  const Client = clientThatGivesUp(5_000)
  const client = new Client({ connectionString: databaseUrl, connectionTimeoutMillis: 5_000 })
  // What fails fails below; an 'error' event that nobody hears would end the process.
  client.on('error', () => undefined)
  try {
    await client.connect()
    await client.query('select 1')
  } finally {
    await client.end().catch(() => undefined)
  }
}

function openOnRedis(settings: QueueSettings, redisUrl: string): JobQueue {
  const address = new URL(redisUrl)
  const shown = `${address.protocol}//${address.host}`
  let isDown = false
  const connection = new Redis(redisUrl, {
    // BullMQ's workers wait for jobs without end and need commands that wait as long for Redis to come back.
    maxRetriesPerRequest: null,
    lazyConnect: true,
    connectTimeout: 5_000,
    retryStrategy: (times) => Math.min(times * 200, 3_000),
  })
  connection.on('error', (error) => {
    // ioredis reports every attempt; people need to hear once that it went and once that it came back.
    if (!isDown) settings.log.warn({ err: error }, `Redis at ${shown} is away; trying again until it is back`)
    isDown = true
  })
  connection.on('ready', () => {
    if (isDown) settings.log.info({}, `Redis at ${shown} is back`)
    isDown = false
  })
  // Whoever only hands in jobs is told soon: what is to be queued is recorded elsewhere, and the sweep brings it.
  const producer = new Redis(redisUrl, {
    maxRetriesPerRequest: 3,
    commandTimeout: 10_000,
    lazyConnect: true,
    connectTimeout: 5_000,
    retryStrategy: (times) => Math.min(times * 100, 1_000),
  })
  // The other connection says so.
  producer.on('error', () => undefined)
  return buildQueue({
    log: settings.log,
    backend: 'redis',
    makeQueue: (name) => new Queue(name, { connection: producer, prefix: settings.prefix }),
    makeWorker: (name, process, options) =>
      new Worker(name, process, { ...options, connection, prefix: settings.prefix }),
    check: () => checkRedis(redisUrl, shown),
    disconnect: async () => {
      producer.disconnect()
      connection.disconnect()
    },
  })
}

async function checkRedis(redisUrl: string, shown: string): Promise<void> {
  const probe = new Redis(redisUrl, {
    lazyConnect: true,
    maxRetriesPerRequest: 0,
    connectTimeout: 3_000,
    retryStrategy: () => null,
  })
  // The rejected promise below carries the reason; an unheard 'error' event would end the process.
  let reason = ''
  probe.on('error', (error) => {
    reason = error.message
  })
  try {
    await probe.connect()
    await probe.ping()
  } catch (error) {
    const why = reason !== '' ? reason : error instanceof Error ? error.message : String(error)
    throw new UnavailableError(
      `Redis at ${shown} does not answer (${why}); start it, correct REDIS_URL, or unset REDIS_URL to keep the queue in Postgres.`,
      'redis_unavailable',
      { cause: error },
    )
  } finally {
    probe.disconnect()
  }
}

type BullProcess = (job: Job, token?: string, signal?: AbortSignal) => Promise<unknown>

interface WorkerSettings {
  readonly concurrency: number
  readonly lockDuration: number
  readonly stalledInterval: number
  readonly maxStalledCount: number
}

/** What is used of BullMQ's worker, the same on both backends. */
type BullWorker = Pick<Worker, 'close' | 'cancelJob' | 'cancelAllJobs'> & {
  waitUntilReady(): Promise<unknown>
  on(event: 'error', listener: (error: Error) => void): unknown
  on(event: 'lockRenewalFailed', listener: (jobIds: string[]) => void): unknown
  on(event: 'failed', listener: (job: { readonly id?: string | undefined } | undefined, error: Error) => void): unknown
}

interface BackendParts {
  readonly log: Logger
  readonly backend: 'redis' | 'postgres'
  readonly makeQueue: (name: string) => BullQueue
  readonly makeWorker: (name: string, process: BullProcess, options: WorkerSettings) => BullWorker
  readonly check: () => Promise<void>
  readonly disconnect: () => Promise<void>
}

function buildQueue(parts: BackendParts): JobQueue {
  const { log } = parts
  let closing: Promise<void> | undefined
  // What is cut while everything closes is no loss.
  const onError = (name: string) => (error: Error) => {
    if (closing !== undefined) return
    const fields = { err: error, queue: name }
    // Of a Redis that is away its connection tells once; every queue and worker would tell of every attempt to get it back.
    if (parts.backend === 'redis' && isConnectionError(error)) log.debug(fields, 'the queue has no connection')
    else log.warn(fields, 'the queue reported an error')
  }
  const open = (name: JobName): Queue => {
    const queue = parts.makeQueue(name)
    queue.on('error', onError(name))
    return queue
  }
  const queues: Record<JobName, BullQueue> = {
    replenish: open('replenish'),
    'sync-stock': open('sync-stock'),
    'submit-order': open('submit-order'),
    'track-orders': open('track-orders'),
  }
  return {
    backend: parts.backend,
    queues,
    check: parts.check,
    async enqueue(name, payload, options = {}) {
      const definition = jobs[name]
      const settings: JobsOptions = {
        attempts: definition.attempts,
        backoff: { type: 'exponential', delay: definition.backoffMs },
        removeOnComplete: definition.keepCompleted,
        removeOnFail: definition.keepFailed,
        ...(options.jobId === undefined ? {} : { jobId: options.jobId }),
        ...(options.delayMs === undefined ? {} : { delay: options.delayMs }),
      }
      if (options.jobId !== undefined && options.reviveEnded === true) {
        const existing = await queues[name].getJob(options.jobId)
        if (existing !== undefined && ((await existing.isFailed()) || (await existing.isCompleted())))
          await existing.remove()
      }
      await failpoint('enqueue.before')
      await queues[name].add(name, definition.payload.parse(payload), settings)
      await failpoint('enqueue.after')
    },
    async startWorker(name, handler, options) {
      const inHand = new Set<Promise<unknown>>()
      const process: BullProcess = async (job, token, signal) => {
        const work = processJob(name, handler, job, token, signal)
        inHand.add(work)
        try {
          await work
        } finally {
          inHand.delete(work)
        }
      }
      const worker = parts.makeWorker(name, process, {
        concurrency: options.concurrency,
        lockDuration: options.lockMs,
        stalledInterval: options.lockMs,
        // A stalled job goes back to the queue as often as it takes: whether its work may go on is for the run's claim to say.
        maxStalledCount: 1_000,
      })
      worker.on('error', onError(name))
      // BullMQ goes on working on a job whose lock is gone; only this aborts its signal.
      worker.on('lockRenewalFailed', (jobIds: string[]) => {
        for (const jobId of jobIds) worker.cancelJob(jobId, 'the lock on this job was lost')
      })
      worker.on('failed', (job, error) => log.warn({ err: error, job: name, jobId: job?.id }, 'a job attempt failed'))
      await worker.waitUntilReady()
      return { close: (deadlineMs) => closeWorker(worker, inHand, deadlineMs) }
    },
    close() {
      closing ??= (async () => {
        await Promise.all(Object.values(queues).map((queue) => queue.close()))
        await parts.disconnect()
      })()
      return closing
    },
  }
}

const connectionErrors: ReadonlySet<unknown> = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH'],
])

function isConnectionError(error: Error): boolean {
  return ('code' in error && connectionErrors.has(error.code)) || error.message === 'Connection is closed.'
}

async function processJob<Name extends JobName>(
  name: Name,
  handler: JobHandler<Name>,
  job: Job,
  token: string | undefined,
  signal: AbortSignal | undefined,
): Promise<void> {
  const definition = jobs[name]
  const parsed = definition.payload.safeParse(job.data)
  // Somebody may add jobs by hand in the dashboard; no number of attempts makes a wrong payload right.
  if (!parsed.success)
    throw new UnrecoverableError(`The payload of ${name} is not valid: ${parsed.error.issues[0]?.message ?? ''}`)
  const answer = await handler(parsed.data as JobPayload<Name>, {
    jobId: job.id ?? '',
    attempt: job.attemptsMade + 1,
    isLast: job.attemptsMade + 1 >= (job.opts.attempts ?? 1),
    signal: signal ?? new AbortController().signal,
  })
  if (answer?.retryAt !== undefined) {
    await job.moveToDelayed(answer.retryAt.getTime(), token)
    throw new DelayedError()
  }
}

/** How long work that was told to stop gets for leaving everything as the next start expects it. */
const abandonMs = 1_500

async function closeWorker(
  worker: BullWorker,
  inHand: ReadonlySet<Promise<unknown>>,
  deadlineMs: number,
): Promise<void> {
  if (await isDoneWithin(worker.close(), deadlineMs)) return
  worker.cancelAllJobs('the worker is stopping')
  // Whoever closes next takes the database away, and a run that is not given back waits for its lease to end.
  await isDoneWithin(Promise.allSettled(inHand), abandonMs)
  await isDoneWithin(worker.close(true), 1_000)
}

async function isDoneWithin(work: Promise<unknown>, deadlineMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), deadlineMs)
  })
  try {
    return await Promise.race([work.then(() => true as const), late])
  } finally {
    clearTimeout(timer)
  }
}
