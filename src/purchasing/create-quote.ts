import { sql } from 'kysely'
import type { DomainContext } from '../platform/context.js'
import { inTransaction } from '../platform/database.js'
import type { Message } from '../platform/errors.js'
import type { Caller } from '../platform/run-context.js'
import { type ChosenLine, chooseOffers, coverAlone } from './choose-offers.js'
import { compareText } from './compare-text.js'
import { leaveOutDeclined } from './declined-items.js'
import { findEarlierPurchases } from './earlier-purchases.js'
import { explainUnmet } from './explain-unmet.js'
import { assertFence } from './fences.js'
import { findAlternatives } from './find-alternatives.js'
import { loadOffers } from './load-offers.js'
import { matchProducts } from './match-products.js'
import { registerPersonNeeds } from './person-needs.js'
import { candidateKey, type Pricing, priceOrders } from './price-orders.js'
import type { QuoteContent, QuoteOrder } from './quote.js'
import { findCandidates, type NeedCandidates } from './quote-candidates.js'
import { selectNeeds } from './select-needs.js'

export interface QuoteItem {
  readonly itemId: string
  /** In the item's unit; at most the registered need, which is what is taken when nothing is said. */
  readonly quantity?: number | undefined
  /** Products that the caller thinks are what the item asks for. */
  readonly productIds?: readonly string[] | undefined
  /** From a person's client only, whose needs nobody registered before. */
  readonly unit?: string | undefined
  readonly name?: string | undefined
}

export interface QuoteRequest {
  /** None: everything that the run registered. */
  readonly items?: readonly QuoteItem[] | undefined
  /** From a person's client only; may be left out when there is one list. */
  readonly list?: string | undefined
}

export interface Quote {
  /** null: nothing can be bought, so nothing was stored. */
  readonly quoteId: string | null
  readonly expiresAt: Date | null
  readonly list: string
  readonly currency: string
  readonly totalMinor: number
  readonly content: QuoteContent
  readonly messages: readonly Message[]
}

type CallContext = DomainContext & { readonly caller: Caller }

const validForMs = 30 * 60_000

/** Works out what to buy from whom, and fixes it for half an hour. Buys nothing, so a dry run may do it, too. */
export async function createQuote(ctx: CallContext, request: QuoteRequest): Promise<Quote> {
  return inTransaction(ctx, async (tx) => {
    const { caller } = tx
    await assertFence(tx, caller)
    const runId = caller.kind === 'run' ? caller.run : await registerPersonNeeds(tx, request)
    return quoteNeeds(tx, runId, caller, request.items ?? [])
  })
}

async function quoteNeeds(
  tx: DomainContext,
  runId: string,
  caller: Caller,
  items: readonly QuoteItem[],
): Promise<Quote> {
  const terms = await tx.db
    .selectFrom('purchasing.run_lists')
    .selectAll()
    .where('run_id', '=', runId)
    .executeTakeFirstOrThrow()
  const selected = await selectNeeds(tx, runId, items)
  const { needs, toMatch, declined } = await leaveOutDeclined(tx, terms, selected)
  const messages = await checkProducts(tx, items)

  const { byItem, ambiguousSkus } = await matchProducts(tx, toMatch)
  const productIds = new Set([...byItem.values()].flatMap((matches) => matches.map((match) => match.productId)))
  const catalog = await loadOffers(tx, [...productIds])
  const found = needs.map((need) => findCandidates(need, byItem.get(need.itemId) ?? [], catalog, terms.currency))
  const candidates = found.flatMap((need) => need.candidates)
  const choice = chooseOffers({
    needs,
    offers: candidates,
    suppliers: [...catalog.suppliers.values()].map((supplier) => ({
      supplierId: supplier.id,
      minimumOrderMinor: supplier.minimum_order_minor,
    })),
    currency: terms.currency,
  })

  const pricing: Pricing = {
    needs: new Map(needs.map((need) => [need.itemId, need])),
    candidates: new Map(candidates.map((candidate) => [candidateKey(candidate), candidate])),
    suppliers: catalog.suppliers,
    boughtBefore: await findEarlierPurchases(tx, terms.list, candidates),
  }
  const orders = priceOrders(choice.lines, pricing)
  const byId = new Map(found.map((need) => [need.need.itemId, need]))
  const content: QuoteContent = {
    orders,
    unmet: [
      ...choice.unmet.flatMap((uncovered) => {
        const need = byId.get(uncovered.itemId)
        if (need === undefined) return []
        return [
          explainUnmet(uncovered, need, {
            currency: terms.currency,
            isSkuAmbiguous: ambiguousSkus.has(uncovered.itemId),
          }),
        ]
      }),
      ...declined,
    ],
    alternatives: findAlternatives(found, choice.lines, pricing, terms.currency),
    comparison: { cheapestPerItemMinor: comparePerItem(found, choice.lines, pricing, terms.currency) },
    method: 'cheapest_offer',
    gap: null,
  }
  const stored = orders.length === 0 ? null : await store(tx, runId, caller, terms, content)
  return {
    quoteId: stored?.id ?? null,
    expiresAt: stored?.expiresAt ?? null,
    list: terms.list,
    currency: terms.currency,
    totalMinor: totalOf(orders),
    content,
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

/**
 * What people would pay who take for each item the offer with the lowest price per unit, landed. Where no single offer
 * covers an item, its part of the quote counts, so that both totals are for the same goods.
 */
function comparePerItem(
  found: readonly NeedCandidates[],
  lines: readonly ChosenLine[],
  pricing: Pricing,
  currency: string,
): number | null {
  if (lines.length === 0) return null
  const bought = new Set(lines.map((line) => line.itemId))
  const compared = found.flatMap(({ need, candidates }) => {
    if (!bought.has(need.itemId)) return []
    const alone = candidates.flatMap((candidate) => {
      const line = coverAlone(need, candidate, currency)
      return line === null ? [] : [{ line, unitPrice: line.packPriceMinor / candidate.packQuantity }]
    })
    alone.sort((a, b) => a.unitPrice - b.unitPrice || compareText(a.line.offerId, b.line.offerId))
    return alone[0] === undefined ? lines.filter((line) => line.itemId === need.itemId) : [alone[0].line]
  })
  return totalOf(priceOrders(compared, pricing))
}

async function store(
  tx: DomainContext,
  runId: string,
  caller: Caller,
  terms: { readonly list: string; readonly currency: string; readonly time_zone: string },
  content: QuoteContent,
): Promise<{ id: string; expiresAt: Date }> {
  const now = tx.clock.now()
  const id = tx.newId('quo')
  const expiresAt = new Date(now.getTime() + validForMs)
  await tx.db
    .insertInto('purchasing.quotes')
    .values({
      id,
      run_id: runId,
      list: terms.list,
      currency: terms.currency,
      time_zone: terms.time_zone,
      placed_by: caller.kind,
      content: JSON.stringify(content),
      created_at: now,
      expires_at: expiresAt,
      placed_at: null,
      placed_fingerprint: null,
      placed_result: null,
    })
    .execute()
  return { id, expiresAt }
}

function totalOf(orders: readonly QuoteOrder[]): number {
  return orders.reduce((total, order) => total + order.totalMinor, 0)
}
