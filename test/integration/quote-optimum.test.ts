import fc from 'fast-check'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { applyLimits } from '../../src/purchasing/limits/list-limits.js'
import { createQuote, type Quote } from '../../src/purchasing/quotes/create-quote.js'
import type { BasketProblem } from '../../src/purchasing/solver/basket.js'
import { buildNeed, buildOffer, buildSupplier, registerRun } from '../helpers/purchasing-builders.js'
import { countPlans, shuffle, tinyBaskets, tryEverything } from '../helpers/solver-baskets.js'
import { createTestDatabase, type TestDatabase } from '../helpers/test-database.js'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

const money = (amountMinor: number) => (amountMinor / 100).toFixed(2)

/** The basket as people would enter it: suppliers, a catalog, limits, and what is due. */
async function quote(problem: BasketProblem, run: string) {
  const { needs, offers, suppliers, budgetMinor, orderEffortMinor = 0 } = problem
  const { ctx, db } = database
  await sql`truncate purchasing.suppliers, purchasing.products, purchasing.quotes, purchasing.needs, purchasing.run_lists,
    purchasing.list_limits cascade`.execute(db)
  for (const supplier of suppliers) {
    await buildSupplier(ctx, {
      id: supplier.supplierId,
      shippingFee: money(supplier.shippingFeeMinor),
      minimumOrder: money(supplier.minimumOrderMinor),
      taxRate: String(supplier.taxRate / 100_000),
      ...(supplier.freeShippingOverMinor === null ? {} : { freeShippingOver: money(supplier.freeShippingOverMinor) }),
    })
  }
  const links = new Map<string, { productId: string; status: 'confirmed' }[]>()
  for (const offer of offers) {
    const { productId } = await buildOffer(ctx, {
      supplierId: offer.supplierId,
      name: offer.offerId,
      packQuantity: offer.packQuantity / 1000,
      price: money(offer.tiers[0]?.packPriceMinor ?? 0),
      breaks: offer.tiers.slice(1).map((tier) => ({ packs: tier.minPacks, price: money(tier.packPriceMinor) })),
      minimumPacks: offer.minimumPacks,
      ...(offer.stockPacks === null ? {} : { stockPacks: offer.stockPacks }),
    })
    links.set(offer.itemId, [...(links.get(offer.itemId) ?? []), { productId, status: 'confirmed' }])
  }
  const perSupplier = suppliers.flatMap(({ supplierId, maximumOrderMinor }) =>
    maximumOrderMinor === null ? [] : [[supplierId, { per_order: money(maximumOrderMinor) }] as const],
  )
  await applyLimits(ctx, {
    list: 'cafe',
    currency: 'EUR',
    timeZone: 'Europe/Berlin',
    source: 'file',
    limits: {
      ...(budgetMinor === null ? {} : { per_day: money(budgetMinor) }),
      order_effort: money(orderEffortMinor),
      ...(perSupplier.length === 0 ? {} : { per_supplier: Object.fromEntries(perSupplier) }),
    },
  })
  const registered = await registerRun(
    ctx,
    needs.map((need) =>
      buildNeed({
        itemId: need.itemId,
        quantity: need.quantity / 1000,
        priority: need.priority,
        portions: need.portions && {
          least: need.portions.least / 1000,
          multiple: need.portions.multiple / 1000,
          most: need.portions.most === null ? null : need.portions.most / 1000,
        },
        links: links.get(need.itemId) ?? [],
      }),
    ),
    { run },
  )
  return createQuote(registered, {})
}

/** Nothing is free, and a break that saves nothing is a mistake. */
function isSold(tiers: BasketProblem['offers'][number]['tiers']): boolean {
  return tiers.every(
    (tier, index) => tier.packPriceMinor > 0 && tier.packPriceMinor < (tiers[index - 1]?.packPriceMinor ?? Infinity),
  )
}

/** What was minimised: the landed cost, and what the orders are a bother. */
function weighed({ content }: Quote, { orderEffortMinor = 0 }: BasketProblem): number {
  return content.comparison.landedMinor + content.orders.length * orderEffortMinor
}

test('whatever the catalog, the quote costs what the best of all plans costs, in any order', async () => {
  let run = 0
  await fc.assert(
    fc.asyncProperty(tinyBaskets, fc.nat(), async (problem, seed) => {
      // What no person could enter: an item's cap that only shows as a higher minimum.
      const entered = {
        ...problem,
        offers: problem.offers.map((offer) => ({ ...offer, fewestPacks: offer.minimumPacks })),
      }
      fc.pre(countPlans(entered) <= 20_000 && entered.offers.every(({ tiers }) => isSold(tiers)))
      const best = tryEverything(entered)
      const found = await quote(entered, `run_${++run}`)
      expect(weighed(found, entered)).toBe(best.landedMinor)
      expect(found.content.gap === 0 || found.content.orders.length === 0).toBe(true)
      const again = await quote(shuffle(entered, seed), `run_${++run}`)
      expect(weighed(again, entered)).toBe(best.landedMinor)
    }),
    { numRuns: 40 },
  )
}, 120_000)
