/**
 * What to buy from whom, as a problem in integers, and the plan that answers it. Pure data.
 *
 * Quantities are thousandths of an item's unit, money is minor units of one currency, net of tax. Whatever can't be
 * bought at all (too late, wrong currency, supplier not allowed, too dear for the item's cap) is filtered out before:
 * `filterOffers`. The same problem in any order gives the same plan.
 *
 * A plan is judged by two numbers, in this order: how much of the needs stays uncovered (`shortagePoints`), and what it
 * costs landed, which is goods plus shipping without tax, and what its orders are a bother (`orderEffortMinor`). Budget and maximum orders are gross: with shipping and with
 * tax, the tax rounded half up line by line, on the goods alone.
 */

export interface BasketNeed {
  readonly itemId: string
  /** Thousandths of the item's unit; above 0. */
  readonly quantity: number
  /**
   * How many times an ordinary need it counts where not everything can be bought; 1 is ordinary, more is more urgent. 0 is
   * a top-up: bought, whole or in part, only where that makes the whole plan cheaper, by reaching a threshold.
   */
  readonly priority: number
  /** Of a top-up: in which quantities it may be bought; left out: in any. */
  readonly portions?: Portions | null
}

/**
 * What may be bought of a top-up: nothing, or a whole number of multiples between these bounds. An ordinary need is bought
 * as far as it goes; what nobody needs yet is bought in the quantities that its item states, or not at all. Thousandths.
 */
export interface Portions {
  readonly least: number
  readonly multiple: number
  /** null: as far as whole packs go, like any need. */
  readonly most: number | null
}

/** All-units: from `minPacks` on every pack of the line costs this. */
export interface PriceTier {
  readonly minPacks: number
  readonly packPriceMinor: number
}

/**
 * An offer as it stands for one item. One that suits two items appears twice, with the same `offerId`, and shares its
 * stock; price breaks and minimum packs count for each line on its own.
 */
export interface BasketOffer {
  readonly offerId: string
  readonly supplierId: string
  readonly itemId: string
  /** Thousandths of the item's unit in one pack. */
  readonly packQuantity: number
  /** By `minPacks`, rising, the first from 1 pack; the price falls or stays. */
  readonly tiers: readonly PriceTier[]
  /** The fewest packs that the supplier sells. */
  readonly minimumPacks: number
  /** The fewest that may be bought: more than `minimumPacks` where only a price break is within the item's cap. */
  readonly fewestPacks: number
  /** null: not stated, taken as enough. */
  readonly stockPacks: number | null
}

export interface BasketSupplier {
  readonly supplierId: string
  readonly shippingFeeMinor: number
  /** From this subtotal on shipping costs nothing; null: never. */
  readonly freeShippingOverMinor: number | null
  /** The least that an order must come to, net of shipping and tax. */
  readonly minimumOrderMinor: number
  /** In hundred-thousandths: 19 % is 19000. */
  readonly taxRate: number
  /** The most that an order may come to, with shipping and tax; null: no limit. */
  readonly maximumOrderMinor: number | null
}

export interface BasketProblem {
  readonly needs: readonly BasketNeed[]
  readonly offers: readonly BasketOffer[]
  readonly suppliers: readonly BasketSupplier[]
  /** The most that all orders together may come to, with shipping and tax; null: no limit. */
  readonly budgetMinor: number | null
  /**
   * So much dearer a plan may be for each order less: somebody has to send it, take it in and book it. It is weighed with
   * the landed cost and never paid; left out: nothing.
   */
  readonly orderEffortMinor?: number
}

export interface BasketLine {
  readonly itemId: string
  readonly offerId: string
  readonly supplierId: string
  readonly packs: number
  /** What each pack costs, price break included. */
  readonly packPriceMinor: number
}

export interface BasketOrder {
  readonly supplierId: string
  readonly lines: readonly BasketLine[]
  readonly subtotalMinor: number
  readonly shippingMinor: number
  readonly taxMinor: number
  /** Subtotal, shipping and tax. */
  readonly totalMinor: number
}

/**
 * Why a need stays uncovered.
 *
 * - `no_offer`: there is no offer for it in the problem (`filterOffers` says what was removed).
 * - `insufficient_stock`: all offers together are too few, or the supplier sells no fewer packs than it has.
 * - `below_minimum_order`: the suppliers that have it can't be brought to their minimum order.
 * - `over_budget`, `above_maximum_order`: there is no money left for it.
 */
export type ShortageReason =
  | 'no_offer'
  | 'insufficient_stock'
  | 'below_minimum_order'
  | 'over_budget'
  | 'above_maximum_order'

export interface Shortage {
  readonly itemId: string
  /** Thousandths that stay uncovered. */
  readonly missing: number
  readonly reason: ShortageReason
}

/** What others would have paid, landed, for the same goods; null: can't be said, as nothing is bought. */
export interface BasketComparison {
  /**
   * For each item the offer whose packs cover it for the least, charged up to the suppliers' minimum orders. What no
   * single offer covers counts as in the plan.
   */
  readonly cheapestPackPerItemMinor: number | null
  /** For each item the offer with the lowest price per unit; otherwise the same. */
  readonly lowestUnitPricePerItemMinor: number | null
  /** Everything from one supplier; null: nobody has it all, or nobody's minimum order is reached. */
  readonly bestSingleSupplier: { readonly supplierId: string; readonly landedMinor: number } | null
}

/**
 * Who found the plan: every case tried (`enumeration`), a proof or the best found in time by the integer program
 * (`integer_program`), or the local search alone (`local_search`), because the solver failed or had no time.
 */
export type BasketMethod = 'enumeration' | 'integer_program' | 'local_search'

export interface BasketPlan {
  /**
   * `optimal`: no plan leaves less uncovered, and of those that leave as much none is cheaper. `within_gap`: the plan
   * holds and `gap` says what is proven about it; with hardly any time it may even be empty. `infeasible`: something is
   * needed and it is proven that nothing can be bought; `unmet` says why.
   */
  readonly status: 'optimal' | 'within_gap' | 'infeasible'
  readonly method: BasketMethod
  /** By item and offer. */
  readonly lines: readonly BasketLine[]
  /** By supplier. */
  readonly orders: readonly BasketOrder[]
  /** By item. */
  readonly unmet: readonly Shortage[]
  /** Goods and shipping, net. With `effortMinor` what was minimised. */
  readonly landedMinor: number
  /** What the orders are a bother, in money that nobody pays. */
  readonly effortMinor: number
  /** With tax. */
  readonly grossMinor: number
  readonly shortagePoints: number
  /** Proven: no plan has fewer points. The same as `shortagePoints`: no plan leaves less uncovered. */
  readonly shortageBoundPoints: number
  /** No plan with this shortage comes to less, landed and with its effort; null: nothing is proven. */
  readonly boundMinor: number | null
  /** How far landed cost and effort may be above the optimum, as a fraction of them; null: nothing is proven. */
  readonly gap: number | null
  readonly comparison: BasketComparison
  /** What kept the solver from doing its work, for the log; null: nothing did. Running out of time is no failure. */
  readonly failure: string | null
  readonly timeMs: number
}

/** How the shortage of one item is counted. */
export interface ShortageMeasure {
  /** Thousandths: the need and every pack are whole numbers of it. */
  readonly step: number
  /** Points for each step that stays uncovered. */
  readonly points: number
}

/**
 * A whole need counts about ten thousand points times its priority, whatever its unit: a missing kilogram and a missing
 * piece can't be compared, missing halves can. Points are whole, so that plans compare exactly; that makes needs of
 * thousands of steps count somewhat more or less than that.
 */
export function measureShortage(
  need: Pick<BasketNeed, 'quantity' | 'priority'>,
  packQuantities: Iterable<number>,
): ShortageMeasure {
  let step = need.quantity
  for (const pack of packQuantities) step = greatestCommonDivisor(step, pack)
  if (need.priority === 0) return { step, points: 0 }
  return { step, points: Math.max(1, Math.round((pointsOfNeed * need.priority * step) / need.quantity)) }
}

const pointsOfNeed = 10_000

export function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b)
}
