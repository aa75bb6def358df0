import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { afterAll, afterEach, describe, expect, inject, it } from 'vitest'
import { assertInvariants } from '../../src/invariants/find-violations.js'
import { silentLogger } from '../../src/platform/context.js'
import { openDatabase } from '../../src/platform/database.js'
import { openEmbeddedPostgres } from '../../src/platform/embedded-postgres/embedded-postgres.js'
import {
  expectNoProcessLeft,
  type RestockProcess,
  removeData,
  restock,
  startRestock,
} from '../helpers/restock-process.js'
import { freePort, startRedisAt, type TestRedis } from '../helpers/start-redis.js'
import { createTestDatabase } from '../helpers/test-database.js'
import { until } from '../helpers/until.js'

const home = join(tmpdir(), `restock-containment-${randomBytes(4).toString('hex')}`)
const running: RestockProcess[] = []
afterEach(async () => {
  for (const { child } of running.splice(0)) child.kill('SIGKILL')
  await expectNoProcessLeft(home)
})
afterAll(() => removeData(home))

/** Dashboard's address and the process. */
async function up(env: Record<string, string>): Promise<{ process: RestockProcess; url: string }> {
  const settings = { RESTOCK_WEB_PORT: '0', RESTOCK_CONFIG: 'examples/cafe/restock.yaml', RESTOCK_LEASE_MS: '5000' }
  const process = startRestock(['up'], { env: { ...settings, RESTOCK_SECRET: 'x'.repeat(40), ...env } })
  running.push(process)
  const [, url = ''] = await process.says(/Dashboard\s+(http:\S+)/, 90_000)
  return { process, url }
}

const readiness = async (url: string) => (await fetch(`${url}/readyz`)).status

async function endOfRuns(env: Record<string, string>, count: number): Promise<string[]> {
  return until(
    `the end of ${count} runs`,
    async () => {
      const { code, stdout } = await restock(['runs', '--json'], { env })
      if (code !== 0) return null
      const { runs } = JSON.parse(stdout) as { runs: { status: string }[] }
      const statuses = runs.map(({ status }) => status)
      return statuses.length === count && statuses.every((status) => status === 'completed') ? statuses : null
    },
    120_000,
  )
}

async function check(databaseUrl: string): Promise<void> {
  const database = openDatabase({ url: databaseUrl, applicationName: 'restock-test', log: silentLogger })
  try {
    await assertInvariants(database.db)
  } finally {
    await database.close()
  }
}

describe('a database that is gone for half a minute', () => {
  it('stops nothing for good: the process stays, says that it is not ready, and finishes its run afterwards', async () => {
    const dataDir = join(home, 'outside')
    const postgres = await openEmbeddedPostgres({ dataDir, log: silentLogger })
    const env = {
      DATABASE_URL: postgres.databaseUrl,
      RESTOCK_DATA_DIR: join(home, 'own'),
      RESTOCK_SECRET: 'x'.repeat(40),
    }
    let back: Awaited<ReturnType<typeof openEmbeddedPostgres>> | undefined
    try {
      // The model's second answer takes its time, and the database goes meanwhile.
      const { process: first, url } = await up({ ...env, RESTOCK_FAILPOINTS: 'answer.before=delay:3000' })
      const queued = await restock(['run', '--json'], { env: { ...env, RESTOCK_CONFIG: 'examples/cafe/restock.yaml' } })
      expect(queued.code, queued.stderr).toBe(0)
      const [postmaster] = readFileSync(join(postgres.clusterDir, 'postmaster.pid'), 'utf8').split('\n')
      process.kill(Number(postmaster), 'SIGKILL')
      await until('it to notice', async () => (await readiness(url)) === 503, 30_000)
      await sleep(30_000)
      expect(first.child.exitCode, first.stderr()).toBeNull()
      const told = await restock(['runs'], { env })
      expect(told.code).toBe(1)
      expect(told.stderr).toMatch(
        /^restock: The database at 127\.0\.0\.1:\d+\/restock can't be used \(.*\); correct DATABASE_URL/,
      )
      back = await openEmbeddedPostgres({ dataDir, log: silentLogger })
      expect(back.port, 'where everybody looks for it').toBe(postgres.port)
      await until('readiness', async () => (await readiness(url)) === 200, 60_000)
      await endOfRuns(env, 1)
      await check(env.DATABASE_URL)
      first.child.kill('SIGTERM')
      expect(await first.ended, first.stderr()).toBe(0)
    } finally {
      for (const { child, ended } of running.splice(0)) {
        child.kill('SIGKILL')
        await ended
      }
      await back?.release()
      await postgres.release()
    }
  }, 300_000)
})

describe('a Redis that loses everything', () => {
  const isThere = inject('redisUrl') !== null
  it.skipIf(!isThere)(
    'flushed or gone for a while, costs no run: what the database knows of is queued again',
    async () => {
      const database = await createTestDatabase()
      const port = await freePort()
      let redis: TestRedis | null = await startRedisAt(port)
      const env = {
        DATABASE_URL: database.url,
        REDIS_URL: `redis://127.0.0.1:${port}`,
        RESTOCK_DATA_DIR: join(home, 'redis'),
        RESTOCK_SECRET: 'x'.repeat(40),
        RESTOCK_CONFIG: 'examples/cafe/restock.yaml',
      }
      try {
        // Queued while nobody works, and flushed.
        const queued = await restock(['run', '--json'], { env })
        expect(queued.code, queued.stderr).toBe(0)
        const client = new Redis(env.REDIS_URL)
        expect(await client.keys('*replenish*')).not.toEqual([])
        await client.flushall()
        client.disconnect()
        const { process: first } = await up(env)
        await endOfRuns(env, 1)

        // Gone under those who work, and back with nothing.
        await redis?.stop()
        redis = null
        await database.pool.query(
          `insert into restock.runs (id, list, status, trigger, created_at) values ('run_meanwhile', 'cafe', 'pending', 'manual', now())`,
        )
        await until('it to be missed', () => first.stderr().includes('is away'), 30_000)
        const told = await restock(['run'], { env })
        expect(told.code).toBe(1)
        expect(told.stderr.trimEnd().split('\n').at(-1)).toMatch(
          /^restock: Redis at redis:\/\/127\.0\.0\.1:\d+ does not answer/,
        )
        redis = await startRedisAt(port)
        await endOfRuns(env, 2)
        await check(database.url)
        first.child.kill('SIGTERM')
        expect(await first.ended, first.stderr()).toBe(0)
      } finally {
        for (const { child, ended } of running.splice(0)) {
          child.kill('SIGKILL')
          await ended
        }
        await redis?.stop()
        await database.drop()
      }
    },
    300_000,
  )
})

/** Only root may mount, and not everywhere. */
function mountSmallDisk(path: string, megabytes: number): boolean {
  mkdirSync(path, { recursive: true })
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', path], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

const canMount = (() => {
  const path = join(home, 'probe')
  if (!mountSmallDisk(path, 1)) {
    console.warn('No disk can be mounted here: tests of a full disk are skipped.')
    return false
  }
  execFileSync('umount', [path])
  return true
})()

describe.skipIf(!canMount)('a disk that is full', () => {
  /** Leaves the disk with next to nothing. */
  const fillUp = (path: string) => {
    const chunk = Buffer.alloc(256 * 1024)
    for (let index = 0; ; index++) {
      const { bavail, bsize } = statfsSync(path)
      if (bavail * bsize < chunk.length) break
      writeFileSync(join(path, `ballast-${index}`), chunk)
    }
    writeFileSync(
      join(path, 'ballast-last'),
      Buffer.alloc(Math.max(0, statfsSync(path).bavail * statfsSync(path).bsize - 8192)),
    )
  }
  const empty = (path: string) => {
    for (const name of readdirSync(path).filter((found) => found.startsWith('ballast'))) rmSync(join(path, name))
  }

  it('under the data folder is told in a sentence, and nothing is lost when there is room again', async () => {
    const disk = join(home, 'small')
    mountSmallDisk(disk, 300)
    const env = { RESTOCK_DATA_DIR: join(disk, 'data'), RESTOCK_CONFIG: 'examples/cafe/restock.yaml' }
    try {
      const first = await restock(['run', '--wait', '--json'], { env })
      expect(first.code, first.stderr).toBe(0)
      await restock(['items', 'list'], { env })
      fillUp(disk)
      const full = await restock(['items', 'count', 'Espresso beans house blend', '3'], { env })
      expect(full.code).toBe(1)
      expect(full.stderr.trimEnd().split('\n').at(-1)).toMatch(/^restock: .*(disk|full).*free some space/i)
      expect(full.stderr).not.toMatch(/should not have|^\s+at /m)
      empty(disk)
      const after = await restock(['items', 'count', 'Espresso beans house blend', '3'], { env })
      expect(after.code, after.stderr).toBe(0)
      const runs = await restock(['runs', '--json'], { env })
      expect(JSON.parse(runs.stdout)).toMatchObject({ runs: [{ status: 'completed' }] })
    } finally {
      await expectNoProcessLeft(home)
      execFileSync('umount', [disk])
    }
  }, 300_000)

  it('where a backup is to go leaves nothing there, and the database alone', async () => {
    const disk = join(home, 'target')
    mountSmallDisk(disk, 1)
    const database = await createTestDatabase()
    try {
      // More than fits, and more than can be pressed together.
      await database.pool.query(
        `insert into restock.runs (id, list, status, trigger, created_at, error)
         select 'run_' || n, 'cafe', 'failed', 'manual', now(), (select string_agg(md5(random()::text || n || g), '') from generate_series(1, 60) g)
         from generate_series(1, 2000) n`,
      )
      const env = { DATABASE_URL: database.url, RESTOCK_DATA_DIR: join(home, 'none'), RESTOCK_SECRET: 'x'.repeat(40) }
      const full = await restock(['backup', join(disk, 'x.backup')], { env })
      expect(full.code).toBe(1)
      expect(full.stderr).toMatch(
        /^restock: The disk that holds the folder of the backup \S+ is full: free some space, or name another file\.\n$/,
      )
      expect(readdirSync(disk)).toEqual([])
    } finally {
      execFileSync('umount', [disk])
      await database.drop()
    }
  }, 120_000)
})
