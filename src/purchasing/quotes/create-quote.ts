import type { DomainContext } from '../../platform/context.js'
import { inTransaction } from '../../platform/database.js'
import type { Message } from '../../platform/errors.js'
import type { Caller } from '../../platform/run-context.js'
import { supplierText } from '../catalog/search-text.js'
import { assertFence } from '../fences.js'
import { registerPersonNeeds } from '../needs/person-needs.js'
import { type BasketSolver, solveBasket } from '../solver/solve-basket.js'
import { comparePerItem } from './compare-per-item.js'
import { explainUnmet } from './explain-unmet.js'
import { findAlternatives } from './find-alternatives.js'
import { needsPerson, priceOrders } from './price-orders.js'
import type { QuoteContent, QuoteOrder, Unmet } from './quote.js'
import { type QuoteFacts, readQuoteFacts } from './quote-facts.js'
import { type QuoteProblem, toProblem } from './quote-problem.js'
import { findRefusedLines } from './refused-lines.js'
import { type SolvedQuote, solveQuote } from './solve-quote.js'

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

/**
 * Works out what to buy from whom, and fixes it for half an hour. Buys nothing, so a dry run may do it, too. The solving
 * takes seconds at times, so no transaction is held over it; whoever has lost the run by then stores nothing.
 */
export async function createQuote(
  ctx: CallContext,
  request: QuoteRequest,
  solver: Pick<BasketSolver, 'solve'> = { solve: solveBasket },
): Promise<Quote> {
  const facts = await inTransaction(ctx, async (tx) => {
    const { caller } = tx
    await assertFence(tx, caller)
    const runId = caller.kind === 'run' ? caller.run : await registerPersonNeeds(tx, request)
    return readQuoteFacts(tx, runId, request.items ?? [])
  })
  const content = await workOut(ctx, facts, solver)
  const stored = content.orders.length === 0 ? null : await store(ctx, facts, content)
  return {
    quoteId: stored?.id ?? null,
    expiresAt: stored?.expiresAt ?? null,
    list: facts.list,
    currency: facts.currency,
    totalMinor: content.orders.reduce((total, order) => total + order.totalMinor, 0),
    content,
    messages: facts.messages,
  }
}

async function workOut(
  ctx: DomainContext,
  facts: QuoteFacts,
  solver: Pick<BasketSolver, 'solve'>,
): Promise<QuoteContent> {
  const { found, pricing, limits, allowances, orderEffortMinor, currency, now } = facts
  const asked = await toProblem(found, {
    currency,
    now,
    suppliers: pricing.suppliers,
    allowances,
    allowedSuppliers: limits.allowedSuppliers,
    maxLineMinor: limits.maxLineMinor,
    orderEffortMinor,
  })
  const solved = await solveQuote(
    solver,
    asked.problem,
    ({ lines }) => findRefusedLines(limits, priceOrders(lines, pricing), facts.withLineFacts),
    (line) => needsPerson(line, pricing, limits.firstPurchaseNeedsApproval),
  )
  const { plan } = solved
  if (plan.failure !== null) ctx.log.warn({ run: facts.runId, reason: plan.failure }, 'the basket solver failed')
  const orders = priceOrders(plan.lines, pricing)
  assertSameTotal(orders, plan.grossMinor)
  const { bestSingleSupplier, cheapestPackPerItemMinor } = plan.comparison
  return {
    orders,
    unmet: [...explainAll(facts, asked, solved), ...facts.declined],
    alternatives: findAlternatives(found, plan.lines, pricing, currency),
    comparison: {
      cheapestPerItemMinor: comparePerItem(found, plan.lines, pricing, currency),
      landedMinor: plan.landedMinor,
      cheapestPackPerItemMinor,
      bestSingleSupplier: bestSingleSupplier && {
        supplier: supplierText(pricing.suppliers.get(bestSingleSupplier.supplierId)?.name ?? ''),
        landedMinor: bestSingleSupplier.landedMinor,
      },
    },
    orderEffortMinor,
    method: plan.method,
    gap: solved.gap,
    solveMs: Math.round(plan.timeMs),
  }
}

/** The orders are priced apart from the solver, by what people will be charged; both must come to the same. */
function assertSameTotal(orders: readonly QuoteOrder[], grossMinor: number): void {
  const totalMinor = orders.reduce((total, order) => total + order.totalMinor, 0)
  if (totalMinor !== grossMinor) throw new Error(`a quote of ${totalMinor} was solved as ${grossMinor}`)
}

function explainAll(facts: QuoteFacts, { removed }: QuoteProblem, { plan, refused }: SolvedQuote): Unmet[] {
  const { found, currency, allowances, pricing, ambiguousSkus } = facts
  const byId = new Map(found.map((need) => [need.need.itemId, need]))
  return plan.unmet.flatMap(({ itemId, missing, reason }) => {
    const need = byId.get(itemId)
    if (need === undefined) return []
    const uncovered = {
      found: need,
      quantity: missing / 1000,
      reason,
      removed: removed.filter((offer) => offer.itemId === itemId),
      refused: refused.filter((line) => line.itemId === itemId),
      isSkuAmbiguous: ambiguousSkus.has(itemId),
    }
    return [explainUnmet(uncovered, { currency, allowances, suppliers: pricing.suppliers })]
  })
}

async function store(
  ctx: CallContext,
  facts: QuoteFacts,
  content: QuoteContent,
): Promise<{ id: string; expiresAt: Date }> {
  return inTransaction(ctx, async (tx) => {
    await assertFence(tx, tx.caller)
    const now = tx.clock.now()
    const id = tx.newId('quo')
    const expiresAt = new Date(now.getTime() + validForMs)
    await tx.db
      .insertInto('purchasing.quotes')
      .values({
        id,
        run_id: facts.runId,
        list: facts.list,
        currency: facts.currency,
        time_zone: facts.timeZone,
        placed_by: tx.caller.kind,
        content: JSON.stringify(content),
        created_at: now,
        expires_at: expiresAt,
        placed_at: null,
        placed_fingerprint: null,
        placed_result: null,
      })
      .execute()
    return { id, expiresAt }
  })
}
