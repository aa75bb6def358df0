import { createHash } from 'node:crypto'
import { realpathSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import type { Config } from '../../config/config.js'
import type { DomainContext } from '../../platform/context.js'
import { inTransaction } from '../../platform/database.js'
import { InputError } from '../../platform/errors.js'
import {
  type AppliedConfig,
  findAppliedConfig,
  lockAppliedConfig,
  saveAppliedConfig,
} from '../../runs/applied-config.js'
import { findLists } from '../../stock/lists.js'
import { applyConfig } from './apply-config.js'
import { type ConfigChanges, compareConfigured, readConfiguredState } from './config-changes.js'
import { type ConfigFacts, decideConfig } from './decide-config.js'

export interface FollowedConfig {
  /** Lists that were new and got the content that the file names. */
  readonly imported: readonly string[]
  /** Set when the file that was found is not the one that the database follows. */
  readonly kept: KeptConfig | null
}

export interface KeptConfig {
  /** Why the file changed nothing, and what to do about it. */
  readonly text: string
  /** The file that decides; null: none does, lists were made by hand. */
  readonly inForce: string | null
}

/** Applies the configuration file if the database follows it (see decideConfig), else leaves everything as it is. */
export async function followConfig(ctx: DomainContext, config: Config): Promise<FollowedConfig> {
  // Nothing is locked for the many commands that find nothing to do.
  const facts = await readFacts(ctx, config)
  if (decideConfig(facts) !== 'apply') return { imported: [], kept: explainKept(facts) }
  return inTransaction(ctx, async (tx) => {
    await lockAppliedConfig(tx)
    const now = await readFacts(tx, config)
    if (decideConfig(now) !== 'apply') return { imported: [], kept: explainKept(now) }
    return { ...(await applyAndSave(tx, config, now)), kept: null }
  })
}

/** Applies the configuration file whatever was applied before, because somebody asked for it. */
export async function switchConfig(
  ctx: DomainContext,
  config: Config,
): Promise<{ readonly file: string; readonly imported: readonly string[]; readonly changes: ConfigChanges }> {
  const { configFile: file } = config
  if (file === null) {
    throw new InputError('There is no configuration file here to apply; name one with --config.', 'no_configuration')
  }
  return inTransaction(ctx, async (tx) => {
    await lockAppliedConfig(tx)
    const facts = await readFacts(tx, config)
    if (config.isExampleFile && facts.inForce?.path !== facts.found?.path && facts.hasLists) {
      throw new InputError(
        `${file} is only an example, and this database has lists already; name the file with --config if it shall decide about them.`,
        'only_an_example',
      )
    }
    const before = await readConfiguredState(tx)
    const { imported } = await applyAndSave(tx, config, facts)
    return { file, imported, changes: compareConfigured(before, await readConfiguredState(tx)) }
  })
}

async function applyAndSave(
  tx: DomainContext,
  config: Config,
  { found }: ConfigFacts,
): Promise<{ readonly imported: readonly string[] }> {
  const applied = await applyConfig(tx, config)
  if (found !== null) await saveAppliedConfig(tx, { path: storedPath(config, found.path), hash: found.hash })
  return applied
}

async function readFacts(ctx: DomainContext, config: Config): Promise<ConfigFacts> {
  const { configFile } = config
  const applied = await findAppliedConfig(ctx)
  return {
    found:
      configFile === null
        ? null
        : { path: realPath(configFile), hash: hashOf(config), isExample: config.isExampleFile },
    inForce: applied === null ? null : { ...applied, path: knownPath(config, applied) },
    hasLists: (await findLists(ctx)).length > 0,
  }
}

/** Of what would be written to the database, so that neither comments nor settings of this process alone count. */
function hashOf({ file }: Config): string {
  return createHash('sha256')
    .update(JSON.stringify([file.lists, file.schedules]))
    .digest('hex')
}

/** Beside a database of our own the file is named from the data folder, so that both may be moved together. */
function storedPath(config: Config, path: string): string {
  return config.databaseUrl === null ? relative(realPath(config.dataDir), path) : path
}

function knownPath(config: Config, { path }: AppliedConfig): string {
  return resolve(realPath(config.dataDir), path)
}

function realPath(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return resolve(path)
  }
}

function explainKept({ found, inForce, hasLists }: ConfigFacts): KeptConfig | null {
  if (found === null || decideConfig({ found, inForce, hasLists }) !== 'keep') return null
  if (inForce === null) {
    const text = `${found.path} is only an example and is not applied, because the database has lists already.`
    return { text, inForce: null }
  }
  const text = `${found.path} is not in force, because this database follows ${inForce.path}: name that one with --config ${inForce.path}, or let this one decide with \`restock config apply\`.`
  return { text, inForce: inForce.path }
}
