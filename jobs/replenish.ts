import { z } from 'zod'
import { day, defineJob } from './job.js'

/** Carries out one run. The job is only a trigger: the claim on the run's row decides whether anything happens. */
export const replenish = defineJob({
  name: 'replenish',
  payload: z.object({ runId: z.string() }),
  attempts: 3,
  backoffMs: 2_000,
  keepCompleted: { age: 7 * day, count: 1_000 },
  keepFailed: { age: 30 * day, count: 1_000 },
})
