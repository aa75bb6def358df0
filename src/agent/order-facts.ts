import { z } from 'zod'
import type { OrderFact, OutcomeFacts, QuotedLine, RehearsedOrder } from '../runs/outcome.js'
import type { OutcomeOrderLine } from '../runs/run.js'
import { isInDoubt, type RunStep } from '../runs/run-steps.js'
import { readToolContent } from './tool-content.js'
import { type ListedOrder, type Placement, placementSchema, type Quote, quoteSchema } from './tool-results.js'

/** What the ordering server answered in the course of a run, over all its attempts; later answers overrule earlier ones. */
export interface QuoteFacts extends Pick<OutcomeFacts, 'quoted' | 'unmet' | 'refusals' | 'rehearsed'> {
  /** Items whose order was sent and never answered. */
  readonly unanswered: ReadonlySet<string>
  /** Items of orders that were taken, whatever became of them since. */
  readonly taken: ReadonlySet<string>
}

const responseSchema = z.object({
  content: z.array(z.looseObject({ type: z.string() })).default([]),
  structuredContent: z.record(z.string(), z.unknown()).optional(),
})

const placeArgumentsSchema = z.object({ arguments: z.object({ quote_id: z.string() }) })

/**
 * `fencedBefore`: ordering refuses every claim of the run before this one. What such a claim announced and nobody saw the end
 * of either shows among the run's orders by now or never will; null: nobody made sure of that.
 */
export function readQuoteFacts(steps: readonly RunStep[], fencedBefore: number | null): QuoteFacts {
  const quotes = new Map<string, Quote>()
  const quoted = new Map<string, readonly QuotedLine[]>()
  const unmet = new Map<string, { code: string; text: string }>()
  const refusals = new Map<string, string>()
  let rehearsed: readonly RehearsedOrder[] = []
  const unanswered = new Set<string>()
  const taken = new Set<string>()

  for (const step of steps) {
    if (step.kind !== 'tool') continue
    if (step.name === 'create_quote') {
      const quote = quoteSchema.safeParse(contentOf(step)).data
      if (quote === undefined) continue
      if (quote.quote_id) quotes.set(quote.quote_id, quote)
      for (const [itemId, lines] of linesByItem(quote)) {
        quoted.set(itemId, lines)
        unmet.delete(itemId)
        refusals.delete(itemId)
      }
      for (const { item_id, code, text } of quote.unmet) {
        unmet.set(item_id, { code, text })
        if (!quote.orders.some(({ lines }) => lines.some((line) => line.item_id === item_id))) quoted.delete(item_id)
      }
    }
    const isSettled = isInDoubt(step) && fencedBefore !== null && step.epoch < fencedBefore
    if (step.name === 'place_order' && !isSettled) {
      rehearsed = afterRehearsal(rehearsed, notePlacement(step, quotes, { refusals, unanswered, taken }))
    }
  }
  return { quoted, unmet, refusals, rehearsed, unanswered, taken }
}

/** Nothing was bought, so what is asked for again takes the place of what was asked for before. */
function afterRehearsal(before: readonly RehearsedOrder[], now: readonly RehearsedOrder[]): readonly RehearsedOrder[] {
  const again = new Set(now.flatMap(({ lines }) => lines.map(({ itemId }) => itemId)))
  const kept = before.map((order) => ({ ...order, lines: order.lines.filter(({ itemId }) => !again.has(itemId)) }))
  return [...kept, ...now]
}

/** Returns what would have been ordered, if that is all that was asked. */
function notePlacement(
  step: RunStep,
  quotes: ReadonlyMap<string, Quote>,
  facts: {
    readonly refusals: Map<string, string>
    readonly unanswered: Set<string>
    readonly taken: Set<string>
  },
): readonly RehearsedOrder[] {
  const quoteId = placeArgumentsSchema.safeParse(step.request).data?.arguments.quote_id
  const quote = quoteId === undefined ? undefined : quotes.get(quoteId)
  const items = quote === undefined ? [] : [...linesByItem(quote).keys()]
  const placement = step.error === null ? placementSchema.safeParse(contentOf(step)).data : undefined
  // An `internal_error` is no answer either: the server itself doesn't know how far it got.
  if (placement === undefined || placement.messages.some(({ code }) => code === 'internal_error')) {
    for (const itemId of items) facts.unanswered.add(itemId)
    return []
  }
  for (const itemId of items) facts.unanswered.delete(itemId)
  const whole = placement.messages.map(({ text }) => text).join(' ')
  if (placement.results.length === 0) {
    for (const itemId of items) facts.refusals.set(itemId, whole || 'the order was refused')
  }
  for (const result of placement.results) {
    const text = result.messages.map((message) => message.text).join(' ')
    for (const itemId of result.item_ids) {
      if (result.outcome === 'refused') facts.refusals.set(itemId, text || whole || 'the order was refused')
      else if (!placement.dry_run) facts.taken.add(itemId)
    }
  }
  return placement.dry_run && quote !== undefined ? rehearsedOrders(quote, placement) : []
}

function rehearsedOrders(quote: Quote, placement: Placement): readonly RehearsedOrder[] {
  return placement.results.flatMap(({ supplier_id, outcome, messages }): RehearsedOrder[] => {
    const order = quote.orders.find((candidate) => candidate.supplier_id === supplier_id)
    if (order === undefined || outcome === 'refused') return []
    return [
      {
        supplier: order.supplier,
        currency: order.currency,
        status: outcome === 'accepted' ? 'approved' : 'awaiting_approval',
        approvalReasons: messages.map(({ text }) => text),
        statusReason: null,
        lines: order.lines.map(toLine),
      },
    ]
  })
}

function contentOf(step: RunStep): unknown {
  const response = responseSchema.safeParse(step.response).data
  return response === undefined ? null : readToolContent(response)
}

function linesByItem(quote: Quote): Map<string, QuotedLine[]> {
  const byItem = new Map<string, QuotedLine[]>()
  for (const { supplier, currency, lines } of quote.orders) {
    for (const line of lines) {
      const sofar = byItem.get(line.item_id) ?? []
      byItem.set(line.item_id, [...sofar, { supplier, currency, line: toLine(line) }])
    }
  }
  return byItem
}

/** An order from the wire, as outcomes show it. */
export function toOrderFact(order: ListedOrder): OrderFact {
  return {
    id: order.order_id,
    supplier: order.supplier,
    status: order.status,
    subtotalMinor: order.subtotal_minor,
    shippingMinor: order.shipping_minor,
    taxMinor: order.tax_minor,
    discountMinor: order.discount_minor,
    totalMinor: order.total_minor,
    currency: order.currency,
    lines: order.lines.map((line): OutcomeOrderLine => ({ ...toLine(line), taxMinor: line.tax_minor })),
    approvalReasons: order.approval_reasons,
    statusReason: order.status_reason ?? null,
  }
}

function toLine(line: Quote['orders'][number]['lines'][number]): Omit<OutcomeOrderLine, 'taxMinor'> {
  return {
    itemId: line.item_id,
    product: line.product,
    packs: line.packs,
    packQuantity: line.pack_quantity,
    quantity: line.quantity,
    unit: line.unit,
    packPriceMinor: line.pack_price_minor,
    lineTotalMinor: line.line_total_minor,
  }
}
