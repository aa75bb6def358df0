import { execFile } from 'node:child_process'
import { readlink, realpath } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import type pg from 'pg'
import { UnavailableError } from '../errors.js'
import { errorCode } from '../folder-errors.js'
import { isProcessAlive } from '../process-identity.js'
import type { Cluster } from './cluster.js'
import { connectAsAdmin } from './connect.js'
import { disownPostmasterFile, readPostmasterFile } from './postmaster-file.js'

/** A server that answers, proved by a connection to it that the caller now owns. */
export interface FoundServer {
  readonly client: pg.Client
  readonly port: number
  readonly pid: number
}

/**
 * The server that runs on this cluster, whoever started it, or undefined when none does. One that is starting,
 * recovering or stopping is waited for until the deadline. Nothing is believed on the word of a pid file: the server
 * must answer with our password and name this data directory.
 */
export async function findServer(cluster: Cluster, deadline: number): Promise<FoundServer | undefined> {
  for (;;) {
    const file = await readPostmasterFile(cluster.data)
    if (file === undefined) return undefined
    if (file.port !== undefined && file.status !== 'stopping') {
      const client = await tryConnect(cluster, file.port)
      if (client !== undefined) return { client, port: file.port, pid: file.pid }
    }
    if (!(await isServerOf(file.pid, cluster.data))) {
      // Gone, unless another one came while we looked.
      if ((await readPostmasterFile(cluster.data))?.pid === file.pid) return undefined
    }
    if (Date.now() >= deadline) {
      throw new UnavailableError(
        `The database server in ${cluster.data} (process ${file.pid}) is ${file.status || 'running'} but doesn't answer: wait until it does, or end that process and try again; its log is ${cluster.home}/server.log.`,
        'database_silent',
      )
    }
    await sleep(25)
  }
}

async function tryConnect(cluster: Cluster, port: number): Promise<pg.Client | undefined> {
  let client: pg.Client
  try {
    client = await connectAsAdmin(cluster.record, port, 5_000)
  } catch (error) {
    // Nobody there, not yet, no longer, or a stranger on a port that once was ours: all of them mean "not this way".
    cluster.log.debug({ port, code: errorCode(error) }, 'no connection to the database server')
    return undefined
  }
  try {
    const { rows } = await client.query<{ data_directory: string }>('show data_directory')
    const [theirs, ours] = await Promise.all([realpath(rows[0]?.data_directory ?? ''), realpath(cluster.data)])
    if (theirs === ours) return client
  } catch (error) {
    cluster.log.debug({ port, code: errorCode(error) }, 'a database server went away while being asked')
  }
  await client.end().catch(() => undefined)
  return undefined
}

/** When no server runs here: makes sure that PostgreSQL doesn't take an unrelated process, or a zombie, for one. */
export async function forgetDeadServer(cluster: Cluster): Promise<void> {
  const file = await readPostmasterFile(cluster.data)
  if (file === undefined || !isNumberTaken(file.pid) || (await isServerOf(file.pid, cluster.data))) return
  cluster.log.debug({ pid: file.pid }, 'the pid file of a dead database server names a process that is no server')
  await disownPostmasterFile(cluster.data)
}

/** Whether the process is alive and a server of this data directory; where it can't be told, alive is taken for yes. */
async function isServerOf(pid: number, data: string): Promise<boolean> {
  if (!(await isProcessAlive(pid))) return false
  if (process.platform === 'linux') {
    try {
      // A server's working directory is its data directory. Another user's process doesn't show us its own.
      return (await readlink(`/proc/${pid}/cwd`)) === (await realpath(data))
    } catch {
      return false
    }
  }
  if (process.platform === 'win32') return true
  try {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'command=', '-p', String(pid)])
    return stdout.includes('postgres')
  } catch {
    return false
  }
}

/** What PostgreSQL will see when it looks for the dead server's process, zombies included. */
function isNumberTaken(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
