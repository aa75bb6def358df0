import type { Migration } from 'kysely'
import pg from 'pg'
import type { Logger } from '../context.js'
import { openDatabase } from '../database.js'
import { patientConnection } from '../database-patience.js'
import { InputError } from '../errors.js'
import { failpoint } from '../failpoints.js'
import { migrateDatabase, migrationSchemas } from '../migrate.js'
import { type ArchiveFooter, type ArchiveHeader, type ArchiveTable, damaged } from './archive.js'
import { readBackup } from './read-backup.js'

export interface LoadOptions {
  /** An empty database, which nobody else knows of. */
  readonly databaseUrl: string
  readonly file: string
  readonly queueOnPostgres: boolean
  readonly log: Logger
}

const batchRows = 1_000
const batchChars = 2_000_000

/**
 * Fills an empty database from a backup: the schema as it was back then, its rows, and then what newer migrations make of them.
 * Throws InputError where the file can't be used; the database is then worth nothing.
 */
export async function loadBackup(options: LoadOptions): Promise<ArchiveFooter> {
  const { file, databaseUrl, log } = options
  const client = new pg.Client({
    connectionString: databaseUrl,
    application_name: 'restock-restore',
    connectionTimeoutMillis: 10_000,
    ...patientConnection,
  })
  client.on('error', () => undefined)
  await client.connect()
  const database = openDatabase({ url: databaseUrl, applicationName: 'restock-restore', maxConnections: 2, log })
  try {
    await failpoint('load.before')
    await client.query("set timezone = 'UTC'")
    await client.query("set datestyle = 'ISO, YMD'")
    let loader: TableLoader | undefined
    const footer = await readBackup(file, {
      header: async (header) => {
        await migrateDatabase(database, { queueOnPostgres: false, upTo: migrationsOf(file, header) })
        // What migrations put there is in the backup as well, as it was by then.
        for (const name of await filledTables(client)) await client.query(`delete from ${name}`)
      },
      table: async (table) => {
        loader = await beginTable(client, file, table)
      },
      row: async (line) => loader?.add(line),
      tableEnd: async () => loader?.end(),
    })
    await setSequences(client, footer)
    await migrateDatabase(database, { queueOnPostgres: options.queueOnPostgres })
    await client.query('analyze')
    return footer
  } finally {
    await database.close()
    await client.end().catch(() => undefined)
  }
}

/** Those of ours that the backup's database had had. Throws when it had had others. */
function migrationsOf(file: string, { migrations, program }: ArchiveHeader): Record<string, Record<string, Migration>> {
  const known: Record<string, Record<string, Migration>> = {}
  for (const [schema, names] of Object.entries(migrations)) {
    const ours = migrationSchemas[schema]
    const unknown = names.find((name) => ours?.[name] === undefined)
    if (ours === undefined || unknown !== undefined) {
      throw new InputError(
        `${file} was written by a newer Restock (${program}), whose database this one does not know (${schema}/${unknown ?? ''}). Nothing was changed; update Restock first.`,
        'backup_too_new',
      )
    }
    known[schema] = Object.fromEntries(Object.entries(ours).filter(([name]) => names.includes(name)))
  }
  return known
}

async function filledTables(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select format('%I.%I', n.nspname, c.relname) as name
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind = 'r' and n.nspname = any($1) and c.relname not like 'kysely\\_%'`,
    [Object.keys(migrationSchemas)],
  )
  const filled: string[] = []
  for (const { name } of rows) {
    const { rowCount } = await client.query(`select from ${name} limit 1`)
    if (rowCount !== 0) filled.push(name)
  }
  return filled
}

interface TableLoader {
  add(line: string): Promise<void>
  end(): Promise<void>
}

async function beginTable(client: pg.Client, file: string, { table, columns }: ArchiveTable): Promise<TableLoader> {
  const name = table
    .split('.')
    .map((part) => client.escapeIdentifier(part))
    .join('.')
  const list = columns.map((column) => client.escapeIdentifier(column))
  try {
    await client.query('drop table if exists pg_temp.restored_row')
    await client.query(`create temporary table restored_row as select ${list.join(', ')} from ${name} limit 0`)
  } catch (error) {
    throw whyNot(file, table, error)
  }
  // Read once a row, not once a column: that is what the offset is for.
  const insert = `insert into ${name} (${list.join(', ')}) overriding system value
    select ${list.map((column) => `(r.v).${column}`).join(', ')}
    from (select line::pg_temp.restored_row as v from unnest($1::text[]) as line offset 0) r`
  let batch: string[] = []
  let chars = 0
  const flush = async () => {
    if (batch.length === 0) return
    const lines = batch
    batch = []
    chars = 0
    try {
      await client.query(insert, [lines])
    } catch (error) {
      throw whyNot(file, table, error)
    }
  }
  await client.query('begin')
  return {
    async add(line) {
      batch.push(line)
      chars += line.length
      if (batch.length >= batchRows || chars >= batchChars) await flush()
    },
    async end() {
      await flush()
      await client.query('commit')
      await failpoint('load.after')
    },
  }
}

/** Data and integrity errors come from what the file says; anything else is the world's. */
function whyNot(file: string, table: string, error: unknown): unknown {
  const state = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (!/^(22|23|42)/.test(state)) return error
  const reason = error instanceof Error ? error.message : ''
  return damaged(file, `its table ${table} does not fit the database of this version (${reason})`)
}

async function setSequences(client: pg.Client, { sequences }: ArchiveFooter): Promise<void> {
  for (const [name, value] of Object.entries(sequences)) {
    const { rows } = await client.query<{ is_there: boolean }>('select to_regclass($1) is not null as is_there', [name])
    if (rows[0]?.is_there === true) await client.query('select setval($1::regclass, $2::bigint)', [name, value])
  }
}
