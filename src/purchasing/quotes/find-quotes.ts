import type { DomainContext } from '../../platform/context.js'
import { type QuoteContent, quoteContentSchema } from './quote.js'

/** The quotes that a run asked for, oldest first. */
export async function findQuotes(ctx: DomainContext, runId: string): Promise<QuoteContent[]> {
  const rows = await ctx.db
    .selectFrom('purchasing.quotes')
    .select('content')
    .where('run_id', '=', runId)
    .orderBy('created_at')
    .orderBy('id')
    .execute()
  return rows.map((row) => quoteContentSchema.parse(row.content))
}
