import type { DomainContext } from '../../platform/context.js'
import type { OrderEvent } from './order-events.js'

export interface OrderEventPage {
  readonly events: readonly (OrderEvent & { readonly seq: number })[]
  /** Ask for what comes after this one next time. */
  readonly next: number
  readonly hasMore: boolean
}

export const maxEventsPerPage = 500

/** The events after a cursor, of one list or all, in the order in which they became true. */
export async function readOrderEvents(
  ctx: DomainContext,
  input: { readonly after: number; readonly limit?: number | undefined; readonly list?: string | undefined },
): Promise<OrderEventPage> {
  const limit = Math.min(input.limit ?? maxEventsPerPage, maxEventsPerPage)
  let query = ctx.db.selectFrom('purchasing.events').select(['seq', 'payload']).where('seq', '>', input.after)
  if (input.list !== undefined) query = query.where('list', '=', input.list)
  const rows = await query
    .orderBy('seq')
    .limit(limit + 1)
    .execute()
  // We wrote the payload ourselves, whole, in appendOrderEvents.
  const events = rows.slice(0, limit).map((row) => ({ ...(row.payload as OrderEvent), seq: row.seq }))
  return { events, next: events.at(-1)?.seq ?? input.after, hasMore: rows.length > limit }
}
