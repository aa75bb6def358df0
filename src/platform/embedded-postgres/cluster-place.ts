import { createHash, randomBytes } from 'node:crypto'
import { chmod, lchown, lstat, mkdir, readdir, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises'
import { isAbsolute, join, relative, resolve } from 'node:path'
import { InputError, UnavailableError } from '../errors.js'
import { describeFolderError, errorCode } from '../folder-errors.js'
import type { ClusterRecord } from './cluster-record.js'
import { readClusterRecord } from './cluster-record.js'
import { type DataFolder, nameAnotherFolder } from './data-folder.js'
import { findClosedFolder } from './reach.js'
import { describeAccountError, needsServerAccount, type ServerAccount } from './server-account.js'

/** Where a cluster lives and as whom its server runs. */
export interface ClusterPlace {
  /** Belongs to the server's user, 0700: the cluster and the server's log. */
  readonly home: string
  /** PostgreSQL's own data directory. */
  readonly data: string
  /** Undefined: the server runs as ourselves. */
  readonly account: ServerAccount | undefined
  readonly staged: boolean
}

/** Beside a staged home, out of reach of the server's user: whose it is, for people who find it and for noticing copies. */
function ownerFileOf(home: string): string {
  return `${home}.data-folder`
}

/** A place for a new cluster: below the data folder, or where the server's user can get at it. */
export async function choosePlace(folder: DataFolder, stageDir: string): Promise<ClusterPlace> {
  const { account } = folder
  if (account === undefined || (await findClosedFolder(folder.path, account)) === undefined) {
    return placeAt(join(folder.path, 'postgres'), account, false)
  }
  const hash = createHash('sha256').update(folder.path).digest('hex').slice(0, 10)
  return placeAt(join(stageDir, 'clusters', `${hash}-${randomBytes(3).toString('hex')}`), account, true)
}

/** How the record names the place: below the data folder relative to it, so that the folder can be moved. */
export function nameHome(folder: DataFolder, place: ClusterPlace): string {
  return place.staged ? place.home : relative(folder.path, place.home)
}

/** The place of the cluster that `record` speaks of, checked for being ours and within reach. */
export async function findPlace(folder: DataFolder, record: ClusterRecord): Promise<ClusterPlace> {
  const staged = isAbsolute(record.home)
  const home = resolve(folder.path, record.home)
  const owner = await stat(home).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return undefined
    throw describeFolderError(error, home, 'database folder', 'run Restock as the user that made it')
  })
  if (owner === undefined) return placeAt(home, folder.account, staged)
  const uid = process.getuid?.()
  if (!needsServerAccount()) {
    if (uid !== undefined && owner.uid !== uid) {
      throw new UnavailableError(
        `The database in ${home} belongs to another user (uid ${owner.uid}): run Restock as that user, or ${nameAnotherFolder}.`,
        'folder_of_another_user',
      )
    }
    return placeAt(home, undefined, staged)
  }
  const account: ServerAccount =
    owner.uid === folder.account?.uid ? folder.account : { uid: owner.uid, gid: owner.gid, name: String(owner.uid) }
  const closed = await findClosedFolder(resolve(home, '..'), account)
  if (closed !== undefined) {
    throw new InputError(
      `PostgreSQL runs as user ${account.name}, who can't enter ${closed} and so not reach the database in ${home}: let others pass (chmod o+x ${closed}), or move the data folder back to where it was.`,
      'database_out_of_reach',
    )
  }
  if (staged) await refuseCopy(folder.path, home)
  return placeAt(home, account, staged)
}

/** Makes the home, empty and closed to everyone but the server's user. Harmless when it exists. */
export async function makeHome(folder: DataFolder, place: ClusterPlace, stageDir: string): Promise<void> {
  try {
    if (place.staged) await makeShared(join(stageDir, 'clusters'))
    if (place.staged) await writeFile(ownerFileOf(place.home), `${folder.path}\n`, { mode: 0o600 })
    await mkdir(place.home, { recursive: true, mode: 0o700 })
    const { account } = place
    if (account === undefined) return
    await lchown(place.home, account.uid, account.gid).catch((error: unknown) => {
      throw describeAccountError(error, account)
    })
  } catch (error) {
    throw describeFolderError(error, place.home, 'database folder', nameAnotherFolder)
  }
}

/** Deletes the home with everything in it. */
export async function removeHome(place: ClusterPlace): Promise<void> {
  await rm(place.home, { recursive: true, force: true, maxRetries: 5 })
  if (place.staged) await rm(ownerFileOf(place.home), { force: true })
}

/** The folder for what the server's user must reach. It must be root's alone: programs are run from it. */
export async function openStageDir(stageDir: string, account: ServerAccount): Promise<void> {
  const advice = `make it writable for root, run Restock as an ordinary user, or set DATABASE_URL to a PostgreSQL server of your own`
  try {
    await makeShared(stageDir)
  } catch (error) {
    throw describeFolderError(error, stageDir, 'folder', advice)
  }
  const { uid, mode } = await lstat(stageDir)
  if (uid !== 0 || (mode & 0o022) !== 0) {
    throw new UnavailableError(
      `The folder ${stageDir} must belong to root and be writable for no one else: correct that (chown root, chmod 755).`,
    )
  }
  const closed = await findClosedFolder(stageDir, account)
  if (closed !== undefined) {
    throw new UnavailableError(
      `PostgreSQL runs as user ${account.name}, who can't enter ${closed}: let others pass (chmod o+x ${closed}), or run Restock as an ordinary user.`,
    )
  }
}

/** Staged homes that say they belong to this data folder, which knows of none: it was removed since. */
export async function findAbandonedHomes(folder: DataFolder, stageDir: string): Promise<readonly string[]> {
  const clusters = join(stageDir, 'clusters')
  const names = (await readdir(clusters).catch(() => [])).filter((name) => !name.endsWith('.data-folder'))
  const homes = names.map((name) => join(clusters, name))
  const owners = await Promise.all(homes.map(readOwner))
  return homes.filter((_, index) => owners[index] === folder.path)
}

/** A copied data folder still points to the original's staged database; a moved one takes it along. */
async function refuseCopy(dataDir: string, home: string): Promise<void> {
  const owner = await readOwner(home)
  if (owner === dataDir) return
  if (owner !== undefined && (await pointsTo(owner, home))) {
    throw new InputError(
      `The data folder ${dataDir} is a copy of ${owner}, and both point to one database, ${home}: remove ${join(dataDir, 'postgres.json')} to start the copy with an empty database, or ${nameAnotherFolder}.`,
      'data_folder_is_a_copy',
    )
  }
  await writeFile(ownerFileOf(home), `${dataDir}\n`, { mode: 0o600 })
}

async function pointsTo(dataDir: string, home: string): Promise<boolean> {
  try {
    const record = await readClusterRecord(await realpath(dataDir))
    return record !== undefined && resolve(dataDir, record.home) === home
  } catch {
    return false
  }
}

async function readOwner(home: string): Promise<string | undefined> {
  return (await readFile(ownerFileOf(home), 'utf8').catch(() => undefined))?.trimEnd()
}

/** A folder of root's own that others may enter, whatever our umask is. */
async function makeShared(path: string): Promise<void> {
  await mkdir(path, { recursive: true })
  const { uid, mode } = await stat(path)
  if (uid === 0 && (mode & 0o055) !== 0o055) await chmod(path, 0o755)
}

function placeAt(home: string, account: ServerAccount | undefined, staged: boolean): ClusterPlace {
  return { home, data: join(home, 'data'), account, staged }
}
