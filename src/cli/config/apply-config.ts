import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { besideConfigFile, type Config } from '../../config/config.js'
import type { FileDemand } from '../../config/config-file.js'
import type { DomainContext } from '../../platform/context.js'
import { inTransaction } from '../../platform/database.js'
import { InputError } from '../../platform/errors.js'
import { importCatalog } from '../../purchasing/catalog/import-catalog.js'
import { importSuppliers } from '../../purchasing/catalog/import-suppliers.js'
import { applyLimits, findListLimits, lockListLimits } from '../../purchasing/limits/list-limits.js'
import { applySchedules } from '../../schedules/save-schedule.js'
import type { DemandRules } from '../../stock/demand-rules.js'
import { importItems } from '../../stock/import-items.js'
import { applyLists } from '../../stock/lists.js'
import { readNamedFile } from '../read-file.js'

/**
 * Makes lists, limits and schedules what the configuration file says. A list that is new and names a folder to import gets
 * that folder's content, once. All of it or nothing. Without a configuration file everything stays as it is.
 */
export async function applyConfig(
  ctx: DomainContext,
  config: Config,
): Promise<{ readonly imported: readonly string[] }> {
  if (config.configFile === null) return { imported: [] }
  const lists = Object.entries(config.file.lists)
  return inTransaction(ctx, async (tx) => {
    const { created } = await applyLists(
      tx,
      lists.map(([id, list]) => ({
        id,
        name: list.name,
        currency: list.currency,
        timeZone: list.time_zone,
        source: 'file',
        demandRules: readDemand(list.demand),
      })),
    )
    for (const [id, list] of lists) {
      const facts = { list: id, currency: list.currency, timeZone: list.time_zone }
      // A file that says nothing about limits has no say over those that a person set.
      const isPersons = list.limits === undefined && (await findListLimits(tx, id))?.source === 'person'
      if (isPersons) await lockListLimits(tx, facts)
      else await applyLimits(tx, { ...facts, limits: list.limits ?? {}, source: 'file' })
    }
    await applySchedules(
      tx,
      config.file.schedules.map((schedule) => ({
        name: schedule.name,
        list: schedule.list,
        cron: schedule.cron,
        timeZone: schedule.time_zone ?? config.file.lists[schedule.list]?.time_zone ?? 'UTC',
        misfire: schedule.misfire,
        overlap: schedule.overlap,
        catchUpWindowMs: scaled(schedule.catch_up_hours, 3_600_000),
        maxCatchUp: schedule.max_catch_up,
        jitterMs: scaled(schedule.jitter_seconds, 1_000),
        pauseAfterFailures: schedule.pause_after_failures,
        instructions: schedule.instructions ?? null,
        isPaused: schedule.paused,
      })),
    )
    const imported: string[] = []
    for (const [id, list] of lists) {
      if (list.import === undefined || !created.includes(id)) continue
      await importFolder(tx, besideConfigFile(config, list.import), id)
      imported.push(id)
    }
    return { imported }
  })
}

function scaled(value: number | undefined, factor: number): number | undefined {
  return value === undefined ? undefined : Math.round(value * factor)
}

/** Only what the file sets, so that the rest follows what is usual. */
function readDemand(demand: FileDemand = {}): Partial<DemandRules> {
  const rules = {
    windowDays: demand.window_days,
    reviewDays: demand.review_days,
    serviceLevel: demand.service_level,
    leadTimeDays: demand.lead_time_days,
    topUpPercent: demand.top_up_percent,
    doubtZeroDays: demand.doubt_zero_days,
    doubtTimes: demand.doubt_times,
  }
  return Object.fromEntries(Object.entries(rules).filter(([, value]) => value !== undefined))
}

/** Imports `suppliers.csv`, `catalog.csv` and `items.csv` of a folder, as far as they are there, in one transaction. */
export async function importFolder(ctx: DomainContext, folder: string, list: string): Promise<void> {
  if (!existsSync(folder))
    throw new InputError(`The folder ${folder} that list ${list} should be imported from is not there.`)
  await inTransaction(ctx, async (tx) => {
    const steps = [
      { file: 'suppliers.csv', read: importSuppliers },
      { file: 'catalog.csv', read: importCatalog },
      { file: 'items.csv', read: importItems },
    ]
    for (const step of steps) {
      const path = join(folder, step.file)
      if (!existsSync(path)) continue
      await step.read(tx, { ...(await readNamedFile(path, { cwd: folder })), list })
    }
  })
}
