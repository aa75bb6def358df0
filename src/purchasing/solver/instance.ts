/**
 * A problem in the form that it is solved in: sorted, numbered, without ids, and without what can't be bought anyway.
 * Plain numbers and arrays, so that it can be posted to a thread.
 */
import { compareText } from '../compare-text.js'
import {
  type BasketNeed,
  type BasketOffer,
  type BasketProblem,
  type BasketSupplier,
  measureShortage,
  type Portions,
} from './basket.js'
import { runAtOnce } from './run-at-once.js'

/** From `low` to `high` packs each costs `price`. */
export interface Segment {
  readonly low: number
  readonly high: number
  readonly price: number
}

export interface InstanceOffer {
  readonly item: number
  readonly supplier: number
  /** Thousandths in a pack. */
  readonly pack: number
  /** The fewest that the supplier sells: what the rule on pack rounding goes by. */
  readonly minimum: number
  /** Rising, without gaps; the first begins with the fewest packs that may be bought, the last ends with the most. */
  readonly segments: readonly Segment[]
}

export interface InstanceItem {
  readonly need: number
  /** How its shortage is counted: `points` for each `step` (see `measureShortage`). */
  readonly step: number
  readonly points: number
  /** As much of the need as its offers could cover together; 0 for a top-up, which need not be covered. */
  readonly coverable: number
  /** Of a top-up: the quantities in which it may be bought; null: any. */
  readonly portions: Portions | null
  /** Numbers of its offers, rising. */
  readonly offers: readonly number[]
}

export interface InstanceSupplier {
  readonly fee: number
  /** What one order is a bother; weighed, never paid. */
  readonly effort: number
  readonly freeOver: number | null
  readonly minimum: number
  readonly maximum: number | null
  readonly taxRate: number
}

/** Offers of several items that are the same packs on the same shelf. */
export interface SharedStock {
  readonly stock: number
  readonly offers: readonly number[]
}

export interface Instance {
  readonly items: readonly InstanceItem[]
  readonly offers: readonly InstanceOffer[]
  readonly suppliers: readonly InstanceSupplier[]
  readonly sharedStocks: readonly SharedStock[]
  readonly budget: number | null
}

/** The instance, and which of the problem's offers its offers are. */
export interface NumberedBasket {
  readonly instance: Instance
  readonly needs: BasketProblem['needs']
  readonly suppliers: readonly BasketSupplier[]
  readonly offers: readonly BasketOffer[]
}

interface NumberedOffer {
  readonly source: BasketOffer
  readonly offer: InstanceOffer
}

/** A line this dear (ten billion, in cents) is nobody's restocking; below it all sums are exact. */
const maxLineMinor = 1e12

export function numberBasket(problem: BasketProblem): NumberedBasket {
  return runAtOnce(numberInSteps(problem))
}

/** Offers between two steps. */
const offersPerStep = 500

/** The same, for whoever has to give way in between: thousands of offers take tens of milliseconds. */
export function* numberInSteps(problem: BasketProblem): Generator<void, NumberedBasket> {
  const needs = problem.needs.toSorted((a, b) => compareText(a.itemId, b.itemId))
  const suppliers = problem.suppliers.toSorted((a, b) => compareText(a.supplierId, b.supplierId))
  const itemIndex = new Map(needs.map((need, index) => [need.itemId, index]))
  const supplierIndex = new Map(suppliers.map((supplier, index) => [supplier.supplierId, index]))
  for (const need of needs) {
    assertCount(need.quantity, 1, 'a need')
    if (!(need.priority >= 0 && need.priority <= 1000)) throw new RangeError(`${need.priority} is not a priority`)
    assertPortions(need)
  }
  assertCount(problem.orderEffortMinor ?? 0, 0, 'the effort of an order')
  if (itemIndex.size < needs.length) throw new RangeError('an item is needed twice')
  if (supplierIndex.size < suppliers.length) throw new RangeError('a supplier is there twice')

  const byItem: BasketOffer[][] = needs.map(() => [])
  for (const offer of problem.offers) {
    const item = itemIndex.get(offer.itemId)
    if (item !== undefined && supplierIndex.has(offer.supplierId)) byItem[item]?.push(offer)
  }
  yield
  const found: NumberedOffer[] = []
  const items: InstanceItem[] = []
  for (const [item, need] of needs.entries()) {
    const all = (byItem[item] ?? []).sort((a, b) => compareText(a.offerId, b.offerId))
    if (all.some(({ offerId }, index) => offerId === all[index + 1]?.offerId)) {
      throw new RangeError('an offer is there twice')
    }
    const first = found.length
    let most = 0
    for (const [index, source] of all.entries()) {
      if (index % offersPerStep === 0) yield
      const segments = segmentsOf(source, need)
      if (segments.length === 0) continue
      const { packQuantity: pack, minimumPacks: minimum } = source
      found.push({
        source,
        offer: { item, supplier: supplierIndex.get(source.supplierId) ?? 0, pack, minimum, segments },
      })
      most += (segments.at(-1)?.high ?? 0) * pack
    }
    items.push({
      need: need.quantity,
      ...measureShortage(
        need,
        all.map((offer) => offer.packQuantity),
      ),
      portions: need.portions ?? null,
      coverable: need.priority === 0 ? 0 : Math.min(need.quantity, most),
      offers: Array.from({ length: found.length - first }, (_, index) => first + index),
    })
  }
  yield
  return {
    instance: {
      items,
      offers: found.map(({ offer }) => offer),
      suppliers: suppliers.map((supplier) => ({
        ...shippingOf(supplier),
        effort: problem.orderEffortMinor ?? 0,
        minimum: supplier.minimumOrderMinor,
        maximum: supplier.maximumOrderMinor,
        taxRate: supplier.taxRate,
      })),
      sharedStocks: sharedStocksOf(found),
      budget: problem.budgetMinor,
    },
    needs,
    suppliers,
    offers: found.map(({ source }) => source),
  }
}

/**
 * What may be bought of an offer, by price. A line never has more packs than cover the need alone, or than the supplier
 * sells at least: beyond that either the line itself has a pack to spare, or another line covers the need already and
 * this one is all to spare (see `isPackRounding`).
 */
function segmentsOf(offer: BasketOffer, { quantity, portions }: BasketNeed): Segment[] {
  assertCount(offer.packQuantity, 1, 'a pack')
  assertCount(offer.minimumPacks, 1, 'a minimum of packs')
  assertCount(offer.fewestPacks, offer.minimumPacks, 'the fewest packs')
  const covering = Math.ceil(quantity / offer.packQuantity)
  const wanted = offer.fewestPacks > offer.minimumPacks ? covering : Math.max(covering, offer.minimumPacks)
  const dearest = offer.tiers[0]?.packPriceMinor ?? 0
  const most = Math.min(
    wanted,
    offer.stockPacks ?? Infinity,
    Math.floor((portions?.most ?? Infinity) / offer.packQuantity),
    Math.floor(maxLineMinor / Math.max(1, dearest)),
  )
  const segments: Segment[] = []
  for (const [index, tier] of offer.tiers.entries()) {
    assertCount(tier.packPriceMinor, 0, 'a price')
    const next = offer.tiers[index + 1]
    if (next !== undefined && (next.minPacks <= tier.minPacks || next.packPriceMinor > tier.packPriceMinor)) {
      throw new RangeError('price breaks must rise in packs and may not rise in price')
    }
    const low = Math.max(tier.minPacks, offer.fewestPacks)
    const high = Math.min((next?.minPacks ?? Infinity) - 1, most)
    if (low > high) continue
    const last = segments.at(-1)
    if (last?.price === tier.packPriceMinor) segments[segments.length - 1] = { ...last, high }
    else segments.push({ low, high, price: tier.packPriceMinor })
  }
  return segments
}

/** Every order that may be placed at all reaches the threshold: then there is no fee. */
function shippingOf(supplier: BasketSupplier): Pick<InstanceSupplier, 'fee' | 'freeOver'> {
  const { shippingFeeMinor: fee, freeShippingOverMinor: freeOver, minimumOrderMinor } = supplier
  return fee === 0 || (freeOver !== null && freeOver <= minimumOrderMinor)
    ? { fee: 0, freeOver: null }
    : { fee, freeOver }
}

function sharedStocksOf(found: readonly NumberedOffer[]) {
  const groups = new Map<string, { stock: number; offers: number[]; most: number }>()
  for (const [index, { source, offer }] of found.entries()) {
    if (source.stockPacks === null) continue
    const group = groups.get(source.offerId) ?? { stock: source.stockPacks, offers: [], most: 0 }
    group.offers.push(index)
    group.most += offer.segments.at(-1)?.high ?? 0
    groups.set(source.offerId, group)
  }
  return [...groups.values()].flatMap(({ stock, offers, most }) =>
    offers.length > 1 && most > stock ? [{ stock, offers }] : [],
  )
}

function assertPortions({ priority, portions }: BasketNeed): void {
  if (portions === undefined || portions === null) return
  if (priority > 0) throw new RangeError('only a top-up comes in portions')
  assertCount(portions.least, 0, 'the least of a top-up')
  assertCount(portions.multiple, 1, 'a multiple')
  if (portions.most !== null) assertCount(portions.most, 0, 'the most of a top-up')
}

function assertCount(value: number, least: number, what: string): void {
  if (!Number.isSafeInteger(value) || value < least) throw new RangeError(`${value} is not ${what}`)
}
