import { randomBytes } from 'node:crypto'
import { link, open, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { UnavailableError } from './errors.js'
import { errorCode } from './folder-errors.js'
import { isProcessAlive, readProcessStart } from './process-identity.js'

export interface FolderLockOptions {
  /** How long to wait for another holder. */
  readonly timeoutMs?: number
  /** What is locked, as the subject of the sentence that a person reads after waiting in vain: `The data folder /x`. */
  readonly describe?: string
}

const ownerSchema = z.object({
  pid: z.number().int().positive(),
  /** Tells apart two processes with the same number; `null` where the system can't say. */
  start: z.string().nullable(),
  host: z.string(),
  token: z.string(),
})
type Owner = z.infer<typeof ownerSchema>

/** A lock file as found: `owner` is undefined when its content makes no sense. */
interface Found {
  readonly owner: Owner | undefined
  readonly key: string
  readonly ageMs: number
}

const heartbeatMs = 5_000
/** An owner on another host (a container that is gone, for one) can't be asked; it counts as dead after missing four beats. */
const silentMs = 20_000
/** A lock file is linked into place complete; only a power cut, or a disk without hard links, leaves one that makes no sense. */
const unreadableMs = 2_000

/**
 * Runs `fn` while no other process, and nothing else in this one, runs under the same lock. The lock is the file
 * `<dir>/<name>.lock`; one whose owner is dead is taken over. Not reentrant. Throws `UnavailableError`
 * (`folder_locked`) when the lock stays taken for `timeoutMs`, and file system errors as they are.
 */
export async function withFolderLock<T>(
  dir: string,
  name: string,
  fn: () => Promise<T>,
  options: FolderLockOptions = {},
): Promise<T> {
  const path = join(dir, `${name}.lock`)
  const timeoutMs = options.timeoutMs ?? 30_000
  const owner = await acquire(path, Date.now() + timeoutMs, (holder) => {
    const by = holder === undefined ? 'another process' : `process ${holder.pid} on ${holder.host}`
    const what = options.describe ?? `The folder ${dir}`
    return `${what} is in use: ${by} has held ${path} for more than ${Math.ceil(timeoutMs / 1000)} s. Wait for it to finish, or stop it and try again.`
  })
  const heartbeat = setInterval(() => {
    const now = new Date()
    utimes(path, now, now).catch(() => undefined)
  }, heartbeatMs)
  heartbeat.unref()
  try {
    await sweep(dir, `${name}.lock.`)
    return await fn()
  } finally {
    clearInterval(heartbeat)
    await release(path, owner)
  }
}

async function acquire(path: string, deadline: number, refusal: (holder: Owner | undefined) => string): Promise<Owner> {
  const owner: Owner = {
    pid: process.pid,
    start: await readProcessStart(process.pid),
    host: hostname(),
    token: randomBytes(8).toString('hex'),
  }
  const claim = `${path}.${owner.token}`
  let waitMs = 10
  try {
    await writeFile(claim, JSON.stringify(owner), { mode: 0o600 })
    for (;;) {
      if (await tryAcquire(path, claim, owner)) return owner
      const found = await find(path)
      if (Date.now() >= deadline) throw new UnavailableError(refusal(found?.owner), 'folder_locked')
      await sleep(waitMs)
      waitMs = Math.min(waitMs * 1.5, 100)
    }
  } finally {
    await rm(claim, { force: true }).catch(() => undefined)
  }
}

/**
 * One try. A dead owner's lock is replaced under a second lock that is named after that very lock, so that of
 * several who noticed the death only one replaces it, and one who noticed late finds another key and lets it be.
 */
async function tryAcquire(path: string, claim: string, owner: Owner): Promise<boolean> {
  if (await place(path, claim, owner)) return true
  const found = await find(path)
  if (found === undefined || !(await isDead(found))) return false
  const succession = `${path}.after-${found.key}`
  if (!(await tryAcquire(succession, claim, owner))) return false
  try {
    const again = await find(path)
    if (again?.key !== found.key) return false
    const successor = `${claim}.new`
    await writeFile(successor, JSON.stringify(owner), { mode: 0o600 })
    await rename(successor, path)
    return true
  } finally {
    await rm(succession, { force: true }).catch(() => undefined)
  }
}

/** Creates the lock file complete and in one step, if there is none. */
async function place(path: string, claim: string, owner: Owner): Promise<boolean> {
  try {
    await link(claim, path)
    return true
  } catch (error) {
    const code = errorCode(error)
    if (code === 'EEXIST') return false
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'ENOSYS' && code !== 'EMLINK') throw error
  }
  // A file system without hard links: exclusive creation, with an instant in which the file is still empty.
  try {
    const file = await open(path, 'wx', 0o600)
    try {
      await file.writeFile(JSON.stringify(owner))
    } finally {
      await file.close()
    }
    return true
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false
    throw error
  }
}

/** Removes what processes left that were killed while they waited. */
async function sweep(dir: string, prefix: string): Promise<void> {
  const names = await readdir(dir).catch(() => [])
  for (const name of names.filter((candidate) => candidate.startsWith(prefix))) {
    const path = join(dir, name)
    const found = await find(path).catch(() => undefined)
    if (found !== undefined && (await isDead(found))) await rm(path, { force: true }).catch(() => undefined)
  }
}

async function find(path: string): Promise<Found | undefined> {
  try {
    const [text, { mtimeMs }] = await Promise.all([readFile(path, 'utf8'), stat(path)])
    const owner = parseOwner(text)
    return { owner, key: owner?.token ?? `at-${Math.round(mtimeMs)}`, ageMs: Date.now() - mtimeMs }
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  }
}

function parseOwner(text: string): Owner | undefined {
  try {
    return ownerSchema.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

async function isDead({ owner, ageMs }: Found): Promise<boolean> {
  if (owner === undefined) return ageMs > unreadableMs
  if (owner.host !== hostname()) return ageMs > silentMs
  if (!(await isProcessAlive(owner.pid))) return true
  const start = await readProcessStart(owner.pid)
  // Where start times are unknown the number may belong to a later process; then only the beats tell.
  return owner.start === null || start === null ? ageMs > silentMs : start !== owner.start
}

async function release(path: string, owner: Owner): Promise<void> {
  try {
    // Only our own: who was asleep long enough to be taken for dead must not remove the successor's lock.
    if ((await find(path))?.owner?.token === owner.token) await rm(path, { force: true })
  } catch {
    // The folder is gone, or the disk is: the lock is gone with it or falls to the next one, who finds us dead.
  }
}
