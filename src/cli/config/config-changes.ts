import type { DomainContext } from '../../platform/context.js'
import { findListLimits } from '../../purchasing/limits/list-limits.js'
import { findSchedules } from '../../schedules/change-schedule.js'
import { findLists } from '../../stock/lists.js'

/** What a configuration file decides about, as the database has it. */
export interface ConfiguredState {
  readonly lists: readonly string[]
  /** By list, then by limit; as written. */
  readonly limits: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  /** By name: what each does, as text. */
  readonly schedules: Readonly<Record<string, string>>
}

export interface LimitChange {
  readonly list: string
  readonly limit: string
  /** null: not set. */
  readonly from: unknown
  readonly to: unknown
}

export interface ConfigChanges {
  readonly lists: { readonly added: readonly string[]; readonly archived: readonly string[] }
  readonly limits: readonly LimitChange[]
  readonly schedules: {
    readonly added: readonly string[]
    readonly changed: readonly string[]
    readonly archived: readonly string[]
  }
}

export async function readConfiguredState(ctx: DomainContext): Promise<ConfiguredState> {
  const lists = (await findLists(ctx)).map(({ id }) => id)
  const limits: Record<string, Readonly<Record<string, unknown>>> = {}
  for (const list of lists) limits[list] = { ...(await findListLimits(ctx, list))?.settings }
  const schedules = (await findSchedules(ctx)).map(
    ({ id: _, nextSlot: __, lastSlot: ___, missedSlots: ____, pausedAt, ...schedule }): [string, string] => [
      schedule.name,
      JSON.stringify([schedule, pausedAt !== null]),
    ],
  )
  return { lists, limits, schedules: Object.fromEntries(schedules) }
}

/** What is different afterwards. Limits of lists that are gone are not told of: the list is. */
export function compareConfigured(before: ConfiguredState, after: ConfiguredState): ConfigChanges {
  const oldSchedules = Object.keys(before.schedules)
  const newSchedules = Object.keys(after.schedules)
  return {
    lists: {
      added: after.lists.filter((list) => !before.lists.includes(list)),
      archived: before.lists.filter((list) => !after.lists.includes(list)),
    },
    limits: after.lists.flatMap((list) => compareLimits(list, before.limits[list] ?? {}, after.limits[list] ?? {})),
    schedules: {
      added: newSchedules.filter((name) => !oldSchedules.includes(name)),
      changed: newSchedules.filter(
        (name) => oldSchedules.includes(name) && before.schedules[name] !== after.schedules[name],
      ),
      archived: oldSchedules.filter((name) => !newSchedules.includes(name)),
    },
  }
}

function compareLimits(
  list: string,
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): LimitChange[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].sort().flatMap((limit) => {
    const [from, to] = [before[limit] ?? null, after[limit] ?? null]
    return JSON.stringify(from) === JSON.stringify(to) ? [] : [{ list, limit, from, to }]
  })
}

/** The changes for people, a line each. */
export function describeChanges(changes: ConfigChanges): string[] {
  const each = (what: string, names: readonly string[]) => names.map((name) => `  ${what} ${name}`)
  return [
    ...each('list added:', changes.lists.added),
    ...each('list archived:', changes.lists.archived),
    ...changes.limits.map(
      ({ list, limit, from, to }) => `  limit ${limit} of ${list}: ${written(from)}, now ${written(to)}`,
    ),
    ...each('schedule added:', changes.schedules.added),
    ...each('schedule changed:', changes.schedules.changed),
    ...each('schedule archived:', changes.schedules.archived),
  ]
}

function written(value: unknown): string {
  if (value === null) return 'not set'
  return Array.isArray(value) ? value.join(', ') : String(value)
}
