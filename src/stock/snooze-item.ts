import { sql } from 'kysely'
import type { DomainContext } from '../platform/context.js'
import { inTransaction } from '../platform/database.js'
import { InputError, RefusalError } from '../platform/errors.js'
import { assertNotDryRun, type By, callerOf } from './callers.js'
import { assertFence } from './fences.js'
import { findItem, lockItem } from './find-item.js'
import { cleanNote } from './item-settings.js'

const DAY_MS = 24 * 60 * 60 * 1000
/** A model that stops an item from being reordered must not stop it for good. */
const MAX_DAYS_OF_A_RUN = 7
const MAX_DAYS_OF_A_PERSON = 366

/** Keeps an item from being due for some days. A run can lengthen a snooze but never shorten one. */
export async function snoozeItem(
  ctx: DomainContext,
  input: {
    readonly item: string
    readonly list?: string | null | undefined
    /** Whole days from now. */
    readonly days: number
    readonly reason: string
  } & By,
): Promise<{ readonly itemId: string; readonly snoozedUntil: Date }> {
  const caller = callerOf(input)
  const most = caller.kind === 'run' ? MAX_DAYS_OF_A_RUN : MAX_DAYS_OF_A_PERSON
  if (!Number.isInteger(input.days) || input.days < 1) {
    throw new InputError(`days: ${input.days} is not possible; give whole days from 1 to ${most}`)
  }
  if (input.days > most) {
    throw new RefusalError({
      code: 'snooze_too_long',
      severity: 'recoverable',
      text: `An item can be snoozed for ${most} days at most, not ${input.days}.`,
      path: 'days',
    })
  }
  const reason = cleanNote(input.reason)
  if (reason === null) throw new InputError('reason: is blank; say why the item is not needed now')
  return inTransaction(ctx, async (tx) => {
    await assertFence(tx, caller)
    const item = await findItem(tx, { ...input, ref: input.item })
    assertNotDryRun(caller)
    await lockItem(tx, item.itemId)
    const now = tx.clock.now()
    const until = new Date(now.getTime() + input.days * DAY_MS)
    const isShorter = sql<boolean>`snoozed_until is null or snoozed_until < ${until}`
    await tx.db
      .updateTable('stock.items')
      .set({ snoozed_until: until, snooze_reason: reason, updated_at: now })
      .where('id', '=', item.itemId)
      .$if(caller.kind === 'run', (query) => query.where(isShorter))
      .execute()
    const { snoozed_until } = await tx.db
      .selectFrom('stock.items')
      .select('snoozed_until')
      .where('id', '=', item.itemId)
      .executeTakeFirstOrThrow()
    return { itemId: item.itemId, snoozedUntil: snoozed_until ?? until }
  })
}

/** Ends a snooze; the item is due again when its position says so. */
export async function wakeItem(
  ctx: DomainContext,
  input: { readonly item: string; readonly list?: string | null | undefined },
): Promise<{ readonly itemId: string }> {
  const item = await findItem(ctx, { ...input, ref: input.item })
  await ctx.db
    .updateTable('stock.items')
    .set({ snoozed_until: null, snooze_reason: null, updated_at: ctx.clock.now() })
    .where('id', '=', item.itemId)
    .execute()
  return { itemId: item.itemId }
}
