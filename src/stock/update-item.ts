import type { DomainContext } from '../platform/context.js'
import { inTransaction } from '../platform/database.js'
import { localDate } from '../platform/local-date.js'
import { assertPerson, type By } from './callers.js'
import { findItem, lockItem } from './find-item.js'
import {
  assertNotOver,
  assertSound,
  type ItemInput,
  type ItemSettings,
  kindOf,
  readSettings,
  settingNames,
} from './item-settings.js'
import { requireList } from './lists.js'
import { assertUnique, lockList } from './unique-items.js'
import { assertUnitMayChange } from './unit-change.js'

/** Changes what `changes` speaks of; null clears a setting. Stock is changed by counts and uses, never here. */
export async function updateItem(
  ctx: DomainContext,
  input: { readonly item: string; readonly list?: string | null | undefined; readonly changes: ItemInput } & By,
): Promise<{ readonly itemId: string; readonly changed: readonly string[] }> {
  assertPerson(input)
  const changes = readSettings(input.changes)
  return inTransaction(ctx, async (tx) => {
    const item = await findItem(tx, { ...input, ref: input.item })
    await lockList(tx, item.list)
    await lockItem(tx, item.itemId)
    const before: ItemSettings = await tx.db
      .selectFrom('stock.items')
      .select(settingNames)
      .where('id', '=', item.itemId)
      .executeTakeFirstOrThrow()
    const after = { ...before, ...changes }
    const changed = settingNames.filter((name) => after[name] !== before[name])
    if (changed.length === 0) return { itemId: item.itemId, changed }
    assertSound(after)
    if (changed.includes('unit')) {
      const { itemId } = item
      await assertUnitMayChange(tx, { itemId, name: before.name, from: before.unit, to: after.unit })
    }
    if (changed.includes('needed_by')) await assertDayToCome(tx, item.list, after.needed_by)
    await assertUnique(tx, item.list, after, item.itemId)
    await tx.db
      .updateTable('stock.items')
      .set({ ...after, kind: kindOf(after), updated_at: tx.clock.now() })
      .where('id', '=', item.itemId)
      .execute()
    return { itemId: item.itemId, changed }
  })
}

async function assertDayToCome(tx: DomainContext, list: string, neededBy: string | null): Promise<void> {
  const { timeZone } = await requireList(tx, list)
  assertNotOver(neededBy, localDate(tx.clock.now(), timeZone))
}
