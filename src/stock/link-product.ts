import { sql } from 'kysely'
import type { DomainContext } from '../platform/context.js'
import { inTransaction } from '../platform/database.js'
import { InputError } from '../platform/errors.js'
import { actorOf, assertPerson, type By, callerOf } from './callers.js'
import { assertFence } from './fences.js'
import { findItem } from './find-item.js'
import { cleanNote } from './item-settings.js'

export interface ProductLink {
  readonly itemId: string
  readonly productId: string
  readonly status: 'confirmed' | 'proposed'
}

interface LinkInput {
  readonly item: string
  readonly list?: string | null | undefined
  readonly productId: string
}

/** Proposes which product an item is. Only the run that proposed it may use it, until a person confirms it for all. */
export async function linkProduct(
  ctx: DomainContext,
  input: LinkInput & { readonly note?: string | null | undefined } & By,
): Promise<ProductLink> {
  const caller = callerOf(input)
  const productId = readProductId(input.productId)
  const note = cleanNote(input.note)
  return inTransaction(ctx, async (tx) => {
    await assertFence(tx, caller)
    const { itemId } = await findItem(tx, { ...input, ref: input.item })
    const confirmed = await tx.db
      .selectFrom('stock.links')
      .select('product_id')
      .where('item_id', '=', itemId)
      .where('product_id', '=', productId)
      .where('status', '=', 'confirmed')
      .executeTakeFirst()
    if (confirmed !== undefined) return { itemId, productId, status: 'confirmed' }
    await tx.db
      .insertInto('stock.links')
      .values({
        item_id: itemId,
        product_id: productId,
        status: 'proposed',
        run_id: caller.kind === 'run' ? caller.run : null,
        note,
        created_at: tx.clock.now(),
        confirmed_by: null,
        confirmed_at: null,
      })
      .onConflict((conflict) =>
        conflict
          .expression(sql`item_id, product_id, coalesce(run_id, '')`)
          .where('status', '=', 'proposed')
          .doUpdateSet({ note }),
      )
      .execute()
    return { itemId, productId, status: 'proposed' }
  })
}

/** A person's word on which product an item is; every proposal of the pair is settled by it. */
export async function confirmLink(
  ctx: DomainContext,
  input: { readonly itemId: string; readonly productId: string; readonly list?: string | null | undefined } & By,
): Promise<ProductLink & { readonly wasProposed: boolean }> {
  assertPerson(input)
  const productId = readProductId(input.productId)
  return inTransaction(ctx, async (tx) => {
    const { itemId } = await findItem(tx, { ...input, ref: input.itemId })
    const proposals = await tx.db
      .deleteFrom('stock.links')
      .where('item_id', '=', itemId)
      .where('product_id', '=', productId)
      .where('status', '=', 'proposed')
      .returning('note')
      .execute()
    const now = tx.clock.now()
    await tx.db
      .insertInto('stock.links')
      .values({
        item_id: itemId,
        product_id: productId,
        status: 'confirmed',
        run_id: null,
        note: proposals.find((proposal) => proposal.note !== null)?.note ?? null,
        created_at: now,
        confirmed_by: actorOf(input),
        confirmed_at: now,
      })
      .onConflict((conflict) =>
        conflict.columns(['item_id', 'product_id']).where('status', '=', 'confirmed').doNothing(),
      )
      .execute()
    return { itemId, productId, status: 'confirmed', wasProposed: proposals.length > 0 }
  })
}

function readProductId(text: string): string {
  const productId = text.trim()
  // Products are ordering's: only it can say whether this one exists.
  if (productId === '' || productId.length > 64)
    throw new InputError('product_id: give the id that search_catalog returned')
  return productId
}
