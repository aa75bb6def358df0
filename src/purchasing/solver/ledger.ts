/**
 * The sums of a plan in the making, kept up to date cover by cover, so that looking at one more cover costs a few
 * additions and not a pass over the plan.
 */
import { at, type Cover } from './covers.js'
import type { Instance, InstanceSupplier } from './instance.js'
import { shippingOf } from './supplier-sums.js'

/** Compared in this order, less is better: broken rules are mended first. */
export interface Worth {
  /** By how much minimum orders, maximum orders, budget and stock are missed; 0: nothing is broken. */
  readonly broken: number
  readonly shortage: number
  /** Goods, shipping and effort. */
  readonly cost: number
}

export function compareWorth(a: Worth, b: Worth): number {
  return a.broken - b.broken || a.shortage - b.shortage || a.cost - b.cost
}

interface Entry extends InstanceSupplier {
  subtotal: number
  tax: number
  covers: number
}

/** A pack that isn't there is worse than any amount of money. */
const missingPack = 1e9

export class Ledger {
  readonly #entries: Entry[]
  readonly #budget: number
  readonly #stockOf: ReadonlyMap<number, number>
  readonly #stocks: readonly number[]
  readonly #taken: number[]
  #broken = 0
  #shortage = 0
  #cost = 0
  #gross = 0

  constructor(instance: Instance) {
    this.#entries = instance.suppliers.map((supplier) => ({ ...supplier, subtotal: 0, tax: 0, covers: 0 }))
    this.#budget = instance.budget ?? Infinity
    this.#stocks = instance.sharedStocks.map(({ stock }) => stock)
    this.#taken = instance.sharedStocks.map(() => 0)
    this.#stockOf = new Map(
      instance.sharedStocks.flatMap(({ offers }, stock) => offers.map((offer) => [offer, stock] as const)),
    )
  }

  get worth(): Worth {
    return { broken: this.#brokenIn(this.#gross, this.#broken), shortage: this.#shortage, cost: this.#cost }
  }

  subtotal(supplier: number): number {
    return at(this.#entries, supplier).subtotal
  }

  add(cover: Cover): void {
    this.#post(cover, 1)
  }

  remove(cover: Cover): void {
    this.#post(cover, -1)
  }

  /** The worth with one more cover. */
  probe(cover: Cover): Worth {
    let broken = this.#broken
    let cost = this.#cost
    let gross = this.#gross
    for (const { supplier, subtotal, tax } of cover.parts) {
      const entry = at(this.#entries, supplier)
      const net = entry.subtotal + subtotal
      const shippingBefore = entry.covers === 0 ? 0 : shippingOf(entry, entry.subtotal)
      const shipping = shippingOf(entry, net)
      broken += brokenBy(entry, net, net + shipping + entry.tax + tax)
      if (entry.covers > 0) broken -= brokenBy(entry, entry.subtotal, entry.subtotal + shippingBefore + entry.tax)
      cost += subtotal + shipping - shippingBefore + (entry.covers === 0 ? entry.effort : 0)
      gross += subtotal + tax + shipping - shippingBefore
    }
    if (this.#stocks.length > 0) broken += this.#stockBroken(cover)
    return { broken: this.#brokenIn(gross, broken), shortage: this.#shortage + cover.shortage, cost }
  }

  #brokenIn(gross: number, broken: number): number {
    return gross > this.#budget ? broken + gross - this.#budget : broken
  }

  #stockBroken(cover: Cover): number {
    let broken = 0
    for (const { offer, packs } of cover.lines) {
      const stock = this.#stockOf.get(offer)
      if (stock === undefined) continue
      const taken = at(this.#taken, stock)
      const has = at(this.#stocks, stock)
      broken += (Math.max(0, taken + packs - has) - Math.max(0, taken - has)) * missingPack
    }
    return broken
  }

  #post(cover: Cover, sign: 1 | -1): void {
    this.#shortage += sign * cover.shortage
    for (const { supplier, subtotal, tax } of cover.parts) {
      const entry = at(this.#entries, supplier)
      this.#settle(entry, -1)
      entry.subtotal += sign * subtotal
      entry.tax += sign * tax
      entry.covers += sign
      this.#settle(entry, 1)
    }
    if (this.#stocks.length === 0) return
    for (const { offer, packs } of cover.lines) {
      const stock = this.#stockOf.get(offer)
      if (stock === undefined) continue
      const has = at(this.#stocks, stock)
      const before = at(this.#taken, stock)
      const after = before + sign * packs
      this.#taken[stock] = after
      this.#broken += (Math.max(0, after - has) - Math.max(0, before - has)) * missingPack
    }
  }

  /** Takes a supplier's order out of the sums, or puts it in. */
  #settle(entry: Entry, sign: 1 | -1): void {
    if (entry.covers === 0) return
    const shipping = shippingOf(entry, entry.subtotal)
    const gross = entry.subtotal + shipping + entry.tax
    this.#broken += sign * brokenBy(entry, entry.subtotal, gross)
    this.#cost += sign * (entry.subtotal + shipping + entry.effort)
    this.#gross += sign * gross
  }
}

function brokenBy(supplier: InstanceSupplier, subtotal: number, gross: number): number {
  const under = Math.max(0, supplier.minimum - subtotal)
  return supplier.maximum === null ? under : under + Math.max(0, gross - supplier.maximum)
}
