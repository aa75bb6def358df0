import { pruneAudit } from '../access/audit.js'
import { forgetOldKeys } from '../access/idempotency.js'
import { forgetEndedSessions } from '../access/sessions.js'
import type { DomainContext } from '../platform/context.js'
import { pruneQuotes } from '../purchasing/quotes/prune-quotes.js'
import { pruneJournal } from '../runs/journal.js'

export interface Retention {
  /** For the steps of runs that have ended, and for what was quoted and not ordered. */
  readonly journalDays: number
  /** For who did what. */
  readonly auditDays: number
}

/** Guesses at passwords and tokens are kept for so long at most: whoever guesses decides how many there are. */
const guessDays = 30
/** Whatever is set, quotes and needs outlast the longest wait for an approval. */
const leastQuoteDays = 14

const dayMs = 86_400_000
/** A few thousand rows of each kind at a time, so that a beat is never long. */
const limit = 5_000

/**
 * Forgets what nobody asks for any more. Lists, items, movements, runs with their outcomes, orders with all that belongs to
 * them, events and prices are never forgotten: stock, budgets and what is on order are worked out from them. Returns whether
 * there is more to forget.
 */
export async function forgetOld(ctx: DomainContext, { journalDays, auditDays }: Retention): Promise<boolean> {
  const now = ctx.clock.now().getTime()
  const before = (days: number) => new Date(now - days * dayMs)
  const forgotten = {
    steps: await pruneJournal(ctx, { before: before(journalDays), limit }),
    quotes: await pruneQuotes(ctx, { before: before(Math.max(journalDays, leastQuoteDays)), limit }),
    audit: await pruneAudit(ctx, {
      before: before(auditDays),
      guessesBefore: before(Math.min(auditDays, guessDays)),
      limit,
    }),
    keys: await forgetOldKeys(ctx),
    sessions: await forgetEndedSessions(ctx),
  }
  if (Object.values(forgotten).some((count) => count > 0)) ctx.log.info(forgotten, 'forgot what is old enough')
  const { steps, quotes, audit } = forgotten
  return [steps, quotes, audit].some((count) => count >= limit)
}
