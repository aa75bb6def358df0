import { type Selectable, sql, type Updateable } from 'kysely'
import type { DomainContext } from '../../platform/context.js'
import { inTransaction } from '../../platform/database.js'
import { InputError } from '../../platform/errors.js'
import type { ListLimitsTable } from '../tables.js'
import { isSet, mergeSettings, withoutSettings } from './limit-owners.js'
import {
  isFlagKind,
  type LimitSettings,
  limitSettingsSchema,
  parseLimit,
  parseLimitSettings,
  readSupplierPath,
} from './limit-settings.js'
import { assertSupplierExists } from './stray-limits.js'

/** What somebody who knows the list may tell about it; needed to show money and periods before the first run. */
interface ListFacts {
  readonly list: string
  readonly currency?: string | undefined
  readonly timeZone?: string | undefined
}

export interface StoredLimits {
  /** As written. */
  readonly settings: LimitSettings
  /** Those of them that only the configuration file changes. */
  readonly fileSettings: LimitSettings
  /** By the settings or by a person. */
  readonly isPaused: boolean
  readonly source: 'file' | 'person'
  readonly currency: string | null
  readonly timeZone: string | null
}

/**
 * Replaces a list's limits: what isn't said isn't set. The file's replace the file's: what a person set beside them stays,
 * as far as the file doesn't name it. A pause that a person made stays in any case; a restart must not end it.
 */
export async function applyLimits(
  ctx: DomainContext,
  input: ListFacts & { readonly limits: LimitSettings; readonly source: 'file' | 'person' },
): Promise<LimitSettings> {
  return inTransaction(ctx, async (tx) => {
    const stored = await lockListLimits(tx, input)
    const said = parseLimitSettings(input.limits, input.list, stored.currency)
    const isFile = input.source === 'file'
    const settings = isFile ? mergeSettings(withoutSettings(stored.settings, stored.fileSettings), said) : said
    await store(tx, input.list, {
      settings: JSON.stringify(settings),
      file_settings: JSON.stringify(isFile ? said : {}),
      source: input.source,
    })
    return settings
  })
}

/**
 * Sets one limit, or removes it with `value: null`; one of a supplier by its path, `per_supplier.<supplier id>.per_month`.
 * Limits that the file names are changed there; pausing is for everyone.
 */
export async function setLimit(
  ctx: DomainContext,
  input: ListFacts & { readonly kind: string; readonly value: unknown },
): Promise<void> {
  await inTransaction(ctx, async (tx) => {
    const stored = await lockListLimits(tx, input)
    if (readSupplierPath(input.kind) !== null) return setSupplierLimit(tx, stored, input)
    // Parsed even when it is removed: an unknown kind is a mistake either way.
    const value = parseLimit(input.kind, input.value ?? placeholder(input.kind), input.list, stored.currency)
    const { [input.kind]: _, ...others } = stored.settings as Readonly<Record<string, unknown>>
    const isFromFile = isSet(stored.fileSettings, input.kind)
    if (input.kind === 'paused' && !(stored.fileSettings.paused === true && value === false)) {
      await store(tx, input.list, {
        paused_at: value === true ? tx.clock.now() : null,
        settings: JSON.stringify(isFromFile ? stored.settings : others),
      })
      return
    }
    if (isFromFile) throw comesFromFile(input)
    const settings = limitSettingsSchema.parse(input.value === null ? others : { ...others, [input.kind]: value })
    await store(tx, input.list, { settings: JSON.stringify(settings) })
  })
}

async function setSupplierLimit(
  tx: DomainContext,
  stored: StoredLimits,
  input: { readonly list: string; readonly kind: string; readonly value: unknown },
): Promise<void> {
  const path = readSupplierPath(input.kind)
  if (path === null) throw new Error(`${input.kind} names no supplier`)
  if (isSet(stored.fileSettings, input.kind)) throw comesFromFile(input)
  if (input.value !== null) await assertSupplierExists(tx, path.supplierId)
  const ofSuppliers = stored.settings.per_supplier ?? {}
  const before = Object.hasOwn(ofSuppliers, path.supplierId) ? ofSuppliers[path.supplierId] : {}
  const changed = { ...ofSuppliers, [path.supplierId]: { ...before, [path.kind]: input.value } }
  const parsed = parseLimit('per_supplier', changed, input.list, stored.currency)
  const settings = limitSettingsSchema.parse({ ...stored.settings, per_supplier: parsed })
  await store(tx, input.list, { settings: JSON.stringify(settings) })
}

function comesFromFile({ list, kind }: { readonly list: string; readonly kind: string }): InputError {
  return new InputError(`list ${list}: ${kind} comes from the configuration file; change it there`)
}

/** Locks the list's row, made if missing: from here to the commit nobody else spends on this list. */
export async function lockListLimits(tx: DomainContext, facts: ListFacts): Promise<StoredLimits> {
  await tx.db
    .insertInto('purchasing.list_limits')
    .values({
      list: facts.list,
      settings: '{}',
      source: 'person',
      currency: facts.currency ?? null,
      time_zone: facts.timeZone ?? null,
      updated_at: tx.clock.now(),
    })
    .onConflict((conflict) => conflict.column('list').doNothing())
    .execute()
  const row = await tx.db
    .selectFrom('purchasing.list_limits')
    .selectAll()
    .where('list', '=', facts.list)
    .forUpdate()
    .executeTakeFirstOrThrow()
  const currency = facts.currency ?? row.currency
  const timeZone = facts.timeZone ?? row.time_zone
  if (currency !== row.currency || timeZone !== row.time_zone) {
    await tx.db
      .updateTable('purchasing.list_limits')
      .set({ currency, time_zone: timeZone })
      .where('list', '=', facts.list)
      .execute()
  }
  return { ...toStored(row), currency, timeZone }
}

/** As they are, without a lock; null: nothing was ever set or placed for this list. */
export async function findListLimits(ctx: DomainContext, list: string): Promise<StoredLimits | null> {
  const row = await ctx.db.selectFrom('purchasing.list_limits').selectAll().where('list', '=', list).executeTakeFirst()
  return row === undefined ? null : toStored(row)
}

function toStored(row: Selectable<ListLimitsTable>): StoredLimits {
  const settings = limitSettingsSchema.parse(row.settings)
  return {
    settings,
    fileSettings: limitSettingsSchema.parse(row.file_settings),
    isPaused: settings.paused === true || row.paused_at !== null,
    source: row.source,
    currency: row.currency,
    timeZone: row.time_zone,
  }
}

async function store(tx: DomainContext, list: string, changes: Updateable<ListLimitsTable>): Promise<void> {
  await tx.db
    .updateTable('purchasing.list_limits')
    .set({
      ...changes,
      ...(changes.settings === undefined
        ? {}
        : { version: sql<number>`version + (settings is distinct from ${changes.settings}::jsonb)::int` }),
      updated_at: tx.clock.now(),
    })
    .where('list', '=', list)
    .execute()
}

function placeholder(kind: string): unknown {
  if (kind === 'allowed_suppliers') return ['any']
  if (kind === 'per_supplier') return {}
  if (kind === 'price_rise') return 'approve'
  if (kind === 'on_amendment') return 'ask'
  if (kind === 'max_times_need') return 1
  return isFlagKind(kind) ? false : 0
}
