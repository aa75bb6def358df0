/**
 * Orders as JSON over HTTP: `POST <url>` to order, `GET <url>/by-key/<key>` to look one up, `GET <url>/<reference>` to
 * follow it, `POST <url>/<reference>/cancel` to take it back. docs/channels.md says what a supplier has to promise.
 */
import { createHash } from 'node:crypto'
import type { DomainContext } from '../../platform/context.js'
import { multiplyQuantity } from '../../platform/decimal.js'
import {
  type CancelAnswer,
  type Channel,
  type ChannelOrder,
  type LookUp,
  NotSentError,
  type ReportedDelivery,
  type ReportedTerms,
  type SupplierAnswer,
} from './channel.js'
import { type OrderAnswer, type OrderRequest, orderAnswerSchema } from './http-protocol.js'
import { requestSupplier, type SupplierResponse } from './http-request.js'
import { oneLine } from './one-line.js'
import { signatureHeaders } from './webhook-signature.js'

export interface HttpChannelOptions {
  /** By supplier id; requests to a supplier without one are not signed. */
  readonly secrets?: Readonly<Record<string, string>>
  /** For one request, from the look-up of its name to the last byte. */
  readonly timeoutMs?: number
  readonly askEveryMs?: number
}

/** Inside the time that a whole attempt has, which may take two requests. */
const defaultTimeoutMs = 14_000
const defaultAskEveryMs = 5 * 60_000

/** Refusals that say nothing about the order: it was not even looked at, and may be sent again when somebody has mended it. */
const notTaken: ReadonlySet<number> = new Set([401, 403, 404, 405, 406, 411, 413, 414, 415, 429])

export function createHttpChannel(options: HttpChannelOptions = {}): Channel {
  const timeoutMs = options.timeoutMs ?? defaultTimeoutMs

  async function send(
    ctx: DomainContext,
    order: ChannelOrder,
    call: { readonly method: 'GET' | 'POST'; readonly path: string; readonly id: string; readonly body?: object },
    signal: AbortSignal,
  ): Promise<SupplierResponse> {
    const { url } = await ctx.db
      .selectFrom('purchasing.suppliers')
      .select('url')
      .where('id', '=', order.supplierId)
      .executeTakeFirstOrThrow()
    const body = call.body === undefined ? '' : JSON.stringify(call.body)
    const secret = options.secrets?.[order.supplierId]
    return requestSupplier({
      method: call.method,
      url: `${(url ?? '').replace(/\/+$/, '')}${call.path}`,
      headers: {
        ...(body === '' ? {} : { 'content-type': 'application/json' }),
        ...(call.method === 'POST' ? { 'idempotency-key': call.id } : {}),
        ...(secret === undefined ? {} : signatureHeaders(secret, { id: call.id, at: ctx.clock.now(), body })),
      },
      body,
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    })
  }

  async function lookUp(ctx: DomainContext, order: ChannelOrder, signal: AbortSignal): Promise<OrderAnswer | null> {
    const key = encodeURIComponent(order.idempotencyKey)
    const response = await send(ctx, order, { method: 'GET', path: `/by-key/${key}`, id: order.idempotencyKey }, signal)
    if (response.status === 404) return null
    return readAnswer(response)
  }

  return {
    askEveryMs: options.askEveryMs ?? defaultAskEveryMs,
    isRepeatSafe: true,

    async submit(ctx, order, signal) {
      const call = { method: 'POST', path: '', id: order.idempotencyKey, body: toRequest(order) } as const
      const response = await send(ctx, order, call, signal)
      const { status } = response
      if (status >= 200 && status < 300) return toAnswer(order, readAnswer(response))
      if (status === 400 || status === 422) {
        const said = tryReadAnswer(response)
        return { outcome: 'rejected', reason: said?.reason ?? `the supplier's server refused it (HTTP ${status})` }
      }
      if (status >= 300 && status < 400) {
        throw new NotSentError(
          `the supplier's server points to ${response.location ?? 'somewhere else'}; give the supplier that URL if it is right`,
        )
      }
      if (notTaken.has(status)) throw new NotSentError(`the supplier's server didn't take it (HTTP ${status})`)
      throw new Error(`the supplier's server failed (HTTP ${status})`)
    },

    async findByKey(ctx, order, signal) {
      const answer = await lookUp(ctx, order, signal)
      return answer === null ? { outcome: 'not_found' } : toAnswer(order, answer)
    },

    async status(ctx, order, signal) {
      if (order.reference === null) {
        const answer = await lookUp(ctx, order, signal)
        // It took the order once: that it doesn't know it now is for a person to find out.
        if (answer === null) return { answer: { outcome: 'cannot_tell' }, deliveries: [] }
        return { answer: toAnswer(order, answer), deliveries: toDeliveries(order, answer) }
      }
      const path = `/${encodeURIComponent(order.reference)}`
      const response = await send(ctx, order, { method: 'GET', path, id: order.idempotencyKey }, signal)
      if (response.status === 404) return { answer: { outcome: 'cannot_tell' }, deliveries: [] }
      const answer = readAnswer(response)
      return { answer: toAnswer(order, answer), deliveries: toDeliveries(order, answer) }
    },

    async cancel(ctx, order, signal): Promise<CancelAnswer> {
      if (order.reference === null) return { outcome: 'refused', reason: 'it has told us no reference for the order' }
      const path = `/${encodeURIComponent(order.reference)}/cancel`
      const id = `${order.idempotencyKey}-cancel`
      const body = { version: 1, idempotency_key: id, order_id: order.orderId }
      const response = await send(ctx, order, { method: 'POST', path, id, body }, signal)
      if (response.status >= 200 && response.status < 300) {
        const { status, reason } = readAnswer(response)
        if (status === 'cancelled' || status === 'rejected') return { outcome: 'cancelled' }
        return { outcome: 'refused', reason: reason ?? 'it is on its way' }
      }
      if ([400, 404, 405, 409, 410, 422, 501].includes(response.status)) {
        const reason = tryReadAnswer(response)?.reason ?? `its server said no (HTTP ${response.status})`
        return { outcome: 'refused', reason }
      }
      throw new Error(`the supplier's server failed (HTTP ${response.status})`)
    },
  }
}

export function toRequest(order: ChannelOrder): OrderRequest {
  return {
    version: 1,
    idempotency_key: order.idempotencyKey,
    order_id: order.orderId,
    placed_at: order.placedAt.toISOString(),
    expected_at: order.expectedAt?.toISOString() ?? null,
    currency: order.currency,
    lines: order.lines.map((line) => ({
      line: line.lineNumber,
      sku: line.sku,
      product: line.product,
      packs: line.packs,
      pack_quantity: line.packQuantity,
      unit: line.unit,
      quantity: line.quantity,
      pack_price_minor: line.packPriceMinor,
      line_total_minor: line.lineTotalMinor,
    })),
    subtotal_minor: order.subtotalMinor,
    shipping_minor: order.shippingMinor,
    tax_minor: order.taxMinor,
    discount_minor: order.discountMinor,
    total_minor: order.totalMinor,
  }
}

/** Throws where the answer can't be read: then nobody knows what the supplier did. */
function readAnswer(response: SupplierResponse): OrderAnswer {
  if (response.status < 200 || response.status >= 300) {
    throw new Error(`the supplier's server failed (HTTP ${response.status})`)
  }
  const answer = tryReadAnswer(response)
  if (answer === null) throw new Error("the supplier's server gave an answer that can't be read")
  return answer
}

function tryReadAnswer(response: SupplierResponse): OrderAnswer | null {
  try {
    const answer = orderAnswerSchema.safeParse(JSON.parse(response.text)).data
    if (answer === undefined) return null
    return answer.reason == null ? answer : { ...answer, reason: oneLine(answer.reason) }
  } catch {
    return null
  }
}

function toAnswer(
  order: ChannelOrder,
  answer: OrderAnswer,
): Exclude<LookUp, { outcome: 'not_found' | 'cannot_tell' }> & SupplierAnswer {
  const reference = answer.reference ?? null
  const reason = answer.reason ?? null
  if (answer.status === 'rejected') return { outcome: 'rejected', reason: reason ?? 'the supplier gave no reason' }
  if (answer.status === 'cancelled') return { outcome: 'cancelled', reason: reason ?? 'cancelled by the supplier' }
  if (answer.status === 'accepted') {
    return { outcome: 'submitted', reference, ...(reason === null ? {} : { reason }) }
  }
  const terms = toTerms(order, answer)
  return {
    outcome: 'confirmed',
    reference,
    ...(answer.expected_at ? { expectedAt: new Date(answer.expected_at) } : {}),
    ...(terms === null ? {} : { terms }),
  }
}

function toTerms(order: ChannelOrder, answer: OrderAnswer): ReportedTerms | null {
  if (!answer.lines && answer.shipping_minor == null && answer.total_minor == null) return null
  return {
    ...(answer.total_minor == null ? {} : { totalMinor: answer.total_minor }),
    ...(answer.shipping_minor == null ? {} : { shippingMinor: answer.shipping_minor }),
    lines: (answer.lines ?? []).map((line) => ({
      lineId: lineOf(order, line.line).lineId,
      ...(line.packs === undefined ? {} : { packs: line.packs }),
      ...(line.pack_price_minor === undefined ? {} : { packPriceMinor: line.pack_price_minor }),
      ...(line.substitute === undefined ? {} : { substitute: toSubstitute(line.substitute) }),
      ...(line.back_ordered_until === undefined ? {} : { backOrderedUntil: new Date(line.back_ordered_until) }),
    })),
  }
}

function toSubstitute(said: NonNullable<NonNullable<OrderAnswer['lines']>[number]['substitute']>) {
  const packQuantity = said.pack_quantity === undefined ? {} : { packQuantity: said.pack_quantity }
  return { product: oneLine(said.product), sku: said.sku === null ? null : oneLine(said.sku), ...packQuantity }
}

function toDeliveries(order: ChannelOrder, answer: OrderAnswer): ReportedDelivery[] {
  return (answer.deliveries ?? []).flatMap((delivery) =>
    delivery.lines.map(({ line: number, packs }): ReportedDelivery => {
      const line = lineOf(order, number)
      const said = answer.lines?.find((each) => each.line === number)?.substitute?.pack_quantity
      return {
        id: deliveryId(order, delivery.id, number),
        lineId: line.lineId,
        quantity: multiplyQuantity(said ?? line.packQuantity, packs),
        at: new Date(delivery.at),
      }
    }),
  )
}

/** Short, and the same each time: suppliers count their parcels as they like, and each in its own way. */
function deliveryId(order: ChannelOrder, id: string, line: number): string {
  const digest = createHash('sha256').update(`${order.orderId}\n${line}\n${id}`).digest('base64url').slice(0, 22)
  return `${order.orderId.slice(0, 40)}-${digest}`
}

function lineOf(order: ChannelOrder, number: number): ChannelOrder['lines'][number] {
  const line = order.lines.find(({ lineNumber }) => lineNumber === number)
  if (line === undefined)
    throw new Error(`the supplier speaks of line ${number}, which order ${order.orderId} doesn't have`)
  return line
}
