import { existsSync } from 'node:fs'
import { rmdir } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { UnavailableError } from '../errors.js'
import { describeFolderError } from '../folder-errors.js'
import { withFolderLock } from '../folder-lock.js'
import type { Cluster, EmbeddedPostgresLogger } from './cluster.js'
import { removeHome } from './cluster-place.js'
import { removeClusterRecord, writeClusterRecord } from './cluster-record.js'
import { adminUrlOf, databaseUrlOf } from './connect.js'
import { createCluster, hasCluster, removeCluster } from './create-cluster.js'
import { createDatabase } from './create-database.js'
import { type DataFolder, nameAnotherFolder, openDataFolder } from './data-folder.js'
import { type FoundServer, findServer } from './find-server.js'
import { prepareCluster } from './prepare-cluster.js'
import { keepPresence, type Presence, ServerLostError } from './presence.js'
import { startServer } from './start-server.js'
import { stopServer } from './stop-server.js'

export interface EmbeddedPostgresOptions {
  /** Made if missing. Holds `postgres.json` and, unless the server's user can't get there, the cluster. */
  readonly dataDir: string
  /** For a database that nobody needs tomorrow: no waiting for the disk, and deleted when the last process releases it. */
  readonly ephemeral?: boolean
  readonly log: EmbeddedPostgresLogger
  /** For everything together: waiting for others, creating, recovering, starting. */
  readonly startTimeoutMs?: number
  /** Where root puts what the server's user can't reach elsewhere. */
  readonly stageDir?: string
  /**
   * With it, a server that goes away is started again, at the same address; it hears of it when that fails for good. Without
   * it, this process finds the server again when another one has started it.
   */
  readonly onGone?: (error: Error) => void
}

export interface EmbeddedPostgres {
  /** As the role `restock`, no superuser, owner of the database `restock`. */
  readonly databaseUrl: string
  /** As the superuser, database `postgres`. */
  readonly adminUrl: string
  /** True when this call started the server, false when it joined a running one. */
  readonly started: boolean
  readonly port: number
  /** PostgreSQL's own data directory. */
  readonly clusterDir: string
  /** Lets go of the server; the last process to do so stops it. Harmless when repeated, bounded, never throws. */
  release(): Promise<void>
}

const releaseTimeoutMs = 20_000
/** For one attempt; recovery after a crash takes as long as there was left to write. */
const reviveTimeoutMs = 20_000

/**
 * A real PostgreSQL in the data folder: created on first use, started if it doesn't run, joined if it does. Processes
 * that open the same folder share one server. Throws `InputError` or `UnavailableError` with one sentence for people.
 */
export async function openEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const startTimeoutMs = options.startTimeoutMs ?? 60_000
  const deadline = Date.now() + startTimeoutMs
  const folder = await openDataFolder(options.dataDir)
  try {
    return await withClusterLock(folder.path, startTimeoutMs, () => open(options, folder, deadline))
  } catch (error) {
    throw describeFolderError(error, folder.path, 'data folder', nameAnotherFolder)
  }
}

async function open(options: EmbeddedPostgresOptions, folder: DataFolder, deadline: number): Promise<EmbeddedPostgres> {
  const { ephemeral = false, stageDir = '/var/lib/restock', log } = options
  const cluster = await prepareCluster(folder, { ephemeral, stageDir, log })
  let server = await findServer(cluster, deadline)
  const started = server === undefined
  if (server === undefined) {
    // After a crash a throw-away cluster, which never waited for the disk, may be anything.
    if (ephemeral) await removeCluster(cluster)
    if (!(await hasCluster(cluster))) await createCluster(cluster)
    server = await startServer(cluster, deadline)
  }
  const { port, pid, client } = server
  log.info(
    { data: cluster.data, port, postgresPid: pid },
    started ? 'embedded database started' : 'joined the running embedded database',
  )
  const { onGone } = options
  const presence = keepPresence(
    cluster,
    server,
    onGone === undefined ? undefined : { revive: () => revive(cluster, folder, port), onGone },
  )
  try {
    if (!cluster.record.ready || (ephemeral && started)) {
      await createDatabase(client, cluster.record)
      await writeClusterRecord(folder.path, { ...cluster.record, ready: true })
    }
  } catch (error) {
    await letGo(cluster, presence, Date.now() + releaseTimeoutMs)
    throw error
  }
  let releasing: Promise<void> | undefined
  return {
    databaseUrl: databaseUrlOf(cluster.record, port),
    adminUrl: adminUrlOf(cluster.record, port),
    started,
    port,
    clusterDir: cluster.data,
    release: () => {
      releasing ??= release(cluster, presence, folder)
      return releasing
    },
  }
}

/** The server at the port that everything in this process is connected to, started again unless somebody else did. */
async function revive(cluster: Cluster, folder: DataFolder, port: number): Promise<FoundServer> {
  const lost = (why: string) =>
    new ServerLostError(`The embedded database in ${folder.path} is lost: ${why}.`, 'database_lost')
  if (!existsSync(cluster.data)) throw lost(`its folder ${cluster.data} doesn't exist any more`)
  if (cluster.record.ephemeral)
    throw lost('it was a throw-away one, and what it held is not to be trusted after a crash')
  return withClusterLock(folder.path, reviveTimeoutMs, async () => {
    const deadline = Date.now() + reviveTimeoutMs
    const server = (await findServer(cluster, deadline)) ?? (await startServer(cluster, deadline, port))
    if (server.port === port) return server
    await server.client.end().catch(() => undefined)
    throw lost(
      `it came back on port ${server.port}, because another program has port ${port} now; start again to use it`,
    )
  })
}

async function release(cluster: Cluster, presence: Presence, folder: DataFolder): Promise<void> {
  await Promise.race([presence.retire(), sleep(releaseTimeoutMs / 2, undefined, { ref: false })])
  const deadline = Date.now() + releaseTimeoutMs
  try {
    await withClusterLock(folder.path, releaseTimeoutMs / 2, () => letGo(cluster, presence, deadline))
  } catch (error) {
    if (error instanceof UnavailableError && error.code === 'folder_locked') {
      // Whoever holds the lock is starting or stopping the server, and will count without us.
      cluster.log.warn(
        { data: cluster.data },
        'the embedded database was left running, because another process kept its lock',
      )
      await presence.leave()
    } else {
      // The folder is gone or its disk is full. The server must stop all the same.
      cluster.log.warn({ err: error }, 'the data folder can no longer be locked')
      await letGo(cluster, presence, deadline)
    }
  }
  if (cluster.record.ephemeral && folder.created) await rmdir(folder.path).catch(() => undefined)
}

/** Stops the server unless others use it. Never throws: whoever leaves can do nothing about it. */
async function letGo(cluster: Cluster, presence: Presence, deadline: number): Promise<void> {
  const { log, data, record } = cluster
  try {
    const running = await presence.lookAround()
    await presence.leave()
    if (running !== undefined && running.others > 0) {
      log.info({ data, others: running.others }, 'the embedded database goes on for other processes')
      return
    }
    if (running !== undefined) {
      if (!(await stopServer(cluster, running.pid, deadline))) {
        log.warn({ data, pid: running.pid }, 'the embedded database did not stop in time and was left running')
        return
      }
      log.info({ data, pid: running.pid }, 'embedded database stopped')
    }
    if (record.ephemeral) {
      await removeHome(cluster)
      await removeClusterRecord(cluster.dataDir)
    }
  } catch (error) {
    log.warn({ err: error, data }, 'the embedded database could not be let go of cleanly')
  } finally {
    await presence.leave()
  }
}

/** Guards starting, joining, stopping and deleting against each other, over all processes. */
function withClusterLock<T>(dataDir: string, timeoutMs: number, fn: () => Promise<T>): Promise<T> {
  return withFolderLock(dataDir, 'postgres', fn, { timeoutMs, describe: `The database in ${dataDir}` })
}
