import type { JobName } from '../../jobs/index.js'
import type { JobAttempt } from '../platform/queue.js'
import type { Processor } from './context.js'
import { replenish } from './replenish.js'
import { submitOrder } from './submit-order.js'
import { syncStock } from './sync-stock.js'
import { trackOrders } from './track-orders.js'

/** What each job does. A job without a processor does not compile. */
export const processors: { readonly [Name in JobName]: Processor<Name> } = {
  replenish,
  'sync-stock': syncStock,
  'submit-order': submitOrder,
  'track-orders': trackOrders,
}

/** For calling a processor directly, outside the queue. */
export const directAttempt: JobAttempt = { jobId: '', attempt: 1, isLast: true, signal: new AbortController().signal }
