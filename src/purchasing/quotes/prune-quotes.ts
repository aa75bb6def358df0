import { sql } from 'kysely'
import type { DomainContext } from '../../platform/context.js'
import { isFinalStatus, orderStatuses } from '../orders/order-status.js'

/**
 * Forgets what was quoted before this and ordered nothing of, and what was needed then, so many at a time. What was ordered
 * keeps its quote for good, and the needs of its run as long as something may still come of an order. Returns how many.
 */
export async function pruneQuotes(
  ctx: DomainContext,
  options: { readonly before: Date; readonly limit: number },
): Promise<number> {
  const { before, limit } = options
  const quotes = await sql`
    delete from purchasing.quotes where id in (
      select quote.id from purchasing.quotes quote
      where quote.created_at < ${before} and quote.expires_at < ${before}
        and not exists (select from purchasing.orders placed where placed.quote_id = quote.id)
      limit ${limit})`.execute(ctx.db)
  const needs = await sql`
    delete from purchasing.needs where (run_id, item_id) in (
      select need.run_id, need.item_id from purchasing.needs need
      where need.registered_at < ${before}
        and not exists (
          select from purchasing.quotes quote join purchasing.orders placed on placed.quote_id = quote.id
          where quote.run_id = need.run_id
            and (placed.status not in (${sql.join(orderStatuses.filter(isFinalStatus))}) or placed.updated_at >= ${before}))
      limit ${limit})`.execute(ctx.db)
  return Number(quotes.numAffectedRows ?? 0n) + Number(needs.numAffectedRows ?? 0n)
}
