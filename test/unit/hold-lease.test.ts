import {
  type DatabaseConnection,
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
} from 'kysely'
import { afterEach, describe, expect, it } from 'vitest'
import { createClock, type DomainContext, silentLogger } from '../../src/platform/context.js'
import type { Database } from '../../src/platform/database.js'
import { type HeldLease, holdLease } from '../../src/processors/hold-lease.js'
import { LostClaimError } from '../../src/runs/finish-run.js'
import { until } from '../helpers/until.js'

/** A database that takes every question and answers as it is told to. */
function contextOn(answer: () => Promise<{ rows: []; numAffectedRows: bigint }>): DomainContext {
  const connection: DatabaseConnection = {
    executeQuery: answer,
    // biome-ignore lint/correctness/useYield: nothing is streamed here.
    async *streamQuery() {
      throw new Error('not here')
    },
  }
  class Driver extends DummyDriver {
    override async acquireConnection() {
      return connection
    }
  }
  const db = new Kysely<Database>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => new Driver(),
      createIntrospector: (kysely) => new PostgresIntrospector(kysely),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  })
  return { db, clock: createClock(0), newId: (prefix) => prefix, log: silentLogger, secret: '' }
}

const held = { runId: 'run_1', epoch: 1 }
let lease: HeldLease | undefined
afterEach(() => lease?.stop())
const hold = (answer: Parameters<typeof contextOn>[0], leaseMs: number) => {
  lease = holdLease(contextOn(answer), held, leaseMs, new AbortController().signal)
  return lease
}
const neverAnswers = () => new Promise<never>(() => undefined)

describe('a lease', () => {
  it('is lost when it has run out, also while the database neither answers nor fails', async () => {
    let asked = 0
    const { signal } = hold(() => {
      asked += 1
      return neverAnswers()
    }, 300)
    await until('the lease to be lost', () => signal.aborted, 4_000)
    expect(signal.reason).toBeInstanceOf(LostClaimError)
    expect(asked).toBeLessThan(6)
  })

  it('does not let a step wait for a database that never answers', async () => {
    const { assertHeld, signal } = hold(neverAnswers, 300)
    await until('two renewals to be overdue', async () => {
      const begun = performance.now()
      await assertHeld().catch(() => undefined)
      return performance.now() - begun > 1 || signal.aborted
    })
    await until('the lease to be lost', () => signal.aborted, 4_000)
    await expect(assertHeld()).rejects.toBeInstanceOf(LostClaimError)
  })

  it('goes on as long as it is renewed, and is lost at once when the run is somebody else’s', async () => {
    let renewed = 0
    const { signal, assertHeld } = hold(async () => {
      renewed += 1
      return { rows: [], numAffectedRows: renewed <= 6 ? 1n : 0n }
    }, 150)
    await until('six renewals', () => renewed >= 6, 5_000)
    expect(signal.aborted).toBe(false)
    await assertHeld()
    await until('the lease to be lost', () => signal.aborted, 4_000)
    expect(renewed).toBe(7)
  })
})
