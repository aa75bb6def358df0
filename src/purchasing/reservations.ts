/**
 * Budget that orders hold. It is reserved in the transaction that places the order, in the list's local day of that
 * moment, settled with the real total, released on a sure failure, and kept on doubt.
 */
import { sql } from 'kysely'
import type { DomainContext } from '../platform/context.js'
import { budgetPeriod } from './budget-period.js'
import type { SpendFacts } from './limits.js'

export interface NewReservation {
  readonly orderId: string
  readonly list: string
  readonly supplierId: string
  /** In the list's time zone. */
  readonly localDate: string
  readonly amountMinor: number
  readonly currency: string
}

export async function reserveBudget(tx: DomainContext, reservation: NewReservation): Promise<void> {
  const now = tx.clock.now()
  await tx.db
    .insertInto('purchasing.reservations')
    .values({
      order_id: reservation.orderId,
      list: reservation.list,
      supplier_id: reservation.supplierId,
      local_date: reservation.localDate,
      amount_minor: reservation.amountMinor,
      currency: reservation.currency,
      state: 'reserved',
      created_at: now,
      updated_at: now,
    })
    .execute()
}

/** From now on the order counts with what it really costs. */
export async function settleBudget(tx: DomainContext, orderId: string, amountMinor: number): Promise<void> {
  await tx.db
    .updateTable('purchasing.reservations')
    .set({ state: 'settled', amount_minor: amountMinor, updated_at: tx.clock.now() })
    .where('order_id', '=', orderId)
    .execute()
}

/** Nothing was bought: the amount counts for nothing any more. */
export async function releaseBudget(tx: DomainContext, orderId: string): Promise<void> {
  await tx.db
    .updateTable('purchasing.reservations')
    .set({ state: 'released', updated_at: tx.clock.now() })
    .where('order_id', '=', orderId)
    .execute()
}

/**
 * What counts against the list's limits on a local date. Orders that came to nothing take no money but still count as
 * orders of the day: that limit is there for a run that goes wild.
 */
export async function spendFacts(
  ctx: DomainContext,
  input: { readonly list: string; readonly currency: string; readonly localDate: string },
): Promise<SpendFacts> {
  const week = budgetPeriod('week', input.localDate)
  const month = budgetPeriod('month', input.localDate)
  const from = week.from < month.from ? week.from : month.from
  const until = week.until > month.until ? week.until : month.until
  const sumBetween = (period: { from: string; until: string }) =>
    sql<number>`coalesce(sum(amount_minor) filter (where state <> 'released' and currency = ${input.currency}
      and local_date >= ${period.from}::date and local_date < ${period.until}::date), 0)`
  const facts = await ctx.db
    .selectFrom('purchasing.reservations')
    .select([
      sumBetween(budgetPeriod('day', input.localDate)).as('dayMinor'),
      sumBetween(week).as('weekMinor'),
      sumBetween(month).as('monthMinor'),
      sql<number>`count(*) filter (where local_date = ${input.localDate}::date)`.as('ordersToday'),
    ])
    .where('list', '=', input.list)
    .where('local_date', '>=', from)
    .where('local_date', '<', until)
    .executeTakeFirstOrThrow()
  return facts
}
