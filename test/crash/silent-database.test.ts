import { randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, readlink, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { assertInvariants } from '../../src/invariants/find-violations.js'
import { silentLogger } from '../../src/platform/context.js'
import { openDatabase } from '../../src/platform/database.js'
import { describeDatabaseError } from '../../src/platform/database-errors.js'
import { type FailpointName, readFailpointLog } from '../../src/platform/failpoints.js'
import { createRun } from '../../src/runs/create-run.js'
import { getRun } from '../../src/runs/find-runs.js'
import {
  expectNoProcessLeft,
  type RestockProcess,
  removeData,
  restock,
  startRestock,
} from '../helpers/restock-process.js'
import { startProxy, type TcpProxy } from '../helpers/tcp-proxy.js'
import { createTestDatabase, type TestDatabase } from '../helpers/test-database.js'
import { until } from '../helpers/until.js'

const home = join(tmpdir(), `restock-silent-${randomBytes(4).toString('hex')}`)
const running: RestockProcess[] = []
const proxies: TcpProxy[] = []
const databases: TestDatabase[] = []
afterEach(async () => {
  for (const { child } of running.splice(0)) child.kill('SIGKILL')
  for (const proxy of proxies.splice(0)) await proxy.close()
  await expectNoProcessLeft(home)
  for (const database of databases.splice(0)) await database.drop()
})
afterAll(() => removeData(home))

/** What must come in the end, well before a test gives up: nothing here hangs for ever. */
const longEnoughMs = 60_000

async function through(): Promise<{ database: TestDatabase; proxy: TcpProxy; env: Record<string, string> }> {
  const database = await createTestDatabase()
  databases.push(database)
  const url = new URL(database.url)
  const proxy = await startProxy({ host: url.hostname, port: Number(url.port) })
  proxies.push(proxy)
  url.hostname = '127.0.0.1'
  url.port = String(proxy.port)
  const env = {
    DATABASE_URL: url.href,
    RESTOCK_DATABASE_TIMEOUT_MS: '2000',
    RESTOCK_LEASE_MS: '3000',
    RESTOCK_SWEEP_EVERY_MS: '500',
    RESTOCK_SECRET: 'x'.repeat(40),
    RESTOCK_DATA_DIR: home,
    RESTOCK_CONFIG: 'examples/cafe/restock.yaml',
    RESTOCK_WEB_PORT: '0',
  }
  return { database, proxy, env }
}

describe('a database that takes connections and never answers', () => {
  it(
    'is given up by who waits for it, in one sentence, and by the pool for good',
    async () => {
      const { proxy, env } = await through()
      const database = openDatabase({
        url: env.DATABASE_URL ?? '',
        applicationName: 'restock-test',
        timeoutMs: 1_000,
        log: silentLogger,
      })
      expect((await database.pool.query('select 1 as one')).rows).toEqual([{ one: 1 }])
      proxy.swallow()
      const within = database.db.transaction().execute(async (trx) => {
        await trx.selectFrom('stock.items').selectAll().execute()
      })
      const [first, second] = await Promise.allSettled([database.pool.query('select 2'), within])
      for (const result of [first, second]) {
        expect(result?.status).toBe('rejected')
        const error = result?.status === 'rejected' ? describeDatabaseError(result.reason) : null
        expect(String(error)).toMatch(
          /^UnavailableError: The database (has stopped answering|went away|gave no connection)/,
        )
      }
      proxy.letNewOnesThrough()
      expect((await database.pool.query('select 3 as three')).rows, 'over a new connection').toEqual([{ three: 3 }])
      await database.close()
    },
    longEnoughMs,
  )

  const places: readonly FailpointName[] = ['answer.before', 'commit.before', 'outcome.before']
  it.each(places)(
    'at %s holds up no worker, page or command, and a run is gone on with and orders nothing twice',
    async (place) => {
      const { database, proxy, env } = await through()
      await mkdir(home, { recursive: true })
      const logFile = join(home, `failpoints-${place}`)
      await rm(logFile, { force: true })
      // Long enough for the way to be cut before it is gone on.
      const failpoints = { RESTOCK_FAILPOINTS: `${place}=delay:1500`, RESTOCK_FAILPOINTS_LOG: logFile }
      const up = startRestock(['up'], { env: { ...env, ...failpoints } })
      running.push(up)
      const [, url = ''] = await up.says(/Dashboard\s+(http:\S+)/, longEnoughMs)
      const { id } = await createRun(database.ctx, { list: 'cafe' })
      await until(place, () => readFailpointLog(logFile).some(({ what }) => what === 'delay'), longEnoughMs)
      proxy.swallow()

      const [page, ready, command] = await Promise.all([
        fetch(`${url}/runs`, { signal: AbortSignal.timeout(longEnoughMs) }),
        fetch(`${url}/readyz`, { signal: AbortSignal.timeout(longEnoughMs) }),
        restock(['items', 'list'], { env }),
      ])
      expect(page.status).toBe(503)
      expect(await page.text()).toMatch(/The database (has stopped answering|gave no connection|went away)/)
      expect(ready.status).toBe(503)
      expect(command.code).toBe(1)
      expect(command.stderr).toMatch(/restock: The database at 127\.0\.0\.1:\d+\S* can't be used \(no answer\)/)
      // For longer than a lease.
      await sleep(3_500)
      expect(up.child.exitCode, up.stderr()).toBe(null)

      proxy.letNewOnesThrough()
      await until('the run', async () => (await getRun(database.ctx, id)).status === 'completed', longEnoughMs)
      await until('the page', async () => (await fetch(`${url}/runs`)).status === 200, longEnoughMs)
      await assertInvariants(database.db)
      const { rows } = await database.pool.query<{ times: number }>(
        `select count(*)::int as times from purchasing.order_lines l join purchasing.orders o on o.id = l.order_id
        group by l.item_id, l.product, o.supplier_id, l.pack_quantity order by 1 desc`,
      )
      expect(rows.length).toBeGreaterThan(20)
      expect(rows[0]?.times, 'nothing is ordered twice').toBe(1)
      up.child.kill('SIGTERM')
      expect(await up.ended, up.stderr()).toBe(0)
    },
    180_000,
  )
})

describe('an embedded database that is stopped in the middle', () => {
  it('is waited for, and gone on with', async () => {
    const dataDir = join(home, 'stopped')
    const env = {
      RESTOCK_DATABASE_TIMEOUT_MS: '2000',
      RESTOCK_LEASE_MS: '3000',
      RESTOCK_SWEEP_EVERY_MS: '500',
      RESTOCK_WEB_PORT: '0',
      RESTOCK_CONFIG: 'examples/cafe/restock.yaml',
    }
    const up = startRestock(['up', '--data-dir', dataDir], { env })
    running.push(up)
    const [, url = ''] = await up.says(/Dashboard\s+(http:\S+)/, longEnoughMs)
    const queued = await restock(['run', '--json', '--data-dir', dataDir], { env })
    expect(queued.code, queued.stderr).toBe(0)
    const stopped = await serversBelow(dataDir)
    expect(stopped.length).toBeGreaterThan(1)
    try {
      for (const pid of stopped) process.kill(pid, 'SIGSTOP')
      const page = await fetch(`${url}/runs`, { signal: AbortSignal.timeout(longEnoughMs) })
      expect(page.status).toBe(503)
      await sleep(4_000)
    } finally {
      for (const pid of stopped) process.kill(pid, 'SIGCONT')
    }
    const { id } = JSON.parse(queued.stdout).run as { id: string }
    const shown = await until(
      'the run',
      async () => {
        const { code, stdout } = await restock(['runs', 'show', id, '--json', '--data-dir', dataDir], { env })
        return code === 0 && /"status": ?"completed"/.test(stdout) ? stdout : null
      },
      120_000,
    )
    expect(shown).toMatch(/ordered/)
    const deep = await restock(['doctor', '--deep', '--data-dir', dataDir], { env })
    expect(deep.stdout).toMatch(/invariants hold/)
    up.child.kill('SIGTERM')
    expect(await up.ended, up.stderr()).toBe(0)
  }, 240_000)
})

/** The postmaster and all its children: their working directory is the cluster's. */
async function serversBelow(dataDir: string): Promise<number[]> {
  const { home: cluster } = JSON.parse(await readFile(join(dataDir, 'postgres.json'), 'utf8')) as { home: string }
  const place = join(cluster.startsWith('/') ? '' : dataDir, cluster, 'data')
  const found: number[] = []
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    const cwd = await readlink(`/proc/${entry}/cwd`).catch(() => '')
    if (cwd === place) found.push(Number(entry))
  }
  return found
}
