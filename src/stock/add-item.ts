import type { DomainContext } from '../platform/context.js'
import { inTransaction } from '../platform/database.js'
import { appendMovements } from './append-movement.js'
import { actorOf, assertPerson, type By, callerOf } from './callers.js'
import {
  assertSound,
  type ItemInput,
  type ItemSettings,
  kindOf,
  noSettings,
  readQuantity,
  readSettings,
} from './item-settings.js'
import { requireList } from './lists.js'
import type { ItemsTable } from './tables.js'
import { assertUnique, lockList } from './unique-items.js'

export interface NewItem extends ItemInput {
  readonly name: string
  readonly unit: string
  /** The only list there is by default. */
  readonly list?: string | null | undefined
  /** What is there now; 0 by default. */
  readonly onHand?: number | null | undefined
}

/** Puts an item on a list, with what is there of it as its first count. */
export async function addItem(
  ctx: DomainContext,
  input: NewItem & By,
): Promise<{ readonly itemId: string; readonly list: string }> {
  assertPerson(input)
  const settings: ItemSettings = { ...noSettings, name: '', unit: '', ...readSettings(input) }
  assertSound(settings)
  const onHand = readQuantity('on_hand', input.onHand ?? 0, { min: 0 })
  return inTransaction(ctx, async (tx) => {
    const list = await requireList(tx, input.list)
    await lockList(tx, list.id)
    const itemId = await insertItem(tx, list.id, settings, input)
    await appendMovements(tx, [firstCount(tx, itemId, onHand, actorOf(input), 'first count')])
    return { itemId, list: list.id }
  })
}

/** Inserts one item whose settings are checked, on a list that is locked. */
export async function insertItem(tx: DomainContext, list: string, settings: ItemSettings, by: By): Promise<string> {
  await assertUnique(tx, list, settings, null)
  const itemId = tx.newId('itm')
  const origin = callerOf(by).kind === 'run' ? 'agent' : 'person'
  await tx.db
    .insertInto('stock.items')
    .values(newItemRow(itemId, list, settings, origin, tx.clock.now()))
    .execute()
  return itemId
}

export function newItemRow(
  itemId: string,
  list: string,
  settings: ItemSettings,
  origin: ItemsTable['origin'],
  now: Date,
) {
  return {
    ...settings,
    id: itemId,
    list,
    kind: kindOf(settings),
    origin,
    snoozed_until: null,
    snooze_reason: null,
    confirmed_movement: null,
    created_at: now,
    updated_at: now,
    archived_at: null,
  }
}

/** The movement that every stocked item begins with: projecting its use needs a count to start from. */
export function firstCount(tx: DomainContext, itemId: string, onHand: number, actor: string, cause: string) {
  return {
    item_id: itemId,
    kind: 'count' as const,
    quantity: onHand,
    counted: onHand,
    at: tx.clock.now(),
    actor,
    cause,
    delivery_id: null,
    undoes: null,
  }
}
