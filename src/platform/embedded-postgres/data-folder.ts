import { chmod, chown, mkdir, realpath, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { InputError } from '../errors.js'
import { describeFolderError, errorCode } from '../folder-errors.js'
import { describeAccountError, findServerAccount, needsServerAccount, type ServerAccount } from './server-account.js'

export const nameAnotherFolder = 'name another folder with --data-dir or RESTOCK_DATA_DIR'

export interface DataFolder {
  /** Absolute, without symbolic links. */
  readonly path: string
  /** Whether this call made it. */
  readonly created: boolean
  /** As whom a new cluster in it runs; undefined: as ourselves. */
  readonly account: ServerAccount | undefined
}

/**
 * The data folder, made if missing: 0700, and for root 0710 with the group of the server's user, who may then pass
 * through it to the cluster but not look around. A folder that exists is taken as it is.
 */
export async function openDataFolder(given: string): Promise<DataFolder> {
  const path = resolve(given)
  try {
    await mkdir(dirname(path), { recursive: true })
    const created = await makeFolder(path)
    if (!(await stat(path)).isDirectory()) {
      throw new InputError(
        `The data folder ${path} is not a folder: move away the file that is in its place, or ${nameAnotherFolder}.`,
      )
    }
    const account = needsServerAccount() ? await accountFor(path) : undefined
    if (created && account !== undefined) {
      await chown(path, 0, account.gid).catch((error: unknown) => {
        throw describeAccountError(error, account)
      })
      await chmod(path, 0o710)
    }
    return { path: await realpath(path), created, account }
  } catch (error) {
    throw describeFolderError(error, path, 'data folder', nameAnotherFolder)
  }
}

/** Root may work in an ordinary user's folder: then the server runs as that user, so that both can start it. */
async function accountFor(dataDir: string): Promise<ServerAccount> {
  const { uid, gid } = await stat(dataDir)
  return uid === 0 ? await findServerAccount() : { uid, gid, name: String(uid) }
}

async function makeFolder(path: string): Promise<boolean> {
  try {
    await mkdir(path, { mode: 0o700 })
    return true
  } catch (error) {
    // A link that leads nowhere exists and doesn't: stat will say so.
    if (errorCode(error) === 'EEXIST') return false
    throw error
  }
}
