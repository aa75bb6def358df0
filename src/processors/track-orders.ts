import { trackOrders as track } from '../purchasing/sending/track-orders.js'
import type { Processor } from './context.js'

/** Asks suppliers about open orders and books what came, then lets the list know. */
export const trackOrders: Processor<'track-orders'> = async (ctx) => {
  await track(ctx, ctx.channels)
  await ctx.enqueue('sync-stock', {})
  return undefined
}
