import { randomBytes } from 'node:crypto'
import { chown, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { InputError } from '../errors.js'
import { describeFolderError, errorCode } from '../folder-errors.js'

/** What a data folder knows of its database: where it is and how to get in. Kept in `<dataDir>/postgres.json`, 0600. */
const clusterRecordSchema = z.object({
  /** The cluster's home: relative to the data folder, or absolute when it is staged elsewhere. */
  home: z.string().min(1),
  adminUser: z.string().min(1),
  adminPassword: z.string().min(1),
  user: z.string().min(1),
  password: z.string().min(1),
  ephemeral: z.boolean(),
  /** False until role and database exist: whoever finds it so finishes the work. */
  ready: z.boolean(),
})
export type ClusterRecord = Readonly<z.infer<typeof clusterRecordSchema>>

const fileName = 'postgres.json'

export function newClusterRecord(home: string, ephemeral: boolean): ClusterRecord {
  // Hexadecimal, so that they need no quoting in an URL or in SQL.
  const secret = (): string => randomBytes(24).toString('hex')
  return {
    home,
    adminUser: 'postgres',
    adminPassword: secret(),
    user: 'restock',
    password: secret(),
    ephemeral,
    ready: false,
  }
}

export async function readClusterRecord(dataDir: string): Promise<ClusterRecord | undefined> {
  const path = join(dataDir, fileName)
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw describeFolderError(error, path, "database's file", 'run Restock as the user that made it')
  }
  try {
    return clusterRecordSchema.parse(JSON.parse(text))
  } catch {
    throw new InputError(
      `The file ${path}, which says where the database is and holds its passwords, is damaged: put it back from a backup, or name another data folder with --data-dir or RESTOCK_DATA_DIR.`,
      'cluster_record_damaged',
    )
  }
}

/** Complete or not at all, also when the power fails in between. Belongs to whom the data folder belongs to. */
export async function writeClusterRecord(dataDir: string, record: ClusterRecord): Promise<void> {
  const path = join(dataDir, fileName)
  const fresh = `${path}.${randomBytes(4).toString('hex')}`
  try {
    const file = await open(fresh, 'wx', 0o600)
    try {
      await file.writeFile(`${JSON.stringify(record, null, 2)}\n`)
      if (!record.ephemeral) await file.sync()
    } finally {
      await file.close()
    }
    if (process.getuid?.() === 0) {
      const { uid, gid } = await stat(dataDir)
      await chown(fresh, uid, gid)
    }
    await rename(fresh, path)
  } catch (error) {
    await rm(fresh, { force: true }).catch(() => undefined)
    throw error
  }
}

export async function removeClusterRecord(dataDir: string): Promise<void> {
  await rm(join(dataDir, fileName), { force: true })
}
