/**
 * Whether a plan keeps to every rule of its problem, worked out anew from the two alone: it knows nothing of how plans
 * are made, and shares no sum with it. Every plan, whoever made it, passes this before it is used.
 */
import { rateOf } from '../../platform/decimal.js'
import { groupBy } from '../group-by.js'
import {
  type BasketLine,
  type BasketOffer,
  type BasketOrder,
  type BasketPlan,
  type BasketProblem,
  type BasketSupplier,
  measureShortage,
} from './basket.js'

export interface Violation {
  readonly code:
    | 'unknown_line'
    | 'line_twice'
    | 'packs'
    | 'price'
    | 'stock'
    | 'over_need'
    | 'portions'
    | 'sums'
    | 'minimum_order'
    | 'maximum_order'
    | 'budget'
    | 'unmet'
    | 'proof'
  readonly text: string
}

type CheckedPlan = Omit<BasketPlan, 'comparison' | 'failure' | 'timeMs' | 'method'>

/** None: the plan holds. */
export function checkPlan(problem: BasketProblem, plan: CheckedPlan): Violation[] {
  const bought = new Set(plan.lines.map((line) => line.offerId))
  const offers = new Map(
    problem.offers.filter((offer) => bought.has(offer.offerId)).map((offer) => [keyOf(offer), offer]),
  )
  return [
    ...plan.lines.flatMap((line) => checkLine(line, offers.get(keyOf(line)))),
    ...checkTwice(plan.lines),
    ...checkStock(problem, plan.lines),
    ...checkNeeds(problem, plan, offers),
    ...checkOrders(problem, plan),
    ...checkProof(plan),
  ]
}

function checkLine(line: BasketLine, offer: BasketOffer | undefined): Violation[] {
  const name = `${line.offerId} for ${line.itemId}`
  if (offer === undefined || offer.supplierId !== line.supplierId) {
    return [violation('unknown_line', `${name} from ${line.supplierId} is not offered`)]
  }
  const found: Violation[] = []
  if (
    !Number.isSafeInteger(line.packs) ||
    line.packs < 1 ||
    line.packs < Math.max(offer.minimumPacks, offer.fewestPacks)
  ) {
    found.push(violation('packs', `${line.packs} packs of ${name}; the fewest are ${offer.fewestPacks}`))
  }
  const tier = offer.tiers.findLast(({ minPacks }) => line.packs >= minPacks)
  if (tier?.packPriceMinor !== line.packPriceMinor) {
    found.push(violation('price', `a pack of ${name} costs ${tier?.packPriceMinor}, not ${line.packPriceMinor}`))
  }
  return found
}

function checkTwice(lines: readonly BasketLine[]): Violation[] {
  return [...groupBy(lines, keyOf).values()].flatMap(([first, ...others]) =>
    first === undefined || others.length === 0 ? [] : [violation('line_twice', `${first.offerId} for ${first.itemId}`)],
  )
}

function checkStock(problem: BasketProblem, lines: readonly BasketLine[]): Violation[] {
  const byOffer = groupBy(lines, (line) => line.offerId)
  const stocks = new Map<string, number | null>()
  for (const { offerId, stockPacks } of problem.offers) if (byOffer.has(offerId)) stocks.set(offerId, stockPacks)
  return [...byOffer].flatMap(([offerId, taken]) => {
    const packs = sum(taken.map((line) => line.packs))
    const stock = stocks.get(offerId) ?? null
    return stock !== null && packs > stock
      ? [violation('stock', `${packs} packs of ${offerId}, of which there are ${stock}`)]
      : []
  })
}

/** Whole packs may go past the need, a pack that could be left out may not; what stays uncovered is what the plan says. */
function checkNeeds(problem: BasketProblem, plan: CheckedPlan, offers: ReadonlyMap<string, BasketOffer>): Violation[] {
  const lines = groupBy(plan.lines, (line) => line.itemId)
  const packs = groupBy(problem.offers, (offer) => offer.itemId)
  const stated = new Map(plan.unmet.map(({ itemId, missing }) => [itemId, missing]))
  const found: Violation[] = []
  let points = 0
  for (const need of problem.needs) {
    let bought = 0
    let spare = Infinity
    for (const line of lines.get(need.itemId) ?? []) {
      const offer = offers.get(keyOf(line))
      const pack = offer?.packQuantity ?? 0
      bought += line.packs * pack
      spare = Math.min(spare, line.packs > (offer?.minimumPacks ?? 1) ? pack : line.packs * pack)
    }
    const missing = Math.max(0, need.quantity - bought)
    const measure = measureShortage(
      need,
      (packs.get(need.itemId) ?? []).map((offer) => offer.packQuantity),
    )
    points += (missing / measure.step) * measure.points
    if (bought > need.quantity && bought - need.quantity >= spare) {
      found.push(
        violation('over_need', `${bought} thousandths of ${need.itemId}, of which ${need.quantity} are needed`),
      )
    }
    const { least, multiple, most } = need.portions ?? { least: 0, multiple: 1, most: null }
    if (bought > 0 && (bought < least || bought % multiple !== 0 || (most !== null && bought > most))) {
      found.push(violation('portions', `${bought} thousandths of ${need.itemId}, which comes in ${multiple}`))
    }
    if ((stated.get(need.itemId) ?? 0) !== (need.priority === 0 ? 0 : missing)) {
      found.push(
        violation('unmet', `${missing} thousandths of ${need.itemId} stay uncovered, not ${stated.get(need.itemId)}`),
      )
    }
  }
  if (points !== plan.shortagePoints) found.push(violation('unmet', `${points} points, not ${plan.shortagePoints}`))
  const needed = new Set(problem.needs.map((need) => need.itemId))
  for (const itemId of [...lines.keys(), ...stated.keys()]) {
    if (!needed.has(itemId)) found.push(violation('unknown_line', `${itemId} is not needed`))
  }
  return found
}

function checkOrders(problem: BasketProblem, plan: CheckedPlan): Violation[] {
  const suppliers = new Map(problem.suppliers.map((supplier) => [supplier.supplierId, supplier]))
  const lines = groupBy(plan.lines, (line) => line.supplierId)
  const found: Violation[] = []
  for (const order of plan.orders) {
    const supplier = suppliers.get(order.supplierId)
    const own = lines.get(order.supplierId) ?? []
    if (supplier === undefined || own.length === 0) {
      found.push(violation('sums', `there is an order for ${order.supplierId} and nothing to order`))
    } else found.push(...checkOrder(order, own, supplier))
  }
  if (new Set(plan.orders.map((order) => order.supplierId)).size !== lines.size || plan.orders.length !== lines.size) {
    found.push(violation('sums', 'not every line is in one order'))
  }
  const landed = sum(plan.orders.map((order) => order.subtotalMinor + order.shippingMinor))
  const gross = sum(plan.orders.map((order) => order.totalMinor))
  const effort = plan.orders.length * (problem.orderEffortMinor ?? 0)
  if (effort !== plan.effortMinor) found.push(violation('sums', `effort ${effort}, not ${plan.effortMinor}`))
  if (landed !== plan.landedMinor) found.push(violation('sums', `landed ${landed}, not ${plan.landedMinor}`))
  if (gross !== plan.grossMinor) found.push(violation('sums', `gross ${gross}, not ${plan.grossMinor}`))
  if (problem.budgetMinor !== null && gross > problem.budgetMinor) {
    found.push(violation('budget', `${gross} of a budget of ${problem.budgetMinor}`))
  }
  return found
}

function checkOrder(order: BasketOrder, lines: readonly BasketLine[], supplier: BasketSupplier): Violation[] {
  const { supplierId, minimumOrderMinor: minimum, maximumOrderMinor: maximum } = supplier
  const amounts = lines.map((line) => line.packs * line.packPriceMinor)
  const subtotal = sum(amounts)
  const isFree = supplier.freeShippingOverMinor !== null && subtotal >= supplier.freeShippingOverMinor
  const shipping = isFree ? 0 : supplier.shippingFeeMinor
  const tax = sum(amounts.map((amount) => rateOf(amount, supplier.taxRate / 100_000)))
  const total = subtotal + shipping + tax
  const found: Violation[] = []
  const stated = [order.subtotalMinor, order.shippingMinor, order.taxMinor, order.totalMinor]
  if ([subtotal, shipping, tax, total].some((amount, index) => amount !== stated[index])) {
    found.push(violation('sums', `${supplierId}: ${[subtotal, shipping, tax, total]}, not ${stated}`))
  }
  if (order.lines.length !== lines.length || lines.some((line) => !order.lines.includes(line))) {
    found.push(violation('sums', `the order for ${supplierId} has other lines than the plan`))
  }
  if (subtotal < minimum) found.push(violation('minimum_order', `${supplierId}: ${subtotal} of at least ${minimum}`))
  if (maximum !== null && total > maximum) {
    found.push(violation('maximum_order', `${supplierId}: ${total} of at most ${maximum}`))
  }
  return found
}

function checkProof(plan: CheckedPlan): Violation[] {
  const { status, boundMinor: bound, gap } = plan
  const weighed = plan.landedMinor + plan.effortMinor
  const found: Violation[] = []
  if (plan.shortageBoundPoints > plan.shortagePoints) {
    found.push(violation('proof', `a bound of ${plan.shortageBoundPoints} points above ${plan.shortagePoints}`))
  }
  if (bound !== null && bound > weighed) found.push(violation('proof', `a bound of ${bound} above ${weighed}`))
  if ((gap === null) !== (bound === null)) found.push(violation('proof', 'a gap without a bound, or the reverse'))
  if (status === 'optimal' && !(plan.shortageBoundPoints === plan.shortagePoints && bound === weighed)) {
    found.push(violation('proof', `called optimal at ${weighed} with a bound of ${bound}`))
  }
  return found
}

function violation(code: Violation['code'], text: string): Violation {
  return { code, text }
}

function keyOf(line: { readonly itemId: string; readonly offerId: string }): string {
  return JSON.stringify([line.itemId, line.offerId])
}

function sum(amounts: readonly number[]): number {
  return amounts.reduce((total, amount) => total + amount, 0)
}
