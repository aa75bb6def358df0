/**
 * The way an order takes to its supplier. A channel only talks: it changes none of our tables of orders, and it is
 * called outside of any transaction, so that a slow supplier holds no lock.
 */
import type { DomainContext } from '../../platform/context.js'

export interface ChannelOrder {
  readonly orderId: string
  /** The same for every attempt; a supplier who sees it again must give its first answer again. */
  readonly idempotencyKey: string
  readonly supplierId: string
  /** The supplier's name for the order; null: not told yet. */
  readonly reference: string | null
  readonly currency: string
  readonly totalMinor: number
  readonly lines: readonly ChannelOrderLine[]
}

export interface ChannelOrderLine {
  readonly lineId: string
  readonly lineNumber: number
  readonly sku: string | null
  readonly product: string
  readonly packs: number
  readonly packPriceMinor: number
  /** In the item's unit, as everywhere on our side. */
  readonly packQuantity: number
  readonly quantity: number
  readonly unit: string
}

/** What the supplier said. `submitted`: it has the order and has not said yes yet. */
export type SupplierAnswer =
  | {
      readonly outcome: 'confirmed'
      readonly reference: string | null
      readonly expectedAt?: Date
      /** What it will really charge; absent: what was ordered. */
      readonly totalMinor?: number
    }
  | { readonly outcome: 'submitted'; readonly reference: string | null; readonly reason?: string }
  | { readonly outcome: 'rejected'; readonly reason: string }

/** `not_found` only where the supplier is sure that it never got the order; everything else is `cannot_tell`. */
export type LookUp = SupplierAnswer | { readonly outcome: 'not_found' } | { readonly outcome: 'cannot_tell' }

export interface ReportedDelivery {
  /** The same each time it is reported, and unique over all orders. */
  readonly id: string
  readonly lineId: string
  /** In the item's unit. */
  readonly quantity: number
  readonly at: Date
}

export interface OrderReport {
  readonly answer: LookUp
  /** All deliveries so far, those reported before included. */
  readonly deliveries: readonly ReportedDelivery[]
}

export interface Channel {
  /**
   * Sends the order. Throws `NotSentError` only where the supplier certainly got nothing (it will be tried again); any
   * other error means that nobody knows, and the order is never sent again without asking first.
   */
  submit(ctx: DomainContext, order: ChannelOrder, signal: AbortSignal): Promise<SupplierAnswer>
  /** Asks whether the supplier knows an order by our key. */
  findByKey(ctx: DomainContext, order: ChannelOrder, signal: AbortSignal): Promise<LookUp>
  /** How an order that the supplier has is getting on. */
  status(ctx: DomainContext, order: ChannelOrder, signal: AbortSignal): Promise<OrderReport>
}

/** Nothing has left this machine: a refused connection, a name that doesn't resolve. */
export class NotSentError extends Error {
  override readonly name = 'NotSentError'
}
