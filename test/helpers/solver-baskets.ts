import fc from 'fast-check'
import {
  type BasketNeed,
  type BasketOffer,
  type BasketProblem,
  type BasketSupplier,
  measureShortage,
} from '../../src/purchasing/solver/basket.js'
import { seededRandom } from '../../src/purchasing/solver/random.js'

export function buildNeed(itemId: string, units: number, priority = 1): BasketNeed {
  return { itemId, quantity: Math.round(units * 1000), priority }
}

/** One unit a pack, 100 each, from supplier `a`. */
export function buildOffer(overrides: Partial<BasketOffer> & { readonly offerId: string }): BasketOffer {
  const minimumPacks = overrides.minimumPacks ?? 1
  return {
    supplierId: 'a',
    itemId: 'milk',
    packQuantity: 1000,
    tiers: [{ minPacks: 1, packPriceMinor: 100 }],
    minimumPacks,
    fewestPacks: minimumPacks,
    stockPacks: null,
    ...overrides,
  }
}

export function buildSupplier(supplierId: string, overrides: Partial<BasketSupplier> = {}): BasketSupplier {
  return {
    supplierId,
    shippingFeeMinor: 0,
    freeShippingOverMinor: null,
    minimumOrderMinor: 0,
    taxRate: 0,
    maximumOrderMinor: null,
    ...overrides,
  }
}

/** The same problem in another order. */
export function shuffle(problem: BasketProblem, seed: number): BasketProblem {
  const random = seededRandom(seed)
  const shuffled = <T>(values: readonly T[]): T[] =>
    values
      .map((value) => ({ value, place: random() }))
      .sort((a, b) => a.place - b.place)
      .map(({ value }) => value)
  return {
    needs: shuffled(problem.needs),
    offers: shuffled(problem.offers),
    suppliers: shuffled(problem.suppliers),
    budgetMinor: problem.budgetMinor,
    ...(problem.orderEffortMinor === undefined ? {} : { orderEffortMinor: problem.orderEffortMinor }),
  }
}

/** By shortage, then by cost, effort included. */
export interface Optimum {
  readonly points: number
  readonly landedMinor: number
}

/** How many plans `tryEverything` would look at. */
export function countPlans(problem: BasketProblem): number {
  return problem.offers.reduce((count, offer) => count * (mostOf(problem, offer) + 1), 1)
}

/**
 * The best of all plans, by looking at every number of packs of every offer. Slow, plain, and written without a look at
 * the solver; the rule on pack rounding is `checkNeed`'s.
 */
export function tryEverything(problem: BasketProblem): Optimum {
  let best: Optimum = { points: Infinity, landedMinor: Infinity }
  const packs = problem.offers.map(() => 0)
  const visit = (index: number): void => {
    const offer = problem.offers[index]
    if (offer === undefined) {
      const found = judge(problem, packs)
      if (found === null) return
      if (found.points < best.points || (found.points === best.points && found.landedMinor < best.landedMinor))
        best = found
      return
    }
    for (let count = 0; count <= mostOf(problem, offer); count++) {
      packs[index] = count
      visit(index + 1)
    }
    packs[index] = 0
  }
  visit(0)
  return best
}

/** One pack more than could ever make sense. */
function mostOf(problem: BasketProblem, offer: BasketOffer): number {
  const need = problem.needs.find(({ itemId }) => itemId === offer.itemId)?.quantity ?? 0
  return Math.max(Math.ceil(need / offer.packQuantity), offer.fewestPacks) + 1
}

/** null: the plan breaks a rule. */
function judge(problem: BasketProblem, packs: readonly number[]): Optimum | null {
  const bought = problem.offers.map((offer, index) => ({ offer, packs: packs[index] ?? 0 }))
  for (const { offer, packs: count } of bought) {
    if (count > 0 && count < Math.max(offer.fewestPacks, offer.minimumPacks)) return null
    const sameShelf = bought.filter((other) => other.offer.offerId === offer.offerId)
    if (offer.stockPacks !== null && sum(sameShelf.map((other) => other.packs)) > offer.stockPacks) return null
  }
  let points = 0
  for (const need of problem.needs) {
    const lines = bought.filter((line) => line.offer.itemId === need.itemId && line.packs > 0)
    const quantity = sum(lines.map((line) => line.packs * line.offer.packQuantity))
    const excess = quantity - need.quantity
    const isRounding = lines.every(
      ({ offer, packs: count }) =>
        excess < (count > offer.minimumPacks ? offer.packQuantity : count * offer.packQuantity),
    )
    if (excess > 0 && !isRounding) return null
    const { least, multiple, most } = need.portions ?? { least: 0, multiple: 1, most: null }
    if (quantity > 0 && (quantity < least || quantity % multiple > 0 || quantity > (most ?? quantity))) return null
    const { step, points: each } = measureShortage(
      need,
      problem.offers.filter(({ itemId }) => itemId === need.itemId).map((offer) => offer.packQuantity),
    )
    points += (Math.max(0, -excess) / step) * each
  }
  let landedMinor = 0
  let gross = 0
  for (const supplier of problem.suppliers) {
    const amounts = bought
      .filter((line) => line.offer.supplierId === supplier.supplierId && line.packs > 0)
      .map(
        ({ offer, packs: count }) =>
          count * (offer.tiers.findLast((tier) => count >= tier.minPacks)?.packPriceMinor ?? 0),
      )
    if (amounts.length === 0) continue
    const subtotal = sum(amounts)
    if (subtotal < supplier.minimumOrderMinor) return null
    const isFree = supplier.freeShippingOverMinor !== null && subtotal >= supplier.freeShippingOverMinor
    const net = subtotal + (isFree ? 0 : supplier.shippingFeeMinor)
    const total =
      net + sum(amounts.map((amount) => Number((BigInt(amount * supplier.taxRate) * 2n + 100_000n) / 200_000n)))
    if (supplier.maximumOrderMinor !== null && total > supplier.maximumOrderMinor) return null
    landedMinor += net + (problem.orderEffortMinor ?? 0)
    gross += total
  }
  if (problem.budgetMinor !== null && gross > problem.budgetMinor) return null
  return { points, landedMinor }
}

/** Baskets with everything in them that a basket can have, small enough for `tryEverything`. */
export const tinyBaskets: fc.Arbitrary<BasketProblem> = fc
  .record({
    items: fc.integer({ min: 1, max: 3 }),
    suppliers: fc.integer({ min: 1, max: 3 }),
    needs: fc.array(fc.record({ halves: fc.integer({ min: 1, max: 9 }), priority: fc.integer({ min: 0, max: 3 }) }), {
      minLength: 3,
      maxLength: 3,
    }),
    offers: fc.array(
      fc.record({
        item: fc.nat(2),
        supplier: fc.nat(2),
        packQuantity: fc.constantFrom(500, 1000, 1500, 2000, 3000, 5000),
        price: fc.integer({ min: 0, max: 900 }),
        breaks: fc.array(fc.record({ packs: fc.integer({ min: 2, max: 5 }), off: fc.integer({ min: 0, max: 200 }) }), {
          maxLength: 2,
        }),
        minimumPacks: fc.constantFrom(1, 1, 2, 3),
        raised: fc.constantFrom(0, 0, 0, 1, 2),
        stockPacks: fc.option(fc.integer({ min: 0, max: 5 })),
      }),
      { minLength: 1, maxLength: 6 },
    ),
    portions: fc.array(
      fc.option(
        fc.record({
          least: fc.constantFrom(0, 500, 1500, 3000),
          multiple: fc.constantFrom(1, 500, 1000, 1500, 4000),
          isCapped: fc.boolean(),
        }),
      ),
      { minLength: 3, maxLength: 3 },
    ),
    isSharing: fc.boolean(),
    terms: fc.array(
      fc.record({
        shippingFeeMinor: fc.constantFrom(0, 90, 400),
        freeShippingOverMinor: fc.option(fc.integer({ min: 0, max: 2500 })),
        minimumOrderMinor: fc.constantFrom(0, 0, 700, 1500),
        taxRate: fc.constantFrom(0, 7000, 19_000, 5500, 12_345),
        maximumOrderMinor: fc.option(fc.integer({ min: 300, max: 4000 }), { freq: 3 }),
      }),
      { minLength: 3, maxLength: 3 },
    ),
    budgetMinor: fc.option(fc.integer({ min: 100, max: 5000 })),
    orderEffortMinor: fc.constantFrom(0, 0, 1, 250, 900),
  })
  .map(
    ({ items, suppliers, needs, offers, portions, isSharing, terms, budgetMinor, orderEffortMinor }): BasketProblem => {
      const single = offers.map((offer, index): BasketOffer => {
        const tiers = [{ minPacks: 1, packPriceMinor: offer.price }]
        for (const { packs, off } of offer.breaks.toSorted((a, b) => a.packs - b.packs)) {
          const last = tiers.at(-1)
          if (last === undefined || packs <= last.minPacks) continue
          tiers.push({ minPacks: packs, packPriceMinor: Math.max(0, last.packPriceMinor - off) })
        }
        return {
          offerId: `offer${index}`,
          supplierId: `supplier${offer.supplier % suppliers}`,
          itemId: `item${offer.item % items}`,
          packQuantity: offer.packQuantity,
          tiers,
          minimumPacks: offer.minimumPacks,
          fewestPacks: offer.minimumPacks + offer.raised,
          stockPacks: offer.stockPacks,
        }
      })
      // The same packs suit another item, too.
      const [first] = single
      const other = `item${items - 1}`
      const shared = isSharing && first !== undefined && first.itemId !== other ? [{ ...first, itemId: other }] : []
      return {
        needs: needs.slice(0, items).map(({ halves, priority }, index): BasketNeed => {
          const need = buildNeed(`item${index}`, halves / 2, priority)
          const stated = portions[index]
          if (priority > 0 || !stated) return need
          const { least, multiple, isCapped } = stated
          return { ...need, portions: { least, multiple, most: isCapped ? need.quantity : null } }
        }),
        offers: [...single, ...shared],
        suppliers: terms.slice(0, suppliers).map((supplier, index) => buildSupplier(`supplier${index}`, supplier)),
        budgetMinor,
        orderEffortMinor,
      }
    },
  )

function sum(amounts: readonly number[]): number {
  return amounts.reduce((total, amount) => total + amount, 0)
}
