import { sql } from 'kysely'
import type { DomainContext } from '../../platform/context.js'
import type { Message } from '../../platform/errors.js'
import { localDate } from '../../platform/local-date.js'
import { loadOffers } from '../catalog/load-offers.js'
import { matchProducts } from '../catalog/match-products.js'
import { findRunTotals } from '../catalog/supplier-facts.js'
import { orderEffortOf, toLimits } from '../limits/limit-settings.js'
import type { Limits } from '../limits/limits.js'
import { gatherLineFacts } from '../limits/line-facts.js'
import { findListLimits } from '../limits/list-limits.js'
import { spendFacts } from '../limits/reservations.js'
import { selectNeeds } from '../needs/select-needs.js'
import { leaveOutDeclined } from '../placing/declined-items.js'
import { type Allowances, readAllowances } from './allowances.js'
import type { QuoteItem } from './create-quote.js'
import { findEarlierPurchases } from './earlier-purchases.js'
import { candidateKey, type Pricing } from './price-orders.js'
import type { Unmet } from './quote.js'
import { findCandidates, type NeedCandidates } from './quote-candidates.js'

/** Everything that a quote is worked out from, read in one transaction. */
export interface QuoteFacts {
  readonly runId: string
  readonly list: string
  readonly currency: string
  readonly timeZone: string
  readonly now: Date
  readonly found: readonly NeedCandidates[]
  readonly ambiguousSkus: ReadonlySet<string>
  readonly pricing: Pricing
  readonly limits: Limits
  /** So much dearer a basket may be for each order less. */
  readonly orderEffortMinor: number
  readonly allowances: Allowances
  readonly withLineFacts: Awaited<ReturnType<typeof gatherLineFacts>>
  /** What a person said no to, and that is therefore left out. */
  readonly declined: readonly Unmet[]
  readonly messages: readonly Message[]
}

export async function readQuoteFacts(
  tx: DomainContext,
  runId: string,
  items: readonly QuoteItem[],
): Promise<QuoteFacts> {
  const terms = await tx.db
    .selectFrom('purchasing.run_lists')
    .selectAll()
    .where('run_id', '=', runId)
    .executeTakeFirstOrThrow()
  const { list, currency, time_zone: timeZone } = terms
  const selected = await selectNeeds(tx, runId, items)
  const { needs, toMatch, declined } = await leaveOutDeclined(tx, terms, selected)
  const messages = await checkProducts(tx, items)

  const { byItem, ambiguousSkus } = await matchProducts(tx, toMatch)
  const productIds = new Set([...byItem.values()].flatMap((matches) => matches.map((match) => match.productId)))
  const catalog = await loadOffers(tx, [...productIds])
  const found = needs.map((need) => findCandidates(need, byItem.get(need.itemId) ?? [], catalog, currency))
  const candidates = found.flatMap((need) => need.candidates)

  const now = tx.clock.now()
  const itemIds = needs.map((need) => need.itemId)
  const settings = (await findListLimits(tx, list))?.settings ?? {}
  const limits = toLimits(settings, currency)
  const spend = await spendFacts(tx, { list, currency, localDate: localDate(now, timeZone) })
  return {
    runId,
    list,
    currency,
    timeZone,
    now,
    found,
    ambiguousSkus,
    pricing: {
      needs: new Map(needs.map((need) => [need.itemId, need])),
      candidates: new Map(candidates.map((candidate) => [candidateKey(candidate), candidate])),
      suppliers: catalog.suppliers,
      boughtBefore: await findEarlierPurchases(tx, list, candidates),
    },
    limits,
    orderEffortMinor: orderEffortOf(settings, currency),
    allowances: readAllowances(limits, spend, await findRunTotals(tx, { list, runId })),
    withLineFacts: await gatherLineFacts(tx, { list, runId, currency, timeZone }, itemIds),
    declined,
    messages,
  }
}

/** A model may make products up; it is told, and the rest is quoted all the same. */
async function checkProducts(tx: DomainContext, items: readonly QuoteItem[]): Promise<Message[]> {
  const asked = [...new Set(items.flatMap((item) => item.productIds ?? []))]
  if (asked.length === 0) return []
  const rows = await tx.db
    .selectFrom('purchasing.products')
    .select('id')
    .where('id', '=', sql<string>`any(${asked}::text[])`)
    .execute()
  const known = new Set(rows.map((row) => row.id))
  return items.flatMap((item, index) =>
    (item.productIds ?? [])
      .filter((id) => !known.has(id))
      .map(
        (id): Message => ({
          code: 'product_not_found',
          severity: 'recoverable',
          path: `items[${index}].product_ids`,
          text: `There is no product "${id}"; take ids from search_catalog.`,
        }),
      ),
  )
}
