/**
 * Seeded baskets to solve, all synthetic. `restock` is what a small shop's reorder looks like: wholesalers that have
 * almost everything and specialists that have half of it cheaper, packs, price breaks, minimum packs, short stocks,
 * shipping fees and minimum orders. `bulk` needs much of everything, so that goods dominate; `lean` is a weekly reorder,
 * whose thresholds sit near the basket. `ishop` follows what was measured of the public ISHOP-U instances (uniform),
 * `classical` the parameters of the internet shopping literature: one of each, a fee at every shop; `wide` is what a
 * catalogue without an end offers for a few items.
 */
import type { BasketOffer, BasketProblem, BasketSupplier, PriceTier } from '../../src/purchasing/solver/basket.js'
import { seededRandom } from '../../src/purchasing/solver/random.js'

export type Regime = 'bulk' | 'lean'

interface Dice {
  readonly share: () => number
  /** From `low` to `high`, whole, both included. */
  readonly whole: (low: number, high: number) => number
  readonly between: (low: number, high: number) => number
  readonly chance: (probability: number) => boolean
}

function diceOf(seed: number): Dice {
  const share = seededRandom(seed)
  for (let skip = 0; skip < 5; skip++) share()
  return {
    share,
    whole: (low, high) => low + Math.floor(share() * (high - low + 1)),
    between: (low, high) => low + share() * (high - low),
    chance: (probability) => share() < probability,
  }
}

const id = (kind: string, index: number) => `${kind}${String(index).padStart(4, '0')}`

export function restock(items: number, suppliers: number, seed: number, regime: Regime): BasketProblem {
  const dice = diceOf(seed * 7919 + items * 31 + suppliers + (regime === 'lean' ? 1_000_003 : 0))
  const isLean = regime === 'lean'
  const wholesalers = Math.max(1, Math.round(suppliers * 0.2))
  const terms = Array.from({ length: suppliers }, (_, index) => ({
    isWholesaler: index < wholesalers,
    coverage: index === 0 ? 1 : index < wholesalers ? 0.95 : dice.between(0.35, 0.65),
    factor: index < wholesalers ? dice.between(1.03, 1.1) : dice.between(0.93, 1.05),
    leadDays: index === 0 ? dice.whole(1, 7) : dice.whole(1, 9),
    fee: Math.round(isLean ? dice.between(500, 1500) : dice.between(500, 2500)),
    freeOver: dice.chance(0.75) ? Math.round(isLean ? dice.between(5000, 25000) : dice.between(5000, 60000)) : null,
    minimum: dice.chance(0.5) ? Math.round(isLean ? dice.between(2000, 10000) : dice.between(3000, 20000)) : 0,
  }))
  const needs = Array.from({ length: items }, (_, index) => ({
    itemId: id('i', index),
    quantity: 1000 * (isLean ? dice.whole(1, 12) : dice.whole(5, 120)),
    priority: dice.whole(1, 3),
  }))
  const offers: BasketOffer[] = []
  for (const need of needs) {
    const price = 40 * (2500 / 40) ** dice.share()
    const units = need.quantity / 1000
    for (const [index, supplier] of terms.entries()) {
      if (!dice.chance(supplier.coverage)) continue
      const unitPrice = price * supplier.factor * dice.between(0.9, 1.15)
      const large = isLean ? dice.whole(3, 12) : dice.whole(6, 24)
      const packs = dice.chance(0.3) ? [1, large] : [dice.chance(0.5) ? 1 : dice.whole(2, isLean ? 6 : 12)]
      for (const pack of packs) {
        const packPrice = Math.max(1, Math.round(unitPrice * pack * (pack > 1 ? dice.between(0.9, 0.98) : 1)))
        const minimumPacks = dice.chance(0.3) ? dice.whole(2, 4) : 1
        const offer: BasketOffer = {
          offerId: `${id('o', offers.length)}`,
          supplierId: id('s', index),
          itemId: need.itemId,
          packQuantity: pack * 1000,
          tiers: breaks(dice, packPrice, units / pack),
          minimumPacks,
          fewestPacks: minimumPacks,
          stockPacks: dice.chance(0.2) ? dice.whole(0, Math.ceil(units / pack)) : null,
        }
        // Too late is too late: the filter takes it out before the solver sees it.
        if (supplier.leadDays <= 7) offers.push(offer)
      }
    }
  }
  return {
    needs,
    offers,
    suppliers: terms.map(
      (supplier, index): BasketSupplier => ({
        supplierId: id('s', index),
        shippingFeeMinor: supplier.fee,
        freeShippingOverMinor: supplier.freeOver,
        minimumOrderMinor: supplier.minimum,
        taxRate: 19_000,
        maximumOrderMinor: null,
      }),
    ),
    budgetMinor: null,
  }
}

function breaks(dice: Dice, price: number, packs: number): PriceTier[] {
  const tiers: PriceTier[] = [{ minPacks: 1, packPriceMinor: price }]
  if (!dice.chance(0.5)) return tiers
  const first = Math.max(2, Math.round(packs * dice.between(0.3, 0.8)))
  tiers.push({ minPacks: first, packPriceMinor: Math.floor(price * (1 - dice.between(0.02, 0.06))) })
  if (dice.chance(0.5)) {
    const second = first + Math.max(1, Math.round(packs * dice.between(0.2, 0.6)))
    tiers.push({ minPacks: second, packPriceMinor: Math.floor(price * (1 - dice.between(0.07, 0.13))) })
  }
  return tiers
}

export function ishop(items: number, shops: number, seed: number): BasketProblem {
  const dice = diceOf(seed * 104_729 + items)
  const needs = Array.from({ length: items }, (_, index) => ({
    itemId: id('i', index),
    quantity: 1000 * dice.whole(1, items),
    priority: 1,
  }))
  const offers = needs.flatMap((need) => {
    const stocks = Array.from({ length: shops }, () => (dice.chance(0.4) ? dice.whole(1, items) : 0))
    // The public instances can all be covered.
    for (let missing = need.quantity / 1000 - stocks.reduce((sum, stock) => sum + stock, 0); missing > 0; ) {
      const shop = dice.whole(0, shops - 1)
      const more = dice.whole(1, items)
      stocks[shop] = (stocks[shop] ?? 0) + more
      missing -= more
    }
    return stocks.flatMap((stockPacks, shop) =>
      stockPacks === 0 ? [] : [single(need.itemId, shop, Math.round(dice.between(500, 5000)), stockPacks)],
    )
  })
  return { needs, offers, suppliers: shopsWith(shops, () => Math.round(dice.between(0, 1000))), budgetMinor: null }
}

export function classical(items: number, shops: number, seed: number): BasketProblem {
  const dice = diceOf(seed * 15_485_863 + items)
  const needs = Array.from({ length: items }, (_, index) => ({ itemId: id('i', index), quantity: 1000, priority: 1 }))
  const offers = needs.flatMap((need) => {
    const list = 500 * dice.whole(1, 5)
    return Array.from({ length: shops }, (_, shop) =>
      single(need.itemId, shop, Math.round(list * dice.between(0.69, 1.47)), null),
    )
  })
  return { needs, offers, suppliers: shopsWith(shops, () => 500 * dice.whole(1, 6)), budgetMinor: null }
}

/** A catalogue without an end: ten thousand offers in all. */
export function wide(items: number, shops: number, seed: number): BasketProblem {
  const dice = diceOf(seed * 32_452_843 + items)
  const needs = Array.from({ length: items }, (_, index) => ({
    itemId: id('i', index),
    quantity: 1000 * dice.whole(5, 60),
    priority: 1,
  }))
  const offers = Array.from({ length: 10_000 }, (_, index): BasketOffer => {
    const pack = dice.whole(1, 6)
    const price = Math.round(pack * dice.between(200, 500))
    const minimumPacks = dice.chance(0.3) ? 2 : 1
    return {
      offerId: id('o', index),
      supplierId: id('s', dice.whole(0, shops - 1)),
      itemId: id('i', index % items),
      packQuantity: pack * 1000,
      tiers: breaks(dice, price, 30 / pack),
      minimumPacks,
      fewestPacks: minimumPacks,
      stockPacks: dice.chance(0.3) ? dice.whole(1, 10) : null,
    }
  })
  const suppliers = shopsWith(shops, () => dice.whole(300, 1800)).map((supplier) => ({
    ...supplier,
    freeShippingOverMinor: dice.chance(0.5) ? dice.whole(5000, 25_000) : null,
    minimumOrderMinor: dice.chance(0.5) ? dice.whole(500, 8000) : 0,
  }))
  return { needs, offers, suppliers, budgetMinor: null }
}

function single(itemId: string, shop: number, packPriceMinor: number, stockPacks: number | null): BasketOffer {
  return {
    offerId: `${itemId}-${id('s', shop)}`,
    supplierId: id('s', shop),
    itemId,
    packQuantity: 1000,
    tiers: [{ minPacks: 1, packPriceMinor }],
    minimumPacks: 1,
    fewestPacks: 1,
    stockPacks,
  }
}

function shopsWith(shops: number, fee: () => number): BasketSupplier[] {
  return Array.from({ length: shops }, (_, index) => ({
    supplierId: id('s', index),
    shippingFeeMinor: fee(),
    freeShippingOverMinor: null,
    minimumOrderMinor: 0,
    taxRate: 0,
    maximumOrderMinor: null,
  }))
}
