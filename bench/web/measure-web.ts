import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { type DomainContext, silentLogger } from '../../src/platform/context.js'
import { openDatabase } from '../../src/platform/database.js'
import { openEmbeddedPostgres } from '../../src/platform/embedded-postgres/embedded-postgres.js'
import { newRandomId } from '../../src/platform/ids.js'
import { migrateDatabase } from '../../src/platform/migrate.js'
import { openQueue } from '../../src/platform/queue.js'
import { createWebApp } from '../../src/web/app.js'
import type { BenchRow, BenchTable } from '../table.js'
import { seedDatabase, seeded } from './seed.js'
import { findScans, watchPool } from './watch-plans.js'

const rounds = 40
const promisedMs = 100
const promisedBytes = 150 * 1024
/** Reading fewer rows than this from end to end is as quick as any index. */
const bigRows = 5_000

const pages: readonly (readonly [what: string, path: string])[] = [
  ['overview', '/'],
  ['items of a list', '/items?list=list-3'],
  ['items, page 4', '/items?list=list-3&page=4'],
  ['items to buy', '/items?list=list-3&show=due'],
  ['items by name', '/items?list=list-3&q=number+12'],
  ['one item', '/items/itm_42'],
  ['orders', '/orders'],
  ['orders, a page far back', '/orders?after=1750000000000.ord_1'],
  ['orders of a list', '/orders?list=list-3'],
  ['orders received', '/orders?show=received'],
  ['orders of a list cancelled', '/orders?list=list-3&show=cancelled'],
  ['orders on their way', '/orders?show=open'],
  ['orders that need a person', '/orders?show=attention&list=list-3'],
  ['orders from a supplier', '/orders?supplier=supplier-3'],
  ['one order', '/orders/ord_40'],
  ['runs', '/runs'],
  ['runs of a list', '/runs?list=list-3'],
  ['runs that failed', '/runs?status=failed'],
  ['runs of a schedule', '/runs?schedule=list-3-daily'],
  ['one run', '/runs/run_5'],
  ['a replay', '/runs/run_5/replay?step=4'],
  ['schedules', '/schedules'],
  ['one schedule', '/schedules/list-3-daily'],
  ['limits', '/limits?list=list-3'],
  ['suppliers', '/suppliers'],
  ['one supplier', '/suppliers/supplier-3'],
  ['one supplier, page 9', '/suppliers/supplier-3?page=9'],
  ['catalog search', '/catalog?q=product+number+77'],
  ['one product', '/catalog/prd_42'],
  ['settings', '/settings'],
  ['who did what', '/settings/audit'],
  ['health', '/health'],
]

/** Every page on a database of some years: server time, size on the wire, and whether a query reads a big table from end to end. */
export async function measureWeb(): Promise<BenchTable> {
  const dataDir = join(tmpdir(), `restock-bench-web-${randomBytes(4).toString('hex')}`)
  const postgres = await openEmbeddedPostgres({ dataDir, ephemeral: true, log: silentLogger })
  const database = openDatabase({ url: postgres.databaseUrl, applicationName: 'restock-bench', log: silentLogger })
  const plans = new pg.Client({ connectionString: postgres.databaseUrl })
  try {
    await migrateDatabase(database, { queueOnPostgres: true })
    await seedDatabase(database.db)
    const watched = watchPool(database.pool)
    const ctx: DomainContext = {
      db: database.db,
      clock: { now: () => new Date('2026-06-01T12:00:00Z') },
      newId: newRandomId,
      log: silentLogger,
      secret: 'a secret for measuring alone, 32+ characters',
    }
    const queue = openQueue({ databaseUrl: postgres.databaseUrl, redisUrl: null, prefix: 'bench', log: silentLogger })
    try {
      await plans.connect()
      const bigTables = await findBigTables(plans)
      const app = createWebApp({
        ctx,
        queue,
        config: { web: { host: '127.0.0.1', port: 0, password: null, publicUrl: null } },
      })
      const rows: BenchRow[] = []
      for (const [what, path] of pages) {
        const ask = async () => {
          const started = performance.now()
          const headers = { host: 'localhost:4270', 'accept-encoding': 'gzip' }
          const response = await app.request(path, { headers })
          const bytes = (await response.arrayBuffer()).byteLength
          if (response.status !== 200) throw new Error(`${path} answered ${response.status}`)
          return { ms: performance.now() - started, bytes }
        }
        watched.take()
        const first = await ask()
        const scans = new Set<string>()
        for (const statement of watched.take()) {
          for (const table of await findScans(plans, statement, bigTables)) scans.add(table)
        }
        const samplesMs: number[] = []
        for (let round = 0; round < rounds; round++) samplesMs.push((await ask()).ms)
        const size = `${(first.bytes / 1024).toFixed(1)} KB${first.bytes > promisedBytes ? ' TOO LARGE' : ''}`
        const read = scans.size === 0 ? '' : `, READS ALL OF ${[...scans].join(', ')}`
        rows.push({ what, samplesMs, promisedMs, judgedBy: 'p95', note: `${size}${read}` })
      }
      const { lists, items, orders, runs } = seeded
      return { title: `pages: ${lists} lists, ${items} items, ${orders} orders, ${runs} runs`, rows }
    } finally {
      await queue.close()
      await plans.end()
    }
  } finally {
    await database.close()
    await postgres.release()
    await rm(dataDir, { recursive: true, force: true })
  }
}

async function findBigTables(client: pg.Client): Promise<Set<string>> {
  const { rows } = await client.query<{ name: string }>(
    `select format('%s.%s', nspname, relname) as name from pg_class join pg_namespace on pg_namespace.oid = relnamespace
     where relkind = 'r' and reltuples > $1 and nspname in ('stock', 'purchasing', 'restock')`,
    [bigRows],
  )
  return new Set(rows.map(({ name }) => name))
}
