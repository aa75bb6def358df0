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
  readonly subtotalMinor: number
  readonly shippingMinor: number
  readonly taxMinor: number
  /** Below 0: a surcharge. */
  readonly discountMinor: number
  readonly totalMinor: number
  readonly placedAt: Date
  /** By when it should come; null: nobody knows. */
  readonly expectedAt: Date | null
  readonly lines: readonly ChannelOrderLine[]
}

export interface ChannelOrderLine {
  readonly lineId: string
  readonly lineNumber: number
  readonly sku: string | null
  readonly product: string
  readonly packs: number
  readonly packPriceMinor: number
  /** Net. */
  readonly lineTotalMinor: number
  /** In the item's unit, as everywhere on our side. */
  readonly packQuantity: number
  readonly quantity: number
  readonly unit: string
}

/** What the supplier will really deliver and charge, where that isn't what was ordered. What isn't said stays. */
export interface ReportedTerms {
  /** All in all, tax included. */
  readonly totalMinor?: number
  readonly shippingMinor?: number
  readonly lines: readonly ReportedLine[]
}

export interface ReportedLine {
  readonly lineId: string
  /** 0: the supplier won't deliver it. */
  readonly packs?: number
  /** Net. */
  readonly packPriceMinor?: number
  /** Another product in place of the one ordered. `packQuantity` in the item's unit; absent: as much as was in the other. */
  readonly substitute?: { readonly product: string; readonly sku: string | null; readonly packQuantity?: number }
  /** Not before then. */
  readonly backOrderedUntil?: Date
}

/** What the supplier said. `submitted`: it has the order and has not said yes yet. */
export type SupplierAnswer =
  | {
      readonly outcome: 'confirmed'
      readonly reference: string | null
      readonly expectedAt?: Date
      /** What it changed; absent: it does what was ordered. */
      readonly terms?: ReportedTerms
    }
  | { readonly outcome: 'submitted'; readonly reference: string | null; readonly reason?: string }
  | { readonly outcome: 'rejected'; readonly reason: string }
  | { readonly outcome: 'cancelled'; readonly reason: string }

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

/** What the supplier said when it was asked to cancel. */
export type CancelAnswer = { readonly outcome: 'cancelled' } | { readonly outcome: 'refused'; readonly reason: string }

export interface Channel {
  /**
   * Sends the order. Throws `NotSentError` only where the supplier certainly didn't take it (it will be tried again);
   * any other error means that nobody knows, and the order is never sent again without asking first.
   */
  submit(ctx: DomainContext, order: ChannelOrder, signal: AbortSignal): Promise<SupplierAnswer>
  /** Asks whether the supplier knows an order by our key. */
  findByKey(ctx: DomainContext, order: ChannelOrder, signal: AbortSignal): Promise<LookUp>
  /** How an order that the supplier has is getting on. */
  status(ctx: DomainContext, order: ChannelOrder, signal: AbortSignal): Promise<OrderReport>
  /** Asks the supplier to cancel; throws where there is no answer. Absent: there is no way to ask. */
  cancel?(ctx: DomainContext, order: ChannelOrder, signal: AbortSignal): Promise<CancelAnswer>
  /** Suppliers are asked about an order no more often than this. Absent: whenever somebody wants to know. */
  readonly askEveryMs?: number
  /**
   * The supplier promises to take a key for one order however often it comes. Only then may an order of doubt that it
   * says it never got be sent again.
   */
  readonly isRepeatSafe?: boolean
}

/** The supplier didn't take it, for sure: a refused connection, a name that doesn't resolve, a key that isn't accepted. */
export class NotSentError extends Error {
  override readonly name = 'NotSentError'
}
