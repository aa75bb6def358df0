/**
 * An instance as a mixed-integer program.
 *
 * Per supplier: is it used (`y`), does it ship for nothing (`f ≤ y`): subtotal ≥ minimum · y, subtotal ≥ threshold · f,
 * shipping = fee · (y − f); what an order is a bother is a cost of `y` alone. Per offer: `OfferColumns`. Per item: packs cover the need, up to a shortage where one is
 * allowed. What would make the program large and hardly ever matters comes in only once a solution has broken it: the
 * rule on pack rounding (`roundedItems`) and the exact rounding of taxes (`taxes`). Until then the program is a
 * relaxation, so its bound holds all the same.
 */
import type { ModelData } from 'highs'
import { greatestCommonDivisor } from './basket.js'
import { at } from './covers.js'
import type { Instance, InstanceSupplier } from './instance.js'
import { LinearProgram, type Term } from './linear-program.js'
import { OfferColumns, term } from './model-columns.js'
import { addPortions } from './portion-rows.js'
import { addRounding, type Fill } from './rounding-rows.js'
import { taxOf } from './supplier-sums.js'

export interface ModelChoices {
  /** What is minimised. `cost` keeps the shortage at `shortageLimit`. */
  readonly goal: 'shortage' | 'cost'
  readonly shortageLimit: number
  readonly roundedItems: ReadonlySet<number>
  /**
   * How taxes count against budget and maximum orders: no more than they are (`least`, a relaxation), no less (`most`,
   * which may forbid a plan that is within them by a few cents), or `exact`, at the price of a column for each offer.
   */
  readonly taxes: 'least' | 'most' | 'exact'
}

export interface HighsModel {
  readonly data: ModelData
  /** Packs by offer as a complete solution, to start from. */
  readonly toSolution: (packs: ArrayLike<number>) => Float64Array
  readonly toPacks: (solution: Float64Array) => Int32Array
}

const rateUnit = 100_000

export function buildModel(instance: Instance, choices: ModelChoices): HighsModel {
  return new ModelBuilder(instance, choices).build()
}

class ModelBuilder {
  readonly #instance: Instance
  readonly #choices: ModelChoices
  readonly #program = new LinearProgram()
  readonly #offers: OfferColumns[] = []
  readonly #offersOf: OfferColumns[][]
  readonly #fills: Fill[] = []
  /** By supplier; null: buying from it costs nothing but the goods. */
  #used: readonly (number | null)[] = []
  readonly #hasGrossLimits: boolean
  /** Nothing may be left out that could be had: then each item has to be covered as far as it goes. */
  readonly #isComplete: boolean

  constructor(instance: Instance, choices: ModelChoices) {
    this.#hasGrossLimits = hasGrossLimits(instance)
    this.#isComplete = choices.goal === 'cost' && choices.shortageLimit === unavoidableShortage(instance)
    this.#instance = instance
    this.#choices = choices
    this.#offersOf = instance.suppliers.map(() => [])
  }

  build(): HighsModel {
    const instance = this.#instance
    const program = this.#program
    this.#used = instance.suppliers.map((supplier) =>
      isOpaque(supplier) ? program.column(supplier.fee + supplier.effort, 0, 1) : null,
    )
    for (const offer of instance.offers) {
      const columns = new OfferColumns(program, offer, this.#used[offer.supplier] ?? null)
      this.#offers.push(columns)
      this.#offersOf[offer.supplier]?.push(columns)
    }
    const shortages = instance.items.flatMap((_, item) => this.#addItem(item))
    const gross = instance.suppliers.flatMap((_, supplier) => this.#addSupplier(supplier, this.#used[supplier] ?? null))
    if (instance.budget !== null) program.row(-Infinity, gross, instance.budget)
    for (const { stock, offers } of instance.sharedStocks) {
      program.row(
        -Infinity,
        offers.flatMap((offer) => at(this.#offers, offer).packs(1)),
        stock,
      )
    }
    if (this.#choices.goal === 'shortage') {
      const weights = new Map(shortages.map(({ column, factor }) => [column, factor]))
      program.setCosts((column) => weights.get(column) ?? 0)
    } else if (shortages.length > 0) {
      program.row(-Infinity, shortages, this.#choices.shortageLimit)
    }
    const data = program.data
    return {
      data,
      toSolution: (packs) => {
        const values = new Float64Array(data.numCols)
        for (const [index, columns] of this.#offers.entries()) columns.write(values, packs[index] ?? 0)
        for (const fill of this.#fills) fill(values, packs)
        return values
      },
      toPacks: (solution) => Int32Array.from(this.#offers, (columns) => columns.read(solution)),
    }
  }

  /** Gives the points for the shortage of the item, where it may have one that isn't known before. */
  #addItem(item: number): Term[] {
    const { need, coverable, step, points, portions, offers } = at(this.#instance.items, item)
    const lines = offers.map((number) => ({ number, columns: at(this.#offers, number) }))
    const common = offers.reduce((sum, offer) => greatestCommonDivisor(at(this.#instance.offers, offer).pack, sum), 0)
    if (this.#choices.roundedItems.has(item)) {
      this.#fills.push(addRounding(this.#program, lines, Math.ceil(need / common), common))
    }
    if (portions !== null && lines.length > 0) this.#fills.push(addPortions(this.#program, lines, portions))
    const covered = (unit: number, target: number) =>
      lines.flatMap(({ columns }) => columns.packs(columns.offer.pack / unit, target))
    if (this.#isComplete && coverable === 0) return []
    if (this.#isComplete) {
      const target = Math.ceil(coverable / common)
      this.#program.row(target, covered(common, target), Infinity)
      this.#addSomeSupplier(offers)
      return []
    }
    if (points === 0) return []
    const target = need / step
    const short = this.#program.column(0, (need - coverable) / step, target, false)
    this.#program.row(target, [...covered(step, target), term(short)], Infinity)
    this.#fills.push((values, packs) => {
      const bought = offers.reduce((sum, offer) => sum + (packs[offer] ?? 0) * at(this.#instance.offers, offer).pack, 0)
      values[short] = Math.max(0, need - bought) / step
    })
    return [term(short, points)]
  }

  /** Somebody has to sell the item; plain, but fractions of suppliers don't know it. */
  #addSomeSupplier(offers: readonly number[]): void {
    const used = new Set(offers.map((offer) => this.#used[at(this.#instance.offers, offer).supplier] ?? null))
    const columns = [...used].filter((column) => column !== null)
    if (columns.length === used.size && offers.length > 0) {
      this.#program.row(
        1,
        columns.map((column) => term(column)),
        Infinity,
      )
    }
  }

  /** Gives what the supplier's order comes to, gross: exactly, or no more than that. */
  #addSupplier(number: number, used: number | null): Term[] {
    const program = this.#program
    const supplier = at(this.#instance.suppliers, number)
    const offers = at(this.#offersOf, number)
    const subtotal = offers.flatMap((columns) => columns.amount())
    const gross = [...subtotal, ...offers.flatMap((columns) => this.#taxOf(columns, supplier.taxRate))]
    if (used === null) {
      if (supplier.maximum !== null) program.row(-Infinity, gross, supplier.maximum)
      return gross
    }
    this.#fills.push((values) => {
      values[used] = offers.some((columns) => columns.read(values) > 0) ? 1 : 0
    })
    if (supplier.minimum > 0) program.row(0, [...subtotal, term(used, -supplier.minimum)], Infinity)
    if (supplier.fee > 0) gross.push(term(used, supplier.fee))
    const { freeOver } = supplier
    if (supplier.fee > 0 && freeOver !== null) {
      const free = program.column(-supplier.fee, 0, 1)
      program.row(0, [...subtotal, term(free, -freeOver)], Infinity)
      program.row(-Infinity, [term(free), term(used, -1)], 0)
      gross.push(term(free, -supplier.fee))
      this.#fills.push((values) => {
        const amount = subtotal.reduce((sum, { column, factor }) => sum + (values[column] ?? 0) * factor, 0)
        values[free] = values[used] === 1 && amount >= freeOver ? 1 : 0
      })
    }
    if (supplier.maximum !== null) program.row(-Infinity, gross, supplier.maximum)
    return gross
  }

  /**
   * Rounding half up takes at most half a unit off a line's tax, and adds as much at most. Exactly, the tax is the
   * smallest whole number above the unrounded tax less a half.
   */
  #taxOf(columns: OfferColumns, taxRate: number): Term[] {
    const { taxes } = this.#choices
    if (taxRate === 0 || !this.#hasGrossLimits) return []
    if (taxes !== 'exact') {
      return [...columns.amount(taxRate / rateUnit), ...columns.used(taxes === 'least' ? -0.5 : 0.5)]
    }
    const common = greatestCommonDivisor(taxRate, rateUnit)
    const tax = this.#program.column(0, 0, Infinity)
    this.#program.row(-0.5 + common / (2 * rateUnit), [term(tax), ...columns.amount(-taxRate / rateUnit)], Infinity)
    const amount = columns.amount()
    this.#fills.push((values) => {
      const whole = amount.reduce((sum, { column, factor }) => sum + (values[column] ?? 0) * factor, 0)
      values[tax] = taxOf(Math.round(whole), taxRate)
    })
    return [term(tax)]
  }
}

/** What no plan can cover, as the offers end before the need does; a plan may leave more. */
export function unavoidableShortage(instance: Instance): number {
  return instance.items.reduce(
    (sum, { need, coverable, step, points }) => sum + ((need - coverable) / step) * points,
    0,
  )
}

/** What may be spent is limited, tax included. */
export function hasGrossLimits({ budget, suppliers }: Instance): boolean {
  return budget !== null || suppliers.some(({ maximum }) => maximum !== null)
}

/** Buying from it costs more than the goods, or has to reach something. */
export function isOpaque(supplier: InstanceSupplier): boolean {
  return supplier.fee > 0 || supplier.effort > 0 || supplier.minimum > 0
}
