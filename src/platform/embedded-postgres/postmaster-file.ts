import { constants, open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { errorCode } from '../folder-errors.js'

/** What a server writes down about itself in its data directory, in `postmaster.pid`. */
export interface PostmasterFile {
  readonly pid: number
  /** Undefined as long as the server hasn't got that far. */
  readonly port: number | undefined
  /** `starting`, `ready`, `standby`, `stopping`, or empty. */
  readonly status: string
}

const fileName = 'postmaster.pid'

/** Lines: pid, data directory, start time, port, socket folder, listen address, shared memory, status. */
export function parsePostmasterFile(text: string): PostmasterFile | undefined {
  const lines = text.split('\n').map((line) => line.trim())
  const pid = Number(lines[0])
  if (!Number.isInteger(pid) || pid <= 0) return undefined
  const port = Number(lines[3])
  return { pid, port: Number.isInteger(port) && port > 0 ? port : undefined, status: lines[7] ?? '' }
}

/** Undefined when there is none, or one that is just being written. */
export async function readPostmasterFile(data: string): Promise<PostmasterFile | undefined> {
  try {
    return parsePostmasterFile(await readFile(join(data, fileName), 'utf8'))
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return undefined
    throw error
  }
}

/** No system gives this number to a process. */
const nobodysPid = 999_999_999

/**
 * For a file whose server is dead while its number lives on in another process (or as a zombie): PostgreSQL would take
 * that for the server and refuse to start. The number is replaced rather than the file removed, because the file also
 * names the shared memory, by which PostgreSQL notices children of the dead server that still write.
 */
export async function disownPostmasterFile(data: string): Promise<void> {
  const path = join(data, fileName)
  const [, ...rest] = (await readFile(path, 'utf8')).split('\n')
  // In place, so that the file keeps its owner; never through a link, because root may be doing this in another user's folder.
  const file = await open(path, constants.O_WRONLY | constants.O_TRUNC | (constants.O_NOFOLLOW ?? 0))
  try {
    await file.writeFile([String(nobodysPid), ...rest].join('\n'))
  } finally {
    await file.close()
  }
}
