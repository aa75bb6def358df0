import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { sqlState } from '../database.js'
import { patientConnection } from '../database-patience.js'
import { InputError, UnavailableError } from '../errors.js'
import { failpoint } from '../failpoints.js'

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

/** In pg_stat_activity. */
const restoreName = 'restock-restore'

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

/**
 * Does the work while no other restore of this database is at work. The lock is the connection's: one that is killed leaves none.
 */
export async function withRestoreLock<T>(server: DatabaseServer, work: () => Promise<T>): Promise<T> {
  return asAdmin(server, async (client) => {
    const deadline = performance.now() + lingerMs
    while (!(await tryLock(client, server))) {
      if (performance.now() > deadline) {
        throw new InputError(
          'Another restore of this database is at work. Nothing was changed; wait until it has ended.',
          'restore_in_progress',
        )
      }
      await sleep(100)
    }
    return work()
  })
}

async function tryLock(client: pg.Client, server: DatabaseServer): Promise<boolean> {
  const { rows } = await client.query<{ is_ours: boolean }>(
    'select pg_try_advisory_lock(hashtextextended($1, 0)) as is_ours',
    [`restock restore ${nameOf(server)}`],
  )
  return rows[0]?.is_ours === true
}

/** An empty database beside ours. What an earlier restore that was killed left is removed. Within the lock. */
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
  const swap = async (client: pg.Client): Promise<void> => {
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
  }
  try {
    await asAdmin(server, swap)
  } catch (error) {
    // Cut off while it was committed: only the server knows whether it was.
    if (sqlState(error) !== '' || error instanceof InputError || !(await isThere(server, kept))) throw error
  }
  return kept
}

async function isThere(server: DatabaseServer, name: string): Promise<boolean> {
  try {
    return await asAdmin(server, async (client) => (await findDatabases(client, name)).length > 0)
  } catch (error) {
    throw new UnavailableError(
      'The database went away in the very last step: it holds either what was there before or the backup, whole in both cases. See which with `restock doctor` when it is back; if buying is not paused, restore again.',
      'restore_in_doubt',
      { cause: error },
    )
  }
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
    await failpoint('swap.before')
    await client.query('commit')
    await failpoint('swap.after')
    return true
  } catch (error) {
    await client.query('rollback').catch(() => undefined)
    if (sqlState(error) === '55006') return false
    throw error
  }
}

/** Databases that earlier restores have replaced, or begun and not finished; each oldest first. Within the lock. */
export function findLeftovers(server: DatabaseServer): Promise<readonly string[]> {
  return asAdmin(server, async (client) => [
    ...(await findDatabases(client, nameOf(server) + keptMark)),
    ...(await findDatabases(client, nameOf(server) + draftMark)),
  ])
}

/**
 * What restores that were cut off have left, as anybody who is connected to our database sees it. What one that is still at
 * work has made so far is nobody's leftover.
 */
export async function findUnfinished(pool: pg.Pool): Promise<readonly string[]> {
  const { rows } = await pool.query<{ name: string }>(
    `select datname as name from pg_database
     where starts_with(datname, current_database() || $1)
       and not exists (select from pg_stat_activity where application_name = $2) order by 1`,
    [draftMark, restoreName],
  )
  return rows.map(({ name }) => name)
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
    application_name: restoreName,
    connectionTimeoutMillis: 10_000,
    ...patientConnection,
  })
  client.on('error', () => undefined)
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end().catch(() => undefined)
  }
}
