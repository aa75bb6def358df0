import { z } from 'zod'
import { day, defineJob } from './job.js'

/** Carries what happened to orders (accepted, rejected, delivered, …) from the ordering server to the list. */
export const syncStock = defineJob({
  name: 'sync-stock',
  payload: z.object({}),
  attempts: 5,
  backoffMs: 1_000,
  keepCompleted: { age: day, count: 100 },
  keepFailed: { age: 7 * day, count: 500 },
})
