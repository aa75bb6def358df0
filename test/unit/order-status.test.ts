import { describe, expect, it } from 'vitest'
import { RefusalError } from '../../src/platform/errors.js'
import { finalStatuses } from '../../src/purchasing/needs/open-quantities.js'
import {
  assertAllowedMove,
  budgetEffect,
  isAllowedMove,
  isFinalStatus,
  isVoidStatus,
  orderStatuses,
} from '../../src/purchasing/orders/order-status.js'
import type { OrderStatus } from '../../src/purchasing/tables.js'

const life: Readonly<Record<OrderStatus, string>> = {
  awaiting_approval: 'approved cancelled declined expired',
  approved: 'cancelled submitting',
  submitting: 'approved cancelled confirmed rejected submitted unknown',
  submitted: 'cancelled closed_short confirmed partially_received received rejected',
  confirmed: 'cancelled closed_short partially_received received rejected',
  partially_received: 'closed_short received',
  unknown: 'approved cancelled confirmed partially_received received rejected submitted',
  received: '',
  closed_short: '',
  rejected: '',
  declined: '',
  expired: '',
  cancelled: '',
}

describe('the life of an order', () => {
  it.each(Object.entries(life))('%s leads to: %s', (from, to) => {
    const allowed = orderStatuses.filter((status) => isAllowedMove(from as OrderStatus, status))
    expect([...allowed].sort().join(' ')).toBe(to)
  })

  it('refuses every other move', () => {
    let refused = 0
    for (const from of orderStatuses) {
      for (const to of orderStatuses) {
        if (isAllowedMove(from, to)) continue
        expect(() => assertAllowedMove('ord_1', from, to)).toThrow(RefusalError)
        refused += 1
      }
    }
    expect(refused).toBe(13 * 13 - 32)
  })

  it('never sends an order of doubt straight away', () => {
    expect(isAllowedMove('unknown', 'submitting')).toBe(false)
  })

  it('ends where open quantities end', () => {
    expect(orderStatuses.filter(isFinalStatus).sort()).toEqual([...finalStatuses].sort())
  })

  it('releases budget only where nothing was bought, and keeps it on doubt', () => {
    expect(orderStatuses.filter(isVoidStatus).sort()).toEqual(['cancelled', 'declined', 'expired', 'rejected'])
    expect(budgetEffect('unknown')).toBe('keep')
    expect(budgetEffect('closed_short')).toBe('settle')
  })
})
