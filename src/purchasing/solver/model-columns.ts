/** The columns of one offer in the program, and what they say about packs, money and use. */
import type { InstanceOffer, Segment } from './instance.js'
import type { LinearProgram, Term } from './linear-program.js'

/**
 * One price of an offer. `flag` says that so many packs are bought as have this price, `count` how many. A price that
 * holds for a single number of packs needs no count; an offer of one price from the first pack on needs no flag.
 */
interface Step extends Segment {
  readonly flag: number | null
  readonly count: number | null
}

export class OfferColumns {
  readonly offer: InstanceOffer
  readonly #steps: readonly Step[]

  constructor(program: LinearProgram, offer: InstanceOffer, used: number | null) {
    this.offer = offer
    const isPlain = offer.segments.length === 1 && offer.segments[0]?.low === 1
    this.#steps = offer.segments.map((segment): Step => {
      const { low, high, price } = segment
      if (low === high) return { ...segment, flag: program.column(low * price, 0, 1), count: null }
      const count = program.column(price, 0, high)
      return { ...segment, flag: isPlain ? null : program.column(0, 0, 1), count }
    })
    for (const { flag, count, low, high } of this.#steps) {
      if (count === null) continue
      if (flag !== null) {
        program.row(-Infinity, [term(count), term(flag, -high)], 0)
        program.row(0, [term(count), term(flag, -low)], Infinity)
      } else if (used !== null) program.row(-Infinity, [term(count), term(used, -high)], 0)
    }
    const flags = this.#steps.flatMap(({ flag }) => (flag === null ? [] : [term(flag)]))
    if (flags.length === 0) return
    if (used !== null) program.row(-Infinity, [...flags, term(used, -1)], 0)
    else if (flags.length > 1) program.row(-Infinity, flags, 1)
  }

  /** The packs, each times `factor`; together at most `most`, which makes the program tighter. */
  packs(factor: number, most = Infinity): Term[] {
    return this.#steps.flatMap(({ flag, count, low }) => {
      if (count !== null) return [term(count, Math.min(most, factor))]
      return flag === null ? [] : [term(flag, Math.min(most, low * factor))]
    })
  }

  /** What the line comes to, times `factor`. */
  amount(factor = 1): Term[] {
    return this.#steps.flatMap(({ flag, count, low, price }) => {
      if (count !== null) return [term(count, price * factor)]
      return flag === null ? [] : [term(flag, low * price * factor)]
    })
  }

  /** At least 1 when the line is used, 0 when it isn't. */
  used(factor = 1): Term[] {
    return this.#steps.flatMap(({ flag, count }) => {
      const column = flag ?? count
      return column === null ? [] : [term(column, factor)]
    })
  }

  /** Writes a number of packs into a solution. */
  write(values: Float64Array, packs: number): void {
    for (const { flag, count, low, high } of this.#steps) {
      if (packs < low || packs > high) continue
      if (flag !== null) values[flag] = 1
      if (count !== null) values[count] = packs
    }
  }

  /** Reads the number of packs from a solution, whose whole numbers are whole up to a tolerance. */
  read(values: Float64Array): number {
    let packs = 0
    for (const { flag, count, low } of this.#steps) {
      if (count !== null) packs += Math.round(values[count] ?? 0)
      else if (flag !== null) packs += Math.round(values[flag] ?? 0) * low
    }
    return packs
  }
}

export function term(column: number, factor = 1): Term {
  return { column, factor }
}
