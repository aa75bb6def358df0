import { sql } from 'kysely'
import type { DomainContext } from '../platform/context.js'
import { inTransaction } from '../platform/database.js'
import { InputError } from '../platform/errors.js'
import { appendMovements } from './append-movement.js'
import { countedSince } from './apply-deliveries.js'
import { actorOf, assertPerson, type By } from './callers.js'
import { lockItem } from './find-item.js'
import { requireList } from './lists.js'
import { readStock } from './read-stock.js'
import { correctionCause } from './record-use.js'

export interface UndoneMovement {
  /** The movement that took it back. */
  readonly movementId: number
  readonly undoes: number
  readonly itemId: string
  readonly name: string
  readonly unit: string
  readonly before: number
  readonly onHand: number
  /** What undoing doesn't put right; null: nothing. */
  readonly warning: string | null
}

/**
 * Takes a movement back, once, by booking its opposite as a movement of its own: the ledger keeps both, and what is on
 * hand becomes what it would be without either.
 */
export async function undoMovement(
  ctx: DomainContext,
  input: { readonly movementId: number } & By,
): Promise<UndoneMovement> {
  assertPerson(input)
  return inTransaction(ctx, async (tx) => {
    const { item_id: itemId } = await findMovement(tx, input.movementId)
    await lockItem(tx, itemId)
    // Read again: another undo or count may have been at it before the lock was ours.
    const movement = await findMovement(tx, input.movementId)
    await assertUndoable(tx, movement)
    const list = await requireList(tx, movement.list)
    const before = await readStock(tx, list, itemId)
    const companions = await findCompanions(tx, movement)
    await appendMovements(
      tx,
      [...companions, movement].map((taken) => ({
        item_id: itemId,
        kind: 'adjustment' as const,
        quantity: taken.quantity === 0 ? 0 : -taken.quantity,
        counted: null,
        at: tx.clock.now(),
        actor: actorOf(input),
        cause: `undo of ${taken.id} (${taken.cause})`,
        delivery_id: null,
        undoes: taken.id,
      })),
    )
    const undo = await tx.db
      .selectFrom('stock.movements')
      .select('id')
      .where('undoes', '=', movement.id)
      .executeTakeFirstOrThrow()
    return {
      movementId: undo.id,
      undoes: movement.id,
      itemId,
      name: movement.name,
      unit: movement.unit,
      before: before.onHand,
      onHand: (await readStock(tx, list, itemId)).onHand,
      warning: movement.kind === 'delivery' ? deliveryWarning : null,
    }
  })
}

const deliveryWarning =
  'Only the list forgets this delivery: its order still counts it as received, so what is missing is not expected any more. ' +
  'If it never came, complain to the supplier; it is ordered again when it is due.'

type Movement = Awaited<ReturnType<typeof findMovement>>

async function findMovement(tx: DomainContext, movementId: number) {
  const found = Number.isSafeInteger(movementId)
    ? await tx.db
        .selectFrom('stock.movements as movement')
        .innerJoin('stock.items as item', 'item.id', 'movement.item_id')
        .select([
          'movement.id',
          'movement.item_id',
          'movement.kind',
          'movement.quantity',
          'movement.at',
          'movement.cause',
          'movement.undoes',
          'item.list',
          'item.name',
          'item.unit',
        ])
        .where('movement.id', '=', movementId)
        .where('item.archived_at', 'is', null)
        .executeTakeFirst()
    : undefined
  if (found !== undefined) return found
  throw new InputError(`no movement ${movementId}; the history of an item shows their numbers`, 'unknown_movement')
}

/** A later count has said what is there, whatever came before; and without any count nothing would be known at all. */
async function assertUndoable(tx: DomainContext, movement: Movement): Promise<void> {
  const refuse = (text: string) => new InputError(`movement ${movement.id} ${text}`, 'not_undoable')
  if (movement.undoes !== null) throw refuse('is itself an undo; record again what it took back')
  const standing = await tx.db
    .selectFrom('stock.movements as count')
    .select(['count.id', 'count.at'])
    .where('count.item_id', '=', movement.item_id)
    .where('count.kind', '=', 'count')
    .where(sql<boolean>`not exists (select from stock.movements undo where undo.undoes = count.id)`)
    .execute()
  const undo = await tx.db
    .selectFrom('stock.movements')
    .select('id')
    .where('undoes', '=', movement.id)
    .executeTakeFirst()
  if (undo !== undefined) throw refuse(`has been undone already, by movement ${undo.id}`)
  const isAfter = (count: { id: number; at: Date }) =>
    count.at > movement.at || (count.at.getTime() === movement.at.getTime() && count.id > movement.id)
  if (standing.some(isAfter)) {
    throw refuse('came before a count, which says what is there whatever went before; count again if that is wrong')
  }
  if (movement.kind === 'count' && standing.length === 1) {
    throw refuse('is the only count there is, so nothing would be known without it; count again instead')
  }
}

/**
 * What was booked for a movement's sake alone goes with it: the correction upwards of a use of more than was believed to be
 * there, and of a count, that deliveries which came to be known later were in it.
 */
async function findCompanions(tx: DomainContext, taken: Movement) {
  const companions = tx.db
    .selectFrom('stock.movements as movement')
    .select(['id', 'quantity', 'cause'])
    .where('item_id', '=', taken.item_id)
    .where('kind', '=', 'adjustment')
    .where(sql<boolean>`not exists (select from stock.movements undo where undo.undoes = movement.id)`)
    .orderBy('id', 'desc')
  if (taken.kind === 'use') {
    return companions
      .where('at', '=', taken.at)
      .where('cause', '=', correctionCause)
      .where('id', '<', taken.id)
      .limit(1)
      .execute()
  }
  if (taken.kind !== 'count') return []
  return companions
    .where('at', '<', taken.at)
    .where('id', '>', taken.id)
    .where(sql<boolean>`right(cause, ${countedSince.length}) = ${countedSince}`)
    .where(
      sql<boolean>`not exists (
        select from stock.movements earlier
        where earlier.item_id = movement.item_id and earlier.kind = 'count' and earlier.id <> ${taken.id}
          and earlier.at > movement.at and not exists (select from stock.movements undo where undo.undoes = earlier.id)
      )`,
    )
    .execute()
}
