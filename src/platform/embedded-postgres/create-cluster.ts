import { randomBytes } from 'node:crypto'
import { open, readdir, readFile, rename, rm, stat, statfs } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { InputError, UnavailableError } from '../errors.js'
import { describeFolderError, errorCode } from '../folder-errors.js'
import type { Cluster } from './cluster.js'
import { nameAnotherFolder } from './data-folder.js'
import { runProgram } from './run-program.js'
import { lastMeaningfulLine } from './server-log.js'

/** A new cluster takes 40 MB; the rest lets it work. */
const neededBytes = 80 * 1024 * 1024

/**
 * Whether the cluster exists. It is made under another name and renamed when complete, so a half-made one never counts.
 * Throws when it was made by another major version of PostgreSQL, which this one can't read.
 */
export async function hasCluster(cluster: Cluster): Promise<boolean> {
  try {
    await stat(cluster.data)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false
    throw describeFolderError(error, cluster.data, 'database folder', 'run Restock as the user that made it')
  }
  const version = (await readFile(join(cluster.data, 'PG_VERSION'), 'utf8').catch(() => '')).trim()
  if (version === cluster.binaries.major) return true
  throw new InputError(
    version === ''
      ? `The database in ${cluster.data} is damaged, its file PG_VERSION is missing: restore it from a backup, or ${nameAnotherFolder}.`
      : `The database in ${cluster.data} was made by PostgreSQL ${version}, and this Restock brings PostgreSQL ${cluster.binaries.major}: use the Restock that made it, or ${nameAnotherFolder}.`,
    'database_of_another_version',
  )
}

/** Deletes the cluster, whatever state it is in; no server may run on it. */
export async function removeCluster(cluster: Cluster): Promise<void> {
  await rm(cluster.data, { recursive: true, force: true, maxRetries: 5 })
}

/** Runs initdb in the cluster's home. What an earlier try left half done is removed. */
export async function createCluster(cluster: Cluster): Promise<void> {
  const { home, account, record } = cluster
  const freeBytes = await freeBytesAt(home)
  if (freeBytes !== undefined && freeBytes < neededBytes) throw diskFull(home, freeBytes)
  for (const name of await readdir(home)) {
    if (name.startsWith('new-')) await rm(join(home, name), { recursive: true, force: true, maxRetries: 5 })
  }
  const fresh = join(home, `new-${randomBytes(4).toString('hex')}`)
  const passwordFile = `${fresh}.password`
  try {
    const file = await open(passwordFile, 'wx', 0o600)
    try {
      await file.writeFile(`${record.adminPassword}\n`)
      if (account !== undefined) await file.chown(account.uid, account.gid)
    } finally {
      await file.close()
    }
    await runInitdb(cluster, basename(fresh), basename(passwordFile))
    await rename(fresh, cluster.data)
  } catch (error) {
    throw describeFolderError(error, home, 'database folder', nameAnotherFolder)
  } finally {
    await rm(passwordFile, { force: true }).catch(() => undefined)
  }
}

async function runInitdb(cluster: Cluster, fresh: string, passwordFile: string): Promise<void> {
  let failure = ''
  for (const characterType of characterTypes()) {
    const { exitCode, output } = await runProgram(
      cluster.binaries.initdb,
      [
        `--pgdata=${fresh}`,
        `--username=${cluster.record.adminUser}`,
        `--pwfile=${passwordFile}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        // Collation and case from PostgreSQL's own tables: the same order on every machine, now and after upgrades.
        '--locale=C',
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
        // pg_trgm asks the C library what a letter is; with plain C it would drop every ä and é from its trigrams.
        `--lc-ctype=${characterType}`,
        '--no-instructions',
        '--set=shared_buffers=64MB',
        '--set=max_connections=200',
        '--set=timezone=UTC',
        '--set=log_timezone=UTC',
        ...(cluster.record.ephemeral ? ['--no-sync', '--no-data-checksums'] : ['--data-checksums']),
      ],
      { cwd: cluster.home, account: cluster.account, timeoutMs: 120_000 },
    )
    if (exitCode === 0) return
    failure = output
    if (!output.includes('invalid locale name')) break
  }
  const freeBytes = await freeBytesAt(cluster.home)
  if (failure.includes('No space left') || (freeBytes !== undefined && freeBytes < 1024 * 1024))
    throw diskFull(cluster.home, freeBytes ?? 0)
  const reason = initdbComplaint(failure)
  throw new UnavailableError(
    `PostgreSQL couldn't make a database in ${cluster.home}: ${reason}. Mend that, ${nameAnotherFolder}, or set DATABASE_URL to a PostgreSQL server of your own.`,
    'database_not_created',
  )
}

/** Names under which systems know "UTF-8, no country"; the last one is known to all. */
function characterTypes(): readonly string[] {
  switch (process.platform) {
    case 'linux':
      return ['C.UTF-8', 'en_US.UTF-8', 'C']
    case 'win32':
      return ['C']
    default:
      return ['en_US.UTF-8', 'C.UTF-8', 'C']
  }
}

function initdbComplaint(output: string): string {
  const own = output.split('\n').find((line) => line.includes('error:') || line.includes('error while loading'))
  return (own ?? lastMeaningfulLine(output) ?? 'initdb was stopped')
    .replace(/^initdb: (error: )?/, '')
    .replace(/\.$/, '')
}

async function freeBytesAt(path: string): Promise<number | undefined> {
  try {
    const { bavail, bsize } = await statfs(path)
    return bavail * bsize
  } catch {
    return undefined
  }
}

function diskFull(home: string, freeBytes: number): UnavailableError {
  const megabytes = Math.floor(freeBytes / 1024 / 1024)
  return new UnavailableError(
    `The disk that holds ${home} has ${megabytes} MB free and a new database needs 80 MB: free some space, or ${nameAnotherFolder}.`,
    'disk_full',
  )
}
