import { sql } from 'kysely'
import type { DomainContext } from '../platform/context.js'
import { InputError } from '../platform/errors.js'
import { parseGtin } from '../platform/gtin.js'
import { nearest } from '../platform/nearest.js'
import { assertOwnList, type By, callerOf } from './callers.js'
import type { ItemKind } from './tables.js'

export interface FoundItem {
  readonly itemId: string
  readonly list: string
  readonly name: string
  readonly kind: ItemKind
  readonly unit: string
}

/**
 * The item that a person or a model means: by id, else by sku, gtin or exact name (in any case) on `list`, or on any list
 * when none is given. A run finds items of its own list only.
 */
export async function findItem(
  ctx: DomainContext,
  input: { readonly ref: string; readonly list?: string | null | undefined } & By,
): Promise<FoundItem> {
  const ref = input.ref.trim()
  const caller = callerOf(input)
  const byId = await liveItems(ctx).where('item.id', '=', ref).executeTakeFirst()
  if (byId !== undefined) {
    assertOwnList(caller, byId.list)
    if (!input.list || input.list === byId.list) return toFound(byId)
  }

  const list = caller.kind === 'run' ? caller.list : (input.list ?? null)
  if (input.list) assertOwnList(caller, input.list)
  const gtin = gtinOrNull(ref)
  const found = await liveItems(ctx)
    .where((where) =>
      where.or([
        where('item.sku', '=', ref),
        ...(gtin === null ? [] : [where('item.gtin', '=', gtin)]),
        where(sql`lower(item.name)`, '=', sql`lower(${ref})`),
      ]),
    )
    .$if(list !== null, (query) => query.where('item.list', '=', list))
    .execute()
  const best = firstNotEmpty([
    found.filter((item) => item.sku === ref),
    found.filter((item) => gtin !== null && item.gtin === gtin),
    found,
  ])
  const [only, ...others] = best
  if (only === undefined) throw await unknownItem(ctx, ref, list)
  if (others.length > 0) {
    throw new InputError(
      `"${shorten(ref)}" is on several lists (${best.map((item) => item.list).join(', ')}); name the list as well`,
      'ambiguous_item',
    )
  }
  return toFound(only)
}

/** Locks the item until the transaction ends: whoever changes its stock or settings queues here. */
export async function lockItem(tx: DomainContext, itemId: string): Promise<void> {
  const locked = await tx.db
    .selectFrom('stock.items')
    .select('id')
    .where('id', '=', itemId)
    .where('archived_at', 'is', null)
    .forUpdate()
    .executeTakeFirst()
  if (locked === undefined) throw new InputError(`item ${itemId} has just been removed`, 'unknown_item')
}

interface ItemRow {
  readonly id: string
  readonly list: string
  readonly name: string
  readonly kind: ItemKind
  readonly unit: string
}

function liveItems(ctx: DomainContext) {
  return ctx.db
    .selectFrom('stock.items as item')
    .innerJoin('stock.lists as list', 'list.id', 'item.list')
    .select(['item.id', 'item.list', 'item.name', 'item.kind', 'item.unit', 'item.sku', 'item.gtin'])
    .where('item.archived_at', 'is', null)
    .where('list.archived_at', 'is', null)
}

function toFound({ id, list, name, kind, unit }: ItemRow): FoundItem {
  return { itemId: id, list, name, kind, unit }
}

async function unknownItem(ctx: DomainContext, ref: string, list: string | null): Promise<InputError> {
  const where = list === null ? '' : ` on list ${list}`
  let hint = 'list the items to see their names and ids'
  if (list !== null) {
    const names = await liveItems(ctx).where('item.list', '=', list).execute()
    const meant = nearest(
      ref,
      names.map((item) => item.name),
    )
    if (meant !== undefined) hint = `did you mean ${meant}?`
  }
  return new InputError(`no item "${shorten(ref)}"${where}; ${hint}`, 'unknown_item')
}

function gtinOrNull(text: string): string | null {
  try {
    return parseGtin(text)
  } catch {
    return null
  }
}

function firstNotEmpty<T>(candidates: readonly (readonly T[])[]): readonly T[] {
  return candidates.find((candidate) => candidate.length > 0) ?? []
}

function shorten(ref: string): string {
  return ref.length > 60 ? `${ref.slice(0, 60)}…` : ref
}
