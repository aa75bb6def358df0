import { at, fewest, priceAt } from './covers.js'
import type { Instance } from './instance.js'

/**
 * Leaves out of some items the packs that aren't needed, the dearest first; what is covered stays covered. A program that
 * looks at shortage alone buys them, as money that is left over costs it nothing.
 */
export function trimPacks(instance: Instance, packs: Int32Array, items: readonly number[]): Int32Array {
  const trimmed = packs.slice()
  for (const item of items) {
    const { need, offers } = at(instance.items, item)
    const lines = offers.flatMap((number) => {
      const offer = at(instance.offers, number)
      const bought = packs[number] ?? 0
      return bought === 0 ? [] : [{ number, offer, bought, unitPrice: priceAt(offer, bought) / offer.pack }]
    })
    let excess = lines.reduce((sum, { offer, bought }) => sum + bought * offer.pack, 0) - need
    for (const { number, offer, bought } of lines.toSorted(
      (a, b) => b.unitPrice - a.unitPrice || a.number - b.number,
    )) {
      const superfluous = Math.floor(excess / offer.pack)
      const left = superfluous >= bought ? 0 : Math.max(fewest(offer), bought - Math.max(0, superfluous))
      trimmed[number] = left
      excess -= (bought - left) * offer.pack
    }
  }
  return trimmed
}
