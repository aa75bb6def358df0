/** Plays a sequence on a stage, and has every answer judged. */

import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js'
import { McpError } from '@modelcontextprotocol/sdk/types.js'
import { isExpectedError } from '../../src/platform/errors.js'
import { runContextKey, signRunContext, syncContext } from '../../src/platform/run-context.js'
import { applyLimits } from '../../src/purchasing/limits/list-limits.js'
import { cancelOrder } from '../../src/purchasing/orders/cancel-order.js'
import { getOrder } from '../../src/purchasing/orders/get-order.js'
import { readOrderEvents } from '../../src/purchasing/orders/read-order-events.js'
import { receiveOrder } from '../../src/purchasing/orders/receive-order.js'
import { approveOrder } from '../../src/purchasing/placing/approve-order.js'
import { declineOrder } from '../../src/purchasing/placing/decline-order.js'
import { submitOrder } from '../../src/purchasing/sending/submit-order.js'
import { testSecret } from '../helpers/test-database.js'
import { type CallerKind, forgedReceipts, metaOf } from './callers.js'
import { codeOf, judge } from './judge.js'
import type { Move, Sequence } from './moves.js'
import { isReference, type Pool, type ToolCall } from './schema-arbitrary.js'
import type { RunName, Stage } from './stage.js'

/** How often each tool got each answer, over all sequences: to see that they get anywhere. */
export type Tally = Map<string, number>

export async function play(stage: Stage, sequence: Sequence, tally: Tally): Promise<void> {
  for (const run of sequence.begun) await begin(stage, run, { isNew: false, isSynced: false })
  for (const move of sequence.moves) {
    stage.clock.advance(1_000)
    await make(stage, move, tally)
  }
}

async function make(stage: Stage, move: Move, tally: Tally): Promise<void> {
  switch (move.kind) {
    case 'call':
      await ask(stage, move.caller, move.call, tally)
      return
    case 'at_once':
      await Promise.all(move.calls.map(({ caller, call }) => ask(stage, caller, call, tally)))
      return
    case 'shop':
      return shop(stage, move, tally)
    case 'race':
      return race(stage, move, tally)
    case 'forged_receipt': {
      const receipts = forgedReceipts(stage)
      const receipt = receipts[move.at % receipts.length]
      const result = await ask(stage, move.caller, { tool: 'mark_ordered', args: { receipt } }, tally)
      if (result.isError !== true) throw new Error(`a forged receipt was believed: ${receipt}`)
      return
    }
    case 'begin':
      return begin(stage, move.run, move)
    case 'end':
      return end(stage, move.run)
    case 'sync':
      return sync(stage, move.how)
    case 'person':
      return unlessRefused(() => decide(stage, move))
    case 'supplier':
      return unlessRefused(() => supply(stage, move))
    case 'limits':
      stage.limitsSoFar.push(move.settings)
      await applyLimits(stage.ctx, {
        list: stage.lists[0],
        currency: 'EUR',
        timeZone: 'Europe/Berlin',
        limits: move.settings,
        source: 'person',
      })
      return
    case 'wait':
      stage.clock.advance(move.ms)
      return
  }
}

/** Calls a tool as somebody, has the answer judged, and remembers what ids it gave. */
async function ask(stage: Stage, caller: CallerKind, call: ToolCall, tally: Tally): Promise<CallToolResult> {
  const resolved = { tool: call.tool, args: resolve(stage, call.args) }
  const result = await answer(stage, caller, resolved)
  judge(stage, caller, resolved, result)
  const key = `${call.tool} ${codeOf(result)}`
  tally.set(key, (tally.get(key) ?? 0) + 1)
  if (result.isError !== true) remember(stage, caller, resolved, result, tally)
  return result
}

async function answer(stage: Stage, caller: CallerKind, { tool, args }: ToolCall): Promise<CallToolResult> {
  try {
    return await stage.call(tool, args, metaOf(stage, caller, tool))
  } catch (error) {
    // Wrong arguments may be answered by the protocol itself; anything else that is thrown is a server that failed.
    if (error instanceof McpError && error.code === -32602) {
      return { isError: true, content: [{ type: 'text', text: error.message }] }
    }
    throw error
  }
}

function resolve(stage: Stage, value: unknown): unknown {
  if (isReference(value)) return pick(stage, value.$pick, value.at) ?? `${value.$pick}_nowhere`
  if (Array.isArray(value)) return value.map((each) => resolve(stage, each))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, resolve(stage, each)]))
}

function pick(stage: Stage, pool: Pool, at: number): string | undefined {
  const known = stage.known[pool]
  return known[known.length - 1 - (at % Math.max(1, known.length))]
}

interface Answered {
  readonly list?: string
  readonly quote_id?: string | null
  readonly receipt?: string | null
  readonly dry_run?: boolean
  readonly item_id?: string
  readonly results?: readonly { readonly order_id: string | null; readonly outcome: string }[]
}

function remember(
  stage: Stage,
  caller: CallerKind,
  { tool, args }: ToolCall,
  result: CallToolResult,
  tally: Tally,
): void {
  const given = (result.structuredContent ?? {}) as Answered
  const { known, foreign } = stage
  const keep = (pool: Pool, id: string, isForeign: boolean) => {
    if (!known[pool].includes(id)) known[pool].push(id)
    if (isForeign) foreign.add(id)
  }
  const who = 'run' in caller ? stage.runs[caller.run].id : 'person'
  if (tool === 'create_quote' && given.quote_id) {
    keep('quote', given.quote_id, given.list === stage.lists[1])
    stage.quotedBy.set(given.quote_id, who)
  }
  if (tool === 'place_order') {
    const quoteId = (args as { quote_id: string }).quote_id.trim()
    const quotedBy = stage.quotedBy.get(quoteId)
    if (quotedBy !== undefined && quotedBy !== who)
      throw new Error(`${who} placed ${quoteId}, the quote of ${quotedBy}`)
    const isForeign = foreign.has(quoteId)
    if (given.receipt) keep('receipt', given.receipt, isForeign)
    for (const { order_id: id, outcome } of given.results ?? []) {
      const what = given.dry_run === true ? 'rehearsed orders' : `orders ${outcome}`
      tally.set(what, (tally.get(what) ?? 0) + 1)
      if (id !== null) keep('order', id, isForeign)
    }
  }
  if (/request_item|add_item/.test(tool) && given.item_id) {
    keep('item', given.item_id, (caller.kind === 'agent' && caller.run === 'B') || given.list === stage.lists[1])
  }
}

async function shop(stage: Stage, move: Extract<Move, { kind: 'shop' }>, tally: Tally): Promise<void> {
  const items =
    move.items === 'all'
      ? undefined
      : move.items.map((item) => ({ item_id: item, product_ids: [{ $pick: 'product', at: item.at }] }))
  const quoted = await ask(
    stage,
    move.caller,
    { tool: 'create_quote', args: items === undefined ? {} : { items } },
    tally,
  )
  const { quote_id: quoteId } = (quoted.structuredContent ?? {}) as Answered
  if (move.steps < 2 || !quoteId) return
  if (move.isLate) stage.clock.advance(31 * 60_000)
  const order = { tool: 'place_order', args: { quote_id: quoteId, rationale: 'running low' } }
  const placed = await ask(stage, move.caller, order, tally)
  const { receipt } = (placed.structuredContent ?? {}) as Answered
  if (move.steps < 3 || !receipt) return
  await ask(stage, move.caller, { tool: 'mark_ordered', args: { receipt } }, tally)
}

async function race(stage: Stage, move: Extract<Move, { kind: 'race' }>, tally: Tally): Promise<void> {
  const { callers, over } = move
  const quotes: (string | undefined)[] = []
  for (const [index, caller] of (over === 'one_quote' ? callers.slice(0, 1) : callers).entries()) {
    const items = [{ item_id: { $pick: 'item', at: index + 1 } }]
    const args = over === 'an_item_each' ? { items } : {}
    const { structuredContent } = await ask(stage, caller, { tool: 'create_quote', args }, tally)
    quotes.push(((structuredContent ?? {}) as Answered).quote_id ?? undefined)
  }
  await Promise.all(
    callers.flatMap((caller, index) => {
      const quoteId = over === 'one_quote' ? quotes[0] : quotes[index]
      const args = { quote_id: quoteId, rationale: 'first come' }
      return quoteId === undefined ? [] : [ask(stage, caller, { tool: 'place_order', args }, tally)]
    }),
  )
}

interface BegunItem {
  readonly item_id: string
  readonly name: string
  readonly need: number
  readonly unit: string
  readonly sku: string | null
  readonly gtin: string | null
  readonly max_unit_price: string | null
  readonly on_order: number
  readonly origin: 'person' | 'agent'
  readonly version: string
  readonly links: readonly object[]
}

/** As a worker does: a new claim raises the epoch, the list says what is due, ordering hears of it. */
async function begin(
  stage: Stage,
  name: RunName,
  { isNew, isSynced }: { readonly isNew: boolean; readonly isSynced: boolean },
): Promise<void> {
  const run = stage.runs[name]
  if (run.isEnded) return
  if (isSynced) await sync(stage, 'news')
  if (isNew) {
    run.epoch += 1
    await stage.ctx.db.updateTable('restock.runs').set({ epoch: run.epoch }).where('id', '=', run.id).execute()
  }
  const worker: CallerKind = { kind: 'worker', run: name }
  const begun = await must(stage, worker, { tool: 'begin_run', args: {} })
  const { items } = begun.structuredContent as { readonly items: readonly BegunItem[] }
  const needs = items
    .filter(({ need }) => need > 0)
    .map(({ item_id, name: itemName, need, unit, sku, gtin, max_unit_price, on_order, origin, version, links }) => ({
      item_id,
      name: itemName,
      quantity: need,
      unit,
      ...(sku === null ? {} : { sku }),
      ...(gtin === null ? {} : { gtin }),
      ...(max_unit_price === null ? {} : { max_unit_price }),
      on_order_seen: on_order,
      origin,
      version,
      links,
    }))
  const args = { list: run.list, currency: 'EUR', time_zone: 'Europe/Berlin', events_seen: stage.synced, needs }
  await must(stage, worker, { tool: 'register_needs', args })
}

/** As a worker does when it is done: both servers shut the door behind the run. */
async function end(stage: Stage, name: RunName): Promise<void> {
  const run = stage.runs[name]
  if (run.isEnded) return
  run.isEnded = true
  await stage.ctx.db
    .updateTable('restock.runs')
    .set({ status: 'failed', error: 'ended', lease_until: null, finished_at: stage.clock.now() })
    .where('id', '=', run.id)
    .execute()
  const worker: CallerKind = { kind: 'worker', run: name }
  for (const tool of ['end_run', 'end_buying']) await must(stage, worker, { tool, args: {} })
}

async function must(stage: Stage, caller: CallerKind, call: ToolCall): Promise<CallToolResult> {
  const result = await answer(stage, caller, call)
  judge(stage, caller, call, result)
  if (result.isError === true) throw new Error(`the worker was refused ${call.tool}: ${JSON.stringify(result)}`)
  return result
}

/** Carries order events to the lists, also those that they have and in an order that they did not happen in. */
async function sync(stage: Stage, how: 'news' | 'all_again' | 'backwards'): Promise<void> {
  const pages = await Promise.all(
    stage.lists.map((list) => readOrderEvents(stage.ctx, { after: how === 'news' ? stage.synced : 0, list })),
  )
  const events = pages.flatMap((page) => page.events).sort((a, b) => a.seq - b.seq)
  if (events.length === 0) return
  const told = events.map((event) => ({
    event_id: event.eventId,
    seq: event.seq,
    type: event.type,
    list: event.list,
    order_id: event.orderId,
    line_id: event.lineId,
    item_id: event.itemId,
    supplier_id: event.supplierId,
    status: event.status,
    quantity: event.quantity,
    received_quantity: event.receivedQuantity,
    is_final: event.isFinal,
    expected_at: event.expectedAt,
    at: event.at,
    delivery_id: event.deliveryId,
    delivered_quantity: event.deliveredQuantity,
  }))
  for (const event of told) {
    if (!stage.known.event.includes(event.event_id)) stage.known.event.push(event.event_id)
    if (!stage.known.line.includes(event.line_id)) stage.known.line.push(event.line_id)
  }
  const middle = Math.floor(told.length / 2)
  const batches = how === 'backwards' ? [told.slice(middle), told.slice(0, middle).reverse()] : [told]
  const expiresAt = new Date(stage.clock.now().getTime() + 60_000)
  for (const batch of batches) {
    const meta = { [runContextKey]: signRunContext(testSecret, syncContext, expiresAt) }
    const result = await stage.call('apply_order_events', { events: batch }, meta)
    if (result.isError === true) throw new Error(`order events were refused: ${JSON.stringify(result)}`)
  }
  stage.synced = Math.max(stage.synced, ...events.map(({ seq }) => seq))
}

async function decide(stage: Stage, { does, at }: Extract<Move, { kind: 'person' }>): Promise<void> {
  const orderId = pick(stage, 'order', at)
  if (orderId === undefined) return
  if (does === 'approve') await approveOrder(stage.ctx, { orderId, by: 'Ada' })
  if (does === 'decline') await declineOrder(stage.ctx, { orderId, by: 'Ada', reason: 'no' })
  if (does === 'cancel') await cancelOrder(stage.ctx, { orderId, by: 'Ada', reason: 'no' })
}

async function supply(stage: Stage, { does, at }: Extract<Move, { kind: 'supplier' }>): Promise<void> {
  const orderId = pick(stage, 'order', at)
  if (orderId === undefined) return
  if (does === 'take') {
    await submitOrder(stage.ctx, { orderId })
    return
  }
  const [line] = (await getOrder(stage.ctx, { orderId })).lines
  const some = line === undefined ? [] : [{ line: line.lineId, quantity: 1 }]
  await receiveOrder(stage.ctx, { orderId, by: 'Ada', ...(does === 'deliver_some' ? { lines: some } : {}) })
}

async function unlessRefused(work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!isExpectedError(error)) throw error
  }
}
