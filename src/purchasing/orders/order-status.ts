/**
 * The life of an order as one table, and one function that refuses everything that is not in it. Pure; `moveOrder`
 * makes the move in the database.
 */
import { RefusalError } from '../../platform/errors.js'
import type { OrderStatus } from '../tables.js'

const moves: Readonly<Record<OrderStatus, readonly OrderStatus[]>> = {
  awaiting_approval: ['approved', 'declined', 'expired', 'cancelled'],
  approved: ['submitting', 'cancelled'],
  // Back to `approved` only where it is certain that nothing was sent.
  submitting: ['approved', 'submitted', 'confirmed', 'rejected', 'cancelled', 'unknown'],
  // From here on only the supplier cancels, whoever asked it to.
  submitted: ['confirmed', 'partially_received', 'received', 'rejected', 'cancelled', 'closed_short'],
  confirmed: ['partially_received', 'received', 'rejected', 'cancelled', 'closed_short'],
  partially_received: ['received', 'closed_short'],
  // Sent, and no answer came. Goods that arrive, the supplier's look-up or a person end the doubt. Back to `approved` only
  // where the supplier says that it never got it, and promises to take our key for one order however often it comes.
  unknown: ['approved', 'submitted', 'confirmed', 'partially_received', 'received', 'rejected', 'cancelled'],
  received: [],
  closed_short: [],
  rejected: [],
  declined: [],
  expired: [],
  cancelled: [],
}

export const orderStatuses = Object.keys(moves) as readonly OrderStatus[]

/** Nothing more comes of an order in such a status. */
export function isFinalStatus(status: OrderStatus): boolean {
  return moves[status].length === 0
}

/** Nothing was bought, and nothing will be: what the order held is free again. */
export function isVoidStatus(status: OrderStatus): boolean {
  return budgetEffects[status] === 'release'
}

export function isAllowedMove(from: OrderStatus, to: OrderStatus): boolean {
  return moves[from].includes(to)
}

export function assertAllowedMove(orderId: string, from: OrderStatus, to: OrderStatus): void {
  if (isAllowedMove(from, to)) return
  throw new RefusalError({
    code: 'order_status',
    severity: 'final',
    text: `Order ${orderId} is ${inWords(from)}, so it can't become ${inWords(to)}.`,
  })
}

/** What a status does to the budget that the order reserved. On doubt it is kept. */
export type BudgetEffect = 'keep' | 'settle' | 'release'

const budgetEffects: Readonly<Record<OrderStatus, BudgetEffect>> = {
  awaiting_approval: 'keep',
  approved: 'keep',
  submitting: 'keep',
  submitted: 'keep',
  unknown: 'keep',
  confirmed: 'settle',
  partially_received: 'settle',
  received: 'settle',
  closed_short: 'settle',
  rejected: 'release',
  declined: 'release',
  expired: 'release',
  cancelled: 'release',
}

export function budgetEffect(status: OrderStatus): BudgetEffect {
  return budgetEffects[status]
}

/** 'partially received', for sentences. */
export function inWords(status: OrderStatus): string {
  return status.replaceAll('_', ' ')
}
