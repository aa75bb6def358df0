/**
 * Takes an instance apart where it falls apart: items that share no supplier with a fee, a minimum or a maximum order,
 * and no stock, have nothing to do with each other. A budget ties everything together.
 */
import { at } from './covers.js'
import { isOpaque } from './highs-model.js'
import type { Instance } from './instance.js'

export interface Part {
  readonly instance: Instance
  /** The numbers that the part's offers have in the whole. */
  readonly offers: readonly number[]
}

/** Items without an offer are in no part. The parts have no budget. */
export function separateParts(instance: Instance): Part[] {
  const groups = new Groups(instance.items.length)
  const firstOf = new Map<number, number>()
  for (const { item, supplier: number } of instance.offers) {
    const supplier = at(instance.suppliers, number)
    if (!isOpaque(supplier) && supplier.maximum === null) continue
    const first = firstOf.get(number)
    if (first === undefined) firstOf.set(number, item)
    else groups.join(first, item)
  }
  for (const { offers } of instance.sharedStocks) {
    const [first = 0, ...others] = offers.map((offer) => at(instance.offers, offer).item)
    for (const other of others) groups.join(first, other)
  }
  const items = new Map<number, number[]>()
  for (const [item, { offers }] of instance.items.entries()) {
    if (offers.length === 0) continue
    const root = groups.rootOf(item)
    const group = items.get(root)
    if (group === undefined) items.set(root, [item])
    else group.push(item)
  }
  return [...items.values()].map((group) => partOf(instance, group, null))
}

/** All that can be bought, as one part, within the budget. */
export function wholePart(instance: Instance): Part {
  const items = [...instance.items.entries()].flatMap(([item, { offers }]) => (offers.length === 0 ? [] : [item]))
  return partOf(instance, items, instance.budget)
}

/** The same with fewer offers, by number, rising by item. */
export function restrictTo(instance: Instance, offers: readonly number[]): Part {
  return partOf(instance, [...instance.items.keys()], instance.budget, new Set(offers))
}

/** Packs of a part's offers as packs of the whole's. */
export function widenPacks(whole: Instance, part: Part, packs: ArrayLike<number>): Int32Array {
  const widened = new Int32Array(whole.offers.length)
  for (const [number, offer] of part.offers.entries()) widened[offer] = packs[number] ?? 0
  return widened
}

function partOf(
  instance: Instance,
  items: readonly number[],
  budget: number | null,
  only: ReadonlySet<number> | null = null,
): Part {
  const offersOf = (item: number) => {
    const { offers } = at(instance.items, item)
    return only === null ? offers : offers.filter((offer) => only.has(offer))
  }
  const offers = items.flatMap(offersOf)
  const suppliers = [...new Set(offers.map((offer) => at(instance.offers, offer).supplier))].sort((a, b) => a - b)
  const offerNumbers = new Map(offers.map((offer, number) => [offer, number]))
  const itemNumbers = new Map(items.map((item, number) => [item, number]))
  const supplierNumbers = new Map(suppliers.map((supplier, number) => [supplier, number]))
  return {
    offers,
    instance: {
      items: items.map((item) => {
        const source = at(instance.items, item)
        return { ...source, offers: offersOf(item).map((offer) => offerNumbers.get(offer) ?? 0) }
      }),
      offers: offers.map((number) => {
        const offer = at(instance.offers, number)
        const supplier = supplierNumbers.get(offer.supplier) ?? 0
        return { ...offer, item: itemNumbers.get(offer.item) ?? 0, supplier }
      }),
      suppliers: suppliers.map((supplier) => at(instance.suppliers, supplier)),
      sharedStocks: instance.sharedStocks.flatMap(({ stock, offers: shared }) => {
        const own = shared.flatMap((offer) => offerNumbers.get(offer) ?? [])
        return own.length > 1 ? [{ stock, offers: own }] : []
      }),
      budget,
    },
  }
}

/** Numbers that belong together (union by the smaller number). */
class Groups {
  readonly #parent: number[]

  constructor(count: number) {
    this.#parent = Array.from({ length: count }, (_, index) => index)
  }

  rootOf(member: number): number {
    let root = member
    for (let parent = at(this.#parent, root); parent !== root; parent = at(this.#parent, root)) root = parent
    this.#parent[member] = root
    return root
  }

  join(a: number, b: number): void {
    const [rootA, rootB] = [this.rootOf(a), this.rootOf(b)]
    this.#parent[Math.max(rootA, rootB)] = Math.min(rootA, rootB)
  }
}
