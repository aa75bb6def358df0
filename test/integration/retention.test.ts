import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findAudit, recordAudit } from '../../src/access/audit.js'
import { doOnce, keyLifeMs } from '../../src/access/idempotency.js'
import { openSession, sessionIdleMs } from '../../src/access/sessions.js'
import { assertInvariants } from '../../src/invariants/find-violations.js'
import { silentLogger } from '../../src/platform/context.js'
import { type JobQueue, openQueue } from '../../src/platform/queue.js'
import { createRun } from '../../src/runs/create-run.js'
import { readSteps, recordStep } from '../../src/runs/run-steps.js'
import { beat } from '../../src/schedules/beat.js'
import { forgetOld } from '../../src/schedules/forget-old.js'
import { openTestShop } from '../helpers/cafe.js'
import { insertReadyQuote, insertSupplier, placeOne } from '../helpers/order-builders.js'
import { createTestDatabase, type TestDatabase } from '../helpers/test-database.js'

const dayMs = 86_400_000
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
  await beat(database.ctx, queue, { ...options, retention: { journalDays: 30, auditDays: 400 } }, state())
  expect(await kept()).toEqual([young, open])
})

const local = { kind: 'local', name: 'local' } as const
const guess = { action: 'login', subject: null, result: 'refused' } as const
const retention = { journalDays: 30, auditDays: 100 }

test('who did what is kept for as long as is set, refused guesses at passwords for a month at most', async () => {
  const { ctx, clock } = database
  await ctx.db.deleteFrom('restock.audit').execute()
  const note = async (at: string, entry: Parameters<typeof recordAudit>[1]) => {
    clock.set(at)
    await recordAudit(ctx, entry)
  }
  const did = (action: string) => ({ actor: local, action, subject: null, result: 'done' }) as const
  await note('2026-01-01T11:00:00Z', did('tooOld'))
  await note('2026-01-01T13:00:00Z', did('youngEnough'))
  await note('2026-03-12T11:00:00Z', { ...guess, actor: { kind: 'session', name: '192.0.2.1' } })
  await note('2026-03-12T12:00:00Z', { ...did('approveOrder'), result: 'refused' })
  await note('2026-03-12T13:00:00Z', { ...guess, actor: { kind: 'session', name: '192.0.2.2' } })
  const kept = async () => (await findAudit(ctx, { limit: 10 })).map(({ action, actor }) => `${action} ${actor}`)

  clock.set('2026-04-11T12:00:00Z')
  await forgetOld(ctx, retention)
  expect(await kept()).toEqual(['login 192.0.2.2', 'approveOrder local', 'youngEnough local'])
  await forgetOld(ctx, { ...retention, auditDays: 7 })
  expect(await kept()).toEqual([])
})

test('sessions and idempotency keys that nobody can use any more are forgotten without anybody using the web', async () => {
  const { ctx, clock } = database
  clock.set('2026-05-01T12:00:00Z')
  const login = { password: 'a password', address: '192.0.2.1', before: undefined }
  const key = { principal: 'tok_1', key: 'once', fingerprint: 'f' }
  await openSession(ctx, login)
  await doOnce(ctx, key, async () => ({ status: 200, body: {} }))
  const counted = async () => {
    const sessions = await ctx.db.selectFrom('restock.sessions').select('public_id').execute()
    const keys = await ctx.db.selectFrom('restock.idempotency_keys').select('key').execute()
    return [sessions.length, keys.length]
  }
  clock.advance(keyLifeMs)
  await forgetOld(ctx, retention)
  expect(await counted()).toEqual([1, 1])
  clock.advance(1)
  await forgetOld(ctx, retention)
  expect(await counted()).toEqual([1, 0])
  clock.advance(sessionIdleMs - keyLifeMs)
  await forgetOld(ctx, retention)
  expect(await counted()).toEqual([0, 0])
})

test('a quote of which nothing was ordered goes, with its needs; an order keeps its own, and its needs while it is open', async () => {
  const { ctx, clock } = database
  clock.set('2026-01-01T12:00:00Z')
  await insertSupplier(ctx, 'keeper')
  const { quoteId: idle, caller } = await insertReadyQuote(ctx, { supplierId: 'keeper' })
  const orderId = await placeOne(ctx, 'keeper')
  const order = ctx.db.selectFrom('purchasing.orders').where('id', '=', orderId)
  const { quote_id: ordered } = await order.select('quote_id').executeTakeFirstOrThrow()
  const quotes = async () => (await ctx.db.selectFrom('purchasing.quotes').select('id').execute()).map(({ id }) => id)
  const needs = async () =>
    (await ctx.db.selectFrom('purchasing.needs').select('run_id').execute()).map(({ run_id }) => run_id)
  const [, runOfOrder] = (await needs()).sort()

  clock.set('2026-01-31T11:00:00Z')
  await forgetOld(ctx, retention)
  expect((await quotes()).sort()).toEqual([idle, ordered].sort())
  expect(await needs()).toHaveLength(2)

  clock.set('2026-01-31T13:00:00Z')
  await forgetOld(ctx, retention)
  expect(await quotes()).toEqual([ordered])
  expect(await needs()).toEqual([runOfOrder])
  expect(runOfOrder).not.toBe(caller.run)

  const ended = { status: 'received', updated_at: clock.now() } as const
  await ctx.db.updateTable('purchasing.orders').set(ended).where('id', '=', orderId).execute()
  await forgetOld(ctx, retention)
  expect(await needs()).toEqual([runOfOrder])
  clock.set('2026-03-03T13:00:00Z')
  await forgetOld(ctx, retention)
  expect(await needs()).toEqual([])
  expect(await quotes()).toEqual([ordered])
})

test('what stock, budgets and orders rest on is never forgotten, and the books stay in order', async () => {
  const shop = await openTestShop()
  try {
    const { ctx, database } = shop
    await shop.run()
    await shop.submitAndDeliver()
    database.clock.advance(10 * dayMs)
    await shop.submitAndDeliver()
    const tables = [
      ...[
        'orders',
        'order_lines',
        'order_history',
        'events',
        'deliveries',
        'reservations',
        'offer_prices',
        'fences',
      ].map((name) => `purchasing.${name}`),
      ...['items', 'movements', 'expected_receipts', 'links', 'applied_events', 'fences'].map(
        (name) => `stock.${name}`,
      ),
      'restock.runs',
    ]
    const countAll = async () => {
      const counts: Record<string, number> = {}
      for (const table of tables) {
        const { rows } = await sql<{ count: number }>`select count(*) as count from ${sql.raw(table)}`.execute(ctx.db)
        counts[table] = rows[0]?.count ?? 0
      }
      return counts
    }
    const before = await countAll()
    for (const table of ['purchasing.orders', 'purchasing.deliveries', 'stock.movements', 'purchasing.reservations']) {
      expect([table, before[table]]).not.toEqual([table, 0])
    }
    const [run] = await ctx.db.selectFrom('restock.runs').select('id').execute()
    expect((await readSteps(ctx, run?.id ?? '')).length).toBeGreaterThan(0)

    database.clock.advance(4_000 * dayMs)
    await forgetOld(ctx, { journalDays: 1, auditDays: 1 })
    expect(await readSteps(ctx, run?.id ?? '')).toEqual([])
    expect(await countAll()).toEqual(before)
    await assertInvariants(ctx.db)
  } finally {
    await shop.close()
  }
})
