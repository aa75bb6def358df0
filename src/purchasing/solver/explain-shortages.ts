/** Why a plan leaves an item uncovered: what stands in the way of each way to cover more of it. */
import type { ShortageReason } from './basket.js'
import { at, coversOf, toCover } from './covers.js'
import type { Instance } from './instance.js'
import { Ledger } from './ledger.js'

export interface ItemShortage {
  readonly item: number
  /** Thousandths. */
  readonly missing: number
  readonly reason: Exclude<ShortageReason, 'no_offer'>
}

/**
 * Top-ups are never short. Items without any offer that can be bought count as short of stock; who knows the problem
 * knows better. Yields item by item.
 */
export function* explainShortages(
  instance: Instance,
  packs: ArrayLike<number>,
): Generator<void, readonly ItemShortage[]> {
  const found: ItemShortage[] = []
  for (const [item, { need, points, offers }] of instance.items.entries()) {
    const bought = offers.reduce((sum, offer) => sum + (packs[offer] ?? 0) * at(instance.offers, offer).pack, 0)
    if (bought >= need || points === 0) continue
    found.push({ item, missing: need - bought, reason: reasonOf(instance, item, packs) })
    yield
  }
  return found
}

function reasonOf(instance: Instance, item: number, packs: ArrayLike<number>): ItemShortage['reason'] {
  const current = toCover(instance, item, linesOf(instance, item, packs))
  const more = coversOf(instance, item).filter(({ shortage }) => shortage < current.shortage)
  const withoutBudget: Instance = { ...instance, budget: null }
  const withoutLimits: Instance = {
    ...withoutBudget,
    suppliers: instance.suppliers.map((supplier) => ({ ...supplier, maximum: null })),
  }
  const withoutMinimums: Instance = {
    ...withoutLimits,
    suppliers: withoutLimits.suppliers.map((supplier) => ({ ...supplier, minimum: 0 })),
  }
  const isPossible = (relaxed: Instance) => {
    const ledger = new Ledger(relaxed)
    for (const other of relaxed.items.keys()) {
      if (other !== item) ledger.add(toCover(relaxed, other, linesOf(relaxed, other, packs)))
    }
    return more.some((cover) => ledger.probe(cover).broken === 0)
  }
  if (more.length === 0) return 'insufficient_stock'
  if (isPossible(withoutBudget)) return 'over_budget'
  if (isPossible(withoutLimits)) return 'above_maximum_order'
  return isPossible(withoutMinimums) ? 'below_minimum_order' : 'insufficient_stock'
}

function linesOf(instance: Instance, item: number, packs: ArrayLike<number>) {
  return at(instance.items, item).offers.flatMap((offer) =>
    (packs[offer] ?? 0) === 0 ? [] : [{ offer, packs: packs[offer] ?? 0 }],
  )
}
