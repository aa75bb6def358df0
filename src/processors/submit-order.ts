import { submitOrder as submit } from '../purchasing/sending/submit-order.js'
import type { Processor } from './context.js'

/** Sends one approved order, then lets the list know. Doing it twice is harmless: the order's status decides. */
export const submitOrder: Processor<'submit-order'> = async (ctx, payload) => {
  await submit(ctx, { orderId: payload.orderId }, ctx.channels)
  await ctx.enqueue('sync-stock', {})
  return undefined
}
