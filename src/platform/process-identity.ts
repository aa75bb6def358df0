import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

/**
 * Whether a process with this number runs now. A zombie doesn't count: it is dead, only nobody has collected it yet,
 * which happens for ever in containers whose first process isn't an init.
 */
export async function isProcessAlive(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0)
  } catch (error) {
    // EPERM means that it runs under another user.
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false
  }
  const fields = await readLinuxStat(pid)
  return fields === undefined || !['Z', 'X'].includes(fields[0] ?? '')
}

/**
 * When the process started, as an opaque text: two processes that had the same number one after the other differ in
 * it. `null` when this system can't tell or the process is gone.
 */
export async function readProcessStart(pid: number): Promise<string | null> {
  const fields = await readLinuxStat(pid)
  // Field 22 of /proc/<pid>/stat (starttime, in ticks since boot) is the 20th after the program's name.
  if (fields !== undefined) return fields[19] ?? null
  if (process.platform === 'linux' || process.platform === 'win32') return null
  try {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'lstart=', '-p', String(pid)], { env: { LC_ALL: 'C' } })
    return stdout.trim() || null
  } catch {
    return null
  }
}

/** The fields after the program's name, which may itself hold spaces and brackets. */
async function readLinuxStat(pid: number): Promise<readonly string[] | undefined> {
  if (process.platform !== 'linux') return undefined
  try {
    const text = await readFile(`/proc/${pid}/stat`, 'utf8')
    return text.slice(text.lastIndexOf(')') + 2).split(' ')
  } catch {
    return undefined
  }
}
