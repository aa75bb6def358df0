import { Kysely, type Migration, Migrator, PostgresDialect, sql } from 'kysely'
import pg from 'pg'
import { purchasingMigrations } from '../purchasing/migrations/index.js'
import { restockMigrations } from '../runs/migrations/index.js'
import { stockMigrations } from '../stock/migrations/index.js'
import type { Database, OpenDatabase } from './database.js'
import { patientConnection } from './database-patience.js'
import { migrateQueueSchema } from './queue-schema.js'

/** The schemas in the order they are migrated. None refers to another: each could live in a database of its own. */
export const migrationSchemas: Readonly<Record<string, Readonly<Record<string, Migration>>>> = {
  stock: stockMigrations,
  purchasing: purchasingMigrations,
  restock: restockMigrations,
}

export interface MigrateOptions {
  /** Whether BullMQ's tables are wanted here too (no Redis configured). */
  readonly queueOnPostgres: boolean
  /** Only these, by schema: what a backup that is read back was written with. All when left out. */
  readonly upTo?: Readonly<Record<string, Readonly<Record<string, Migration>>>>
}

// Any number of processes may start at once: the first migrates, the others wait here. The number is arbitrary and ours.
const migrationLock = 7_243_811

/**
 * Brings every schema to the newest version and returns the names of the migrations that ran.
 * Each migration runs in a transaction of its own; one that fails leaves the ones before it in place, and running again goes on from there.
 */
export async function migrateDatabase(database: OpenDatabase, options: MigrateOptions): Promise<string[]> {
  const applied: string[] = []
  // Migrations, and waiting for somebody else's, take as long as they take.
  const { Client: _, ...connection } = database.pool.options
  const pool = new pg.Pool({ ...connection, ...patientConnection, max: 2 })
  pool.on('error', () => undefined)
  const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool }) })
  const lock = await pool.connect()
  lock.on('error', () => undefined)
  try {
    await lock.query('select pg_advisory_lock($1)', [migrationLock])
    for (const [schema, migrations] of Object.entries(options.upTo ?? migrationSchemas)) {
      await sql`create schema if not exists ${sql.id(schema)}`.execute(db)
      const migrator = new Migrator({
        db,
        provider: { getMigrations: async () => ({ ...migrations }) },
        migrationTableSchema: schema,
      })
      const { error, results } = await migrator.migrateToLatest()
      if (error !== undefined) throw error
      for (const result of results ?? []) applied.push(`${schema}/${result.migrationName}`)
    }
    if (options.queueOnPostgres) await migrateQueueSchema(lock)
  } finally {
    await releaseLock(lock)
    await db.destroy()
    if (!pool.ending) await pool.end()
  }
  return applied
}

async function releaseLock(client: pg.PoolClient): Promise<void> {
  try {
    await client.query('select pg_advisory_unlock($1)', [migrationLock])
    client.release()
  } catch {
    // The connection is gone, and the lock with it.
    client.release(true)
  }
}
