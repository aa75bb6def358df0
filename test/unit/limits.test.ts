import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  addSpend,
  checkLimits,
  type Limits,
  type LineToCheck,
  type OrderToCheck,
  type SpendFacts,
} from '../../src/purchasing/limits/limits.js'

const noLimits: Limits = {
  perOrderMinor: null,
  perDayMinor: null,
  perWeekMinor: null,
  perMonthMinor: null,
  ordersPerDay: null,
  ordersPerRun: null,
  maxTimesNeed: '10',
  approveAboveMinor: null,
  maxLineMinor: null,
  maxPriceRisePercent: null,
  priceRise: 'approve',
  allowedSuppliers: null,
  perSupplier: new Map(),
  firstPurchaseNeedsApproval: true,
  firstSupplierOrderNeedsApproval: false,
  personOrdersNeedApproval: true,
}
const nothingSpent: SpendFacts = {
  dayMinor: 0,
  weekMinor: 0,
  monthMinor: 0,
  supplierMonthMinor: new Map(),
  ordersToday: 0,
}

/** Ten packs of 6 l at 10.00. */
function buildLine(overrides: Partial<LineToCheck> = {}): LineToCheck {
  return {
    itemId: 'itm_beans',
    itemName: 'Coffee',
    product: 'Beans',
    needsPersonBecause: [],
    packQuantity: 6,
    unit: 'l',
    packPriceMinor: 1_000,
    lineTotalMinor: 10_000,
    maxUnitPrice: null,
    lastPaid: null,
    itemEarlierInRunMinor: 0,
    ...overrides,
  }
}

function buildOrder(overrides: Partial<OrderToCheck> = {}): OrderToCheck {
  return {
    supplierId: 'sup_a',
    supplierName: 'Acme',
    totalMinor: 10_000,
    earlierInRunMinor: 0,
    ordersInRun: 0,
    currency: 'EUR',
    placedBy: 'run',
    isFirstFromSupplier: false,
    lines: [buildLine()],
    ...overrides,
  }
}

const check = (limits: Partial<Limits>, facts: Partial<SpendFacts> = {}, order: Partial<OrderToCheck> = {}) =>
  checkLimits({ ...noLimits, ...limits }, { ...nothingSpent, ...facts }, buildOrder(order))

const codes = (limits: Partial<Limits>, facts: Partial<SpendFacts> = {}, order: Partial<OrderToCheck> = {}) =>
  check(limits, facts, order).refusals.map((refusal) => refusal.code)

const approvals = (limits: Partial<Limits>, order: Partial<OrderToCheck> = {}) => check(limits, {}, order).approvals

const supplier = (id: string, limits: { perOrderMinor?: number; perMonthMinor?: number }) => ({
  perSupplier: new Map([[id, { perOrderMinor: null, perMonthMinor: null, ...limits }]]),
})

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
    ['the last order of a run', { ordersPerRun: 3 }, {}, { ordersInRun: 2 }, []],
    ['one order of a run too many', { ordersPerRun: 3 }, {}, { ordersInRun: 3 }, ['limit_orders_per_run']],
    ['a supplier that is allowed', { allowedSuppliers: ['sup_a'] }, {}, {}, []],
    ['a supplier that is not', { allowedSuppliers: ['sup_b'] }, {}, {}, ['supplier_not_allowed']],
    ['nobody is allowed', { allowedSuppliers: [] }, {}, {}, ['supplier_not_allowed']],
    ['one large order in two pieces', { perOrderMinor: 15_000 }, {}, { earlierInRunMinor: 5_001 }, ['limit_per_order']],
    ['exactly the supplier’s limit per order', supplier('sup_a', { perOrderMinor: 10_000 }), {}, {}, []],
    ['a cent above it', supplier('sup_a', { perOrderMinor: 9_999 }), {}, {}, ['limit_per_supplier']],
    [
      'above it in two pieces',
      supplier('sup_a', { perOrderMinor: 10_000 }),
      {},
      { earlierInRunMinor: 1 },
      ['limit_per_supplier'],
    ],
    ['another supplier’s limit', supplier('sup_b', { perOrderMinor: 1, perMonthMinor: 1 }), {}, {}, []],
    [
      'exactly what is left of the supplier’s month',
      supplier('sup_a', { perMonthMinor: 15_000 }),
      {
        supplierMonthMinor: new Map([
          ['sup_a', 5_000],
          ['sup_b', 99_000],
        ]),
      },
      {},
      [],
    ],
    [
      'a cent above what is left of the supplier’s month',
      supplier('sup_a', { perMonthMinor: 15_000 }),
      { supplierMonthMinor: new Map([['sup_a', 5_001]]) },
      {},
      ['limit_per_supplier'],
    ],
    ['exactly what one item may cost', { maxLineMinor: 10_000 }, {}, {}, []],
    ['a cent more for one item', { maxLineMinor: 9_999 }, {}, {}, ['limit_max_line_amount']],
    [
      'one item in two pack sizes',
      { maxLineMinor: 10_000 },
      {},
      { lines: [buildLine({ lineTotalMinor: 6_000 }), buildLine({ lineTotalMinor: 4_001, packQuantity: 1 })] },
      ['limit_max_line_amount'],
    ],
    [
      'two items of which each costs less',
      { maxLineMinor: 10_000 },
      {},
      { lines: [buildLine({ lineTotalMinor: 6_000 }), buildLine({ lineTotalMinor: 4_001, itemId: 'itm_tea' })] },
      [],
    ],
    [
      'one item in two orders of one run',
      { maxLineMinor: 10_000 },
      {},
      { lines: [buildLine({ itemEarlierInRunMinor: 1 })] },
      ['limit_max_line_amount'],
    ],
    ['exactly the item’s cap', {}, {}, { lines: [buildLine({ packQuantity: 8, maxUnitPrice: '1.25' })] }, []],
    [
      'a hair above the item’s cap',
      {},
      {},
      { lines: [buildLine({ packQuantity: 8, maxUnitPrice: '1.249999' })] },
      ['above_unit_price_cap'],
    ],
    [
      'several at once',
      { perOrderMinor: 1, perDayMinor: 1, perMonthMinor: 1, maxLineMinor: 1 },
      {},
      {},
      ['limit_per_order', 'limit_per_day', 'limit_per_month', 'limit_max_line_amount'],
    ],
  ] as const)('%s', (_, limits, facts, order, expected) => {
    expect(codes(limits, facts, order)).toEqual(expected)
  })

  it.each<[string, Partial<Limits>, Partial<SpendFacts>, Partial<OrderToCheck>, string]>([
    [
      'per_order',
      { perOrderMinor: 5_000 },
      {},
      {},
      'The order of 100.00 EUR is above the limit per order of 50.00 EUR (per_order).',
    ],
    [
      'per_order, in pieces',
      { perOrderMinor: 5_000 },
      {},
      { earlierInRunMinor: 1_000 },
      'The order of 100.00 EUR on top of the 10.00 EUR that this run has ordered from Acme is above the limit per order of 50.00 EUR (per_order).',
    ],
    [
      'per_day',
      { perDayMinor: 12_000 },
      { dayMinor: 4_000 },
      {},
      'The order of 100.00 EUR is above what is left of the limit per day: 80.00 EUR of 120.00 EUR (per_day).',
    ],
    [
      'per_week',
      { perWeekMinor: 12_000 },
      { weekMinor: 4_000 },
      {},
      'The order of 100.00 EUR is above what is left of the limit per week: 80.00 EUR of 120.00 EUR (per_week).',
    ],
    [
      'per_month',
      { perMonthMinor: 400_000 },
      { monthMinor: 395_000 },
      {},
      'The order of 100.00 EUR is above what is left of the limit per month: 50.00 EUR of 4000.00 EUR (per_month).',
    ],
    [
      'a day on which more was spent than is allowed now',
      { perDayMinor: 1_000 },
      { dayMinor: 5_000 },
      {},
      'The order of 100.00 EUR is above what is left of the limit per day: 0.00 EUR of 10.00 EUR (per_day).',
    ],
    [
      'orders_per_day',
      { ordersPerDay: 3 },
      { ordersToday: 3 },
      {},
      '3 of 3 orders a day are placed already, none is left today (orders_per_day).',
    ],
    [
      'allowed_suppliers',
      { allowedSuppliers: ['b', 'c'] },
      {},
      {},
      'Acme (sup_a) is not among the suppliers this list may buy from (allowed_suppliers: b, c).',
    ],
    [
      'per_supplier per order',
      supplier('sup_a', { perOrderMinor: 5_000 }),
      {},
      {},
      'The order of 100.00 EUR is above the limit per order from Acme of 50.00 EUR (per_supplier.sup_a.per_order).',
    ],
    [
      'per_supplier per month',
      supplier('sup_a', { perMonthMinor: 12_000 }),
      { supplierMonthMinor: new Map([['sup_a', 4_000]]) },
      {},
      'The order of 100.00 EUR is above what is left of the limit per month for Acme: 80.00 EUR of 120.00 EUR (per_supplier.sup_a.per_month).',
    ],
    [
      'max_line_amount',
      { maxLineMinor: 5_000 },
      {},
      { lines: [buildLine({ itemEarlierInRunMinor: 200 })] },
      '“Coffee” for 100.00 EUR on top of the 2.00 EUR that this run has ordered of it from Acme is above what one order may spend on one item, 50.00 EUR (max_line_amount).',
    ],
    [
      'max_unit_price',
      {},
      {},
      { lines: [buildLine({ maxUnitPrice: '1.6' })] },
      '“Coffee” costs 10.00 EUR for 6 l, which is above its cap of 1.6 EUR for 1 l (max_unit_price).',
    ],
    [
      'max_price_rise_percent',
      { maxPriceRisePercent: '10', priceRise: 'refuse' },
      {},
      { lines: [buildLine({ lastPaid: { packPriceMinor: 1_500, packQuantity: 12, on: '2026-01-05' } })] },
      '“Beans” costs 10.00 EUR for 6 l, 33.4 % more than the 15.00 EUR for 12 l last paid on 2026-01-05; the most that is bought without asking is 10 % (max_price_rise_percent).',
    ],
  ])('names the limit, its value and what is left: %s', (_, limits, facts, order, text) => {
    expect(check(limits, facts, order).refusals).toEqual([expect.objectContaining({ severity: 'needs_human', text })])
  })
})

describe('a rise of the price', () => {
  const lastPaid = { packPriceMinor: 1_000, packQuantity: 6, on: '2026-01-05' }
  const rise = (packPriceMinor: number, percent: string, last: LineToCheck['lastPaid'] = lastPaid) =>
    approvals({ maxPriceRisePercent: percent }, { lines: [buildLine({ packPriceMinor, lastPaid: last })] }).length > 0

  it.each([
    ['the same price, no rise allowed', 1_000, '0', lastPaid, false],
    ['a cent more, no rise allowed', 1_001, '0', lastPaid, true],
    ['exactly 10 %', 1_100, '10', lastPaid, false],
    ['a cent above 10 %', 1_101, '10', lastPaid, true],
    ['exactly 2.5 %', 1_025, '2.5', lastPaid, false],
    ['a cent above 2.5 %', 1_026, '2.5', lastPaid, true],
    ['cheaper', 1, '0', lastPaid, false],
    ['never bought before', 99_999, '0', null, false],
    ['a smaller pack at the same price for a unit', 500, '0', { ...lastPaid, packQuantity: 12 }, false],
    [
      'a smaller pack that costs as much as the larger one did',
      1_000,
      '99.99',
      { ...lastPaid, packQuantity: 12 },
      true,
    ],
    ['exactly double for a unit', 1_000, '100', { ...lastPaid, packQuantity: 12 }, false],
    ['thirds that no decimal can hold', 1_000, '0', { packPriceMinor: 500, packQuantity: 3, on: '' }, false],
    ['free before', 1, '10', { ...lastPaid, packPriceMinor: 0 }, true],
    ['free before and now', 0, '10', { ...lastPaid, packPriceMinor: 0 }, false],
  ] as const)('%s', (_, packPriceMinor, percent, last, isRise) => {
    expect(rise(packPriceMinor, percent, last)).toBe(isRise)
  })

  it('waits for a person, or is refused where that is set, and is nothing without a limit', () => {
    const lines = [buildLine({ packPriceMinor: 2_000, lastPaid })]
    const asked = check({ maxPriceRisePercent: '10' }, {}, { lines })
    expect([asked.refusals.length, asked.approvals]).toEqual([0, [expect.stringContaining('100.0 % more')]])
    const refused = check({ maxPriceRisePercent: '10', priceRise: 'refuse' }, {}, { lines })
    expect([refused.refusals.map(({ code }) => code), refused.approvals]).toEqual([['limit_price_rise'], []])
    expect(check({ priceRise: 'refuse' }, {}, { lines })).toEqual({ refusals: [], approvals: [] })
  })
})

const amount = fc.nat(30_000)
const optionalAmount = fc.option(amount)
const supplierIds = ['sup_a', 'sup_b'] as const
const ofSuppliers = fc
  .array(
    fc.tuple(
      fc.constantFrom(...supplierIds),
      fc.record({ perOrderMinor: optionalAmount, perMonthMinor: optionalAmount }),
    ),
  )
  .map((entries) => new Map(entries))

const limitsArbitrary: fc.Arbitrary<Limits> = fc.record({
  perOrderMinor: optionalAmount,
  perDayMinor: optionalAmount,
  perWeekMinor: optionalAmount,
  perMonthMinor: optionalAmount,
  ordersPerDay: fc.option(fc.nat(8)),
  ordersPerRun: fc.option(fc.nat(4)),
  maxTimesNeed: fc.constant('10'),
  approveAboveMinor: optionalAmount,
  maxLineMinor: optionalAmount,
  maxPriceRisePercent: fc.option(fc.nat(50).map(String)),
  priceRise: fc.constantFrom('approve' as const, 'refuse' as const),
  allowedSuppliers: fc.option(fc.subarray([...supplierIds])),
  perSupplier: ofSuppliers,
  firstPurchaseNeedsApproval: fc.boolean(),
  firstSupplierOrderNeedsApproval: fc.boolean(),
  personOrdersNeedApproval: fc.boolean(),
})

const orderArbitrary: fc.Arbitrary<OrderToCheck> = fc
  .record({
    supplierId: fc.constantFrom(...supplierIds),
    totalMinor: fc.nat(20_000),
    earlierInRunMinor: fc.nat(5_000),
    ordersInRun: fc.nat(5),
    placedBy: fc.constantFrom('run' as const, 'person' as const),
    isFirstFromSupplier: fc.boolean(),
    lines: fc.array(
      fc
        .record({
          itemId: fc.constantFrom('itm_1', 'itm_2'),
          lineTotalMinor: fc.nat(10_000),
          packPriceMinor: fc.nat(2_000),
          needsPersonBecause: fc.subarray(['proposed_match' as const, 'agent_request' as const]),
          maxUnitPrice: fc.option(fc.nat(400).map((cents) => (cents / 100).toFixed(2))),
          lastPaid: fc.option(
            fc.record({
              packPriceMinor: fc.nat(2_000),
              packQuantity: fc.constantFrom(3, 6, 12),
              on: fc.constant('2026-01-05'),
            }),
          ),
        })
        .map(buildLine),
      { minLength: 1, maxLength: 3 },
    ),
  })
  .map(buildOrder)

describe('whatever the limits and the orders are', () => {
  it('a series that was let through never adds up to more than any limit', () => {
    fc.assert(
      fc.property(limitsArbitrary, fc.array(orderArbitrary, { maxLength: 25 }), (limits, orders) => {
        let facts = nothingSpent
        const accepted: OrderToCheck[] = []
        for (const order of orders) {
          if (checkLimits(limits, facts, order).refusals.length > 0) continue
          accepted.push(order)
          facts = addSpend(facts, order)
        }
        const sum = (of: readonly OrderToCheck[]) => of.reduce((total, order) => total + order.totalMinor, 0)
        for (const limit of [limits.perDayMinor, limits.perWeekMinor, limits.perMonthMinor]) {
          expect(sum(accepted)).toBeLessThanOrEqual(limit ?? Infinity)
        }
        expect(accepted.length).toBeLessThanOrEqual(limits.ordersPerDay ?? Infinity)
        for (const id of supplierIds) {
          const own = accepted.filter((order) => order.supplierId === id)
          const ofSupplier = limits.perSupplier.get(id)
          expect(sum(own)).toBeLessThanOrEqual(ofSupplier?.perMonthMinor ?? Infinity)
          for (const order of own) {
            const size = order.totalMinor + order.earlierInRunMinor
            expect(size).toBeLessThanOrEqual(ofSupplier?.perOrderMinor ?? Infinity)
            expect(size).toBeLessThanOrEqual(limits.perOrderMinor ?? Infinity)
          }
          if (limits.allowedSuppliers?.includes(id) === false) expect(own).toEqual([])
        }
      }),
    )
  })

  it('an order that fits into every budget is not refused because of one', () => {
    fc.assert(
      fc.property(fc.nat(50_000), fc.array(fc.nat(20_000), { maxLength: 20 }), (limit, totals) => {
        let facts = nothingSpent
        for (const totalMinor of totals) {
          const isRefused = codes({ perDayMinor: limit }, facts, { totalMinor }).length > 0
          expect(isRefused).toBe(facts.dayMinor + totalMinor > limit)
          if (!isRefused) facts = addSpend(facts, { supplierId: 'sup_a', totalMinor })
        }
      }),
    )
  })

  it('a stricter limit never lets through what a looser one holds back', () => {
    const least = (a: number | null, b: number | null) => (a === null ? b : b === null ? a : Math.min(a, b))
    const factsArbitrary = fc.record({
      dayMinor: amount,
      weekMinor: amount,
      monthMinor: amount,
      supplierMonthMinor: fc
        .array(fc.tuple(fc.constantFrom(...supplierIds), amount))
        .map((entries) => new Map(entries)),
      ordersToday: fc.nat(8),
    })
    fc.assert(
      fc.property(limitsArbitrary, limitsArbitrary, factsArbitrary, orderArbitrary, (one, other, facts, order) => {
        const strict: Limits = {
          perOrderMinor: least(one.perOrderMinor, other.perOrderMinor),
          perDayMinor: least(one.perDayMinor, other.perDayMinor),
          perWeekMinor: least(one.perWeekMinor, other.perWeekMinor),
          perMonthMinor: least(one.perMonthMinor, other.perMonthMinor),
          ordersPerDay: least(one.ordersPerDay, other.ordersPerDay),
          ordersPerRun: least(one.ordersPerRun, other.ordersPerRun),
          maxTimesNeed: '10',
          approveAboveMinor: least(one.approveAboveMinor, other.approveAboveMinor),
          maxLineMinor: least(one.maxLineMinor, other.maxLineMinor),
          maxPriceRisePercent:
            least(
              one.maxPriceRisePercent === null ? null : Number(one.maxPriceRisePercent),
              other.maxPriceRisePercent === null ? null : Number(other.maxPriceRisePercent),
            )?.toString() ?? null,
          priceRise: one.priceRise === 'refuse' || other.priceRise === 'refuse' ? 'refuse' : 'approve',
          allowedSuppliers:
            one.allowedSuppliers === null
              ? other.allowedSuppliers
              : one.allowedSuppliers.filter((id) => other.allowedSuppliers?.includes(id) ?? true),
          perSupplier: new Map(
            supplierIds.map((id) => {
              const [a, b] = [one.perSupplier.get(id), other.perSupplier.get(id)]
              return [
                id,
                {
                  perOrderMinor: least(a?.perOrderMinor ?? null, b?.perOrderMinor ?? null),
                  perMonthMinor: least(a?.perMonthMinor ?? null, b?.perMonthMinor ?? null),
                },
              ]
            }),
          ),
          firstPurchaseNeedsApproval: one.firstPurchaseNeedsApproval || other.firstPurchaseNeedsApproval,
          firstSupplierOrderNeedsApproval: one.firstSupplierOrderNeedsApproval || other.firstSupplierOrderNeedsApproval,
          personOrdersNeedApproval: one.personOrdersNeedApproval || other.personOrdersNeedApproval,
        }
        const [loose, tight] = [checkLimits(one, facts, order), checkLimits(strict, facts, order)]
        if (loose.refusals.length > 0) expect(tight.refusals.length).toBeGreaterThan(0)
        if (loose.approvals.length > 0) expect(tight.refusals.length + tight.approvals.length).toBeGreaterThan(0)
      }),
      { numRuns: 500 },
    )
  })
})

describe('what waits for a person', () => {
  const proposed = [buildLine({ needsPersonBecause: ['proposed_match'] })]
  const requested = [buildLine({ needsPersonBecause: ['agent_request'] })]

  it.each<[string, Partial<Limits>, Partial<OrderToCheck>, readonly string[]]>([
    ['nothing by default', {}, {}, []],
    ['exactly approve_above', { approveAboveMinor: 10_000 }, {}, []],
    [
      'a cent above it',
      { approveAboveMinor: 9_999 },
      {},
      ['The total of 100.00 EUR is above 99.99 EUR (approve_above).'],
    ],
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
  ])('%s', (_, limits, order, expected) => {
    const texts = approvals(limits, order)
    expect(texts).toHaveLength(expected.length)
    for (const [index, part] of expected.entries()) expect(texts[index]).toContain(part)
  })
})
