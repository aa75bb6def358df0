import { parseDecimal } from '../../platform/decimal.js'

export interface BoughtItem {
  readonly name: string
  /** In the item's unit, as `bought`. */
  readonly need: number
  /** All lines of the item together, whatever suppliers and packs they are of. */
  readonly bought: number
  readonly unit: string
}

/**
 * Why a person has to look at how much is bought of an item; null: nobody has to. Whole packs go past a need, and that is
 * fine as long as it is a matter of packs; many times the need is a slip in a catalog (a minimum of 1000 packs, a pack of
 * 500 kg for one of 500 g) or a supplier that the item isn't for. `maxTimes` is exact decimal text, at most 2 decimals.
 */
export function overshootReason(maxTimes: string, { name, need, bought, unit }: BoughtItem): string | null {
  if (thousandths(bought) * 100n <= thousandths(need) * parseDecimal(maxTimes, { maxDecimals: 2 })) return null
  return `${bought} ${unit} of “${name}” would be bought where ${need} ${unit} are needed, more than ${maxTimes} times as much (max_times_need).`
}

/** Quantities have at most three decimals, so this is exact. */
function thousandths(quantity: number): bigint {
  return BigInt(Math.round(quantity * 1000))
}
