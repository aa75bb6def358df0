import { realpath, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { PostgresBinaries } from './binaries.js'
import type { ServerAccount } from './server-account.js'

/** The first folder on the way to `folder`, from the root, that the account can't enter; undefined when it can enter all. */
export async function findClosedFolder(folder: string, account: ServerAccount): Promise<string | undefined> {
  const way: string[] = []
  for (let path = await realpath(folder); ; path = dirname(path)) {
    way.unshift(path)
    if (path === dirname(path)) break
  }
  for (const path of way) {
    if (!(await has(path, account, 0o1))) return path
  }
  return undefined
}

/** Whether the account can run these binaries where they are. An installation has one umask, so a sample tells. */
export async function mayRunBinaries(binaries: PostgresBinaries, account: ServerAccount): Promise<boolean> {
  const { root } = binaries
  for (const folder of [join(root, 'bin'), join(root, 'lib', 'postgresql'), join(root, 'share', 'postgresql')]) {
    if ((await findClosedFolder(folder, account)) !== undefined) return false
  }
  for (const program of [binaries.initdb, binaries.pgCtl, join(root, 'bin', 'postgres')]) {
    if (!(await has(program, account, 0o5))) return false
  }
  return await has(join(root, 'share', 'postgresql', 'postgres.bki'), account, 0o4)
}

/** Checks the permission bits as the kernel does: the first class that fits decides. */
async function has(path: string, account: ServerAccount, bits: number): Promise<boolean> {
  const { mode, uid, gid } = await stat(path)
  const shift = uid === account.uid ? 6 : gid === account.gid ? 3 : 0
  return ((mode >> shift) & bits) === bits
}
