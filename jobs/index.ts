import type { z } from 'zod'
import { replenish } from './replenish.js'
import { submitOrder } from './submit-order.js'
import { syncStock } from './sync-stock.js'
import { trackOrders } from './track-orders.js'

/** Every job there is. Each has a processor of the same name in `src/processors`. */
export const jobs = {
  replenish,
  'sync-stock': syncStock,
  'submit-order': submitOrder,
  'track-orders': trackOrders,
} as const

export type JobName = keyof typeof jobs
export type JobPayload<Name extends JobName> = z.infer<(typeof jobs)[Name]['payload']>
export const jobNames = Object.keys(jobs) as readonly JobName[]
