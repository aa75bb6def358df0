/**
 * A good plan in milliseconds, proving nothing: each item gets the cover that is cheapest where it stands, then items
 * change their covers and suppliers are dropped or filled up as long as that helps, then part of the plan is thrown over
 * and mended again, time after time. The start of every solve, and what is left when the solver fails.
 *
 * Deterministic: the dice are seeded and the effort is counted in covers looked at, not in time.
 */
import { at, type Cover, coversOf, toCover } from './covers.js'
import type { Instance } from './instance.js'
import { compareWorth, Ledger, type Worth } from './ledger.js'
import { seededRandom } from './random.js'

export interface SearchEffort {
  /** Covers to look at in all. */
  readonly looks: number
  /** Overthrows in a row that bring nothing before it is enough. */
  readonly patience: number
}

/** What pays before a solver goes on from there: more finds little more. */
export function effortFor(instance: Instance): SearchEffort {
  return { looks: 100_000 + 10_000 * instance.items.length, patience: 100 + instance.items.length }
}

export interface SearchResult {
  /** One cover for each item. */
  readonly covers: readonly Cover[]
  /** `broken` is 0 unless even mending failed; then the plan may not be used. */
  readonly worth: Worth
}

/**
 * Yields every few milliseconds at the latest, so that a caller can give way to others or stop waiting for more. null:
 * there is no plan worth the name yet, which is soon over.
 */
export function* searchLocally(instance: Instance, effort: SearchEffort): Generator<SearchResult | null, SearchResult> {
  const search = new LocalSearch(instance, effort)
  for (const _ of search.run()) yield search.isStarted ? search.best : null
  return search.best
}

class LocalSearch {
  readonly #instance: Instance
  readonly #effort: SearchEffort
  readonly #random = seededRandom(1)
  readonly #ledger: Ledger
  readonly #chosen: Cover[]
  #covers: readonly (readonly Cover[])[] = []
  #suppliers: readonly number[] = []
  /** By supplier: the cheapest cover of each item from there alone, where there is one. */
  #from: readonly (readonly { readonly item: number; readonly cover: Cover }[])[] = []
  #looks = 0
  /** There is a first plan. */
  #isStarted = false
  #best: SearchResult

  constructor(instance: Instance, effort: SearchEffort) {
    this.#instance = instance
    this.#effort = effort
    this.#ledger = new Ledger(instance)
    this.#chosen = instance.items.map((_, item) => toCover(instance, item, []))
    for (const cover of this.#chosen) this.#ledger.add(cover)
    this.#best = { covers: [...this.#chosen], worth: this.#ledger.worth }
  }

  get isStarted(): boolean {
    return this.#isStarted
  }

  get best(): SearchResult {
    return this.#best
  }

  *run(): Generator<void, void> {
    yield* this.#prepare()
    for (const [item, covers] of this.#covers.entries()) this.#choose(item, at(covers, 0))
    yield* this.#descend()
    yield* this.#mendMinimums()
    if (this.#ledger.worth.broken > 0) {
      // Too much to mend: item after item is added to nothing for as long as nothing breaks.
      this.#restore(this.#best.covers)
      yield* this.#descend()
    }
    this.#keepIfBest()
    this.#isStarted = true
    yield
    yield* this.#changeSuppliers()
    this.#keepIfBest()
    if (this.#suppliers.length === 0) return
    for (let idle = 0; idle < this.#effort.patience && this.#looks < this.#effort.looks; idle++) {
      const before = [...this.#chosen]
      const { worth } = this.#ledger
      this.#overthrow()
      yield* this.#descend()
      if (this.#keepIfBest()) {
        idle = -1
        yield* this.#changeSuppliers()
        this.#keepIfBest()
      } else if (compareWorth(this.#ledger.worth, worth) > 0) this.#restore(before)
    }
  }

  *#prepare(): Generator<void, void> {
    const covers: Cover[][] = []
    const from: { item: number; cover: Cover }[][] = this.#instance.suppliers.map(() => [])
    for (const item of this.#instance.items.keys()) {
      const ofItem = coversOf(this.#instance, item)
      const seen = new Set<number>()
      for (const cover of ofItem) {
        const [part, ...others] = cover.parts
        if (part === undefined || others.length > 0 || seen.has(part.supplier)) continue
        seen.add(part.supplier)
        from[part.supplier]?.push({ item, cover })
      }
      covers.push(ofItem)
      yield
    }
    this.#covers = covers
    this.#from = from
    this.#suppliers = [...from.keys()].filter((supplier) => at(from, supplier).length > 0)
  }

  /** Each item in turn gets the cover that is best beside those of the others, until none changes. */
  *#descend(): Generator<void, void> {
    for (let changed = true; changed; ) {
      changed = false
      for (const item of this.#covers.keys()) if (this.#improve(item, null)) changed = true
      yield
    }
  }

  /** Whether the item has another cover now, which it has only if that is better or the old one had to go. */
  #improve(item: number, without: number | null): boolean {
    const covers = at(this.#covers, item)
    const current = at(this.#chosen, item)
    this.#ledger.remove(current)
    let best = current
    let bestWorth = without === null ? this.#ledger.probe(current) : null
    for (const cover of covers) {
      if (cover === current || cover.parts.some(({ supplier }) => supplier === without)) continue
      const worth = this.#ledger.probe(cover)
      if (bestWorth !== null && compareWorth(worth, bestWorth) >= 0) continue
      best = cover
      bestWorth = worth
    }
    this.#looks += covers.length
    this.#ledger.add(best)
    this.#chosen[item] = best
    return best !== current
  }

  /** Suppliers below their minimum order are dropped or filled up, whichever is better: soon there is a plan to show. */
  *#mendMinimums(): Generator<void, void> {
    for (const supplier of this.#suppliers) {
      const { minimum } = at(this.#instance.suppliers, supplier)
      const subtotal = this.#ledger.subtotal(supplier)
      if (subtotal === 0 || subtotal >= minimum) continue
      const before = [...this.#chosen]
      this.#fillUp(supplier, minimum)
      const filled = { chosen: [...this.#chosen], worth: this.#ledger.worth }
      this.#restore(before)
      this.#drop(supplier)
      if (compareWorth(filled.worth, this.#ledger.worth) < 0) this.#restore(filled.chosen)
      yield
    }
    yield* this.#descend()
  }

  /** Drops each supplier that is used and fills up each to what is worth reaching, where that helps in the end. */
  *#changeSuppliers(): Generator<void, void> {
    for (let changed = true; changed; ) {
      changed = false
      for (const supplier of this.#suppliers) {
        for (const change of [() => this.#drop(supplier), ...this.#goals(supplier)]) {
          if (this.#looks > this.#effort.looks) return
          const before = [...this.#chosen]
          const { worth } = this.#ledger
          if (!change()) continue
          yield* this.#descend()
          if (compareWorth(this.#ledger.worth, worth) < 0) {
            changed = true
            this.#keepIfBest()
          } else this.#restore(before)
        }
      }
    }
  }

  /** Whether anything changed; so do the others. */
  #drop(supplier: number): boolean {
    if (this.#ledger.subtotal(supplier) === 0) return false
    for (const [item, cover] of this.#chosen.entries()) {
      if (cover.parts.some((part) => part.supplier === supplier)) this.#improve(item, supplier)
    }
    return true
  }

  #goals(supplier: number): (() => boolean)[] {
    const { minimum, freeOver, fee } = at(this.#instance.suppliers, supplier)
    const goals = new Set([minimum, fee > 0 ? Math.max(freeOver ?? 0, minimum) : minimum])
    return [...goals].map((goal) => () => this.#fillUp(supplier, goal))
  }

  /** Brings items to a supplier: all that are cheaper there, then those with the least extra cost until it is enough. */
  #fillUp(supplier: number, goal: number): boolean {
    const moves = at(this.#from, supplier).flatMap(({ item, cover }) => {
      const current = at(this.#chosen, item)
      if (current.parts.some((part) => part.supplier === supplier) || cover.shortage > current.shortage) return []
      return [{ item, cover, extra: cover.goods - current.goods }]
    })
    moves.sort((a, b) => a.extra * b.cover.goods - b.extra * a.cover.goods || a.item - b.item)
    this.#looks += moves.length
    let isChanged = false
    for (const { item, cover, extra } of moves) {
      if (extra >= 0 && this.#ledger.subtotal(supplier) >= goal) break
      this.#choose(item, cover)
      isChanged = true
    }
    return isChanged
  }

  /** A supplier goes, a supplier comes, or a few items change covers at random. */
  #overthrow(): void {
    const kind = this.#random()
    const supplier = at(this.#suppliers, this.#dice(this.#suppliers.length))
    if (kind < 0.3) {
      this.#drop(supplier)
      return
    }
    if (kind < 0.5) {
      const { minimum, freeOver } = at(this.#instance.suppliers, supplier)
      this.#fillUp(supplier, Math.max(minimum, freeOver ?? 0))
      return
    }
    for (let changes = 2 + this.#dice(8); changes > 0; changes--) {
      const item = this.#dice(this.#covers.length)
      const covers = at(this.#covers, item)
      this.#choose(item, at(covers, Math.floor(this.#random() ** 3 * covers.length)))
    }
  }

  #dice(sides: number): number {
    return Math.floor(this.#random() * sides)
  }

  #keepIfBest(): boolean {
    const { worth } = this.#ledger
    if (compareWorth(worth, this.#best.worth) >= 0) return false
    this.#best = { covers: [...this.#chosen], worth }
    return true
  }

  #restore(covers: readonly Cover[]): void {
    for (const [item, cover] of covers.entries()) this.#choose(item, cover)
  }

  #choose(item: number, cover: Cover): void {
    const current = at(this.#chosen, item)
    if (current === cover) return
    this.#ledger.remove(current)
    this.#ledger.add(cover)
    this.#chosen[item] = cover
  }
}
