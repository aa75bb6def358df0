import { sql } from 'kysely'
import type { DomainContext } from '../../../platform/context.js'
import type { JobQueue } from '../../../platform/queue.js'

export interface WorkerSeen {
  readonly id: string
  readonly host: string
  readonly pid: number
  readonly startedAt: Date
  readonly isAlive: boolean
}

export interface LiveHealth {
  readonly databaseVersion: string
  readonly databaseMs: number
  readonly queueBackend: string
  /** null: the queue doesn't answer. */
  readonly jobs: Readonly<Record<string, Readonly<Record<string, number>>>> | null
  readonly workers: readonly WorkerSeen[]
  /** Order events that the list hasn't heard of yet. */
  readonly unsynced: number
  /** Slots that should have been taken by now: no scheduler is at work. */
  readonly overdueSlots: number
}

/** What can be seen at once, without starting anything. */
export async function readHealth(ctx: DomainContext, queue: JobQueue): Promise<LiveHealth> {
  const started = performance.now()
  const { rows } = await sql<{ version: string; unsynced: number; overdue: number }>`
    select current_setting('server_version') as version,
      (select count(*) from purchasing.events where seq > (select coalesce(max(seq), 0) from restock.sync_cursors)) as unsynced,
      (select count(*) from restock.schedules where next_slot < ${new Date(ctx.clock.now().getTime() - 60_000)}) as overdue`.execute(
    ctx.db,
  )
  const databaseMs = performance.now() - started
  const [workers, jobs] = await Promise.all([findWorkers(ctx), countJobs(queue)])
  return {
    databaseVersion: rows[0]?.version ?? 'unknown',
    databaseMs,
    queueBackend: queue.backend,
    jobs,
    workers,
    unsynced: rows[0]?.unsynced ?? 0,
    overdueSlots: rows[0]?.overdue ?? 0,
  }
}

async function findWorkers(ctx: DomainContext): Promise<WorkerSeen[]> {
  const rows = await ctx.db
    .selectFrom('restock.workers')
    .select(['id', 'host', 'pid', 'started_at'])
    .select(sql<boolean>`seen_at > clock_timestamp() - interval '10 seconds'`.as('is_alive'))
    .where('role', '=', 'worker')
    .orderBy('started_at')
    .limit(100)
    .execute()
  return rows.map((row) => ({
    id: row.id,
    host: row.host,
    pid: row.pid,
    startedAt: row.started_at,
    isAlive: row.is_alive,
  }))
}

const patienceMs = 1_500

async function countJobs(queue: JobQueue): Promise<LiveHealth['jobs']> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), patienceMs)
  })
  const counted = Promise.all(
    Object.entries(queue.queues).map(
      async ([name, each]) => [name, await each.getJobCounts('waiting', 'active', 'delayed', 'failed')] as const,
    ),
  ).then(
    (entries) => Object.fromEntries(entries),
    () => null,
  )
  try {
    return await Promise.race([counted, late])
  } finally {
    clearTimeout(timer)
  }
}
