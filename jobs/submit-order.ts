import { z } from 'zod'
import { day, defineJob } from './job.js'

/** Sends one approved order to its supplier, or finds out what became of a sending that got no answer. */
export const submitOrder = defineJob({
  name: 'submit-order',
  payload: z.object({ orderId: z.string() }),
  attempts: 5,
  backoffMs: 5_000,
  keepCompleted: { age: 7 * day, count: 1_000 },
  keepFailed: { age: 30 * day, count: 1_000 },
})
