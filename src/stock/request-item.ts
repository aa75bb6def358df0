import { sql } from 'kysely'
import type { DomainContext } from '../platform/context.js'
import { inTransaction } from '../platform/database.js'
import { RefusalError } from '../platform/errors.js'
import { localDate } from '../platform/local-date.js'
import { insertItem } from './add-item.js'
import { assertNotDryRun, type By, callerOf } from './callers.js'
import { assertFence } from './fences.js'
import { assertNotOver, type ItemSettings, noSettings, readQuantity, readSettings } from './item-settings.js'
import { listFor } from './list-items.js'
import { lockList } from './unique-items.js'

export interface ItemRequest {
  readonly list?: string | null | undefined
  readonly name: string
  readonly quantity: number
  readonly unit: string
  readonly notes?: string | null | undefined
  /** The last day on which it may come, YYYY-MM-DD on the list's calendar. */
  readonly neededBy?: string | null | undefined
}

/**
 * Asks for something to be bought once. The same request again, while it is open, is the one there is already; what an
 * agent asks for needs a person's approval to be bought.
 */
export async function requestItem(
  ctx: DomainContext,
  input: ItemRequest & By,
): Promise<{ readonly itemId: string; readonly list: string; readonly isNew: boolean }> {
  const caller = callerOf(input)
  const settings: ItemSettings = {
    ...noSettings,
    name: '',
    unit: '',
    ...readSettings({ name: input.name, unit: input.unit, notes: input.notes ?? null, neededBy: input.neededBy }),
    requested_quantity: readQuantity('quantity', input.quantity, { above: 0 }),
  }
  return inTransaction(ctx, async (tx) => {
    await assertFence(tx, caller)
    const list = await listFor(tx, input)
    assertNotDryRun(caller)
    assertNotOver(settings.needed_by, localDate(tx.clock.now(), list.timeZone))
    await lockList(tx, list.id)
    const existing = await tx.db
      .selectFrom('stock.items')
      .select(['id', 'name', 'kind', 'unit', 'requested_quantity', 'needed_by'])
      .where('list', '=', list.id)
      .where('archived_at', 'is', null)
      .where(sql`lower(name)`, '=', sql`lower(${settings.name})`)
      .executeTakeFirst()
    if (existing === undefined) {
      return { itemId: await insertItem(tx, list.id, settings, input), list: list.id, isNew: true }
    }
    const isSame =
      existing.requested_quantity === settings.requested_quantity &&
      existing.unit === settings.unit &&
      (settings.needed_by ?? existing.needed_by) === existing.needed_by
    if (existing.kind === 'one_off' && isSame) return { itemId: existing.id, list: list.id, isNew: false }
    const what =
      existing.kind === 'one_off'
        ? `is requested already (${existing.requested_quantity} ${existing.unit}${by(existing.needed_by)})`
        : 'is on the list already and is reordered by itself'
    throw new RefusalError({
      code: 'already_on_list',
      severity: 'needs_human',
      text: `"${existing.name}" ${what}; a person can change it with update_item.`,
      path: 'name',
    })
  })
}

function by(neededBy: string | null): string {
  return neededBy === null ? '' : ` by ${neededBy}`
}
