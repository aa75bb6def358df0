import { describe, expect, it } from 'vitest'
import { describeQuote } from '../../src/purchasing/quotes/describe-quote.js'
import type { QuoteContent } from '../../src/purchasing/quotes/quote.js'
import { buildLine, buildQuoteOrder } from '../helpers/order-builders.js'

const content: QuoteContent = {
  orders: [buildQuoteOrder('north', [buildLine('milk')])],
  unmet: [],
  alternatives: [],
  comparison: {
    cheapestPerItemMinor: null,
    landedMinor: 20_000,
    cheapestPackPerItemMinor: 22_000,
    bestSingleSupplier: { supplier: 'Molkerei', landedMinor: 20_000 },
  },
  orderEffortMinor: 0,
  method: 'integer_program',
  gap: 0,
  solveMs: 412,
}

describe('a quote says how it was chosen', () => {
  it('with what others would have cost', () => {
    expect(describeQuote(content)).toEqual([
      'the basket: 200.00 EUR of goods and shipping from 1 supplier, proven the cheapest (integer program, 0.4 s)',
      'each item where its packs cost the least: 220.00 EUR (more, 10.0 %)',
      'all of it from Molkerei: 200.00 EUR (the same)',
    ])
  })

  it('and what one order fewer was worth', () => {
    const [basket, effort] = describeQuote({ ...content, orderEffortMinor: 200 })
    expect(basket).toMatch(/proven the best with its effort/)
    expect(effort).toBe('one order fewer was worth 2.00 EUR, which is weighed and not paid (order_effort)')
  })

  it.each([
    [0.0042, /at most 0\.42 % above the cheapest/],
    [null, /the best found in time/],
  ])('with a gap of %s', (gap, words) => {
    expect(describeQuote({ ...content, gap })[0]).toMatch(words)
  })

  it('and nothing where nothing is bought', () => {
    expect(describeQuote({ ...content, orders: [] })).toEqual([])
  })
})
