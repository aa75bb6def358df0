import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { mkdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { findViolations } from '../../src/invariants/find-violations.js'
import { readBackup } from '../../src/platform/backup/read-backup.js'
import { writeBackup } from '../../src/platform/backup/write-backup.js'
import { createClock, type DomainContext, silentLogger } from '../../src/platform/context.js'
import { openDatabase } from '../../src/platform/database.js'
import { type EmbeddedPostgres, openEmbeddedPostgres } from '../../src/platform/embedded-postgres/embedded-postgres.js'
import { type FailpointName, readFailpointLog } from '../../src/platform/failpoints.js'
import { newRandomId } from '../../src/platform/ids.js'
import { migrateDatabase } from '../../src/platform/migrate.js'
import { findGlobalPause } from '../../src/purchasing/limits/pause.js'
import { seededRandom } from '../../src/purchasing/solver/random.js'
import { addItem } from '../../src/stock/add-item.js'
import { addList } from '../../src/stock/lists.js'
import { killEverything, removeData, restock, startRestock } from '../helpers/restock-process.js'
import { until } from '../helpers/until.js'

const seed = Number(process.env.RESTOCK_TEST_SEED ?? Math.floor(Math.random() * 2 ** 31))
const home = join(tmpdir(), `restock-backup-kills-${randomBytes(4).toString('hex')}`)
const dataDir = join(home, 'data')
const saved = join(home, 'saved.backup')
let server: EmbeddedPostgres

const inShop = async <T>(work: (ctx: DomainContext, pool: pg.Pool) => Promise<T>): Promise<T> => {
  const database = openDatabase({ url: server.databaseUrl, applicationName: 'restock-test', log: silentLogger })
  const clock = createClock(0)
  try {
    return await work({ db: database.db, clock, newId: newRandomId, log: silentLogger, secret: '' }, database.pool)
  } finally {
    await database.close()
  }
}
const stock = (name: string) =>
  inShop(async (ctx) => {
    await addItem(ctx, { list: 'cafe', name, unit: 'pcs', onHand: 3, reorderPoint: 4, orderUpTo: 12 })
  })

/** Every row of every table. */
async function everything(): Promise<string> {
  const file = join(home, `look-${randomBytes(4).toString('hex')}`)
  const now = new Date()
  await writeBackup({ databaseUrl: server.databaseUrl, file, mayOverwrite: false, program: 'test', now })
  const lines = gunzipSync(await readFile(file))
    .toString()
    .trimEnd()
    .split('\n')
    .slice(1, -1)
  await rm(file)
  return lines.join('\n')
}

async function asAdmin<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: server.adminUrl })
  client.on('error', () => undefined)
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

beforeAll(async () => {
  await mkdir(home)
  server = await openEmbeddedPostgres({ dataDir, log: silentLogger })
  await inShop(async (ctx) => {
    const database = openDatabase({ url: server.databaseUrl, applicationName: 'restock-test', log: silentLogger })
    await migrateDatabase(database, { queueOnPostgres: true })
    await database.close()
    await addList(ctx, { id: 'cafe', currency: 'EUR', timeZone: 'Europe/Berlin' })
  })
  await stock('Saved')
  const now = new Date()
  await writeBackup({ databaseUrl: server.databaseUrl, file: saved, mayOverwrite: false, program: 'test', now })
  await stock('Later')
}, 120_000)
afterEach(() => killEverything([]))
afterAll(async () => {
  await server.release()
  await removeData(home)
})

interface Kill {
  readonly at: FailpointName
  readonly time?: number
  /** So long after the place was reached; at once if not said. */
  readonly afterMs?: number
}

async function run(args: readonly string[], { at, time = 1, afterMs }: Kill): Promise<number | string> {
  const logFile = join(home, `failpoints-${randomBytes(4).toString('hex')}`)
  const action = afterMs === undefined ? 'kill' : 'delay:0'
  const process = startRestock([...args, '--data-dir', dataDir], {
    env: { RESTOCK_FAILPOINTS: `${at}=${action}@${time}`, RESTOCK_FAILPOINTS_LOG: logFile },
  })
  if (afterMs !== undefined) {
    await Promise.race([process.ended, until(at, () => readFailpointLog(logFile).length > 0, 60_000)])
    await sleep(afterMs)
    process.child.kill('SIGKILL')
  }
  const end = await process.ended
  if (afterMs === undefined) expect(end, process.stderr()).toBe('SIGKILL')
  return end
}

/** The backup is what is there: all of it, with what has to be assumed of it, and sound. */
async function expectRestored(): Promise<void> {
  await inShop(async (ctx, pool) => {
    const { rows } = await pool.query('select name from stock.items order by name')
    expect(rows).toEqual([{ name: 'Saved' }])
    expect(await findGlobalPause(ctx)).not.toBeNull()
    expect(await findViolations(ctx.db)).toEqual([])
  })
}

/** Takes a restore that got through back: what was put aside becomes the database again. */
async function takeBack(): Promise<void> {
  await asAdmin(async (client) => {
    const { rows } = await client.query<{ name: string }>(
      "select datname as name from pg_database where datname like 'restock\\_before\\_%'",
    )
    expect(rows, 'what was there before is kept').toHaveLength(1)
    await client.query('drop database restock with (force)')
    await client.query(`alter database ${rows[0]?.name} rename to restock`)
  })
}

describe('a restore that is killed', () => {
  const unchanged: readonly Kill[] = [
    { at: 'draft.after' },
    { at: 'load.after', time: 5 },
    { at: 'settle.after' },
    { at: 'swap.before' },
  ]

  it('before its last step leaves everything as it was, and says so; the next one gets through', async () => {
    const before = await everything()
    for (const kill of unchanged) {
      await run(['restore', saved, '--replace'], kill)
      expect(await everything(), kill.at).toBe(before)
    }
    const told = await restock(['doctor', '--data-dir', dataDir])
    expect(told.stdout).toMatch(/restore +one was cut off before its end, and what was here before is unchanged/)
    const next = await restock(['restore', saved, '--replace', '--data-dir', dataDir])
    expect(next.code, next.stderr).toBe(0)
    await expectRestored()
    const left = await asAdmin((client) =>
      client.query("select from pg_database where datname like 'restock\\_restoring\\_%'"),
    )
    expect(left.rowCount, 'what those that were killed had left').toBe(0)
    await takeBack()
    expect(await everything()).toBe(before)
  }, 120_000)

  it('after its last step has done all of it', async () => {
    const before = await everything()
    await run(['restore', saved, '--replace'], { at: 'swap.after' })
    await expectRestored()
    await takeBack()
    expect(await everything()).toBe(before)
  }, 120_000)

  it('at any moment leaves the old state or the new one', async () => {
    const random = seededRandom(seed)
    const before = await everything()
    const ends: unknown[] = []
    for (let round = 0; round < 5; round++) {
      const afterMs = Math.round(random() * 1_000)
      const end = await run(['restore', saved, '--replace'], { at: 'draft.before', afterMs })
      ends.push(end)
      const why = `killed after ${afterMs} ms, seed ${seed}`
      // A commit that is under way when its client dies is the server's to finish.
      await asAdmin((client) =>
        client.query(
          "select pg_terminate_backend(pid, 5000) from pg_stat_activity where application_name = 'restock-restore'",
        ),
      )
      const now = await everything()
      if (now === before) continue
      expect(now, why).not.toContain('Later')
      await expectRestored()
      await takeBack()
      expect(await everything(), why).toBe(before)
    }
    console.info(`restores killed at random moments, seed ${seed}: ${ends.join(', ')}`)
    expect(ends).toContain('SIGKILL')
  }, 120_000)
})

describe('a database server that dies with the restore', () => {
  it('comes back with what was there before', async () => {
    const before = await everything()
    const process = startRestock(['restore', saved, '--replace', '--data-dir', dataDir], {
      env: { RESTOCK_FAILPOINTS: 'load.after=stop@8' },
    })
    const state = async () => /\) (\w)/.exec(await readFile(`/proc/${process.child.pid}/stat`, 'utf8'))?.[1]
    await until('the restore to stop', async () => (await state()) === 'T', 60_000)
    await killEverything([home])
    await process.ended
    await server.release()
    server = await openEmbeddedPostgres({ dataDir, log: silentLogger })
    expect(await everything()).toBe(before)
    const next = await restock(['restore', saved, '--replace', '--data-dir', dataDir])
    expect(next.code, next.stderr).toBe(0)
    await expectRestored()
    await takeBack()
  }, 120_000)
})

describe('a backup that is killed', () => {
  it.each(['dump.after', 'publish.before'] as const)(
    'at %s leaves no file of that name, and the next one is whole',
    async (at) => {
      const file = join(home, `${at}.backup`)
      await run(['backup', file], { at })
      expect(existsSync(file)).toBe(false)
      const again = await restock(['backup', file, '--data-dir', dataDir])
      expect(again.code, again.stderr).toBe(0)
      expect((await readBackup(file)).complete).toBe(true)
    },
    60_000,
  )

  it('leaves the one it was to take the place of', async () => {
    const file = join(home, 'daily.backup')
    expect((await restock(['backup', file, '--data-dir', dataDir])).code).toBe(0)
    const first = await readFile(file)
    await run(['backup', file, '--force'], { at: 'publish.before' })
    expect((await readFile(file)).equals(first)).toBe(true)
    await run(['backup', file, '--force'], { at: 'publish.after' })
    expect((await readFile(file)).equals(first)).toBe(false)
    expect((await readBackup(file)).complete).toBe(true)
  }, 60_000)

  it('at any moment leaves nothing that is taken for a backup', async () => {
    const random = seededRandom(seed)
    for (let round = 0; round < 3; round++) {
      const file = join(home, `random-${round}.backup`)
      await run(['backup', file], { at: 'dump.before', afterMs: Math.round(random() * 120) })
      if (existsSync(file)) expect((await readBackup(file)).complete).toBe(true)
      for (const part of readdirSync(home).filter((name) => name.startsWith(`${basename(file)}.`))) {
        expect(part).toMatch(/\.part$/)
        // Complete, and only its name missing, or refused.
        await readBackup(join(home, part)).catch((error: Error) => expect(error.message).toMatch(/^\S+ is no backup/))
      }
    }
  }, 60_000)
})
