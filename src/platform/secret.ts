import { randomBytes } from 'node:crypto'
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { UnavailableError } from './errors.js'

/**
 * The installation's secret: from the configuration, else from the data folder, where it is made on first use (mode 0600).
 * Two processes that start at once end up with the same one.
 */
export async function readOrMakeSecret(configured: string | null, dataDir: string): Promise<string> {
  if (configured !== null) return configured
  const path = join(dataDir, 'secret')
  const existing = await readIfThere(path)
  if (existing !== undefined) return existing
  const draft = join(dataDir, `secret.${process.pid}.${randomBytes(4).toString('hex')}`)
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 })
    await writeFile(draft, randomBytes(32).toString('base64url'), { mode: 0o600, flag: 'wx' })
    // A link is made whole or not at all, and never over one that is there.
    await link(draft, path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new UnavailableError(
      `Can't write ${path} (${reason}); choose another data folder with --data-dir.`,
      'data_dir_unusable',
    )
  } finally {
    await rm(draft, { force: true }).catch(() => undefined)
  }
  const secret = await readIfThere(path)
  if (secret === undefined) throw new UnavailableError(`${path} vanished while it was made; try again.`)
  return secret
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    const text = (await readFile(path, 'utf8')).trim()
    if (text.length < 32)
      throw new UnavailableError(`${path} is too short to be the secret; delete it and a new one is made.`)
    return text
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
