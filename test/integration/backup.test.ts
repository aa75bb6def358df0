import { createHash, randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import type pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { findViolations } from '../../src/invariants/find-violations.js'
import { type DomainContext, silentLogger } from '../../src/platform/context.js'
import { inTransaction, type OpenDatabase, openDatabase } from '../../src/platform/database.js'
import { type Channels, createChannels } from '../../src/purchasing/channels/index.js'
import type { LimitSettings } from '../../src/purchasing/limits/limit-settings.js'
import { applyLimits } from '../../src/purchasing/limits/list-limits.js'
import { findGlobalPause, pauseAllBuying } from '../../src/purchasing/limits/pause.js'
import { findOrders } from '../../src/purchasing/orders/find-orders.js'
import { getOrder } from '../../src/purchasing/orders/get-order.js'
import { moveOrder } from '../../src/purchasing/orders/move-order.js'
import { lockOrder } from '../../src/purchasing/orders/order-rows.js'
import { resolveOrder } from '../../src/purchasing/orders/resolve-order.js'
import { approveOrder } from '../../src/purchasing/placing/approve-order.js'
import { submitOrder } from '../../src/purchasing/sending/submit-order.js'
import { trackOrders } from '../../src/purchasing/sending/track-orders.js'
import { claimRun } from '../../src/runs/claim-run.js'
import { createRun } from '../../src/runs/create-run.js'
import { findRuns, getRun } from '../../src/runs/find-runs.js'
import { getSchedule } from '../../src/schedules/change-schedule.js'
import { addSchedule } from '../../src/schedules/save-schedule.js'
import { addList } from '../../src/stock/lists.js'
import { insertSupplier, placeOne } from '../helpers/order-builders.js'
import { createTestCli, type TestCli } from '../helpers/run-cli.js'
import { buildItem } from '../helpers/stock-builders.js'
import { startSupplier, type TestSupplier } from '../helpers/supplier-server.js'
import { createTestDatabase, type TestDatabase } from '../helpers/test-database.js'

const start = Date.parse('2026-03-02T08:00:00Z')

let original: TestDatabase
let target: TestDatabase
let cli: TestCli
let supplier: TestSupplier
const channels: Channels = createChannels({ smtpUrl: null, mailFrom: null, secrets: {} })

const opened: OpenDatabase[] = []
beforeAll(async () => {
  cli = createTestCli({ env: { RESTOCK_CLOCK_OFFSET_MS: String(start + 3_600_000 - Date.now()) } })
  original = await createTestDatabase()
  supplier = await startSupplier({ now: () => original.clock.now() })
  await fill(original)
})
afterEach(async () => {
  for (const database of opened.splice(0)) await database.close()
  if (target === undefined) return
  await onTarget('restore', '--discard-replaced')
  await target.drop()
})
afterAll(async () => {
  cli.remove()
  await supplier.close()
  await original.drop()
})

/** The same commands on another database. */
function on(url: string, ...args: string[]) {
  return createTestCli({
    env: { DATABASE_URL: url, RESTOCK_CLOCK_OFFSET_MS: String(start + 3_600_000 - Date.now()) },
  }).run(...args)
}
const onTarget = (...args: string[]) => on(target.url, ...args)

const ids: Record<'approved' | 'submitting' | 'awaiting' | 'byHand' | 'confirmed' | 'unsent', string> = {
  approved: '',
  submitting: '',
  awaiting: '',
  byHand: '',
  confirmed: '',
  unsent: '',
}

/** A shop in the middle of things. */
async function fill({ ctx, db }: TestDatabase): Promise<void> {
  await addList(ctx, { id: 'cafe', currency: 'EUR', timeZone: 'Europe/Berlin' })
  for (const name of ['Milk', 'Tea "Earl\tGrey", {loose}', 'Zucker \\ Süße 🍬\nzweite Zeile', "O'Hara''s"]) {
    await buildItem(ctx, { list: 'cafe', name, notes: `notes of ${name}, "quoted" (and) {braces}, NULL \\N` })
  }
  await insertSupplier(ctx, 'web', { channel: 'http' })
  await insertSupplier(ctx, 'shop', { channel: 'manual' })
  await db
    .updateTable('purchasing.suppliers')
    .set({ url: supplier.urlOf('normal') })
    .where('id', '=', 'web')
    .execute()
  const http = { order: { channel: 'http' } } as const
  ids.confirmed = await placeOne(ctx, 'web', http)
  await submitOrder(ctx, { orderId: ids.confirmed }, channels)
  ids.approved = await placeOne(ctx, 'web', http)
  ids.unsent = await placeOne(ctx, 'web', http)
  ids.byHand = await placeOne(ctx, 'shop', { order: { channel: 'manual' } })
  const limit = (limits: LimitSettings) =>
    applyLimits(ctx, { list: 'cafe', currency: 'EUR', timeZone: 'Europe/Berlin', limits, source: 'person' })
  await limit({ approve_above: '0' })
  ids.awaiting = await placeOne(ctx, 'web', http)
  await limit({})
  ids.submitting = await placeOne(ctx, 'web', http)
  await inTransaction(ctx, async (tx) => {
    const set = { submit_attempts: 1, next_attempt_at: new Date(start + 60_000) }
    await moveOrder(tx, await lockOrder(tx, ids.submitting), { to: 'submitting', actor: 'restock', reason: null, set })
  })
  await addSchedule(ctx, {
    name: 'hourly',
    list: 'cafe',
    cron: '30 * * * *',
    timeZone: 'UTC',
    misfire: 'run_all',
    overlap: 'queue',
    instructions: null,
    isPaused: false,
  })
  await createRun(ctx, { list: 'cafe' })
  const { id } = await createRun(ctx, { list: 'lab' })
  await claimRun(ctx, { runId: id, workerId: 'w', leaseMs: 60_000 })
}

async function backUp(): Promise<string> {
  const file = join(cli.cwd, `${randomBytes(4).toString('hex')}.backup`)
  const written = await on(original.url, 'backup', file, '--json')
  expect(written, written.stderr).toMatchObject({ exitCode: 0 })
  return file
}

/** A database without anything in it, not even a schema. */
async function emptyTarget(): Promise<void> {
  target = await createTestDatabase()
  for (const schema of ['stock', 'purchasing', 'restock', 'access', 'bullmq']) {
    await target.pool.query(`drop schema if exists ${schema} cascade`)
  }
  await target.close()
}

function openTarget(): OpenDatabase & { readonly ctx: DomainContext } {
  const database = openDatabase({ url: target.url, applicationName: 'restock-test', log: silentLogger })
  opened.push(database)
  return { ...database, ctx: { ...target.ctx, db: database.db } }
}

/** Every row of every table as text, by table. */
async function contentOf(pool: pg.Pool): Promise<Record<string, string[]>> {
  const { rows } = await pool.query<{ name: string }>(
    `select table_schema || '.' || table_name as name from information_schema.tables
     where table_schema in ('stock', 'purchasing', 'restock') and table_name not like 'kysely%' order by 1`,
  )
  const content: Record<string, string[]> = {}
  for (const { name } of rows) {
    const found = await pool.query<{ line: string }>(`select t::text as line from ${name} t order by 1`)
    content[name] = found.rows.map(({ line }) => line)
  }
  return content
}

/** Runs of these orders are in no ledger, and a restore closes every fence for good. */
async function findBroken(db: OpenDatabase['db']) {
  const found = await findViolations(db)
  return found.filter(({ invariant }) => invariant !== 'order_run' && invariant !== 'fences_follow_claims')
}

describe('restock backup and restore', () => {
  it('bring back every row as it was, but for what a backup can not know', async () => {
    const before = await contentOf(original.pool)
    const file = await backUp()
    expect(statSync(file).mode & 0o777).toBe(0o600)
    await emptyTarget()
    const restored = await onTarget('restore', file, '--json')
    expect(restored.json()).toMatchObject({
      ordersInDoubt: 4,
      ordersAwaitingApproval: 1,
      runsEnded: 2,
      keptAs: null,
    })
    const after = await contentOf(openTarget().pool)
    const changed = Object.keys(before).filter(
      (table) => JSON.stringify(before[table]) !== JSON.stringify(after[table]),
    )
    expect(changed.sort()).toEqual(
      [
        ...['events', 'fences', 'order_history', 'orders', 'pause_switch'].map((name) => `purchasing.${name}`),
        ...['runs', 'schedules'].map((name) => `restock.${name}`),
      ].sort(),
    )
    expect(after['stock.items']).toHaveLength(4)
    expect(Object.keys(after)).toEqual(Object.keys(before))
    expect(await findBroken(openTarget().db)).toEqual([])
  })

  it('lets nothing that was begun go on, and every schedule start from now', async () => {
    const file = await backUp()
    await emptyTarget()
    await onTarget('restore', file)
    const { ctx } = openTarget()
    const runs = await findRuns(ctx)
    expect(runs.map((run) => run.status)).toEqual(['failed', 'failed'])
    expect(runs[0]?.error).toMatch(/^Ended because the backup of 20\d\d-.* was restored/)
    expect((await getRun(ctx, runs.find(({ list }) => list === 'lab')?.id ?? '')).epoch, 'raised').toBe(2)
    // Written at 8:00, restored at 9:00: 8:30 may have had its run.
    expect(await getSchedule(ctx, 'hourly')).toMatchObject({
      nextSlot: new Date('2026-03-02T09:30:00Z'),
      missedSlots: 1,
      lastSlot: null,
    })
    const { rows } = await openTarget().pool.query('select distinct epoch from purchasing.fences')
    expect(rows).toEqual([{ epoch: Number.MAX_SAFE_INTEGER }])
  })

  it('go on with the numbers of what was given out', async () => {
    const file = await backUp()
    await emptyTarget()
    await onTarget('restore', file)
    const { rows } = await openTarget().pool.query<{ seq: number }>('select seq from purchasing.events order by seq')
    expect(new Set(rows.map(({ seq }) => seq)).size).toBe(rows.length)
    const { rows: last } = await original.pool.query<{ seq: number }>('select max(seq) as seq from purchasing.events')
    expect(rows.filter(({ seq }) => seq > (last[0]?.seq ?? 0)).length, 'doubt is told to the list').toBeGreaterThan(0)
  })
})

describe('orders of a restored backup', () => {
  it('are never sent again: who can be asked is asked by key, the others wait for a person', async () => {
    const file = await backUp()
    // What happened after the backup, and is lost with the database.
    await submitOrder(original.ctx, { orderId: ids.approved }, channels)
    await submitOrder(original.ctx, { orderId: ids.byHand }, channels)
    await approveOrder(original.ctx, { orderId: ids.awaiting, by: 'eva' }, channels)
    await submitOrder(original.ctx, { orderId: ids.awaiting }, channels)
    const sentBefore = new Map(supplier.book.sendings)
    const keyOf = async (orderId: string) =>
      (
        await original.db
          .selectFrom('purchasing.orders')
          .select('idempotency_key')
          .where('id', '=', orderId)
          .executeTakeFirstOrThrow()
      ).idempotency_key
    expect(sentBefore.get(await keyOf(ids.approved))).toBe(1)
    expect(sentBefore.get(await keyOf(ids.awaiting))).toBe(1)

    await emptyTarget()
    const { stdout } = await onTarget('restore', file)
    expect(stdout).toMatch(/Buying is PAUSED for every list/)
    expect(stdout).toMatch(/4 orders may have been sent since/)
    expect(stdout).toMatch(/1 order waiting for approval may have been approved since/)
    const { ctx } = openTarget()
    const statusOf = async (orderId: string) => (await getOrder(ctx, { orderId })).status
    for (const id of [ids.approved, ids.submitting, ids.byHand, ids.unsent]) expect(await statusOf(id)).toBe('unknown')
    expect(await findGlobalPause(ctx)).toMatchObject({ by: expect.stringMatching(/^restoring the backup of 2026-/) })

    // Everything that a worker does, for hours, while buying is paused.
    for (let minute = 0; minute < 180; minute += 20) {
      target.clock.set(new Date(start + 3_600_000 + minute * 60_000))
      await trackOrders(ctx, channels)
      for (const order of await findOrders(ctx, {})) await submitOrder(ctx, { orderId: order.orderId }, channels)
    }
    expect(supplier.book.sendings).toEqual(sentBefore)
    expect(await statusOf(ids.approved), 'the supplier said that it has it').toBe('confirmed')
    expect(await statusOf(ids.byHand)).toBe('unknown')
    await resolveOrder(ctx, { orderId: ids.byHand, placed: true, by: 'eva' })

    // A person lets buying go on, and approves what waited: it was sent already, and is found by its key.
    await pauseAllBuying(ctx, { paused: false, by: 'eva' })
    const waiting = await getOrder(ctx, { orderId: ids.awaiting })
    expect(waiting.approvalReasons.at(-1)).toMatch(/may have been approved and sent since then, ask the supplier first/)
    await ctx.db
      .updateTable('purchasing.orders')
      .set({ approval_expires_at: null })
      .where('id', '=', ids.awaiting)
      .execute()
    await approveOrder(ctx, { orderId: ids.awaiting, by: 'eva' }, channels)
    await submitOrder(ctx, { orderId: ids.awaiting }, channels)
    expect(await statusOf(ids.awaiting)).toBe('confirmed')
    for (const order of await findOrders(ctx, {})) await submitOrder(ctx, { orderId: order.orderId }, channels)
    for (const [key, count] of sentBefore) expect(supplier.book.sendings.get(key), key).toBe(count)
    // The supplier never had these two, and takes a key for one order: they went out once, under their old keys.
    for (const id of [ids.unsent, ids.submitting]) expect(supplier.book.sendings.get(await keyOf(id))).toBe(1)
    expect(await findBroken(ctx.db)).toEqual([])
  })
})

describe('restoring where something is', () => {
  it('is refused without --replace, and keeps what was there with it', async () => {
    const file = await backUp()
    target = await createTestDatabase()
    await addList(target.ctx, { id: 'mine', currency: 'USD', timeZone: 'UTC' })
    await target.close()
    const refused = await onTarget('restore', file)
    expect(refused).toMatchObject({ exitCode: 2, stdout: '' })
    expect(refused.stderr).toMatch(/There is data here already\. Nothing was changed; .*--replace/)
    const { keptAs } = (await onTarget('restore', file, '--replace', '--json')).json() as { keptAs: string }
    const kept = new URL(target.url)
    kept.pathname = `/${keptAs}`
    const old = openDatabase({ url: kept.href, applicationName: 'restock-test', log: silentLogger })
    opened.push(old)
    expect((await old.pool.query('select id from stock.lists')).rows).toEqual([{ id: 'mine' }])
    expect((await openTarget().pool.query('select id from stock.lists')).rows).toEqual([{ id: 'cafe' }])
    for (const database of opened.splice(0)) await database.close()
    expect((await onTarget('restore', '--discard-replaced', '--json')).json()).toEqual({ discarded: [keptAs] })
    expect((await onTarget('restore', '--discard-replaced')).stdout).toMatch(/No restore has put anything aside/)
  })

  it('is refused while somebody works there', async () => {
    const file = await backUp()
    target = await createTestDatabase()
    await target.pool.query('select 1')
    const refused = await onTarget('restore', file, '--replace')
    expect(refused.exitCode).toBe(2)
    expect(refused.stderr).toMatch(/The database is in use by restock-test \(1\)\. Nothing was changed; stop what runs/)
  })
})

describe('a file that can’t be used', () => {
  const lines = (file: string) => gunzipSync(readFileSync(file)).toString().split('\n')
  const seal = (text: string[]) => {
    // With a checksum that is right: what is wrong is elsewhere.
    const footer = JSON.parse(text.at(-2) ?? '')
    const body = `${text.slice(0, -2).join('\n')}\n`
    return gzipSync(
      `${body}${JSON.stringify({ ...footer, sha256: createHash('sha256').update(body).digest('hex') })}\n`,
    )
  }
  const cases: readonly [string, (file: string) => Buffer | null, RegExp][] = [
    ['is not there', () => null, /there is no such file/],
    ['is empty', () => Buffer.alloc(0), /empty|not written completely|end is missing/],
    ['is something else', () => Buffer.from('PK\u0003\u0004 a zip'), /was not written by `restock backup`/],
    ['is something else that is zipped', () => gzipSync('{"a":1}\n'), /was not written by `restock backup`/],
    ['breaks off', (file) => readFileSync(file).subarray(0, -200), /its end is missing/],
    [
      'breaks off between two lines',
      (file) => gzipSync(`${lines(file).slice(0, 20).join('\n')}\n`),
      /its end is missing/,
    ],
    [
      'lost a row',
      (file) =>
        gzipSync(
          lines(file)
            .filter((line) => !line.includes('Earl'))
            .join('\n'),
        ),
      /not what was written/,
    ],
    ['was edited', (file) => gzipSync(lines(file).join('\n').replace('Milk', 'Silk')), /not what was written/],
    [
      'has a bit that fell over',
      (file) => {
        const bytes = readFileSync(file)
        const middle = Math.floor(bytes.length / 2)
        bytes[middle] = (bytes[middle] ?? 0) ^ 0x10
        return bytes
      },
      /damaged|not what was written|its end is missing/,
    ],
    ['has something at its end', (file) => gzipSync(`${lines(file).join('\n')}"more"\n`), /something was added/],
    [
      'is of a newer program',
      (file) => seal(lines(file).map((line, index) => (index === 0 ? line.replace('"001', '"002-more","001') : line))),
      /written by a newer Restock .*update Restock first/,
    ],
    [
      'is of another kind of file',
      (file) =>
        seal(lines(file).map((line, index) => (index === 0 ? line.replace('"version":1', '"version":9') : line))),
      /another version of Restock whose files/,
    ],
    [
      'has a table that does not fit',
      (file) =>
        seal(
          lines(file).map((line) =>
            line.replace('"table":"stock.items","columns":["id"', '"table":"stock.items","columns":["color"'),
          ),
        ),
      /its table stock\.items does not fit/,
    ],
  ]
  it.each(cases)('because it %s, changes nothing', async (_what, make, message) => {
    const file = join(cli.cwd, 'bad.backup')
    const bytes = make(await backUp())
    if (bytes !== null) writeFileSync(file, bytes)
    target = await createTestDatabase()
    await addList(target.ctx, { id: 'mine', currency: 'USD', timeZone: 'UTC' })
    await target.close()
    const { exitCode, stdout, stderr } = await onTarget('restore', bytes === null ? `${file}.gone` : file, '--replace')
    expect([exitCode, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(message)
    expect(stderr.trimEnd().split('\n')).toHaveLength(1)
    const { pool } = openTarget()
    expect((await pool.query('select id from stock.lists')).rows).toEqual([{ id: 'mine' }])
    const { rows } = await pool.query(
      'select datname from pg_database where starts_with(datname, current_database() || $1)',
      ['_'],
    )
    expect(rows, 'no half-restored database is left').toEqual([])
  })
})

describe('writing a backup', () => {
  it('leaves a file alone that is there, unless told to overwrite it', async () => {
    const file = await backUp()
    const before = readFileSync(file)
    const refused = await on(original.url, 'backup', file)
    expect(refused).toMatchObject({ exitCode: 2 })
    expect(refused.stderr).toMatch(/is there already; name another file, or add --force/)
    expect(readFileSync(file)).toEqual(before)
    expect((await on(original.url, 'backup', file, '--force')).exitCode).toBe(0)
  })

  it('says where it can’t be written, and leaves nothing', async () => {
    const missing = await on(original.url, 'backup', join(cli.cwd, 'no', 'such', 'x.backup'))
    expect(missing.stderr).toMatch(/The folder \S+no\/such for the backup is not there/)
    expect(existsSync(join(cli.cwd, 'no'))).toBe(false)
    const full = await on(original.url, 'backup', '/dev/full/x')
    expect(full.exitCode).not.toBe(0)
    expect(readdirSync(cli.cwd).filter((name) => name.endsWith('.part'))).toEqual([])
  })

  it('is of one instant while others write', async () => {
    const count = async (pool: pg.Pool, table: string) =>
      (await pool.query<{ count: number }>(`select count(*)::int as count from ${table}`)).rows[0]?.count ?? 0
    let isWriting = true
    // Each writes to both in one transaction: a backup that saw one without the other would show it.
    const write = async (writer: number) => {
      for (let round = 0; isWriting; round++) {
        await original.db.transaction().execute(async (db) => {
          const name = `pair ${writer} ${round}`
          await buildItem({ ...original.ctx, db }, { list: 'cafe', name })
          await createRun({ ...original.ctx, db }, { list: 'pairs', instructions: name })
        })
      }
    }
    const before = await count(original.pool, 'stock.items')
    const writers = [1, 2, 3].map(write)
    const files: string[] = []
    for (let index = 0; index < 3; index++) files.push(await backUp())
    isWriting = false
    await Promise.all(writers)
    for (const file of files) {
      await emptyTarget()
      expect(await onTarget('restore', file)).toMatchObject({ exitCode: 0 })
      const { pool, db } = openTarget()
      const { rows: items } = await pool.query(`select name from stock.items where name like 'pair %' order by 1`)
      const { rows: runs } = await pool.query(
        `select instructions as name from restock.runs where list = 'pairs' order by 1`,
      )
      expect(items).toEqual(runs)
      expect(await findBroken(db)).toEqual([])
      await Promise.all(opened.splice(0).map((database) => database.close()))
      if (file !== files.at(-1)) await target.drop()
    }
    expect(await count(original.pool, 'stock.items')).toBeGreaterThan(before)
  })
})
