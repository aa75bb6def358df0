import { allowedInvariants } from './allowed.js'
import { approvalInvariants } from './approvals.js'
import { budgetInvariants } from './budget.js'
import { deliveryInvariants } from './deliveries.js'
import type { Invariant } from './invariant.js'
import { limitInvariants } from './limits.js'
import { needInvariants } from './needs.js'
import { orderInvariants } from './orders.js'
import { runInvariants } from './runs.js'
import { statusInvariants } from './statuses.js'
import { stockInvariants } from './stock.js'
import { syncInvariants } from './sync.js'

/** Everything that is promised and can be read off the database. */
export const invariants: readonly Invariant[] = [
  ...orderInvariants,
  ...statusInvariants,
  ...approvalInvariants,
  ...needInvariants,
  ...allowedInvariants,
  ...budgetInvariants,
  ...limitInvariants,
  ...deliveryInvariants,
  ...syncInvariants,
  ...stockInvariants,
  ...runInvariants,
]
