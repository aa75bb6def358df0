import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addSpend, checkLimits, type Limits, type OrderToCheck, type SpendFacts } from '../../src/purchasing/limits.js'

const noLimits: Limits = {
  perOrderMinor: null,
  perDayMinor: null,
  perWeekMinor: null,
  perMonthMinor: null,
  ordersPerDay: null,
  approveAboveMinor: null,
  allowedSuppliers: null,
  firstPurchaseNeedsApproval: true,
  firstSupplierOrderNeedsApproval: false,
  personOrdersNeedApproval: true,
}
const nothingSpent: SpendFacts = { dayMinor: 0, weekMinor: 0, monthMinor: 0, ordersToday: 0 }

function buildOrder(overrides: Partial<OrderToCheck> = {}): OrderToCheck {
  return {
    supplierId: 'sup_a',
    supplierName: 'Acme',
    totalMinor: 10_000,
    earlierInRunMinor: 0,
    currency: 'EUR',
    placedBy: 'run',
    isFirstFromSupplier: false,
    lines: [{ product: 'Beans', needsPersonBecause: [] }],
    ...overrides,
  }
}

const codes = (limits: Partial<Limits>, facts: Partial<SpendFacts> = {}, order: Partial<OrderToCheck> = {}) =>
  checkLimits({ ...noLimits, ...limits }, { ...nothingSpent, ...facts }, buildOrder(order)).refusals.map((m) => m.code)

const approvals = (limits: Partial<Limits>, order: Partial<OrderToCheck> = {}) =>
  checkLimits({ ...noLimits, ...limits }, nothingSpent, buildOrder(order)).approvals

describe('what limits refuse', () => {
  // total is 100.00
  it.each([
    ['nothing set', {}, {}, {}, []],
    ['exactly the limit per order', { perOrderMinor: 10_000 }, {}, {}, []],
    ['a cent above the limit per order', { perOrderMinor: 9_999 }, {}, {}, ['limit_per_order']],
    ['exactly what is left of the day', { perDayMinor: 15_000 }, { dayMinor: 5_000 }, {}, []],
    ['a cent above what is left of the day', { perDayMinor: 15_000 }, { dayMinor: 5_001 }, {}, ['limit_per_day']],
    ['the week', { perWeekMinor: 15_000 }, { weekMinor: 5_001 }, {}, ['limit_per_week']],
    ['the month', { perMonthMinor: 15_000 }, { monthMinor: 5_001 }, {}, ['limit_per_month']],
    ['a budget of nothing', { perMonthMinor: 0 }, {}, {}, ['limit_per_month']],
    ['a free order on a budget of nothing', { perMonthMinor: 0 }, {}, { totalMinor: 0 }, []],
    ['the last order of the day', { ordersPerDay: 3 }, { ordersToday: 2 }, {}, []],
    ['one order too many', { ordersPerDay: 3 }, { ordersToday: 3 }, {}, ['limit_orders_per_day']],
    ['a supplier that is allowed', { allowedSuppliers: ['sup_a'] }, {}, {}, []],
    ['a supplier that is not', { allowedSuppliers: ['sup_b'] }, {}, {}, ['supplier_not_allowed']],
    ['nobody is allowed', { allowedSuppliers: [] }, {}, {}, ['supplier_not_allowed']],
    ['one large order in two pieces', { perOrderMinor: 15_000 }, {}, { earlierInRunMinor: 5_001 }, ['limit_per_order']],
    [
      'several at once',
      { perOrderMinor: 1, perDayMinor: 1, perMonthMinor: 1 },
      {},
      {},
      ['limit_per_order', 'limit_per_day', 'limit_per_month'],
    ],
  ] as const)('%s', (_, limits, facts, order, expected) => {
    expect(codes(limits, facts, order)).toEqual(expected)
  })

  it('names the limit, its value and what is left', () => {
    const verdict = checkLimits(
      { ...noLimits, perMonthMinor: 400_000 },
      { ...nothingSpent, monthMinor: 395_000 },
      buildOrder(),
    )
    expect(verdict.refusals[0]).toMatchObject({
      severity: 'needs_human',
      text: 'The order of 100.00 EUR is above what is left of the limit per month: 50.00 EUR of 4000.00 EUR (per_month).',
    })
  })

  it('says that nothing is left where more was spent than is allowed now', () => {
    const verdict = checkLimits({ ...noLimits, perDayMinor: 1_000 }, { ...nothingSpent, dayMinor: 5_000 }, buildOrder())
    expect(verdict.refusals[0]?.text).toContain('0.00 EUR of 10.00 EUR')
  })

  it('never lets a series of orders past a budget, and never refuses one that fits', () => {
    fc.assert(
      fc.property(fc.nat(50_000), fc.array(fc.nat(20_000), { maxLength: 20 }), (limit, totals) => {
        let facts = nothingSpent
        for (const totalMinor of totals) {
          const verdict = checkLimits({ ...noLimits, perDayMinor: limit }, facts, buildOrder({ totalMinor }))
          expect(verdict.refusals.length === 0).toBe(facts.dayMinor + totalMinor <= limit)
          if (verdict.refusals.length === 0) facts = addSpend(facts, totalMinor)
        }
        expect(facts.dayMinor).toBeLessThanOrEqual(limit)
      }),
    )
  })
})

describe('what waits for a person', () => {
  const proposed = [{ product: 'Beans', needsPersonBecause: ['proposed_match'] }] as const
  const requested = [{ product: 'Beans', needsPersonBecause: ['agent_request'] }] as const

  it.each([
    ['nothing by default', {}, {}, []],
    ['exactly approve_above', { approveAboveMinor: 10_000 }, {}, []],
    ['a cent above it', { approveAboveMinor: 9_999 }, {}, ['approve_above']],
    ['above it in two pieces', { approveAboveMinor: 10_000 }, { earlierInRunMinor: 1 }, ['approve_above']],
    ['a person’s client', {}, { placedBy: 'person' }, ['person_orders_need_approval']],
    ['a person’s client, allowed', { personOrdersNeedApproval: false }, { placedBy: 'person' }, []],
    [
      'a first order',
      { firstSupplierOrderNeedsApproval: true },
      { isFirstFromSupplier: true },
      ['first_supplier_order'],
    ],
    ['a first order, off by default', {}, { isFirstFromSupplier: true }, []],
    ['a proposed match', {}, { lines: proposed }, ['first_purchase_needs_approval']],
    ['a proposed match, allowed', { firstPurchaseNeedsApproval: false }, { lines: proposed }, []],
    ['what the agent asked for itself', {}, { lines: requested }, ['requested by the agent']],
    [
      'the same with everything allowed',
      { firstPurchaseNeedsApproval: false },
      { lines: requested },
      ['requested by the agent'],
    ],
  ] as const)('%s', (_, limits, order, expected) => {
    const texts = approvals(limits, order)
    expect(texts).toHaveLength(expected.length)
    for (const [index, part] of expected.entries()) expect(texts[index]).toContain(part)
  })
})
