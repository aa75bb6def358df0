import { type Migration, Migrator } from 'kysely'
import { purchasingMigrations } from '../purchasing/migrations/index.js'
import { restockMigrations } from '../runs/migrations/index.js'
import { stockMigrations } from '../stock/migrations/index.js'
import type { OpenDatabase } from './database.js'

export interface SchemaState {
  /** Of PostgreSQL: '18.4'. */
  readonly serverVersion: string
  /** Migrations that this program knows and the database hasn't had. */
  readonly pending: readonly string[]
  /** Migrations that the database has had and this program doesn't know: a newer program was here. */
  readonly unknown: readonly string[]
}

/** Compares the database's schemas with this program's migrations, and changes nothing. */
export async function readSchemaState(database: OpenDatabase): Promise<SchemaState> {
  const schemas = { stock: stockMigrations, purchasing: purchasingMigrations, restock: restockMigrations }
  const pending: string[] = []
  const unknown: string[] = []
  for (const [schema, migrations] of Object.entries(schemas)) {
    const migrator = new Migrator({ db: database.db, provider: provide(migrations), migrationTableSchema: schema })
    for (const migration of await migrator.getMigrations()) {
      if (migration.executedAt === undefined) pending.push(`${schema}/${migration.name}`)
    }
    for (const name of await executedNames(database, schema)) {
      if (!(name in migrations)) unknown.push(`${schema}/${name}`)
    }
  }
  const { rows } = await database.pool.query<{ server_version: string }>('show server_version')
  return { serverVersion: rows[0]?.server_version.split(' ')[0] ?? '', pending, unknown }
}

function provide(migrations: Readonly<Record<string, Migration>>) {
  return { getMigrations: async () => ({ ...migrations }) }
}

async function executedNames(database: OpenDatabase, schema: string): Promise<string[]> {
  const table = `${schema}.kysely_migration`
  const { rows: found } = await database.pool.query('select to_regclass($1) is not null as there', [table])
  if (found[0]?.there !== true) return []
  const { rows } = await database.pool.query<{ name: string }>(`select name from ${table}`)
  return rows.map((row) => row.name)
}
