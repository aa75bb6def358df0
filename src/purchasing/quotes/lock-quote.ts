import type { Selectable } from 'kysely'
import type { DomainContext } from '../../platform/context.js'
import { RefusalError } from '../../platform/errors.js'
import type { Caller } from '../../platform/run-context.js'
import type { QuotesTable } from '../tables.js'

export type QuoteRow = Selectable<QuotesTable>

/** The quote, locked until the transaction ends, if it is the caller's own. */
export async function lockQuote(tx: DomainContext, caller: Caller, quoteId: string): Promise<QuoteRow> {
  const quote = await tx.db
    .selectFrom('purchasing.quotes')
    .selectAll()
    .where('id', '=', quoteId)
    .forUpdate()
    .executeTakeFirst()
  if (quote === undefined) {
    throw new RefusalError({
      code: 'quote_not_found',
      severity: 'recoverable',
      text: `There is no quote ${quoteId}; make one with create_quote.`,
    })
  }
  const isOwn =
    caller.kind === 'run'
      ? quote.placed_by === 'run' && quote.run_id === caller.run && quote.list === caller.list
      : quote.placed_by === 'person'
  if (!isOwn) {
    throw new RefusalError({
      code: 'wrong_run',
      severity: 'final',
      text: `Quote ${quoteId} belongs to somebody else; place a quote that you made with create_quote.`,
    })
  }
  return quote
}
