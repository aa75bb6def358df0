import { basename, dirname } from 'node:path'
import { exampleFileName, ownFileName } from '../../config/config.js'

/** A configuration file: where it is (absolute) and a hash of what it says about lists and schedules. */
export interface FileState {
  readonly path: string
  readonly hash: string
}

export interface ConfigFacts {
  /** The file that this command found; null: none. */
  readonly found: (FileState & { readonly isExample: boolean }) | null
  /** The file that the database's lists, limits and schedules came from last; null: none ever. */
  readonly inForce: FileState | null
  /** Whether the database has lists, wherever they came from. */
  readonly hasLists: boolean
}

/**
 * - `apply`: the database follows this file, and may differ from it.
 * - `unchanged`: it says what was applied before.
 * - `keep`: the database follows another file or a person. This one changes nothing unless somebody says so.
 */
export type ConfigDecision = 'apply' | 'unchanged' | 'keep'

/**
 * Whether a file that happens to be there may change the database. A database follows one file: a command that is run in
 * another folder, or with another `--config`, must neither archive lists nor loosen limits by the way.
 */
export function decideConfig({ found, inForce, hasLists }: ConfigFacts): ConfigDecision {
  if (found === null) return 'keep'
  if (inForce === null) return found.isExample && hasLists ? 'keep' : 'apply'
  if (found.hash === inForce.hash) return 'unchanged'
  return found.path === inForce.path || succeedsExample(found.path, inForce.path) ? 'apply' : 'keep'
}

/** The example stands in until there is a file of one's own beside it, which `restock init` writes. */
function succeedsExample(found: string, inForce: string): boolean {
  return dirname(found) === dirname(inForce) && basename(found) === ownFileName && basename(inForce) === exampleFileName
}
