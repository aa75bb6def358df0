/**
 * Which packs of which offers to buy for a set of needs. Pure. Each need gets the cheapest offer that covers it alone,
 * else the cheapest split, within stock, minimum packs, price breaks and the item's unit price cap; then suppliers whose
 * minimum order isn't reached are filled up or left out. The quantities are in the items' units.
 */
import { compareText } from './compare-text.js'
import { type Cover, coverByOne, coverNeed } from './cover-need.js'
import { groupBy } from './group-by.js'
import {
  type CandidateOffer,
  type ChoiceRequest,
  type Market,
  type MarketNeed,
  type MarketOffer,
  type NeedToCover,
  readMarket,
  readOffer,
  thousandths,
} from './market.js'
import type { UnmetCode } from './quote.js'

export type { CandidateOffer, ChoiceRequest, NeedToCover, SupplierMinimum } from './market.js'

export interface ChosenLine {
  readonly itemId: string
  readonly offerId: string
  readonly supplierId: string
  readonly packs: number
  /** What each of the packs costs, price break included. */
  readonly packPriceMinor: number
}

export interface UncoveredNeed {
  readonly itemId: string
  /** What stays uncovered. */
  readonly quantity: number
  readonly code: Extract<
    UnmetCode,
    'no_offer' | 'out_of_stock' | 'above_unit_price_cap' | 'insufficient_stock' | 'below_minimum_order'
  >
}

export interface Choice {
  readonly lines: readonly ChosenLine[]
  readonly unmet: readonly UncoveredNeed[]
}

/** The same request in any order gives the same answer, sorted by item and offer. */
export function chooseOffers(request: ChoiceRequest): Choice {
  const market = readMarket(request)
  let assignment = assign(market, { leftOut: hopelessSuppliers(market), steered: new Map() })
  for (;;) {
    const short = furthestBelowMinimum(market, assignment)
    if (short === null) return report(market, assignment)
    const { leftOut, steered } = assignment.plan
    const without = assign(market, { leftOut: new Set([...leftOut, short]), steered })
    // Ends: each round either leaves a supplier out for good or has one less below its minimum.
    const filled = without.missing > assignment.missing ? fillUp(market, assignment, short) : null
    assignment = filled ?? without
  }
}

/** The whole need from one offer; `null` when it can't cover it within stock, minimum packs and cap. */
export function coverAlone(need: NeedToCover, offer: CandidateOffer, currency: string): ChosenLine | null {
  const quantity = thousandths(need.quantity)
  const [line] = coverByOne(quantity, [readOffer(offer, need, quantity, currency)])?.lines ?? []
  return line === undefined ? null : { itemId: need.itemId, supplierId: offer.supplierId, ...line }
}

/** Suppliers that get nothing, and items that go to one supplier although another is cheaper. */
interface Plan {
  readonly leftOut: ReadonlySet<string>
  readonly steered: ReadonlyMap<string, string>
}

interface Assignment {
  readonly plan: Plan
  readonly covers: ReadonlyMap<string, Cover>
  readonly lines: readonly ChosenLine[]
  readonly subtotals: ReadonlyMap<string, number>
  /** Sum over the needs of the share that is not covered. */
  readonly missing: number
}

/** Suppliers that could not reach their minimum if everything they offer for these needs were bought there. */
function hopelessSuppliers(market: Market): Set<string> {
  const most = new Map<string, number>()
  for (const need of market.needs) {
    for (const offer of need.offers) add(most, offer.supplierId, offer.mostMinor)
  }
  return new Set([...most].flatMap(([id, amount]) => (amount < (market.minimums.get(id) ?? 0) ? [id] : [])))
}

function assign(market: Market, plan: Plan): Assignment {
  const taken = new Map<string, number>()
  const covers = new Map<string, Cover>()
  const lines: ChosenLine[] = []
  const subtotals = new Map<string, number>()
  let missing = 0
  for (const need of market.needs) {
    const offers = need.offers.flatMap((offer) =>
      plan.leftOut.has(offer.supplierId) ? [] : [afterSales(offer, taken)],
    )
    const wanted = plan.steered.get(need.itemId)
    const steered = coverByOne(
      need.quantity,
      offers.filter((offer) => offer.supplierId === wanted),
    )
    const cover = steered ?? coverNeed(need.quantity, offers)
    const suppliers = new Map(offers.map((offer) => [offer.offerId, offer.supplierId]))
    for (const line of cover.lines) {
      const supplierId = suppliers.get(line.offerId) ?? ''
      lines.push({ itemId: need.itemId, supplierId, ...line })
      add(taken, line.offerId, line.packs)
      add(subtotals, supplierId, line.packs * line.packPriceMinor)
    }
    covers.set(need.itemId, cover)
    missing += Math.max(0, need.quantity - cover.quantity) / need.quantity
  }
  return { plan, covers, lines, subtotals, missing }
}

/** An offer that suits several items has its stock only once. */
function afterSales(offer: MarketOffer, taken: ReadonlyMap<string, number>): MarketOffer {
  const sold = taken.get(offer.offerId)
  return sold === undefined ? offer : { ...offer, stock: offer.stock - sold }
}

function furthestBelowMinimum(market: Market, assignment: Assignment): string | null {
  const short = [...assignment.subtotals].flatMap(([supplierId, subtotal]) => {
    const minimum = market.minimums.get(supplierId) ?? 0
    return subtotal < minimum ? [{ supplierId, share: subtotal / minimum }] : []
  })
  short.sort((a, b) => a.share - b.share || compareText(a.supplierId, b.supplierId))
  return short[0]?.supplierId ?? null
}

/**
 * Some needs only this supplier can meet: moves other items to it, those with the least extra cost first, until its
 * minimum order is reached. `null` when that can't be done without bringing another supplier below its own.
 */
function fillUp(market: Market, assignment: Assignment, supplierId: string): Assignment | null {
  const subtotals = new Map(assignment.subtotals)
  const steered = new Map(assignment.plan.steered)
  const minimum = market.minimums.get(supplierId) ?? 0
  const linesOf = groupBy(assignment.lines, (line) => line.itemId)
  const moves = market.needs.flatMap((need) => {
    const [current, ...others] = linesOf.get(need.itemId) ?? []
    if (current === undefined || others.length > 0 || current.supplierId === supplierId) return []
    if (steered.has(need.itemId)) return []
    const cover = coverByOne(
      need.quantity,
      need.offers.filter((offer) => offer.supplierId === supplierId),
    )
    const costMinor = current.packs * current.packPriceMinor
    return cover === null
      ? []
      : [{ itemId: need.itemId, from: current.supplierId, costMinor, newCostMinor: cover.costMinor }]
  })
  moves.sort((a, b) => a.newCostMinor - a.costMinor - (b.newCostMinor - b.costMinor) || compareText(a.itemId, b.itemId))
  for (const move of moves) {
    if ((subtotals.get(supplierId) ?? 0) >= minimum) break
    const left = (subtotals.get(move.from) ?? 0) - move.costMinor
    if (left > 0 && left < (market.minimums.get(move.from) ?? 0)) continue
    subtotals.set(move.from, left)
    add(subtotals, supplierId, move.newCostMinor)
    steered.set(move.itemId, supplierId)
  }
  // What already goes there stays there, whatever the stock of other suppliers becomes by the moves.
  for (const line of assignment.lines) if (line.supplierId === supplierId) steered.set(line.itemId, supplierId)
  const filled = assign(market, { ...assignment.plan, steered })
  const isBetter = countBelowMinimum(market, filled) < countBelowMinimum(market, assignment)
  return isBetter && filled.missing <= assignment.missing ? filled : null
}

function countBelowMinimum(market: Market, assignment: Assignment): number {
  return [...assignment.subtotals].filter(([id, subtotal]) => subtotal < (market.minimums.get(id) ?? 0)).length
}

function report(market: Market, assignment: Assignment): Choice {
  const taken = new Map<string, number>()
  for (const line of assignment.lines) add(taken, line.offerId, line.packs)
  const unmet = market.needs.flatMap((need): UncoveredNeed[] => {
    const covered = assignment.covers.get(need.itemId)?.quantity ?? 0
    if (covered >= need.quantity) return []
    return [
      {
        itemId: need.itemId,
        quantity: (need.quantity - covered) / 1000,
        code: reason(need, covered, taken, assignment.plan),
      },
    ]
  })
  return { lines: assignment.lines, unmet }
}

function reason(
  need: MarketNeed,
  covered: number,
  taken: ReadonlyMap<string, number>,
  plan: Plan,
): UncoveredNeed['code'] {
  if (need.offers.length === 0) return 'no_offer'
  const offers = need.offers.map((offer) => afterSales(offer, taken))
  const refused = offers.filter((offer) => plan.leftOut.has(offer.supplierId))
  if (coverNeed(need.quantity - covered, refused).quantity > 0) return 'below_minimum_order'
  if (covered > 0) return 'insufficient_stock'
  const isInStock = offers.some((offer) => offer.stock >= offer.minimumPacks)
  return isInStock ? 'above_unit_price_cap' : 'out_of_stock'
}

function add(sums: Map<string, number>, key: string, amount: number): void {
  sums.set(key, (sums.get(key) ?? 0) + amount)
}
