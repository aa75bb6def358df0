/**
 * Ways to cover an item: which packs of which offers. The local search picks one for each item. All of them keep to the
 * rule on pack rounding and to the portions of top-ups; those that leave something uncovered are there for when money or stock runs out.
 */
import type { Instance, InstanceOffer } from './instance.js'
import { isPackRounding, isPortion } from './pack-rounding.js'
import { taxOf } from './supplier-sums.js'

export interface CoverLine {
  readonly offer: number
  readonly packs: number
}

export interface CoverPart {
  readonly supplier: number
  readonly subtotal: number
  readonly tax: number
}

export interface Cover {
  readonly lines: readonly CoverLine[]
  /** By supplier. */
  readonly parts: readonly CoverPart[]
  readonly goods: number
  /** Points for what stays uncovered; none for a top-up. */
  readonly shortage: number
  readonly isWhole: boolean
}

/** How many split purchases of one item, and how many that leave something uncovered, the search chooses from. */
const maxCovers = 40
/** Offers of one item that are combined in pairs; beyond that, those with the lowest unit price. */
const maxPaired = 20
/** Offers of one item that are looked at alone, and those that leave something uncovered: the cheapest ones. */
const maxAlone = 400
const maxPartial = 60
/** Of a top-up: how many packs more than the fewest are looked at. */
const maxPortions = 200

/** The covers of an item, complete ones first, then by cost; the last is always to buy nothing. */
export function coversOf(instance: Instance, item: number): Cover[] {
  const { need, points, offers } = at(instance.items, item)
  const byUnit = cheapestByUnit(instance, offers)
  const singles = offers
    .flatMap((number) => {
      const alone = coverAlone(instance, item, number)
      return alone === null ? [] : [{ line: { offer: number, packs: alone.packs }, goods: alone.goods }]
    })
    .sort((a, b) => a.goods - b.goods || a.line.offer - b.line.offer)
    .slice(0, maxAlone)
    .map(({ line }) => [line])
  const partial: CoverLine[][] = [[]]
  for (const number of byUnit.slice(0, maxPartial)) {
    const offer = at(instance.offers, number)
    const low = fewest(offer)
    const high = most(offer)
    const covering = Math.max(low, Math.ceil(need / offer.pack))
    for (const packs of new Set([low, Math.floor(high / 4), Math.floor(high / 2), Math.floor((3 * high) / 4), high])) {
      if (packs >= low && packs < covering) partial.push([{ offer: number, packs }])
    }
  }
  const paired = byUnit.slice(0, maxPaired)
  const pairs = paired.flatMap((a, index) => paired.slice(index + 1).flatMap((b) => pairsOf(instance, item, a, b)))
  const filled = fillInOrder(instance, need, byUnit)

  const toCovers = (groups: readonly CoverLine[][]) =>
    groups.filter((lines) => isBuyable(instance, item, lines)).map((lines) => toCover(instance, item, lines))
  const alone = toCovers(singles)
  const together = worthwhile(alone, toCovers([...pairs, ...filled]))
  // Where money isn't short, an item that can be covered is covered or not bought at all.
  const isTopUp = points === 0
  const isAllOrNothing = alone.length > 0 && !isTopUp && !isMoneyLimited(instance)
  const parts = isTopUp ? portionsOf(instance, byUnit) : [...filled, ...partial]
  const short = toCovers(isAllOrNothing ? [[]] : parts).filter((cover) => !cover.isWhole)
  return [...[...alone, ...together].toSorted(byGoods), ...sparsest(short, maxCovers)]
}

/** Of a top-up any part may be the one that reaches a threshold. */
function portionsOf(instance: Instance, offers: readonly number[]): CoverLine[][] {
  const parts = offers.slice(0, maxPartial).flatMap((number) => {
    const offer = at(instance.offers, number)
    const low = fewest(offer)
    return Array.from({ length: Math.min(maxPortions, most(offer) - low + 1) }, (_, more) => [
      { offer: number, packs: low + more },
    ])
  })
  return [[], ...parts]
}

function isMoneyLimited(instance: Instance): boolean {
  return instance.budget !== null || instance.suppliers.some(({ maximum }) => maximum !== null)
}

/** Split purchases that cost less than any of their suppliers takes for the whole need. */
function worthwhile(alone: readonly Cover[], together: readonly Cover[]): Cover[] {
  const bySupplier = new Map<number, number>()
  for (const { parts, goods } of alone) {
    for (const { supplier } of parts) bySupplier.set(supplier, Math.min(goods, bySupplier.get(supplier) ?? Infinity))
  }
  return together
    .filter(({ isWhole, goods, parts }) => {
      return isWhole && parts.every(({ supplier }) => goods < (bySupplier.get(supplier) ?? Infinity))
    })
    .toSorted(byGoods)
    .slice(0, maxCovers)
}

/** The whole need from one offer; null: it can't cover it. */
export function coverAlone(
  instance: Instance,
  item: number,
  number: number,
): { readonly supplier: number; readonly packs: number; readonly goods: number; readonly quantity: number } | null {
  const offer = at(instance.offers, number)
  const packs = Math.max(fewest(offer), Math.ceil(at(instance.items, item).need / offer.pack))
  if (packs > most(offer)) return null
  return { supplier: offer.supplier, packs, goods: packs * priceAt(offer, packs), quantity: packs * offer.pack }
}

/** What the whole need costs from one or two of these offers of the item; null: they can't cover it. */
export function coverTogether(instance: Instance, item: number, offers: readonly number[]): number | null {
  const alone = offers.flatMap((offer) => coverAlone(instance, item, offer)?.goods ?? [])
  const few = offers.length > maxPaired ? cheapestByUnit(instance, offers).slice(0, maxPaired) : offers
  const pairs = few.flatMap((a, index) => few.slice(index + 1).flatMap((b) => pairsOf(instance, item, a, b)))
  const costs = [...alone, ...pairs.map((lines) => toCover(instance, item, lines).goods)]
  return costs.length === 0 ? null : Math.min(...costs)
}

export function toCover(instance: Instance, item: number, lines: readonly CoverLine[]): Cover {
  const { need, step, points } = at(instance.items, item)
  const parts = new Map<number, { subtotal: number; tax: number }>()
  let bought = 0
  let goods = 0
  for (const { offer: number, packs } of lines) {
    const offer = at(instance.offers, number)
    const total = packs * priceAt(offer, packs)
    const part = parts.get(offer.supplier) ?? { subtotal: 0, tax: 0 }
    part.subtotal += total
    part.tax += taxOf(total, at(instance.suppliers, offer.supplier).taxRate)
    parts.set(offer.supplier, part)
    goods += total
    bought += packs * offer.pack
  }
  return {
    lines,
    parts: [...parts].sort(([a], [b]) => a - b).map(([supplier, part]) => ({ supplier, ...part })),
    goods,
    shortage: (Math.max(0, need - bought) / step) * points,
    isWhole: bought >= need,
  }
}

/** `packs` must be among those that may be bought. */
export function priceAt(offer: InstanceOffer, packs: number): number {
  for (const segment of offer.segments) if (packs <= segment.high) return segment.price
  throw new RangeError(`${packs} packs are more than may be bought`)
}

export function fewest(offer: InstanceOffer): number {
  return offer.segments[0]?.low ?? 0
}

export function most(offer: InstanceOffer): number {
  return offer.segments.at(-1)?.high ?? 0
}

/** The cheapest ways to share a need between two offers, one for each number of packs at which a price changes. */
function pairsOf(instance: Instance, item: number, first: number, second: number): CoverLine[][] {
  const { need } = at(instance.items, item)
  const a = at(instance.offers, first)
  const b = at(instance.offers, second)
  let best: CoverLine[] | null = null
  let lowest = Infinity
  const end = Math.min(most(a), Math.ceil(need / a.pack))
  // A need of many small packs: coarse steps are enough for a start.
  const step = Math.max(1, Math.ceil((end - fewest(a)) / 200))
  for (let packs = fewest(a); packs <= end; packs += step) {
    const rest = Math.max(fewest(b), Math.ceil((need - packs * a.pack) / b.pack))
    if (rest > most(b)) continue
    const cost = packs * priceAt(a, packs) + rest * priceAt(b, rest)
    if (cost >= lowest) continue
    const lines = [
      { offer: first, packs },
      { offer: second, packs: rest },
    ]
    if (!isBuyable(instance, item, lines)) continue
    best = lines
    lowest = cost
  }
  return best === null ? [] : [best]
}

/** Offer after offer, each as far as it goes: what is left to do when stocks are small. */
function fillInOrder(instance: Instance, need: number, offers: readonly number[]): CoverLine[][] {
  const found: CoverLine[][] = []
  for (let start = 0; start < Math.min(offers.length, 4); start++) {
    const lines: CoverLine[] = []
    let rest = need
    for (const number of [...offers.slice(start), ...offers.slice(0, start)]) {
      const offer = at(instance.offers, number)
      const packs = Math.min(most(offer), Math.max(fewest(offer), Math.ceil(rest / offer.pack)))
      if (rest <= 0) break
      lines.push({ offer: number, packs })
      rest -= packs * offer.pack
    }
    found.push(lines)
  }
  return found
}

/** Whether these packs of an item may be bought together. */
export function isBuyable(instance: Instance, item: number, lines: readonly CoverLine[]): boolean {
  const { need, portions } = at(instance.items, item)
  const rounded = lines.map(({ offer, packs }) => {
    const { pack, minimum } = at(instance.offers, offer)
    return { packs, pack, minimum }
  })
  const bought = rounded.reduce((sum, { packs, pack }) => sum + packs * pack, 0)
  return isPortion(portions, bought) && isPackRounding(need, rounded)
}

function cheapestByUnit(instance: Instance, offers: readonly number[]): number[] {
  const unitPrice = (number: number) => {
    const offer = at(instance.offers, number)
    return (offer.segments.at(-1)?.price ?? 0) / offer.pack
  }
  return offers
    .map((number) => ({ number, price: unitPrice(number) }))
    .sort((a, b) => a.price - b.price || a.number - b.number)
    .map(({ number }) => number)
}

function byGoods(a: Cover, b: Cover): number {
  return a.goods - b.goods || a.lines.length - b.lines.length
}

function sparsest(covers: readonly Cover[], count: number): Cover[] {
  const nothing = covers.filter((cover) => cover.lines.length === 0)
  const some = covers.filter((cover) => cover.lines.length > 0)
  return [...some.toSorted((a, b) => a.shortage - b.shortage || a.goods - b.goods).slice(0, count - 1), ...nothing]
}

/** An index that comes from the instance itself. */
export function at<T>(values: readonly T[], index: number): T {
  const value = values[index]
  if (value === undefined) throw new RangeError(`no entry ${index}`)
  return value
}
