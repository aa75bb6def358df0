import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createWriteStream, existsSync } from 'node:fs'
import { link, open, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import pg from 'pg'
import { patientConnection } from '../database-patience.js'
import { InputError, UnavailableError } from '../errors.js'
import { failpoint } from '../failpoints.js'
import { describeFolderError, errorCode } from '../folder-errors.js'
import { migrationSchemas } from '../migrate.js'
import { type ArchiveFooter, type ArchiveHeader, archiveFormat, archiveVersion } from './archive.js'
import { type DumpedTable, findTables } from './find-tables.js'

export interface BackupOptions {
  readonly databaseUrl: string
  /** Absolute. */
  readonly file: string
  readonly mayOverwrite: boolean
  readonly program: string
  readonly now: Date
}

export interface WrittenBackup {
  readonly file: string
  readonly createdAt: string
  readonly tables: number
  readonly rows: number
  readonly bytes: number
}

/** What is asked of the database at once, about. */
const batchBytes = 2_000_000

/**
 * Writes everything that the three schemas hold, as it is at one instant, while others go on working: readers and writers are
 * not held up. The queue is left out, since runs and orders say what has to be queued. The file appears when it is complete.
 */
export async function writeBackup(options: BackupOptions): Promise<WrittenBackup> {
  const { file } = options
  const refuseTaken = () => {
    if (!options.mayOverwrite && existsSync(file)) {
      throw new InputError(
        `${file} is there already; name another file, or add --force to overwrite it.`,
        'file_exists',
      )
    }
  }
  refuseTaken()
  const draft = `${file}.${randomBytes(4).toString('hex')}.part`
  const client = await connect(options.databaseUrl)
  try {
    await failpoint('dump.before')
    const footer = await dump(client, draft, options)
    await failpoint('dump.after')
    await failpoint('publish.before')
    await publish(draft, options, refuseTaken)
    await failpoint('publish.after')
    const { size } = await stat(file)
    const { tables, rows } = footer
    return { file, createdAt: options.now.toISOString(), tables, rows, bytes: size }
  } catch (error) {
    if (errorCode(error) === 'ENOENT') {
      throw new InputError(`The folder ${dirname(file)} for the backup is not there; make it, or name another file.`)
    }
    throw describeFolderError(error, dirname(file), 'folder of the backup', 'name another file')
  } finally {
    await rm(draft, { force: true }).catch(() => undefined)
    await client.end().catch(() => undefined)
  }
}

/** The name and what stands behind it last from here on, also when the power fails. */
async function publish(draft: string, options: BackupOptions, refuseTaken: () => void): Promise<void> {
  const { file, mayOverwrite } = options
  if (mayOverwrite || !(await tryLink(draft, file))) {
    refuseTaken()
    await rename(draft, file)
  }
  // Not every system lets a folder be opened, or synced.
  const folder = await open(dirname(file), 'r').catch(() => null)
  await folder?.sync().catch(() => undefined)
  await folder?.close()
}

/** Unlike a rename, a link never takes the place of a file that came meanwhile; not every disk has them. */
async function tryLink(draft: string, file: string): Promise<boolean> {
  return link(draft, file).then(
    () => true,
    () => false,
  )
}

async function connect(databaseUrl: string): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    application_name: 'restock-backup',
    connectionTimeoutMillis: 10_000,
    ...patientConnection,
  })
  // What fails fails below; an 'error' event that nobody hears would end the process.
  client.on('error', () => undefined)
  await client.connect()
  return client
}

async function dump(client: pg.Client, draft: string, options: BackupOptions): Promise<ArchiveFooter> {
  // One instant for all tables; times and numbers as every PostgreSQL reads them.
  await client.query('begin isolation level repeatable read read only')
  await client.query("set local timezone = 'UTC'")
  await client.query("set local datestyle = 'ISO, YMD'")
  const tables = await findTables(client)
  const writer = await openWriter(draft)
  try {
    await writer.writeLine(JSON.stringify(await describeDatabase(client, options)))
    let rows = 0
    for (const table of tables) {
      await writer.writeLine(JSON.stringify({ table: table.name, columns: table.columns }))
      const count = await dumpTable(client, table, writer)
      await writer.writeLine(JSON.stringify({ end: table.name, rows: count }))
      rows += count
    }
    // Not of that instant, and never behind it: numbers are given out once.
    const sequences = await readSequences(client)
    const footer = { complete: true as const, tables: tables.length, rows, sequences, sha256: writer.sha256() }
    await writer.writeLine(JSON.stringify(footer))
    await client.query('commit')
    await writer.finish()
    return footer
  } catch (error) {
    writer.abandon()
    throw error
  }
}

async function describeDatabase(client: pg.Client, options: BackupOptions): Promise<ArchiveHeader> {
  const { rows } = await client.query<{ server_version: string }>('show server_version')
  const migrations: Record<string, string[]> = {}
  for (const schema of Object.keys(migrationSchemas)) {
    const table = `${client.escapeIdentifier(schema)}.kysely_migration`
    const found = await client.query<{ is_there: boolean }>('select to_regclass($1) is not null as is_there', [table])
    if (found.rows[0]?.is_there !== true) continue
    const names = await client.query<{ name: string }>(`select name from ${table} order by name`)
    migrations[schema] = names.rows.map(({ name }) => name)
  }
  if (Object.keys(migrations).length === 0) {
    throw new UnavailableError(
      'There is nothing to back up: this database has not been set up yet (`restock init`, `restock up`).',
      'nothing_to_back_up',
    )
  }
  return {
    format: archiveFormat,
    version: archiveVersion,
    program: options.program,
    createdAt: options.now.toISOString(),
    postgres: rows[0]?.server_version.split(' ')[0] ?? '',
    migrations,
  }
}

async function dumpTable(client: pg.Client, table: DumpedTable, writer: Writer): Promise<number> {
  const columns = table.columns.map((column) => client.escapeIdentifier(column)).join(', ')
  await client.query(
    `declare backup_rows no scroll cursor for select row(${columns})::text as line from ${table.quotedName}`,
  )
  let total = 0
  for (let count = 50; ; ) {
    const { rows } = await client.query<{ line: string }>(`fetch ${count} from backup_rows`)
    if (rows.length === 0) break
    let bytes = 0
    for (const { line } of rows) {
      bytes += line.length
      await writer.writeLine(JSON.stringify(line))
    }
    total += rows.length
    // Rows are a hundred bytes or a megabyte: about as much as fits is asked for next.
    count = Math.max(1, Math.min(5_000, Math.round((count * batchBytes) / Math.max(bytes, 1))))
  }
  await client.query('close backup_rows')
  return total
}

async function readSequences(client: pg.Client): Promise<Record<string, string>> {
  const { rows } = await client.query<{ name: string; last_value: string }>(
    `select format('%I.%I', schemaname, sequencename) as name, last_value::text
     from pg_sequences where schemaname = any($1) and last_value is not null order by 1`,
    [Object.keys(migrationSchemas)],
  )
  return Object.fromEntries(rows.map((row) => [row.name, row.last_value]))
}

interface Writer {
  writeLine(line: string): Promise<void>
  /** Over all lines so far. */
  sha256(): string
  /** Everything is on the disk. */
  finish(): Promise<void>
  abandon(): void
}

async function openWriter(path: string): Promise<Writer> {
  const file = createWriteStream(path, { flags: 'wx', mode: 0o600 })
  await once(file, 'open')
  const gzip = createGzip({ level: 5 })
  const hash = createHash('sha256')
  const done = pipeline(gzip, file)
  // Whoever writes next hears of it; nobody waits for it before.
  let failure: unknown
  done.catch((error: unknown) => {
    failure = error
  })
  return {
    async writeLine(line) {
      if (failure !== undefined) throw failure
      const text = `${line}\n`
      hash.update(text)
      if (!gzip.write(text)) await once(gzip, 'drain')
    },
    sha256: () => hash.copy().digest('hex'),
    async finish() {
      gzip.end()
      await done
      const written = await open(path, 'r')
      try {
        await written.sync()
      } finally {
        await written.close()
      }
    },
    abandon() {
      gzip.destroy()
    },
  }
}
