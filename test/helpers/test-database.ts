import pg from 'pg'
import { inject } from 'vitest'
import { type Clock, type DomainContext, type NewId, silentLogger } from '../../src/platform/context.js'
import { type OpenDatabase, openDatabase } from '../../src/platform/database.js'

export const testSecret = 'a secret that only tests know, 32+ characters'

/** A clock that stands still until a test moves it. */
export interface TestClock extends Clock {
  set(instant: string | Date): void
  advance(durationMs: number): void
}

export function createTestClock(start = '2026-03-02T08:00:00Z'): TestClock {
  let now = new Date(start)
  return {
    now: () => new Date(now),
    set: (instant) => {
      now = new Date(instant)
    },
    advance: (durationMs) => {
      now = new Date(now.getTime() + durationMs)
    },
  }
}

/** Ids that count up: `itm_1`, `itm_2`, … */
export function createTestIds(): NewId {
  const counts = new Map<string, number>()
  return (prefix) => {
    const next = (counts.get(prefix) ?? 0) + 1
    counts.set(prefix, next)
    return `${prefix}_${next}`
  }
}

export interface TestDatabase extends OpenDatabase {
  readonly url: string
  readonly ctx: DomainContext
  readonly clock: TestClock
  /** Closes every connection and drops the database. */
  drop(): Promise<void>
}

let counter = 0

/** A database of its own for one test file, cloned from the migrated template. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const adminUrl = inject('adminUrl')
  const name = `restock_test_${process.pid}_${++counter}`
  await administer(adminUrl, `create database ${name} template ${inject('templateDatabase')}`)
  const url = new URL(adminUrl)
  url.pathname = `/${name}`
  const database = openDatabase({ url: url.href, applicationName: 'restock-test', log: silentLogger })
  const clock = createTestClock()
  return {
    ...database,
    url: url.href,
    clock,
    ctx: { db: database.db, clock, newId: createTestIds(), log: silentLogger, secret: testSecret },
    drop: async () => {
      await database.close()
      await administer(adminUrl, `drop database if exists ${name} with (force)`)
    },
  }
}

async function administer(adminUrl: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}
