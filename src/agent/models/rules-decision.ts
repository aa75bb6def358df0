import { z } from 'zod'
import type { DueItem } from '../instructions.js'
import {
  type Placement,
  placementSchema,
  type Quote,
  quoteSchema,
  refusalSchema,
  searchResultsSchema,
} from '../tool-results.js'
import type { History, PastCall } from './rules-history.js'
import { type Match, matchByName } from './rules-matching.js'

export type NextStep =
  | { readonly kind: 'call'; readonly calls: readonly { readonly name: string; readonly args: object }[] }
  | { readonly kind: 'finish'; readonly answer: object }

const maxQueries = 100

/**
 * What to do next, from nothing but what has been said so far: search what can be found by name only → quote everything →
 * order → hand over the receipt → finish. At most one more quote when the first order was refused for a reason that may pass.
 */
export function decideNext(history: History): NextStep {
  const due = history.due.filter((item) => item.need > 0)
  if (due.length === 0) return finish(history, due, 'There is nothing to buy.')
  const placing = history.calls.findLastIndex((call) => call.name === 'place_order')
  return placing === -1 ? beforeOrdering(history, due) : afterOrdering(history, due, placing)
}

function beforeOrdering(history: History, due: readonly DueItem[]): NextStep {
  const quoteCall = history.calls.findLast((call) => call.name === 'create_quote')
  const quote = quoteCall === undefined ? null : readQuote(quoteCall)
  if (quoteCall !== undefined && quote === null)
    return finish(history, due, `There is no quote: ${describe(quoteCall)}`)

  const search = searchFor(history, due, quote)
  if (search !== null) return search
  const matches = matchesSoFar(history, due)
  const link = linkChosen(history, matches)
  if (link !== null) return link
  if (quote === null || hasNewMatch(quoteCall, matches)) return callOne('create_quote', quoteArguments(due, matches))
  return order(history, due, quote)
}

function afterOrdering(history: History, due: readonly DueItem[], placing: number): NextStep {
  const placed = history.calls[placing]
  const later = history.calls.slice(placing + 1)
  const placement = placementSchema.safeParse(placed?.output)
  const isUnknown = !placement.success || placement.data.messages.some((message) => message.code === 'internal_error')
  if (isUnknown) {
    const hasLooked = later.some((call) => call.name === 'list_orders')
    if (!hasLooked && history.tools.has('list_orders')) return callOne('list_orders', {})
    return finish(history, due, 'The ordering server did not say whether it took the order; its list of orders tells.')
  }

  const { receipt } = placement.data
  const isMarked = later.some((call) => call.name === 'mark_ordered')
  if (receipt && !isMarked && history.tools.has('mark_ordered')) return callOne('mark_ordered', { receipt })

  const isFirst = history.calls.filter((call) => call.name === 'place_order').length === 1
  const open = isFirst ? worthAnotherQuote(history, due, placing) : []
  if (open.length === 0) return finish(history, due, describePlacement(placement.data))
  const quoteCall = later.findLast((call) => call.name === 'create_quote')
  if (quoteCall === undefined) return callOne('create_quote', quoteArguments(open, matchesSoFar(history, due), true))
  const quote = readQuote(quoteCall)
  return quote === null
    ? finish(history, due, `There is no new quote: ${describe(quoteCall)}`)
    : order(history, due, quote)
}

function order(history: History, due: readonly DueItem[], quote: Quote): NextStep {
  if (!quote.quote_id || quote.orders.length === 0)
    return finish(history, due, 'Nothing that is due can be bought now.')
  if (!history.tools.has('place_order'))
    return finish(history, due, 'Quoted only; ordering is not possible in this run.')
  const items = quote.orders.reduce((count, { lines }) => count + lines.length, 0)
  const rationale = `${items} lines for what is due, as quoted.`
  return callOne('place_order', { quote_id: quote.quote_id, rationale })
}

/** Items that nothing but their name can find, and those whose sku or gtin the first quote found no offer for. */
function searchFor(history: History, due: readonly DueItem[], quote: Quote | null): NextStep | null {
  if (!history.tools.has('search_catalog')) return null
  const searched = new Set(history.calls.filter((call) => call.name === 'search_catalog').flatMap(queriesOf))
  const withoutOffer = new Set(quote?.unmet.filter(({ code }) => code === 'no_offer').map(({ item_id }) => item_id))
  const unknown = due.filter(
    (item) =>
      (!isKnown(item) || (withoutOffer.has(item.item_id) && item.links.length === 0)) && !searched.has(item.name),
  )
  if (unknown.length === 0) return null
  const queries = unknown.slice(0, maxQueries).map(({ name, unit }) => ({ text: name, unit, limit: 5 }))
  return callOne('search_catalog', { queries })
}

function isKnown(item: DueItem): boolean {
  return item.sku !== undefined || item.gtin !== undefined || item.links.length > 0
}

const searchArgumentsSchema = z.object({ queries: z.array(z.object({ text: z.string() })) })

function queriesOf(call: PastCall): string[] {
  return searchArgumentsSchema.safeParse(call.args).data?.queries.map(({ text }) => text) ?? []
}

function matchesSoFar(history: History, due: readonly DueItem[]): Map<string, Match> {
  const found = new Map(
    history.calls
      .filter((call) => call.name === 'search_catalog')
      .flatMap((call) => searchResultsSchema.safeParse(call.output).data?.results ?? [])
      .map((result) => [result.query, result.products]),
  )
  return new Map(
    due.flatMap((item) => {
      const products = found.get(item.name)
      return products === undefined ? [] : [[item.item_id, matchByName(item.name, products)] as const]
    }),
  )
}

function linkChosen(history: History, matches: ReadonlyMap<string, Match>): NextStep | null {
  if (!history.tools.has('link_product')) return null
  const linked = new Set(history.calls.filter((call) => call.name === 'link_product').map(itemOf))
  const calls = [...matches].flatMap(([itemId, match]) =>
    match.kind === 'chosen' && !linked.has(itemId)
      ? match.productIds.map((productId) => ({
          name: 'link_product',
          args: { item_id: itemId, product_id: productId, note: 'matched by name' },
        }))
      : [],
  )
  return calls.length === 0 ? null : { kind: 'call', calls }
}

function itemOf(call: PastCall): string | undefined {
  return z.object({ item_id: z.string() }).safeParse(call.args).data?.item_id
}

const quoteArgumentsSchema = z.object({
  items: z.array(z.object({ item_id: z.string(), product_ids: z.array(z.string()).optional() })).default([]),
})

function hasNewMatch(quoteCall: PastCall | undefined, matches: ReadonlyMap<string, Match>): boolean {
  const asked = quoteArgumentsSchema.safeParse(quoteCall?.args).data?.items ?? []
  const withProducts = new Set(asked.flatMap((item) => (item.product_ids === undefined ? [] : [item.item_id])))
  return [...matches].some(([itemId, match]) => match.kind === 'chosen' && !withProducts.has(itemId))
}

/** No items at all means all of them; they are named when some need products, or when only some are wanted. */
function quoteArguments(due: readonly DueItem[], matches: ReadonlyMap<string, Match>, onlyThese = false): object {
  const items = due.map((item) => {
    const match = matches.get(item.item_id)
    return match?.kind === 'chosen'
      ? { item_id: item.item_id, product_ids: match.productIds }
      : { item_id: item.item_id }
  })
  return onlyThese || items.some((item) => 'product_ids' in item) ? { items } : {}
}

/** What a refused order leaves open, where the refusal says that another quote may help. */
function worthAnotherQuote(history: History, due: readonly DueItem[], placing: number): readonly DueItem[] {
  const placement = placementSchema.safeParse(history.calls[placing]?.output).data
  if (placement === undefined) return []
  const mayPass = (messages: readonly { severity: string }[]) =>
    messages.some(({ severity }) => severity === 'recoverable')
  const refused = new Set(
    placement.results
      .filter((result) => result.outcome === 'refused' && mayPass(result.messages))
      .flatMap((result) => result.item_ids),
  )
  if (placement.results.length === 0 && mayPass(placement.messages)) {
    const quote = history.calls.slice(0, placing).findLast((call) => call.name === 'create_quote')
    for (const { lines } of (quote && readQuote(quote))?.orders ?? [])
      for (const line of lines) refused.add(line.item_id)
  }
  return due.filter((item) => refused.has(item.item_id))
}

/** null: refused, failed, or not a quote. */
function readQuote(call: PastCall): Quote | null {
  const isRefusal = typeof call.output !== 'object' || call.output === null || !('orders' in call.output)
  return isRefusal ? null : (quoteSchema.safeParse(call.output).data ?? null)
}

function describe(call: PastCall): string {
  const [message] = refusalSchema.safeParse(call.output).data?.messages ?? []
  return message?.text ?? (typeof call.output === 'string' ? call.output : 'the answer could not be read')
}

function describePlacement(placement: Placement): string {
  const rehearsal = placement.dry_run ? placement.messages.find(({ code }) => code === 'dry_run') : undefined
  if (rehearsal !== undefined) return rehearsal.text
  const isOrdered = placement.results.some(({ outcome }) => outcome !== 'refused')
  if (isOrdered) return 'Ordered what was quoted.'
  const [message] = [...placement.messages, ...placement.results.flatMap(({ messages }) => messages)]
  return `Nothing was ordered${message === undefined ? '.' : `: ${message.text}`}`
}

function callOne(name: string, args: object): NextStep {
  return { kind: 'call', calls: [{ name, args }] }
}

function finish(history: History, due: readonly DueItem[], summary: string): NextStep {
  const skipped = [...matchesSoFar(history, due)].flatMap(([itemId, match]) =>
    match.kind === 'none' ? [{ item_id: itemId, reason: match.reason }] : [],
  )
  return { kind: 'finish', answer: { summary, skipped } }
}
