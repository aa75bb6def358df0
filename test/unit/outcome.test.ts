import { describe, expect, test } from 'vitest'
import { decideOutcome, type OrderFact, type OutcomeFacts, type RehearsedOrder } from '../../src/runs/outcome.js'
import type { OutcomeOrderLine } from '../../src/runs/run.js'
import { summarizeRun } from '../../src/runs/summary.js'
import { buildItem, buildSnapshot } from '../helpers/agent-items.js'

function buildLine(overrides: Partial<OutcomeOrderLine> = {}): OutcomeOrderLine {
  return {
    itemId: 'itm_milk',
    product: 'Whole milk 12 x 1 l',
    packs: 2,
    packQuantity: 12,
    quantity: 24,
    unit: 'l',
    packPriceMinor: 1080,
    taxMinor: 151,
    lineTotalMinor: 2160,
    ...overrides,
  }
}

function buildOrder(overrides: Partial<OrderFact> = {}): OrderFact {
  return {
    id: 'ord_1',
    supplier: 'Molkerei Nord',
    status: 'approved',
    subtotalMinor: 2160,
    shippingMinor: 0,
    taxMinor: 151,
    discountMinor: 0,
    totalMinor: 2311,
    currency: 'EUR',
    lines: [buildLine()],
    approvalReasons: [],
    statusReason: null,
    ...overrides,
  }
}

function buildFacts(overrides: Partial<OutcomeFacts> = {}): OutcomeFacts {
  const snapshot = overrides.snapshot ?? buildSnapshot()
  return {
    snapshot,
    orders: [],
    quoted: new Map(),
    unmet: new Map(),
    refusals: new Map(),
    rehearsed: [],
    uncertain: new Map(),
    stillDue: new Set(snapshot.items.map(({ itemId }) => itemId)),
    skipped: new Map(),
    claimed: new Set(),
    ended: 'completed',
    error: null,
    dryRun: false,
    ...overrides,
  }
}

function decide(overrides: Partial<OutcomeFacts> = {}) {
  const [item] = decideOutcome(buildFacts(overrides))
  if (item === undefined) throw new Error('no item')
  return item
}

const { taxMinor: _, ...quotedMilk } = buildLine()
const quoted = new Map([['itm_milk', [{ supplier: 'Molkerei Nord', currency: 'EUR', line: quotedMilk }]]])

describe('an item with orders goes by their live status', () => {
  test.each([
    ['approved', 'ordered'],
    ['submitting', 'ordered'],
    ['submitted', 'ordered'],
    ['confirmed', 'ordered'],
    ['partially_received', 'ordered'],
    ['received', 'ordered'],
    ['awaiting_approval', 'pending_approval'],
    ['unknown', 'unknown'],
    ['rejected', 'refused'],
    ['declined', 'refused'],
    ['expired', 'refused'],
    ['cancelled', 'refused'],
  ])('%s is %s', (status, decision) => {
    expect(decide({ orders: [buildOrder({ status })] }).decision).toBe(decision)
  })

  test('ordered says how much, in which packs, from whom and for how much', () => {
    expect(decide({ orders: [buildOrder()] })).toEqual({
      itemId: 'itm_milk',
      name: 'Milk',
      decision: 'ordered',
      reason: 'ordered 24 l as 2 × 12 l from Molkerei Nord for 21.60 EUR; due at 2 l, reorder point 10 l',
      needQuantity: 24,
      orderedQuantity: 24,
      unit: 'l',
    })
  })

  test('waiting for approval says why this line waits, and counts as ordered quantity', () => {
    const other = buildLine({ itemId: 'itm_other', product: 'Straws' })
    const waiting = (...approvalReasons: string[]) =>
      decide({ orders: [buildOrder({ status: 'awaiting_approval', approvalReasons, lines: [buildLine(), other] })] })
    const what = 'waits for approval: 24 l as 2 × 12 l from Molkerei Nord for 21.60 EUR'
    const due = 'due at 2 l, reorder point 10 l'
    expect(waiting('It is the first “Whole milk 12 x 1 l”.', 'It is the first “Straws”.')).toMatchObject({
      reason: `${what}, since it is the first “Whole milk 12 x 1 l”; ${due}`,
      orderedQuantity: 24,
    })
    expect(waiting('It is the first “Straws”.', 'The order is above 10 EUR.').reason).toBe(
      `${what}, since the order is above 10 EUR; ${due}`,
    )
    expect(waiting('It is the first “Straws”.').reason).toBe(
      `${what}, since other lines of the same order need it; ${due}`,
    )
    expect(waiting().reason).toBe(`${what}; ${due}`)
  })

  test('a rejected order counts for nothing and gives the reason', () => {
    const order = buildOrder({ status: 'rejected', statusReason: 'no longer sold' })
    expect(decide({ orders: [order] })).toMatchObject({
      reason: 'rejected: 24 l as 2 × 12 l from Molkerei Nord for 21.60 EUR (no longer sold)',
      orderedQuantity: 0,
    })
  })

  test('of several orders the least sure one decides, and the reason tells them apart', () => {
    const half = buildLine({ packs: 1, quantity: 12, lineTotalMinor: 1080 })
    const item = decide({
      orders: [
        buildOrder({ lines: [half] }),
        buildOrder({ id: 'ord_2', supplier: 'Hofladen', status: 'awaiting_approval', lines: [half] }),
      ],
    })
    expect(item).toMatchObject({ decision: 'pending_approval', orderedQuantity: 24 })
    expect(item.reason).toBe(
      'waits for approval: 12 l as 1 × 12 l from Hofladen for 10.80 EUR; ordered 12 l as 1 × 12 l from Molkerei Nord for 10.80 EUR; due at 2 l, reorder point 10 l',
    )
    expect(
      decide({ orders: [buildOrder({ lines: [half] }), buildOrder({ id: 'ord_2', status: 'unknown', lines: [half] })] })
        .decision,
    ).toBe('unknown')
  })

  test('what a rejected order leaves open is said by how much', () => {
    const half = buildLine({ packs: 1, quantity: 12, lineTotalMinor: 1080 })
    const item = decide({
      orders: [buildOrder({ lines: [half] }), buildOrder({ id: 'ord_2', status: 'rejected', lines: [half] })],
      unmet: new Map([['itm_milk', { code: 'insufficient_stock', text: 'only 12 l are in stock.' }]]),
    })
    expect(item).toMatchObject({ decision: 'ordered', orderedQuantity: 12 })
    expect(item.reason).toContain('12 l short of the 24 l needed: only 12 l are in stock')
  })
})

describe('an item without an order', () => {
  test.each([
    ['above_unit_price_cap', 'refused'],
    ['declined', 'refused'],
    ['below_minimum_order', 'refused'],
    ['no_offer', 'needs_attention'],
    ['out_of_stock', 'needs_attention'],
    ['unit_mismatch', 'needs_attention'],
    ['insufficient_stock', 'needs_attention'],
    ['currency_mismatch', 'needs_attention'],
  ])('that no quote covers because of %s is %s', (code, decision) => {
    const item = decide({ unmet: new Map([['itm_milk', { code, text: 'Nobody sells it like that.' }]]) })
    expect(item).toMatchObject({ decision, reason: 'Nobody sells it like that', orderedQuantity: 0 })
  })

  test('that no quote covers keeps what the model found out about it', () => {
    const item = decide({
      unmet: new Map([['itm_milk', { code: 'no_offer', text: 'no supplier offers it.' }]]),
      skipped: new Map([['itm_milk', 'two products are equally likely']]),
    })
    expect(item).toMatchObject({
      decision: 'needs_attention',
      reason: 'no supplier offers it; two products are equally likely',
    })
  })

  test('that the ordering server refused is refused, with its words', () => {
    const refusals = new Map([['itm_milk', 'The limit per order is 100.00 EUR.']])
    expect(decide({ quoted, refusals })).toMatchObject({
      decision: 'refused',
      reason: 'The limit per order is 100.00 EUR',
    })
  })

  test('that the model left out is skipped, with its reason', () => {
    expect(decide({ skipped: new Map([['itm_milk', 'a delivery comes today.']]) })).toMatchObject({
      decision: 'skipped',
      reason: 'left out by the model: a delivery comes today',
    })
  })

  test('whose order got no answer is unknown, whatever else was said', () => {
    const item = decide({
      quoted,
      uncertain: new Map([['itm_milk', 'no answer']]),
      skipped: new Map([['itm_milk', 'x']]),
    })
    expect(item).toMatchObject({ decision: 'unknown', reason: 'no answer' })
  })

  test('that is no longer due is skipped', () => {
    expect(decide({ stillDue: new Set() })).toMatchObject({ decision: 'skipped' })
  })

  test('with nothing to order needs attention, with the reason the list gave', () => {
    const snapshot = buildSnapshot([buildItem({ need: 0, attention: 'The multiple of 48 is above the level of 24.' })])
    expect(decide({ snapshot })).toMatchObject({
      decision: 'needs_attention',
      reason: 'The multiple of 48 is above the level of 24',
    })
  })

  test.each([
    ['completed', null, 'the model made no decision'],
    ['max_turns', null, 'nothing was ordered: the model was stopped after too many steps'],
    ['token_budget', null, 'nothing was ordered: the model used up the tokens a run may use'],
    ['timeout', null, 'nothing was ordered: the time a run may take was over'],
    ['model_error', '500 no.', 'nothing was ordered: the model failed (500 no)'],
    ['failed', 'The list server is away.', 'nothing was ordered: the run failed (The list server is away)'],
  ] as const)('and without any word on it needs attention: %s', (ended, error, reason) => {
    expect(decide({ ended, error })).toMatchObject({ decision: 'needs_attention', reason })
  })

  test('that was quoted and never ordered says so', () => {
    expect(decide({ quoted }).reason).toBe('the model had a quote for it, but did not order it')
    expect(decide({ quoted, ended: 'timeout' }).reason).toBe(
      'it was quoted, but not ordered: the time a run may take was over',
    )
  })

  test('in a dry run says what would be ordered', () => {
    expect(decide({ quoted, dryRun: true, skipped: new Map([['itm_milk', 'dry run']]) })).toMatchObject({
      decision: 'skipped',
      reason: 'dry run: would order 24 l as 2 × 12 l from Molkerei Nord for 21.60 EUR; due at 2 l, reorder point 10 l',
      orderedQuantity: 0,
    })
  })
})

describe('a dry run that was told what would become of its orders', () => {
  test('says what would wait for a person, and why', () => {
    const lines = (quoted.get('itm_milk') ?? []).map(({ line }) => line)
    const order: RehearsedOrder = {
      supplier: 'Molkerei Nord',
      currency: 'EUR',
      status: 'awaiting_approval',
      approvalReasons: ['The order is above 20.00 EUR, from which a person has to approve it.'],
      statusReason: null,
      lines,
    }
    expect(decide({ quoted, dryRun: true, rehearsed: [order], claimed: new Set(['itm_milk']) })).toMatchObject({
      decision: 'skipped',
      reason:
        'dry run: would wait for approval: 24 l as 2 × 12 l from Molkerei Nord for 21.60 EUR, since the order is above 20.00 EUR, from which a person has to approve it; due at 2 l, reorder point 10 l',
      orderedQuantity: 0,
    })
  })

  test('says what would be refused, and why', () => {
    const refusals = new Map([['itm_milk', 'It would be more than 10.00 EUR a day.']])
    expect(decide({ quoted, dryRun: true, refusals })).toMatchObject({
      decision: 'refused',
      reason: 'dry run: would be refused: It would be more than 10.00 EUR a day',
    })
  })
})

describe('words of the model that facts contradict are shown beside the facts', () => {
  test('it says it skipped what was ordered', () => {
    const item = decide({ orders: [buildOrder()], skipped: new Map([['itm_milk', 'too expensive.']]) })
    expect(item.decision).toBe('ordered')
    expect(item.reason).toMatch(/ \(the model says it left this out: too expensive\)$/)
  })

  test('it says it ordered what was not', () => {
    const item = decide({ claimed: new Set(['itm_milk']) })
    expect(item).toMatchObject({
      decision: 'needs_attention',
      reason: 'the model made no decision (the model says it ordered this, but there is no such order)',
    })
    expect(decide({ orders: [buildOrder()], claimed: new Set(['itm_milk']) }).reason).not.toContain('the model says')
  })
})

test('one item in trouble changes nothing for the others, and none is left out', () => {
  const items = [buildItem(), buildItem({ itemId: 'itm_cups', name: 'Cups', unit: 'piece', need: 100 })]
  const outcome = decideOutcome(
    buildFacts({
      snapshot: buildSnapshot(items),
      orders: [buildOrder()],
      unmet: new Map([['itm_cups', { code: 'out_of_stock', text: 'out of stock everywhere' }]]),
    }),
  )
  expect(outcome.map(({ itemId, decision }) => [itemId, decision])).toEqual([
    ['itm_milk', 'ordered'],
    ['itm_cups', 'needs_attention'],
  ])
})

test('the summary lists every item under its decision, then the totals', () => {
  const items = decideOutcome(
    buildFacts({
      snapshot: buildSnapshot([buildItem(), buildItem({ itemId: 'itm_cups', name: 'Cups', unit: 'piece', need: 100 })]),
      orders: [buildOrder()],
      unmet: new Map([['itm_cups', { code: 'out_of_stock', text: 'out of stock everywhere' }]]),
    }),
  )
  const text = summarizeRun({
    list: 'cafe',
    dryRun: false,
    items,
    orders: [
      buildOrder(),
      buildOrder({ id: 'ord_2', supplier: 'Papier & Co', status: 'declined' }),
      buildOrder({ id: 'ord_3', supplier: 'Kaffee AG', currency: 'CHF', shippingMinor: 500 }),
    ],
    comment: 'All done.',
    notes: ['A note.'],
  })
  expect(text).toBe(
    [
      'cafe: 2 items due: 1 ordered, 1 needs attention.',
      'Ordered:',
      '  Milk: 24 l as 2 × 12 l from Molkerei Nord for 21.60 EUR; due at 2 l, reorder point 10 l',
      'Needs attention:',
      '  Cups: out of stock everywhere',
      'Orders:',
      '  Molkerei Nord: 23.11 EUR (ord_1, approved, 1 line, with tax 1.51 EUR)',
      '  Kaffee AG: 23.11 CHF (ord_3, approved, 1 line, with shipping 5.00 CHF, tax 1.51 CHF)',
      'Total: 23.11 EUR + 23.11 CHF',
      'A note.',
      "The model's comment: All done.",
    ].join('\n'),
  )
  expect(summarizeRun({ list: 'cafe', dryRun: false, items: [], orders: [], comment: null, notes: [] })).toBe(
    'cafe: nothing is due.',
  )
})
