import { setTimeout as sleep } from 'node:timers/promises'
import { isProcessAlive } from '../process-identity.js'
import type { Cluster } from './cluster.js'
import { readPostmasterFile } from './postmaster-file.js'
import { runProgram } from './run-program.js'

/**
 * Stops the server `pid` of this cluster: politely to the connected (they are cut off, their transactions rolled
 * back), and when that takes too long at once, which costs a recovery at the next start but no data. Returns whether
 * it is gone by the deadline. Harmless when it is gone already.
 */
export async function stopServer(cluster: Cluster, pid: number, deadline: number): Promise<boolean> {
  const immediateMs = Math.min(5_000, Math.max(0, deadline - Date.now()) / 3)
  await ask(cluster, pid, 'fast', deadline - immediateMs)
  if (await isGone(pid)) return true
  cluster.log.warn({ pid }, 'the database server takes too long to stop and is stopped at once')
  await ask(cluster, pid, 'immediate', deadline)
  return await isGone(pid)
}

async function ask(cluster: Cluster, pid: number, mode: 'fast' | 'immediate', deadline: number): Promise<void> {
  const file = await readPostmasterFile(cluster.data).catch(() => undefined)
  if (file?.pid === pid) {
    // Waiting is done here: pg_ctl looks only ten times a second.
    await runProgram(cluster.binaries.pgCtl, ['stop', '--no-wait', '--silent', `--mode=${mode}`, '--pgdata=data'], {
      cwd: cluster.home,
      account: cluster.account,
      timeoutMs: 5_000,
    }).catch((error: unknown) => cluster.log.debug({ err: error }, 'pg_ctl stop failed'))
  } else {
    // Someone removed the folder under the server; pg_ctl finds nothing there.
    signal(pid, mode === 'fast' ? 'SIGINT' : 'SIGQUIT')
  }
  while (Date.now() < deadline && !(await isGone(pid))) await sleep(10)
}

async function isGone(pid: number): Promise<boolean> {
  return !(await isProcessAlive(pid))
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch {
    // Gone.
  }
}
