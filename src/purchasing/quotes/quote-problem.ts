/** From needs and candidates to a basket that can be solved, and back to words: what was left out of it and why. */

import { groupBy } from '../group-by.js'
import type { BasketProblem, Portions } from '../solver/basket.js'
import { filterInSteps, type OfferToFilter, type RemovedOffer } from '../solver/filter-offers.js'
import { runInSlices } from '../solver/run-in-slices.js'
import type { NeedPortions, SuppliersTable } from '../tables.js'
import type { Allowances } from './allowances.js'
import type { Candidate, NeedCandidates } from './quote-candidates.js'

export interface ProblemTerms {
  readonly currency: string
  readonly now: Date
  readonly suppliers: ReadonlyMap<string, SuppliersTable>
  readonly allowances: Allowances
  readonly allowedSuppliers: readonly string[] | null
  /** The most that one order may spend on one item, net; null: no limit. */
  readonly maxLineMinor: number | null
  /** So much dearer a basket may be for each order less. */
  readonly orderEffortMinor: number
}

export interface QuoteProblem {
  readonly problem: BasketProblem
  readonly removed: readonly RemovedOffer[]
}

/** In slices: with ten thousand offers it takes longer than others should wait. */
export async function toProblem(found: readonly NeedCandidates[], terms: ProblemTerms): Promise<QuoteProblem> {
  const { currency, allowances } = terms
  const candidates = found.flatMap((need) => need.candidates)
  const sharing = groupBy(candidates, (candidate) => candidate.offerId)
  const isShared = (candidate: Candidate) => (sharing.get(candidate.offerId)?.length ?? 0) > 1
  const suppliers = [...terms.suppliers.values()].filter((supplier) => supplier.currency === currency)
  const filtering = filterInSteps({
    needs: found.map(({ need }) => ({
      itemId: need.itemId,
      maxUnitPrice: need.maxUnitPrice,
      neededInDays: need.neededBy === null ? null : wholeDays(terms.now, need.neededBy),
    })),
    offers: candidates.map(
      (candidate): OfferToFilter => ({
        offerId: candidate.offerId,
        supplierId: candidate.supplierId,
        itemId: candidate.itemId,
        packQuantity: thousandths(candidate.packQuantity),
        packPriceMinor: candidate.packPriceMinor,
        breaks: candidate.breaks,
        minimumPacks: candidate.minimumPacks,
        // An offer that suits several items has one stock, so what is set aside for one of them can't bind the others.
        stockPacks: isShared(candidate) ? candidate.offer.stock_packs : withinLine(candidate, terms.maxLineMinor),
        currency: candidate.offer.currency,
      }),
    ),
    suppliers: suppliers.map((supplier) => ({
      supplierId: supplier.id,
      leadTimeDays: supplier.lead_time_days,
      currency: supplier.currency,
    })),
    currency,
    allowedSuppliers: terms.allowedSuppliers,
  })
  const { offers, removed } = await runInSlices(filtering)
  const problem: BasketProblem = {
    needs: found.map(({ need }) => ({
      itemId: need.itemId,
      quantity: thousandths(need.quantity),
      priority: need.priority,
      portions: portionsOf(need.portions),
    })),
    offers,
    suppliers: suppliers.map((supplier) => ({
      supplierId: supplier.id,
      shippingFeeMinor: supplier.shipping_fee_minor,
      freeShippingOverMinor: supplier.free_shipping_over_minor,
      minimumOrderMinor: supplier.minimum_order_minor,
      taxRate: Math.round(supplier.tax_rate * 100_000),
      maximumOrderMinor: allowances.perOrder(supplier.id)?.leftMinor ?? null,
    })),
    budgetMinor: allowances.inAll?.leftMinor ?? null,
    orderEffortMinor: terms.orderEffortMinor,
  }
  return { problem, removed }
}

function portionsOf(portions: NeedPortions | null): Portions | null {
  if (portions === null) return null
  const { least, multiple, most } = portions
  return {
    least: thousandths(least),
    multiple: multiple === null ? 1 : thousandths(multiple),
    most: most === null ? null : thousandths(most),
  }
}

/** Packs that one order may buy at any of the offer's prices; at least the minimum, so that a refusal can name the limit. */
function withinLine(candidate: Candidate, maxLineMinor: number | null): number | null {
  const { stockPacks, packPriceMinor, minimumPacks } = candidate
  if (maxLineMinor === null || packPriceMinor === 0) return stockPacks
  const affordable = Math.max(Math.floor(maxLineMinor / packPriceMinor), minimumPacks)
  return Math.min(stockPacks ?? affordable, affordable)
}

/** Below 0 when the second is over. */
function wholeDays(from: Date, until: Date): number {
  return Math.floor((until.getTime() - from.getTime()) / 86_400_000)
}

function thousandths(quantity: number): number {
  return Math.round(quantity * 1000)
}
