import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { sqlState } from '../database.js'
import { InputError, UnavailableError } from '../errors.js'

/** A database server on which one database is ours. */
export interface DatabaseServer {
  /** Ours. */
  readonly databaseUrl: string
  /** Another database of the same server, as a role that may create databases. */
  readonly adminUrl: string
  /** Whom a new database shall belong to; null: whoever creates it. */
  readonly owner: string | null
}

export interface NewDatabase {
  readonly name: string
  readonly url: string
}

const draftMark = '_restoring_'
const keptMark = '_before_'

/** Connections that were closed a moment ago may still be counted. */
const lingerMs = 3_000

/** Who is connected to our database, for a sentence; null: nobody. */
export async function whoIsConnected(server: DatabaseServer): Promise<string | null> {
  return asAdmin(server, async (client) => {
    const deadline = performance.now() + lingerMs
    for (;;) {
      const found = await readConnected(client, server)
      if (found === null || performance.now() > deadline) return found
      await sleep(100)
    }
  })
}

async function readConnected(client: pg.Client, server: DatabaseServer): Promise<string | null> {
  const { rows } = await client.query<{ name: string; count: number }>(
    `select coalesce(nullif(application_name, ''), 'another program') as name, count(*)::int as count
       from pg_stat_activity where datname = $1 and backend_type = 'client backend' group by 1 order by 2 desc, 1`,
    [nameOf(server)],
  )
  return rows.length === 0 ? null : rows.map(({ name, count }) => `${name} (${count})`).join(', ')
}

/** An empty database beside ours. What an earlier restore that was killed left is removed. */
export async function createDraft(server: DatabaseServer): Promise<NewDatabase> {
  return asAdmin(server, async (client) => {
    for (const name of await findDatabases(client, nameOf(server) + draftMark)) await drop(client, name)
    const name = `${nameOf(server)}${draftMark}${randomBytes(4).toString('hex')}`
    const owner = server.owner === null ? '' : ` owner ${client.escapeIdentifier(server.owner)}`
    try {
      await client.query(`create database ${client.escapeIdentifier(name)}${owner}`)
    } catch (error) {
      if (sqlState(error) !== '42501') throw error
      throw new UnavailableError(
        `The user of DATABASE_URL may not create databases, which restoring needs: let it (alter role … createdb), or restore into the embedded database.`,
        'may_not_create_database',
        { cause: error },
      )
    }
    const url = new URL(server.databaseUrl)
    url.pathname = `/${name}`
    return { name, url: url.href }
  })
}

export async function dropDatabase(server: DatabaseServer, name: string): Promise<void> {
  await asAdmin(server, (client) => drop(client, name))
}

/**
 * Puts the new database in the place of ours, in one step: whoever connects finds the old one or the new one. Returns the name
 * under which the old one is kept.
 */
export async function swapIn(server: DatabaseServer, draft: string, now: Date): Promise<string> {
  const stamp = now.toISOString().replace(/\D/g, '').slice(0, 14)
  const kept = `${nameOf(server)}${keptMark}${stamp}_${randomBytes(2).toString('hex')}`
  await asAdmin(server, async (client) => {
    const deadline = performance.now() + lingerMs
    while (!(await trySwap(client, { from: nameOf(server), to: kept }, { from: draft, to: nameOf(server) }))) {
      if (performance.now() > deadline) {
        throw new InputError(
          'Another program has connected to the database meanwhile (`restock up`?). Nothing was changed; stop it and restore again.',
          'database_in_use',
        )
      }
      await sleep(100)
    }
  })
  return kept
}

interface Rename {
  readonly from: string
  readonly to: string
}

/** false: somebody is connected to one of them. */
async function trySwap(client: pg.Client, ...renames: readonly Rename[]): Promise<boolean> {
  try {
    await client.query('begin')
    for (const { from, to } of renames) {
      await client.query(`alter database ${client.escapeIdentifier(from)} rename to ${client.escapeIdentifier(to)}`)
    }
    await client.query('commit')
    return true
  } catch (error) {
    await client.query('rollback').catch(() => undefined)
    if (sqlState(error) === '55006') return false
    throw error
  }
}

/** Databases that earlier restores have replaced, oldest first. */
export function findReplaced(server: DatabaseServer): Promise<readonly string[]> {
  return asAdmin(server, (client) => findDatabases(client, nameOf(server) + keptMark))
}

async function findDatabases(client: pg.Client, prefix: string): Promise<readonly string[]> {
  const { rows } = await client.query<{ name: string }>(
    'select datname as name from pg_database where starts_with(datname, $1) order by 1',
    [prefix],
  )
  return rows.map(({ name }) => name)
}

async function drop(client: pg.Client, name: string): Promise<void> {
  await client.query(`drop database if exists ${client.escapeIdentifier(name)} with (force)`)
}

function nameOf({ databaseUrl }: DatabaseServer): string {
  return decodeURIComponent(new URL(databaseUrl).pathname.slice(1))
}

async function asAdmin<T>(server: DatabaseServer, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({
    connectionString: server.adminUrl,
    application_name: 'restock-restore',
    connectionTimeoutMillis: 10_000,
  })
  client.on('error', () => undefined)
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end().catch(() => undefined)
  }
}
