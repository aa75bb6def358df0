import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { unitPriceWithinCap } from '../../src/platform/decimal.js'
import { type CandidateOffer, type ChoiceRequest, chooseOffers } from '../../src/purchasing/choose-offers.js'

function need(itemId: string, quantity: number, maxUnitPrice: string | null = null) {
  return { itemId, quantity, maxUnitPrice }
}

function offer(overrides: Partial<CandidateOffer> & { offerId: string }): CandidateOffer {
  return {
    itemId: 'milk',
    supplierId: overrides.offerId.charAt(0),
    packQuantity: 1,
    packPriceMinor: 100,
    breaks: [],
    stockPacks: null,
    minimumPacks: 1,
    ...overrides,
  }
}

function choose(request: Partial<ChoiceRequest>) {
  const choice = chooseOffers({ needs: [], offers: [], suppliers: [], currency: 'EUR', ...request })
  return {
    lines: choice.lines.map((line) => `${line.itemId}: ${line.packs} × ${line.offerId} @ ${line.packPriceMinor}`),
    unmet: choice.unmet.map((unmet) => `${unmet.itemId}: ${unmet.quantity} ${unmet.code}`),
  }
}

describe('one need', () => {
  test('goes to what is cheapest for that quantity, not to the lowest unit price', () => {
    const offers = [
      offer({ offerId: 'a', packQuantity: 12, packPriceMinor: 1000 }),
      offer({ offerId: 'b', packQuantity: 1, packPriceMinor: 99 }),
    ]
    expect(choose({ needs: [need('milk', 3)], offers }).lines).toEqual(['milk: 3 × b @ 99'])
    expect(choose({ needs: [need('milk', 24)], offers }).lines).toEqual(['milk: 2 × a @ 1000'])
  })

  test('gets the price break that its packs reach, and is not raised to reach one', () => {
    const offers = [offer({ offerId: 'a', packPriceMinor: 100, breaks: [{ packs: 10, packPriceMinor: 80 }] })]
    expect(choose({ needs: [need('milk', 10)], offers }).lines).toEqual(['milk: 10 × a @ 80'])
    expect(choose({ needs: [need('milk', 9)], offers }).lines).toEqual(['milk: 9 × a @ 100'])
  })

  test('is compared with its cap as an exact fraction, at the price really paid', () => {
    const crate = offer({ offerId: 'a', packQuantity: 24, packPriceMinor: 1250 })
    expect(choose({ needs: [need('milk', 24, '0.5208')], offers: [crate] }).unmet).toEqual([
      'milk: 24 above_unit_price_cap',
    ])
    expect(choose({ needs: [need('milk', 24, '0.5209')], offers: [crate] }).lines).toEqual(['milk: 1 × a @ 1250'])
    const cheaperByTen = offer({ offerId: 'a', packPriceMinor: 100, breaks: [{ packs: 10, packPriceMinor: 80 }] })
    expect(choose({ needs: [need('milk', 10, '0.80')], offers: [cheaperByTen] }).lines).toHaveLength(1)
    expect(choose({ needs: [need('milk', 9, '0.80')], offers: [cheaperByTen] }).unmet).toHaveLength(1)
  })

  test('is split only when nobody has enough, cheapest first', () => {
    const offers = [
      offer({ offerId: 'a', packPriceMinor: 90, stockPacks: 4 }),
      offer({ offerId: 'b', packPriceMinor: 120, stockPacks: 8 }),
      offer({ offerId: 'c', packPriceMinor: 150, stockPacks: 8 }),
    ]
    expect(choose({ needs: [need('milk', 8)], offers }).lines).toEqual(['milk: 8 × b @ 120'])
    expect(choose({ needs: [need('milk', 10)], offers }).lines).toEqual(['milk: 4 × a @ 90', 'milk: 6 × b @ 120'])
  })

  test('gets what there is, and the rest is named', () => {
    const offers = [offer({ offerId: 'a', stockPacks: 4 }), offer({ offerId: 'b', stockPacks: 3 })]
    expect(choose({ needs: [need('milk', 10)], offers })).toEqual({
      lines: ['milk: 4 × a @ 100', 'milk: 3 × b @ 100'],
      unmet: ['milk: 3 insufficient_stock'],
    })
  })

  test('buys no fewer packs than the supplier sells', () => {
    const offers = [offer({ offerId: 'a', minimumPacks: 6, packPriceMinor: 50 }), offer({ offerId: 'b' })]
    expect(choose({ needs: [need('milk', 2)], offers }).lines).toEqual(['milk: 2 × b @ 100'])
    expect(choose({ needs: [need('milk', 4)], offers }).lines).toEqual(['milk: 6 × a @ 50'])
  })

  test('says why nothing can be bought', () => {
    const reasonFor = (offers: CandidateOffer[], cap: string | null = null) =>
      choose({ needs: [need('milk', 5, cap)], offers }).unmet
    expect(reasonFor([])).toEqual(['milk: 5 no_offer'])
    expect(reasonFor([offer({ offerId: 'a', stockPacks: 0 })])).toEqual(['milk: 5 out_of_stock'])
    expect(reasonFor([offer({ offerId: 'a', stockPacks: 3, minimumPacks: 4 })])).toEqual(['milk: 5 out_of_stock'])
    expect(reasonFor([offer({ offerId: 'a' }), offer({ offerId: 'b', stockPacks: 0 })], '0.5')).toEqual([
      'milk: 5 above_unit_price_cap',
    ])
  })

  test('finds the cheapest of equals by quantity, then by id', () => {
    const offers = [
      offer({ offerId: 'c', packQuantity: 2, packPriceMinor: 100 }),
      offer({ offerId: 'b', packQuantity: 1, packPriceMinor: 100 }),
      offer({ offerId: 'a', packQuantity: 3, packPriceMinor: 100 }),
    ]
    expect(choose({ needs: [need('milk', 1)], offers }).lines).toEqual(['milk: 1 × b @ 100'])
  })
})

describe('minimum orders', () => {
  const suppliers = [{ supplierId: 'a', minimumOrderMinor: 1000 }]

  test('too small an order moves to other suppliers', () => {
    const offers = [offer({ offerId: 'a' }), offer({ offerId: 'b', packPriceMinor: 110 })]
    expect(choose({ needs: [need('milk', 5)], offers, suppliers }).lines).toEqual(['milk: 5 × b @ 110'])
    expect(choose({ needs: [need('milk', 10)], offers, suppliers }).lines).toEqual(['milk: 10 × a @ 100'])
  })

  test('an order that nobody else can take stays unmet and says why', () => {
    expect(choose({ needs: [need('milk', 5)], offers: [offer({ offerId: 'a' })], suppliers })).toEqual({
      lines: [],
      unmet: ['milk: 5 below_minimum_order'],
    })
  })

  test('other items join it when that saves it, those with the least extra cost first', () => {
    const offers = [
      offer({ offerId: 'a1', itemId: 'milk' }),
      offer({ offerId: 'a2', itemId: 'cups', packPriceMinor: 150 }),
      offer({ offerId: 'b2', itemId: 'cups', packPriceMinor: 100 }),
      offer({ offerId: 'a3', itemId: 'tea', packPriceMinor: 110 }),
      offer({ offerId: 'b3', itemId: 'tea', packPriceMinor: 100 }),
    ]
    const needs = [need('milk', 5), need('cups', 5), need('tea', 5)]
    expect(choose({ needs, offers, suppliers }).lines).toEqual([
      'cups: 5 × b2 @ 100',
      'milk: 5 × a1 @ 100',
      'tea: 5 × a3 @ 110',
    ])
  })

  test('but not when that brings another supplier below its own', () => {
    const offers = [
      offer({ offerId: 'a1', itemId: 'milk' }),
      offer({ offerId: 'a3', itemId: 'tea', packPriceMinor: 110 }),
      offer({ offerId: 'b2', itemId: 'cups', packPriceMinor: 100 }),
      offer({ offerId: 'b3', itemId: 'tea', packPriceMinor: 100 }),
    ]
    const choice = choose({
      needs: [need('milk', 5), need('cups', 5), need('tea', 5)],
      offers,
      suppliers: [...suppliers, { supplierId: 'b', minimumOrderMinor: 1000 }],
    })
    expect(choice.unmet).toEqual(['milk: 5 below_minimum_order'])
    expect(choice.lines).toEqual(['cups: 5 × b2 @ 100', 'tea: 5 × b3 @ 100'])
  })
})

test('one offer that suits two items has its stock only once', () => {
  const offers = ['milk', 'oat'].map((itemId) => offer({ offerId: 'a', itemId, stockPacks: 5 }))
  expect(choose({ needs: [need('milk', 3), need('oat', 4)], offers })).toEqual({
    lines: ['milk: 3 × a @ 100', 'oat: 2 × a @ 100'],
    unmet: ['oat: 2 insufficient_stock'],
  })
})

describe('whatever the market', () => {
  const items = ['i1', 'i2', 'i3', 'i4']
  const suppliers = ['s1', 's2', 's3']
  const quantity = fc.oneof(
    fc.integer({ min: 1, max: 40 }),
    fc.integer({ min: 1, max: 40_000 }).map((n) => n / 1000),
  )
  const breaks = fc.option(
    fc.record({ packs: fc.integer({ min: 2, max: 12 }), share: fc.integer({ min: 50, max: 99 }) }),
    {
      nil: null,
    },
  )
  const anyOffer = fc
    .record({
      itemId: fc.constantFrom(...items),
      supplierId: fc.constantFrom(...suppliers),
      packQuantity: fc.constantFrom(0.25, 0.5, 1, 2, 3, 5, 6, 10, 12, 1.125),
      packPriceMinor: fc.integer({ min: 1, max: 5000 }),
      stockPacks: fc.option(fc.integer({ min: 0, max: 15 }), { nil: null }),
      minimumPacks: fc.constantFrom(1, 1, 1, 2, 5),
      breaks,
    })
    .map(({ breaks: drop, ...rest }): Omit<CandidateOffer, 'offerId'> => {
      const packPriceMinor = Math.floor((rest.packPriceMinor * (drop?.share ?? 0)) / 100)
      return { ...rest, breaks: drop === null ? [] : [{ packs: drop.packs, packPriceMinor }] }
    })
  const cap = fc.option(
    fc.integer({ min: 1, max: 3000 }).map((minor) => (minor / 100).toFixed(2)),
    { nil: null },
  )
  const anyRequest = fc
    .record({
      needs: fc.uniqueArray(fc.record({ itemId: fc.constantFrom(...items), quantity, maxUnitPrice: cap }), {
        selector: (n) => n.itemId,
        minLength: 1,
      }),
      offers: fc.array(anyOffer, { maxLength: 14 }),
      minimums: fc.tuple(...suppliers.map(() => fc.constantFrom(0, 0, 1000, 5000, 20_000))),
    })
    .map(
      ({ needs, offers, minimums }): ChoiceRequest => ({
        needs,
        offers: offers.map((o, index) => ({ ...o, offerId: `o${index}` })),
        suppliers: suppliers.map((supplierId, index) => ({ supplierId, minimumOrderMinor: minimums[index] ?? 0 })),
        currency: 'EUR',
      }),
    )

  function priceOf(o: CandidateOffer, packs: number): number {
    return o.breaks.reduce((price, tier) => (packs >= tier.packs ? tier.packPriceMinor : price), o.packPriceMinor)
  }

  test('every line keeps to stock, packs, prices, caps and the need; every need is covered or has its reason', () => {
    fc.assert(
      fc.property(anyRequest, (request) => {
        const { lines, unmet } = chooseOffers(request)
        const byId = new Map(request.offers.map((o) => [o.offerId, o]))
        const find = (id: string) => byId.get(id) ?? expect.fail(`unknown offer ${id}`)
        for (const line of lines) {
          const o = find(line.offerId)
          expect(o.itemId).toBe(line.itemId)
          expect(o.supplierId).toBe(line.supplierId)
          expect(Number.isInteger(line.packs) && line.packs >= o.minimumPacks).toBe(true)
          expect(line.packs).toBeLessThanOrEqual(o.stockPacks ?? Infinity)
          expect(line.packPriceMinor).toBe(priceOf(o, line.packs))
          const limit = request.needs.find((n) => n.itemId === line.itemId)?.maxUnitPrice ?? null
          if (limit !== null) expect(unitPriceWithinCap(line.packPriceMinor, o.packQuantity, limit, 'EUR')).toBe(true)
        }
        expect(new Set(lines.map((l) => l.offerId)).size).toBe(lines.length)
        for (const n of request.needs) {
          const own = lines.filter((l) => l.itemId === n.itemId)
          const bought = own.reduce((sum, l) => sum + l.packs * find(l.offerId).packQuantity, 0)
          const missing = unmet.filter((u) => u.itemId === n.itemId)
          if (bought >= n.quantity) expect(missing).toEqual([])
          else expect(missing).toEqual([expect.objectContaining({ quantity: expect.closeTo(n.quantity - bought, 6) })])
          for (const l of own) {
            const o = find(l.offerId)
            if (l.packs > o.minimumPacks) expect(bought - o.packQuantity).toBeLessThan(n.quantity)
          }
        }
        for (const s of request.suppliers) {
          const own = lines.filter((l) => l.supplierId === s.supplierId)
          const subtotal = own.reduce((sum, l) => sum + l.packs * l.packPriceMinor, 0)
          if (own.length > 0) expect(subtotal).toBeGreaterThanOrEqual(s.minimumOrderMinor)
        }
      }),
      { numRuns: 2000 },
    )
  })

  test('the order of the request changes nothing', () => {
    const shuffled = anyRequest.chain((request) =>
      fc.record({
        request: fc.constant(request),
        needs: fc.shuffledSubarray([...request.needs], { minLength: request.needs.length }),
        offers: fc.shuffledSubarray([...request.offers], { minLength: request.offers.length }),
        suppliers: fc.shuffledSubarray([...request.suppliers], { minLength: request.suppliers.length }),
      }),
    )
    fc.assert(
      fc.property(shuffled, ({ request, ...other }) => {
        expect(chooseOffers({ ...request, ...other })).toEqual(chooseOffers(request))
      }),
      { numRuns: 500 },
    )
  })

  test('one item costs what trying everything says', () => {
    const one = fc.record({
      quantity: fc.integer({ min: 1, max: 20 }),
      offers: fc.array(
        anyOffer.map((o) => ({ ...o, itemId: 'i1', breaks: [], stockPacks: Math.min(o.stockPacks ?? 6, 6) })),
        { minLength: 1, maxLength: 4 },
      ),
    })
    fc.assert(
      fc.property(one, ({ quantity: wanted, offers: raw }) => {
        const offers = raw.map((o, index) => ({ ...o, offerId: `o${index}` }))
        const { lines, unmet } = chooseOffers({ needs: [need('i1', wanted)], offers, suppliers: [], currency: 'EUR' })
        const cost = lines.reduce((sum, l) => sum + l.packs * l.packPriceMinor, 0)
        const best = cheapest(wanted, offers)
        if (best === null) expect(unmet).toHaveLength(1)
        else expect({ cost, unmet }).toEqual({ cost: best, unmet: [] })
      }),
      { numRuns: 2000 },
    )
  })

  test('one item from one offer costs what trying everything says, price breaks and cap included', () => {
    const one = fc.record({ quantity, cap, offers: fc.array(anyOffer, { minLength: 1, maxLength: 5 }) })
    fc.assert(
      fc.property(one, ({ quantity: wanted, cap: limit, offers: raw }) => {
        const offers = raw.map((o, index) => ({ ...o, itemId: 'i1', stockPacks: null, offerId: `o${index}` }))
        const costs = offers.flatMap((o) => {
          const packs = Math.max(
            Math.ceil(Math.round(wanted * 1000) / Math.round(o.packQuantity * 1000)),
            o.minimumPacks,
          )
          const price = priceOf(o, packs)
          return limit === null || unitPriceWithinCap(price, o.packQuantity, limit, 'EUR') ? [packs * price] : []
        })
        const { lines } = chooseOffers({ needs: [need('i1', wanted, limit)], offers, suppliers: [], currency: 'EUR' })
        if (costs.length > 0) expect(lines.map((l) => l.packs * l.packPriceMinor)).toEqual([Math.min(...costs)])
        else expect(lines).toEqual([])
      }),
      { numRuns: 1000 },
    )
  })

  /** All ways to cover the need: by one offer if any can, else by several with no pack too many. */
  function cheapest(wanted: number, offers: readonly CandidateOffer[]): number | null {
    const ways = offers.reduce<number[][]>(
      (all, o) => {
        const counts = [0]
        for (let n = o.minimumPacks; n <= (o.stockPacks ?? 0); n++) counts.push(n)
        return all.flatMap((way) => counts.map((count) => [...way, count]))
      },
      [[]],
    )
    const covering = ways.flatMap((way) => {
      const covered = way.reduce((sum, packs, i) => sum + packs * (offers[i]?.packQuantity ?? 0), 0)
      if (covered < wanted) return []
      const isLean = way.every((packs, i) => {
        const o = offers[i]
        return packs === 0 || packs === o?.minimumPacks || covered - (o?.packQuantity ?? 0) < wanted
      })
      if (!isLean) return []
      const cost = way.reduce((sum, packs, i) => sum + packs * (offers[i]?.packPriceMinor ?? 0), 0)
      return [{ cost, offersUsed: way.filter((packs) => packs > 0).length }]
    })
    const single = covering.filter((way) => way.offersUsed === 1)
    const costs = (single.length > 0 ? single : covering).map((way) => way.cost)
    return costs.length === 0 ? null : Math.min(...costs)
  }
})

test('ten thousand offers for one item are no problem', () => {
  const offers = Array.from({ length: 10_000 }, (_, index) =>
    offer({
      offerId: `o${index}`,
      supplierId: `s${index % 500}`,
      packPriceMinor: 100 + (index % 97),
      stockPacks: 1 + (index % 3),
    }),
  )
  const suppliers = Array.from({ length: 500 }, (_, index) => ({ supplierId: `s${index}`, minimumOrderMinor: 500 }))
  const started = performance.now()
  const choice = chooseOffers({ needs: [need('milk', 7000)], offers, suppliers, currency: 'EUR' })
  expect(performance.now() - started).toBeLessThan(3000)
  expect(choice.unmet).toEqual([])
  expect(choice.lines.reduce((sum, line) => sum + line.packs, 0)).toBe(7000)
})
