/**
 * How many packs of which offers cover one need at the lowest price. Pure: quantities in integer thousandths of the
 * item's unit, money in minor units.
 *
 * One offer that covers the need alone is taken before any split. Never more than the need rounded up to whole packs:
 * one pack less of any line would leave the need uncovered, except where the supplier sells no fewer packs.
 */
import { compareText } from './compare-text.js'

export interface PackOffer {
  readonly offerId: string
  /** Thousandths of the item's unit in one pack. */
  readonly pack: number
  readonly minimumPacks: number
  /** Packs that can still be bought. */
  readonly stock: number
  /** What each pack costs when this many are bought. `null`: such a purchase is above the item's unit price cap. */
  readonly priceAt: (packs: number) => number | null
}

export interface Packs {
  readonly offerId: string
  readonly packs: number
  readonly packPriceMinor: number
}

export interface Cover {
  readonly lines: readonly Packs[]
  readonly costMinor: number
  /** Thousandths bought; below the need when the offers can't cover it. */
  readonly quantity: number
}

/** Steps that the exact search for a split may take; beyond that, lowest unit price first is close enough. */
const maxSearchSteps = 2_000_000

/** The cheapest cover, else as much as there is. No lines: nothing can be bought. */
export function coverNeed(need: number, offers: readonly PackOffer[]): Cover {
  const single = coverByOne(need, offers)
  if (single !== null) return single
  const usable = offers.flatMap((offer): Usable[] => {
    const most = mostPacks(offer)
    return most === 0 ? [] : [{ offer, most }]
  })
  usable.sort((a, b) => compareText(a.offer.offerId, b.offer.offerId))
  const everything = buyAll(usable)
  if (everything.quantity <= need) return everything
  // In a split an offer may end up at any number of packs, so one that only a price break brings under the cap is left out.
  const flexible = usable.filter(({ offer }) => offer.priceAt(offer.minimumPacks) !== null)
  const most = buyAll(flexible)
  if (most.quantity <= need) return most
  return trim(need, searchSplit(need, flexible) ?? splitByUnitPrice(need, flexible))
}

/** The cheapest offer that covers the need alone; equal costs go to the smaller quantity, then to the lower id. */
export function coverByOne(need: number, offers: readonly PackOffer[]): Cover | null {
  let best: Bought | null = null
  for (const offer of offers) {
    const packs = Math.max(packsFor(need, offer), offer.minimumPacks)
    const bought = packs > offer.stock ? null : buy(offer, packs)
    if (bought === null) continue
    const difference =
      best === null
        ? -1
        : costOf(bought) - costOf(best) ||
          quantityOf(bought) - quantityOf(best) ||
          compareText(offer.offerId, best.offer.offerId)
    if (difference < 0) best = bought
  }
  return best === null ? null : toCover([best])
}

interface Usable {
  readonly offer: PackOffer
  /** The most packs that its stock allows. */
  readonly most: number
}

interface Bought {
  readonly offer: PackOffer
  readonly packs: number
  readonly packPriceMinor: number
}

/**
 * Exact: the lowest cost for 0, 1, 2 … steps of the need, offer by offer (a bounded knapsack in which an offer is bought
 * not at all or between its minimum and its stock). `null` when that would take too long.
 */
function searchSplit(need: number, usable: readonly Usable[]): Bought[] | null {
  const step = usable.reduce((common, { offer }) => gcd(common, offer.pack), need)
  const steps = need / step
  const counts = usable.map(({ offer, most }) =>
    Math.max(1, Math.min(most, packsFor(need, offer)) - offer.minimumPacks + 1),
  )
  if (counts.reduce((sum, count) => sum + count, 0) * (steps + 1) > maxSearchSteps) return null

  let costs = new Float64Array(steps + 1).fill(Number.POSITIVE_INFINITY)
  costs[0] = 0
  const trails: { readonly packs: Int32Array; readonly from: Int32Array }[] = []
  for (const [index, { offer }] of usable.entries()) {
    const next = costs.slice()
    const trail = { packs: new Int32Array(steps + 1), from: new Int32Array(steps + 1) }
    for (let extra = 0; extra < (counts[index] ?? 0); extra++) {
      const bought = buy(offer, offer.minimumPacks + extra)
      if (bought === null) continue
      const covers = quantityOf(bought) / step
      for (let from = 0; from < steps; from++) {
        const to = Math.min(steps, from + covers)
        const cost = at(costs, from) + costOf(bought)
        if (cost >= at(next, to)) continue
        next[to] = cost
        trail.packs[to] = bought.packs
        trail.from[to] = from
      }
    }
    costs = next
    trails.push(trail)
  }

  const lines: Bought[] = []
  let place = steps
  for (const [index, { offer }] of [...usable.entries()].reverse()) {
    const packs = trails[index]?.packs[place] ?? 0
    const bought = packs === 0 ? null : buy(offer, packs)
    if (bought === null) continue
    lines.push(bought)
    place = trails[index]?.from[place] ?? 0
  }
  return lines
}

/** Lowest unit price first, until the need is covered. */
function splitByUnitPrice(need: number, usable: readonly Usable[]): Bought[] {
  const byPrice = usable.flatMap(({ offer, most }) => {
    const bought = buy(offer, Math.max(Math.min(most, packsFor(need, offer)), offer.minimumPacks))
    return bought === null ? [] : [{ bought, most, unitPrice: costOf(bought) / quantityOf(bought) }]
  })
  byPrice.sort((a, b) => a.unitPrice - b.unitPrice || compareText(a.bought.offer.offerId, b.bought.offer.offerId))
  const lines: Bought[] = []
  let rest = need
  for (const { bought, most } of byPrice) {
    if (rest <= 0) break
    const offer = bought.offer
    const line = buy(offer, Math.max(Math.min(most, packsFor(rest, offer)), offer.minimumPacks))
    if (line === null) continue
    lines.push(line)
    rest -= quantityOf(line)
  }
  return lines
}

/** Takes out what is too much, the dearest first: a later line, or a price break, may have made an earlier one superfluous. */
function trim(need: number, lines: readonly Bought[]): Cover {
  const dearestFirst = [...lines].sort(
    (a, b) => costOf(b) * quantityOf(a) - costOf(a) * quantityOf(b) || compareText(a.offer.offerId, b.offer.offerId),
  )
  let excess = lines.reduce((sum, line) => sum + quantityOf(line), 0) - need
  const kept: Bought[] = []
  for (const line of dearestFirst) {
    const superfluous = Math.floor(excess / line.offer.pack)
    const packs = superfluous >= line.packs ? 0 : Math.max(line.packs - superfluous, line.offer.minimumPacks)
    excess -= (line.packs - packs) * line.offer.pack
    const bought = packs === 0 ? null : buy(line.offer, packs)
    if (bought !== null) kept.push(bought)
  }
  return toCover(kept)
}

function buyAll(usable: readonly Usable[]): Cover {
  return toCover(usable.flatMap(({ offer, most }) => buy(offer, most) ?? []))
}

/** 0 when the offer can't be bought: too little stock for its minimum, or above the cap at any number of packs. */
function mostPacks(offer: PackOffer): number {
  if (offer.stock < offer.minimumPacks) return 0
  return buy(offer, offer.stock) === null ? 0 : offer.stock
}

function buy(offer: PackOffer, packs: number): Bought | null {
  const packPriceMinor = offer.priceAt(packs)
  return packPriceMinor === null ? null : { offer, packs, packPriceMinor }
}

function costOf(bought: Bought): number {
  return bought.packs * bought.packPriceMinor
}

function quantityOf(bought: Bought): number {
  return bought.packs * bought.offer.pack
}

function packsFor(need: number, offer: PackOffer): number {
  return Math.ceil(need / offer.pack)
}

function toCover(bought: readonly Bought[]): Cover {
  const byOffer = [...bought].sort((a, b) => compareText(a.offer.offerId, b.offer.offerId))
  return {
    lines: byOffer.map(({ offer, packs, packPriceMinor }) => ({ offerId: offer.offerId, packs, packPriceMinor })),
    costMinor: bought.reduce((sum, line) => sum + costOf(line), 0),
    quantity: bought.reduce((sum, line) => sum + quantityOf(line), 0),
  }
}

function at(values: Float64Array, index: number): number {
  return values[index] ?? Number.POSITIVE_INFINITY
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b)
}
