import { statfs } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { UnavailableError } from '../errors.js'
import { describeFolderError, errorCode } from '../folder-errors.js'
import type { Cluster } from './cluster.js'
import { nameAnotherFolder } from './data-folder.js'
import { type FoundServer, findServer, forgetDeadServer } from './find-server.js'
import { findFreePort } from './free-port.js'
import { readPostmasterFile } from './postmaster-file.js'
import { runProgram } from './run-program.js'
import { lastMeaningfulLine, readServerLog, rotateServerLog, serverLogName, serverLogPath } from './server-log.js'

/**
 * Starts the server on a port that is free: the one of its last life after a crash, so that those who were connected
 * find it again, or the one that the caller still knows, else any. Tries again when the port is taken in between and while children of a killed server end.
 */
export async function startServer(cluster: Cluster, deadline: number, knownPort?: number): Promise<FoundServer> {
  const lastPort = (await readPostmasterFile(cluster.data))?.port ?? knownPort
  for (let attempt = 1; ; attempt++) {
    const port = await findFreePort(attempt === 1 ? lastPort : undefined)
    const logOffset = await rotateServerLog(cluster.home).catch(() => 0)
    await forgetDeadServer(cluster)
    const output = await runStart(cluster, port, deadline)
    const server = await findServer(cluster, deadline)
    if (server !== undefined) return server
    const log = await readServerLog(cluster.home, logOffset).catch(() => '')
    if (!mayPass(log) || Date.now() >= deadline) throw await describeFailure(cluster, log, output)
    cluster.log.debug({ attempt, port, reason: lastMeaningfulLine(log) }, 'starting the database server again')
    await sleep(Math.min(50 * attempt, 500))
  }
}

/** A port taken since we looked, and the last children of a server that was killed. */
function mayPass(log: string): boolean {
  return /could not create any TCP\/IP sockets|pre-existing shared memory block/.test(log)
}

async function runStart(cluster: Cluster, port: number, deadline: number): Promise<string> {
  const settings = [...commonSettings(), ...(cluster.record.ephemeral ? throwAwaySettings : [])].map(
    (setting) => `-c ${setting}`,
  )
  const timeoutMs = Math.max(deadline - Date.now(), 1_000)
  try {
    const { output } = await runProgram(
      cluster.binaries.pgCtl,
      // Relative names: pg_ctl hands them to a shell.
      [
        'start',
        '--wait',
        '--silent',
        `--timeout=${Math.ceil(timeoutMs / 1000)}`,
        '--pgdata=data',
        `--log=${serverLogName}`,
        `--options=-p ${port} ${settings.join(' ')}`,
      ],
      { cwd: cluster.home, account: cluster.account, timeoutMs: timeoutMs + 5_000 },
    )
    return output
  } catch (error) {
    throw describeFolderError(error, cluster.home, 'database folder', nameAnotherFolder)
  }
}

/** Given at each start, so that they hold for clusters of every age. Values without spaces: pg_ctl hands them to a shell. */
function commonSettings(): readonly string[] {
  return [
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'logging_collector=off',
    'log_destination=stderr',
    'log_checkpoints=off',
    // For a small machine: no helper processes for reading, no huge pages (containers kill servers that touch them).
    'io_method=sync',
    'huge_pages=off',
    // Files in the data directory rather than /dev/shm, which containers keep tiny and a logout may empty.
    ...(process.platform === 'win32' ? [] : ['dynamic_shared_memory_type=mmap']),
  ]
}

/** Nothing of it has to outlive a power cut. */
const throwAwaySettings: readonly string[] = [
  'fsync=off',
  'synchronous_commit=off',
  'full_page_writes=off',
  'wal_level=minimal',
  'max_wal_senders=0',
]

async function describeFailure(cluster: Cluster, log: string, output: string): Promise<UnavailableError> {
  const reason = (lastMeaningfulLine(log) ?? lastMeaningfulLine(output) ?? 'it gave no reason').replace(/\.$/, '')
  const full = /No space left/.test(log) || (await isFull(cluster.home))
  const mend = full
    ? 'The disk is full: free some space'
    : `See ${serverLogPath(cluster.home)}, or set DATABASE_URL to a PostgreSQL server of your own`
  return new UnavailableError(
    `The database server in ${cluster.home} didn't start: ${reason}. ${mend}.`,
    full ? 'disk_full' : 'database_not_started',
  )
}

async function isFull(path: string): Promise<boolean> {
  try {
    const { bavail, bsize } = await statfs(path)
    return bavail * bsize < 1024 * 1024
  } catch (error) {
    return errorCode(error) === 'ENOSPC'
  }
}
