import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { InputError } from '../errors.js'
import { findBinaries, type PostgresBinaries } from './binaries.js'
import type { Cluster, EmbeddedPostgresLogger } from './cluster.js'
import {
  type ClusterPlace,
  choosePlace,
  findAbandonedHomes,
  findPlace,
  makeHome,
  nameHome,
  openStageDir,
} from './cluster-place.js'
import { type ClusterRecord, newClusterRecord, readClusterRecord, writeClusterRecord } from './cluster-record.js'
import { type DataFolder, nameAnotherFolder } from './data-folder.js'
import { mayRunBinaries } from './reach.js'
import { stageBinaries } from './stage-binaries.js'

export interface PrepareOptions {
  readonly ephemeral: boolean
  readonly stageDir: string
  readonly log: EmbeddedPostgresLogger
}

/**
 * Finds where the data folder's cluster is and as whom its server runs, or decides it for a new one, and makes what it
 * needs around it: record, home, binaries within reach. The cluster itself is neither made nor started.
 */
export async function prepareCluster(folder: DataFolder, options: PrepareOptions): Promise<Cluster> {
  const known = await readClusterRecord(folder.path)
  const { place, record } =
    known === undefined ? await chooseNew(folder, options) : await takeKnown(folder, known, options)
  const binaries = await bringBinaries(place, options.stageDir)
  // Before the cluster: whoever finds a cluster must find its passwords.
  if (known === undefined) await writeClusterRecord(folder.path, record)
  await makeHome(folder, place, options.stageDir)
  return { ...place, dataDir: folder.path, record, binaries, log: options.log }
}

async function chooseNew(
  folder: DataFolder,
  options: PrepareOptions,
): Promise<{ readonly place: ClusterPlace; readonly record: ClusterRecord }> {
  const place = await choosePlace(folder, options.stageDir)
  if (await exists(place.data)) {
    throw new InputError(
      `The folder ${place.home} holds a database, but ${join(folder.path, 'postgres.json')} with its passwords is missing: put that file back from a backup, or ${nameAnotherFolder}.`,
      'cluster_record_missing',
    )
  }
  for (const home of await findAbandonedHomes(folder, options.stageDir)) {
    options.log.warn(
      { home },
      'an earlier database of this data folder, which was removed since, is still there; delete it if you no longer need it',
    )
  }
  return { place, record: newClusterRecord(nameHome(folder, place), options.ephemeral) }
}

async function takeKnown(
  folder: DataFolder,
  record: ClusterRecord,
  options: PrepareOptions,
): Promise<{ readonly place: ClusterPlace; readonly record: ClusterRecord }> {
  if (record.ephemeral !== options.ephemeral) {
    throw new InputError(
      record.ephemeral
        ? `The data folder ${folder.path} holds a throw-away database that was not cleaned up: remove the folder, or ${nameAnotherFolder}.`
        : `The data folder ${folder.path} holds a database to keep, and a throw-away one was asked for: ${nameAnotherFolder}.`,
      'data_folder_of_another_kind',
    )
  }
  const place = await findPlace(folder, record)
  if (record.ready && !record.ephemeral && !(await exists(place.data))) {
    throw new InputError(
      `The database of ${folder.path} is gone, its folder ${place.data} doesn't exist: restore it from a backup, or remove ${join(folder.path, 'postgres.json')} to start with an empty one.`,
      'cluster_missing',
    )
  }
  return { place, record }
}

/** The binaries, where the server's user can run them. */
async function bringBinaries(place: ClusterPlace, stageDir: string): Promise<PostgresBinaries> {
  const binaries = await findBinaries()
  if (place.account === undefined) return binaries
  const mayRun = await mayRunBinaries(binaries, place.account)
  if (place.staged || !mayRun) await openStageDir(stageDir, place.account)
  return mayRun ? binaries : await stageBinaries(binaries, stageDir)
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path)
    return true
  } catch {
    return false
  }
}
