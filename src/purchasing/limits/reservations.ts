/**
 * Budget that orders hold. It is reserved in the transaction that places the order, in the list's local day of that
 * moment, settled with the real total, released on a sure failure, and kept on doubt. An order that a person has to
 * approve takes the budget of the day of the approval: that is when the money is spent.
 */
import { sql } from 'kysely'
import type { DomainContext } from '../../platform/context.js'
import { type BudgetPeriod, budgetPeriod } from './budget-period.js'
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
      placed_on: reservation.localDate,
      local_date: reservation.localDate,
      amount_minor: reservation.amountMinor,
      currency: reservation.currency,
      state: 'reserved',
      placed_under: limitsVersion(reservation.list),
      taken_under: limitsVersion(reservation.list),
      created_at: now,
      updated_at: now,
    })
    .execute()
}

/** The transaction holds the row, so it is the version that its order was checked against; 0: there are no limits. */
function limitsVersion(list: string) {
  return sql<number>`coalesce((select version from purchasing.list_limits where list = ${list}), 0)`
}

/** The order counts on another day from now on, with what it costs by then. */
export async function moveBudget(
  tx: DomainContext,
  orderId: string,
  to: { readonly localDate: string; readonly amountMinor: number },
): Promise<void> {
  await tx.db
    .updateTable('purchasing.reservations')
    .set({
      local_date: to.localDate,
      amount_minor: to.amountMinor,
      taken_under: sql<number>`(select version from purchasing.list_limits limits where limits.list = reservations.list)`,
      updated_at: tx.clock.now(),
    })
    .where('order_id', '=', orderId)
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
  input: {
    readonly list: string
    readonly currency: string
    readonly localDate: string
    /** An order whose own money doesn't count. */
    readonly exceptOrderId?: string
  },
): Promise<SpendFacts> {
  const day = budgetPeriod('day', input.localDate)
  const week = budgetPeriod('week', input.localDate)
  const month = budgetPeriod('month', input.localDate)
  const sumBetween = (period: BudgetPeriod) =>
    sql<number>`coalesce(sum(amount_minor) filter (where local_date >= ${period.from}::date and local_date < ${period.until}::date), 0)`
  const bySupplier = await ctx.db
    .selectFrom('purchasing.reservations')
    .select([
      'supplier_id',
      sumBetween(day).as('dayMinor'),
      sumBetween(week).as('weekMinor'),
      sumBetween(month).as('monthMinor'),
    ])
    .where('list', '=', input.list)
    .where('currency', '=', input.currency)
    .where('state', '<>', 'released')
    .where('local_date', '>=', week.from < month.from ? week.from : month.from)
    .where('local_date', '<', week.until > month.until ? week.until : month.until)
    .$if(input.exceptOrderId !== undefined, (query) => query.where('order_id', '<>', input.exceptOrderId ?? ''))
    .groupBy('supplier_id')
    .execute()
  const { ordersToday } = await ctx.db
    .selectFrom('purchasing.reservations')
    .select((select) => select.fn.countAll<number>().as('ordersToday'))
    .where('list', '=', input.list)
    .where('placed_on', '=', input.localDate)
    .executeTakeFirstOrThrow()
  const total = (of: 'dayMinor' | 'weekMinor' | 'monthMinor') => bySupplier.reduce((sum, row) => sum + row[of], 0)
  return {
    dayMinor: total('dayMinor'),
    weekMinor: total('weekMinor'),
    monthMinor: total('monthMinor'),
    supplierMonthMinor: new Map(bySupplier.map((row) => [row.supplier_id, row.monthMinor])),
    ordersToday,
  }
}

/** What the order costs has changed; whether it is settled hasn't. */
export async function reviseBudget(tx: DomainContext, orderId: string, amountMinor: number): Promise<void> {
  await tx.db
    .updateTable('purchasing.reservations')
    .set({ amount_minor: amountMinor, updated_at: tx.clock.now() })
    .where('order_id', '=', orderId)
    .where('state', '<>', 'released')
    .execute()
}
