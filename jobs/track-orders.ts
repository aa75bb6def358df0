import { z } from 'zod'
import { day, defineJob } from './job.js'

/** Asks suppliers what became of open orders, books deliveries and lets stale approvals expire. */
export const trackOrders = defineJob({
  name: 'track-orders',
  payload: z.object({}),
  attempts: 3,
  backoffMs: 5_000,
  keepCompleted: { age: day, count: 100 },
  keepFailed: { age: 7 * day, count: 500 },
})
