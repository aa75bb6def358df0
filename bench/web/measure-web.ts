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
import { measurePath } from './measure-path.js'
import { answers, findForgotten, pages } from './paths.js'
import { seedDatabase, seeded } from './seed.js'
import { watchPool } from './watch-plans.js'

/** Reading fewer rows than this from end to end is as quick as any index. */
const bigRows = 1_000

/**
 * Every page and every answer of the API on a database of some years: server time, size on the wire, and whether a query reads
 * a big table from end to end.
 */
export async function measureWeb(): Promise<BenchTable> {
  const dataDir = join(tmpdir(), `restock-bench-web-${randomBytes(4).toString('hex')}`)
  const postgres = await openEmbeddedPostgres({ dataDir, ephemeral: true, log: silentLogger })
  const database = openDatabase({ url: postgres.databaseUrl, applicationName: 'restock-bench', log: silentLogger })
  // From the first connection on: what is asked on one that was there before would go unseen.
  const watched = watchPool(database.pool)
  const plans = new pg.Client({ connectionString: postgres.databaseUrl })
  try {
    await migrateDatabase(database, { queueOnPostgres: true })
    await seedDatabase(database.db)
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
      const web = { host: '127.0.0.1', port: 0, password: null, publicUrl: null }
      const start = () => createWebApp({ ctx, queue, config: { web } })
      const app = start()
      const bench = { start, app, watched, plans, bigTables: await findBigTables(plans) }
      const rows: BenchRow[] = []
      for (const each of pages) rows.push(await measurePath(bench, each, true))
      for (const each of answers) rows.push(await measurePath(bench, each, false))
      const { lists, items, orders, runs } = seeded
      return {
        title: `web: ${lists} lists, ${items} items, ${orders} orders, ${runs} runs`,
        rows,
        broken: findForgotten(app.routes).map((route) => `${route} is not measured`),
      }
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
