import { at, fewest } from './covers.js'
import type { Instance } from './instance.js'
import { isAllowed, sumUp } from './plan-sums.js'

/**
 * A plan that is a few cents above what may be spent, with one pack (or a line that can't have fewer) left out: the one
 * that is missed least. null: one isn't enough, or something else is broken then.
 */
export function spendLess(instance: Instance, packs: Int32Array): Int32Array | null {
  let best: { readonly packs: Int32Array; readonly shortage: number; readonly cost: number } | null = null
  for (const [number, bought] of packs.entries()) {
    if (bought === 0) continue
    const fewer = packs.slice()
    fewer[number] = bought > fewest(at(instance.offers, number)) ? bought - 1 : 0
    const sums = sumUp(instance, fewer)
    if (!isAllowed(sums)) continue
    const { shortage, cost } = sums
    if (best !== null && (shortage > best.shortage || (shortage === best.shortage && cost >= best.cost))) continue
    best = { packs: fewer, shortage, cost }
  }
  return best?.packs ?? null
}
