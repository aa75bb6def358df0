import type { DomainContext } from '../platform/context.js'
import { inTransaction } from '../platform/database.js'
import { minorUnits } from '../platform/decimal.js'
import { InputError } from '../platform/errors.js'
import { nearest } from '../platform/nearest.js'
import { type DemandRules, demandRules } from './demand-rules.js'

export interface ListDefinition {
  readonly id: string
  /** The id by default. */
  readonly name?: string | undefined
  readonly currency: string
  readonly timeZone: string
  readonly source: 'file' | 'person'
  /** Of the rules for working out demand, those that the list sets. */
  readonly demandRules?: Partial<DemandRules> | undefined
}

export interface ListView {
  readonly id: string
  readonly name: string
  readonly currency: string
  readonly timeZone: string
  readonly source: 'file' | 'person'
  readonly demandRules: DemandRules
}

/**
 * Makes the lists of the file what it says they are. Lists that left it are archived with their items and history, and
 * come back as they were when the file names them again. A list that a person made becomes the file's when it is named there.
 */
export async function applyLists(
  ctx: DomainContext,
  definitions: readonly ListDefinition[],
): Promise<{ readonly created: readonly string[]; readonly archived: readonly string[] }> {
  for (const definition of definitions) checkDefinition(definition)
  return inTransaction(ctx, async (tx) => {
    const created: string[] = []
    for (const definition of definitions) {
      if (await upsertList(tx, { ...definition, source: 'file' })) created.push(definition.id)
    }
    const now = tx.clock.now()
    const archived = await tx.db
      .updateTable('stock.lists')
      .set({ archived_at: now, updated_at: now })
      .where('source', '=', 'file')
      .where('archived_at', 'is', null)
      .$if(definitions.length > 0, (query) =>
        query.where(
          'id',
          'not in',
          definitions.map((definition) => definition.id),
        ),
      )
      .returning('id')
      .execute()
    return { created, archived: archived.map((list) => list.id) }
  })
}

/** Adds or changes one list that a person keeps by hand. */
export async function addList(ctx: DomainContext, definition: Omit<ListDefinition, 'source'>): Promise<ListView> {
  checkDefinition(definition)
  return inTransaction(ctx, async (tx) => {
    const existing = await tx.db
      .selectFrom('stock.lists')
      .select('source')
      .where('id', '=', definition.id)
      .where('archived_at', 'is', null)
      .executeTakeFirst()
    if (existing?.source === 'file') {
      throw new InputError(`list ${definition.id} stands in the configuration file; change it there`)
    }
    await upsertList(tx, { ...definition, source: 'person' })
    return requireList(tx, definition.id)
  })
}

export async function findLists(ctx: DomainContext): Promise<ListView[]> {
  const lists = await ctx.db
    .selectFrom('stock.lists')
    .select(['id', 'name', 'currency', 'time_zone', 'source', 'demand_rules'])
    .where('archived_at', 'is', null)
    .orderBy('id')
    .execute()
  return lists.map(({ time_zone, demand_rules, ...list }) => ({
    ...list,
    timeZone: time_zone,
    demandRules: demandRules(demand_rules),
  }))
}

/** The list named, or the only one there is. `InputError` names the lists that exist. */
export async function requireList(ctx: DomainContext, id?: string | null): Promise<ListView> {
  return pickList(await findLists(ctx), id)
}

/** As `requireList`, of lists read before. */
export function pickList(lists: readonly ListView[], id?: string | null): ListView {
  const ids = lists.map((list) => list.id)
  if (id === undefined || id === null || id === '') {
    const [only, ...others] = lists
    if (only === undefined) throw new InputError('there is no list yet; add one to restock.yaml', 'unknown_list')
    if (others.length > 0) throw new InputError(`which list? Name one of ${ids.join(', ')}`, 'unknown_list')
    return only
  }
  const found = lists.find((list) => list.id === id)
  if (found !== undefined) return found
  const shown = `"${id.slice(0, 64)}"`
  if (ids.length === 0)
    throw new InputError(`no list ${shown}; there is none yet, add it to restock.yaml`, 'unknown_list')
  const meant = nearest(id, ids)
  const hint = meant === undefined ? `the lists are ${ids.join(', ')}` : `did you mean ${meant}?`
  throw new InputError(`no list ${shown}; ${hint}`, 'unknown_list')
}

/** True when the list is new. */
async function upsertList(tx: DomainContext, definition: ListDefinition): Promise<boolean> {
  const now = tx.clock.now()
  const fields = {
    name: definition.name ?? definition.id,
    currency: definition.currency,
    time_zone: definition.timeZone,
    source: definition.source,
    demand_rules: JSON.stringify(definition.demandRules ?? {}),
    updated_at: now,
    archived_at: null,
  }
  const inserted = await tx.db
    .insertInto('stock.lists')
    .values({ id: definition.id, ...fields, created_at: now })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .returning('id')
    .executeTakeFirst()
  if (inserted !== undefined) return true
  await tx.db.updateTable('stock.lists').set(fields).where('id', '=', definition.id).execute()
  return false
}

function checkDefinition(definition: Omit<ListDefinition, 'source'>): void {
  if (!/^[a-z0-9][a-z0-9_-]{0,63}$/i.test(definition.id)) {
    throw new InputError(`"${definition.id}" can't name a list; use letters, digits, - and _, at most 64 of them`)
  }
  try {
    minorUnits(definition.currency)
    new Intl.DateTimeFormat('en', { timeZone: definition.timeZone })
  } catch (error) {
    if (error instanceof InputError) throw new InputError(`list ${definition.id}, currency: ${error.message}`)
    throw new InputError(
      `list ${definition.id}, time_zone: "${definition.timeZone}" is not a time zone; use an IANA name such as Europe/Berlin`,
    )
  }
}
