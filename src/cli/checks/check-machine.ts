import { mkdir, mkdtemp, rm, stat, statfs, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describeFolderError, errorCode } from '../../platform/folder-errors.js'
import { type Check, checking, ok, problem } from './check.js'

const oldestNode = [20, 19] as const

export function checkNode(version: string): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [oldestMajor, oldestMinor] = oldestNode
  const isOk = major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)
  if (isOk) return ok('Node.js', version)
  return problem(
    'Node.js',
    `${version} is too old; install ${oldestMajor}.${oldestMinor} or newer, best 24 (https://nodejs.org)`,
  )
}

/** Tries to write where data goes: in the data folder, or where it will be made. */
export function checkDataFolder(dataDir: string): Promise<Check> {
  return checking('data folder', async () => {
    const existing = await nearestFolder(dataDir)
    try {
      const probe = await mkdtemp(join(existing, '.restock-doctor-'))
      try {
        if (existing !== dataDir) await mkdir(join(probe, 'data'))
        await writeFile(join(probe, 'file'), 'written by restock doctor')
      } finally {
        await rm(probe, { recursive: true, force: true })
      }
    } catch (error) {
      throw describeFolderError(error, dataDir, 'data folder', 'name another one with --data-dir or RESTOCK_DATA_DIR')
    }
    return ok('data folder', existing === dataDir ? dataDir : `${dataDir} (made on the first start)`)
  })
}

const leastFreeMb = 300

export function checkDisk(dataDir: string): Promise<Check> {
  return checking('disk space', async () => {
    const { bavail, bsize } = await statfs(await nearestFolder(dataDir))
    const freeMb = Math.floor((bavail * bsize) / 1024 / 1024)
    if (freeMb >= leastFreeMb) return ok('disk space', `${shown(freeMb)} free`)
    return problem('disk space', `only ${shown(freeMb)} free for ${dataDir}; make room for ${leastFreeMb} MB at least`)
  })
}

function shown(mb: number): string {
  return mb < 1024 ? `${mb} MB` : `${(mb / 1024).toFixed(1)} GB`
}

/** The path itself, or the closest one above it that is there. */
async function nearestFolder(path: string): Promise<string> {
  try {
    await stat(path)
    return path
  } catch (error) {
    if (errorCode(error) !== 'ENOENT' || dirname(path) === path) {
      throw describeFolderError(error, path, 'data folder', 'name another one with --data-dir or RESTOCK_DATA_DIR')
    }
    return nearestFolder(dirname(path))
  }
}
