import { sql } from 'kysely'
import type { DomainContext } from '../platform/context.js'
import type { By } from './callers.js'
import { type FoundItem, findItem } from './find-item.js'
import { readSnapshot } from './snapshot-read.js'
import type { MovementKind } from './tables.js'

/** A movement as the ledger keeps it. */
export interface PastMovement {
  readonly movementId: number
  readonly at: Date
  readonly kind: MovementKind
  /** Signed change. */
  readonly quantity: number
  /** What a count found; null for the other kinds. */
  readonly counted: number | null
  readonly cause: string
  readonly actor: string
  /** Which movement this one takes back, and which took this one back. */
  readonly undoes: number | null
  readonly undoneBy: number | null
}

/** What happened to an item's stock, the newest first. */
export async function itemHistory(
  ctx: DomainContext,
  input: {
    readonly item: string
    readonly list?: string | null | undefined
    /** At most so many. */
    readonly limit: number
    /** Only movements that come after this one, which happened later. */
    readonly before?: { readonly at: Date; readonly movementId: number } | undefined
  } & By,
): Promise<{ readonly item: FoundItem; readonly movements: readonly PastMovement[] }> {
  return readSnapshot(ctx, async (tx) => {
    const item = await findItem(tx, { ...input, ref: input.item })
    return { item, movements: await readHistory(tx, item.itemId, input.limit, input.before) }
  })
}

export async function readHistory(
  tx: DomainContext,
  itemId: string,
  limit: number,
  before?: { readonly at: Date; readonly movementId: number } | undefined,
): Promise<PastMovement[]> {
  return tx.db
    .selectFrom('stock.movements as movement')
    .leftJoin('stock.movements as undo', 'undo.undoes', 'movement.id')
    .select([
      'movement.id as movementId',
      'movement.at',
      'movement.kind',
      'movement.quantity',
      'movement.counted',
      'movement.cause',
      'movement.actor',
      'movement.undoes',
      'undo.id as undoneBy',
    ])
    .where('movement.item_id', '=', itemId)
    .$if(before !== undefined, (query) =>
      query.where(
        sql<boolean>`(movement.at, movement.id) < (${before?.at ?? null}::timestamptz, ${before?.movementId ?? null}::bigint)`,
      ),
    )
    .orderBy('movement.at', 'desc')
    .orderBy('movement.id', 'desc')
    .limit(limit)
    .execute()
}
