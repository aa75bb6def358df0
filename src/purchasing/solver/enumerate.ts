/**
 * Tiny instances by trying everything: all covers of each item, item after item, leaving out what can't become better
 * than the best so far. Exact, and faster than starting a solver. Gives up where it would take longer.
 */
import { at, type Cover, type CoverLine, fewest, isBuyable, most, toCover } from './covers.js'
import type { Instance } from './instance.js'
import { compareWorth, Ledger, type Worth } from './ledger.js'

export interface EnumerationLimits {
  readonly coversPerItem: number
  /** Covers to look at in all. */
  readonly steps: number
}

export interface Enumerated {
  readonly covers: readonly Cover[]
  readonly worth: Worth
}

/** null: too many cases. `start` is any plan that breaks nothing; the answer is the best of all. */
export function enumerate(instance: Instance, start: Enumerated, limits: EnumerationLimits): Enumerated | null {
  const items: Cover[][] = []
  for (const item of instance.items.keys()) {
    const covers = allCovers(instance, item, limits.coversPerItem)
    if (covers === null) return null
    items.push(covers)
  }
  return new Enumeration(instance, items, start, limits.steps).run()
}

class Enumeration {
  readonly #items: readonly (readonly Cover[])[]
  /** Of the items from here on: the least shortage, and the least that goods cost when it is no more than that. */
  readonly #restShortage: readonly number[]
  readonly #restGoods: readonly number[]
  readonly #ledger: Ledger
  readonly #budget: number
  readonly #chosen: Cover[] = []
  #best: Enumerated
  #stepsLeft: number

  constructor(instance: Instance, items: readonly (readonly Cover[])[], start: Enumerated, steps: number) {
    this.#stepsLeft = steps
    this.#items = items
    this.#ledger = new Ledger(instance)
    this.#budget = instance.budget ?? Infinity
    this.#best = start
    const shortage = [0]
    const goods = [0]
    for (const covers of items.toReversed()) {
      const least = Math.min(...covers.map((cover) => cover.shortage))
      const cheapest = Math.min(...covers.map((cover) => (cover.shortage === least ? cover.goods : Infinity)))
      shortage.unshift(least + at(shortage, 0))
      goods.unshift(cheapest + at(goods, 0))
    }
    this.#restShortage = shortage
    this.#restGoods = goods
  }

  run(): Enumerated | null {
    return this.#tryItem(0, 0, 0) ? this.#best : null
  }

  /** false: it takes too long. */
  #tryItem(item: number, shortage: number, goods: number): boolean {
    const covers = this.#items[item]
    if (covers === undefined) {
      const { worth } = this.#ledger
      if (worth.broken === 0 && compareWorth(worth, this.#best.worth) < 0)
        this.#best = { covers: [...this.#chosen], worth }
      return true
    }
    for (const cover of covers) {
      this.#stepsLeft -= 1
      if (this.#stepsLeft < 0) return false
      const leastShortage = shortage + cover.shortage + at(this.#restShortage, item + 1)
      const { worth } = this.#best
      if (leastShortage > worth.shortage) continue
      const leastGoods = goods + cover.goods
      if (leastGoods > this.#budget) continue
      if (leastShortage === worth.shortage && leastGoods + at(this.#restGoods, item + 1) >= worth.cost) continue
      this.#ledger.add(cover)
      this.#chosen.push(cover)
      const isDone = this.#tryItem(item + 1, shortage + cover.shortage, leastGoods)
      this.#chosen.pop()
      this.#ledger.remove(cover)
      if (!isDone) return false
    }
    return true
  }
}

/** Every number of packs of every offer that may be bought together, complete ones first; null: too many. */
function allCovers(instance: Instance, item: number, limit: number): Cover[] | null {
  const { offers } = at(instance.items, item)
  let count = 1
  for (const offer of offers) {
    count *= most(at(instance.offers, offer)) - fewest(at(instance.offers, offer)) + 2
    if (count > limit) return null
  }
  let found: CoverLine[][] = [[]]
  for (const number of offers) {
    const offer = at(instance.offers, number)
    found = found.flatMap((lines) => {
      const more = [lines]
      for (let packs = fewest(offer); packs <= most(offer); packs++) more.push([...lines, { offer: number, packs }])
      return more
    })
  }
  return found
    .filter((lines) => isBuyable(instance, item, lines))
    .map((lines) => toCover(instance, item, lines))
    .sort((a, b) => a.shortage - b.shortage || a.goods - b.goods)
}
