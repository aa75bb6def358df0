import type { DomainContext } from '../../platform/context.js'
import { isNotPaused } from '../limits/pause.js'

/**
 * Ids of orders that wait to be sent, oldest first: approved ones, and those whose sender never came back. While buying is
 * paused they go on waiting.
 */
export async function dueSubmissions(ctx: DomainContext, input: { readonly limit: number }): Promise<string[]> {
  const rows = await ctx.db
    .selectFrom('purchasing.orders')
    .select('id')
    .where('status', 'in', ['approved', 'submitting'])
    .where((where) => where.or([where('next_attempt_at', 'is', null), where('next_attempt_at', '<=', ctx.clock.now())]))
    .where(isNotPaused)
    .orderBy('placed_at')
    .orderBy('id')
    .limit(input.limit)
    .execute()
  return rows.map((row) => row.id)
}
