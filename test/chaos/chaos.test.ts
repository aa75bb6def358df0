/**
 * Everything breaks at once for a minute: the embedded Postgres every 3 seconds, Redis, the MCP servers, a worker, and suppliers
 * that are late, silent, cut off, dearer or down, while 20 lists reorder. Afterwards every run has finished and every promise
 * holds. `RESTOCK_TEST_SEED` repeats the choices, `RESTOCK_TEST_CHAOS_SECONDS` the length.
 */
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { afterAll, expect, it } from 'vitest'
import { behaviours, isBehaviour } from '../../examples/supplier-server/behaviours.js'
import { type App, openApp } from '../../src/cli/open-app.js'
import { loadConfig } from '../../src/config/config.js'
import { describeFinding, findViolations } from '../../src/invariants/find-violations.js'
import { createLogger } from '../../src/platform/logger.js'
import { seededRandom } from '../../src/purchasing/solver/random.js'
import { createRun } from '../../src/runs/create-run.js'
import { addItem } from '../../src/stock/add-item.js'
import { recordUse } from '../../src/stock/record-use.js'
import { buildOffer, buildSupplier } from '../helpers/purchasing-builders.js'
import { killEverything, type RestockProcess, removeData, startRestock } from '../helpers/restock-process.js'
import { freePort, startRedisAt, type TestRedis } from '../helpers/start-redis.js'
import { startSupplier } from '../helpers/supplier-server.js'
import { until } from '../helpers/until.js'

const seed = Number(process.env.RESTOCK_TEST_SEED ?? Math.floor(Math.random() * 2 ** 31))
const seconds = Number(process.env.RESTOCK_TEST_CHAOS_SECONDS ?? 60)
const lists = Array.from({ length: 20 }, (_, index) => `list-${index + 1}`)
const home = join(tmpdir(), `restock-chaos-${randomBytes(4).toString('hex')}`)
const random = seededRandom(seed)
const pick = <T>(values: readonly T[]): T | undefined => values[Math.floor(random() * values.length)]

afterAll(async () => {
  await killEverything([home])
  await removeData(home)
})

it(`a minute in which everything breaks (seed ${seed})`, async () => {
  await mkdir(home)
  const redisPort = await freePort()
  let redis: TestRedis | null = await startRedisAt(redisPort)
  const supplier = await startSupplier({ now: () => new Date(), deliverEveryMs: 2_000 })
  const configFile = join(home, 'restock.yaml')
  const settings = lists.map(
    (list) => `  ${list}: { currency: EUR, time_zone: Europe/Berlin, limits: { per_day: 2000, per_order: 300 } }`,
  )
  await writeFile(configFile, `lists:\n${settings.join('\n')}\n`)
  const env = {
    REDIS_URL: `redis://127.0.0.1:${redisPort}`,
    RESTOCK_MODEL: 'rules',
    RESTOCK_WEB_PORT: '0',
    RESTOCK_LEASE_MS: '2000',
    RESTOCK_SWEEP_EVERY_MS: '1000',
    RESTOCK_TRACK_EVERY_MS: '1000',
    RESTOCK_LOG_FORMAT: 'json',
  }
  const flags = ['--data-dir', home, '--config', configFile]
  const processes = new Map<string, RestockProcess>()
  const start = (role: string) => processes.set(role, startRestock([role, ...flags], { cwd: home, env }))

  // The test's own connection; it has to live with the restarts as everybody has.
  const log = createLogger({ level: 'silent', format: 'json', hasColor: false })
  const app: App = await openApp(loadConfig({ env, cwd: home, dataDir: home, configFile }), {
    log,
    name: 'restock-chaos',
    onDatabaseGone: () => undefined,
  })
  const counts = { postgres: 0, redis: 0, mcp: 0, worker: 0, runs: 0 }
  try {
    await fill(app, (behaviour) => supplier.urlOf(behaviour))
    start('up')
    start('worker')
    await until('up', () => (processes.get('up')?.stdout().includes('is up') ? true : null), 60_000)

    const end = Date.now() + seconds * 1_000
    const breaking = [
      every(3_000, end, () => {
        counts.postgres += 1
        const [pid] = readFileSync(join(clusterOf(home), 'postmaster.pid'), 'utf8').split('\n')
        process.kill(Number(pid), pick(['SIGKILL', 'SIGQUIT', 'SIGINT'] as const))
      }),
      every(7_000, end, async () => {
        counts.redis += 1
        await redis?.stop()
        await sleep(random() * 1_500)
        // What was in it is gone: it keeps nothing on disk.
        redis = await startRedisAt(redisPort)
      }),
      every(4_000, end, () => {
        const server = pick(mcpServers())
        if (server === undefined) return
        counts.mcp += 1
        process.kill(server, 'SIGKILL')
      }),
      every(11_000, end, async () => {
        counts.worker += 1
        const worker = processes.get('worker')
        worker?.child.kill('SIGKILL')
        await worker?.ended
        start('worker')
      }),
      every(500, end, async () => {
        const list = pick(lists) ?? ''
        await useSome(app, list)
        await createRun(app.ctx, { list })
        counts.runs += 1
      }),
    ]
    await Promise.all(breaking)

    await until('every run to finish', () => isQuiet(app), 180_000)
    const violations = await findViolations(app.ctx.db)
    expect(violations.map((found) => `${found.invariant}: ${describeFinding(found)}`).join('\n')).toBe('')
    const { rows } = await sql<{ status: string; count: number }>`
      select status, count(*)::int as count from restock.runs group by status order by status`.execute(app.ctx.db)
    console.info(`chaos: ${JSON.stringify(counts)}, runs ${JSON.stringify(rows)}`)
    expect(rows.map(({ status }) => status).filter((status) => status === 'pending' || status === 'running')).toEqual(
      [],
    )
    expect(counts.runs).toBeGreaterThan(seconds / 3)
    expect(counts.postgres).toBeGreaterThan(seconds / 8)
    // Nothing was taken twice by a supplier, whatever the connection did.
    const ordered = await sql<{
      count: number
    }>`select count(*)::int as count from purchasing.orders where channel = 'http'`.execute(app.ctx.db)
    expect(supplier.book.all().length).toBeLessThanOrEqual(ordered.rows[0]?.count ?? 0)
    expect(supplier.book.all().length, 'something was bought all the while').toBeGreaterThan(20)
  } catch (error) {
    const logs = [...processes].map(([role, { stderr }]) => `--- ${role}\n${stderr().slice(-4_000)}`)
    throw new Error(
      `${error instanceof Error ? error.message : String(error)}\n${JSON.stringify(counts)}\n${logs.join('\n')}`,
      { cause: error },
    )
  } finally {
    for (const { child } of processes.values()) child.kill('SIGTERM')
    await Promise.all([...processes.values()].map(({ ended }) => ended))
    await app.close()
    await supplier.close()
    await redis?.stop()
  }
}, 600_000)

/** Every so often until the end; what fails because something is broken just now is tried again the next time. */
async function every(ms: number, end: number, work: () => unknown): Promise<void> {
  for (;;) {
    await sleep(Math.min(ms, Math.max(0, end - Date.now())))
    if (Date.now() >= end) return
    try {
      await work()
    } catch {
      // Postgres or Redis is away at this moment.
    }
  }
}

/** A supplier for each way to misbehave, and for each list three items, each of another supplier. */
async function fill({ ctx }: App, urlOf: (behaviour: keyof typeof behaviours) => string): Promise<void> {
  const names = Object.keys(behaviours).filter(isBehaviour)
  for (const name of names) {
    await buildSupplier(ctx, { id: name, channel: 'http', url: urlOf(name), leadTimeDays: 0, shippingFee: '1.50' })
    await buildOffer(ctx, {
      supplierId: name,
      name: `Goods of ${name}`,
      sku: name.toUpperCase(),
      packQuantity: 3,
      price: '2.00',
    })
  }
  for (const [index, list] of lists.entries()) {
    for (let offset = 0; offset < 3; offset++) {
      const name = names[(index * 3 + offset) % names.length] ?? ''
      await addItem(ctx, {
        list,
        name: `Item ${offset + 1}`,
        unit: 'pcs',
        sku: name.toUpperCase(),
        onHand: 2,
        reorderPoint: 5,
        orderUpTo: 20,
      })
    }
  }
}

async function useSome({ ctx }: App, list: string): Promise<void> {
  const { rows } = await sql<{ id: string; quantity: number }>`
    select i.id, sum(m.quantity)::float as quantity from stock.items as i join stock.movements as m on m.item_id = i.id
     where i.list = ${list} group by i.id having sum(m.quantity) > 3`.execute(ctx.db)
  for (const { id } of rows) await recordUse(ctx, { item: id, quantity: 3 })
}

async function isQuiet({ ctx }: App): Promise<true | null> {
  try {
    const { rows } = await sql<{ open: number }>`
      select (select count(*) from restock.runs where status in ('pending', 'running'))
           + (select count(*) from purchasing.orders where status = 'submitting')
           + (select case when coalesce(max(seq), 0) > (select coalesce(max(seq), 0) from restock.sync_cursors where name = 'stock')
                then 1 else 0 end from purchasing.events) as open`.execute(ctx.db)
    return Number(rows[0]?.open) === 0 ? true : null
  } catch {
    return null
  }
}

/** Ids of the MCP servers that the workers have started. */
function mcpServers(): number[] {
  const found = execFileSync('ps', ['-eo', 'pid,args'], { encoding: 'utf8' })
  return found
    .split('\n')
    .filter((line) => /servers\/(list|ordering)\/main\.js/.test(line))
    .map((line) => Number.parseInt(line, 10))
}

/** As root, the cluster lies where its user can reach it, and the data folder says where. */
function clusterOf(dataDir: string): string {
  try {
    const { home: elsewhere } = JSON.parse(readFileSync(join(dataDir, 'postgres.json'), 'utf8')) as {
      home: string
    }
    return join(resolve(dataDir, elsewhere), 'data')
  } catch {
    return join(dataDir, 'postgres', 'data')
  }
}
