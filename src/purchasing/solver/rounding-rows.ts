/**
 * The rule on pack rounding (`isPackRounding`) as rows of the program: what is bought of an item beyond its need is less
 * than the rounding of some line.
 *
 * With r₁ < r₂ < … the roundings that lines of the item can have: `excess < r₁ + Σ (rₖ − rₖ₋₁) · uₖ`, and uₖ is 1 only
 * if a line is used whose rounding is rₖ or more.
 */
import { most } from './covers.js'
import type { LinearProgram, Term } from './linear-program.js'
import { type OfferColumns, term } from './model-columns.js'

export interface ItemColumns {
  readonly columns: OfferColumns
  /** Its number among the offers of the instance. */
  readonly number: number
}

interface Mode {
  readonly number: number
  /** In steps of the item. */
  readonly rounding: number
  readonly used: readonly Term[]
  readonly isUsed: (packs: number) => boolean
}

/** Writes the columns that follow from the packs of each offer into a solution. */
export type Fill = (values: Float64Array, packs: ArrayLike<number>) => void

/** `need` is in steps of the item, rounded up, and every pack is a whole number of `step`s. */
export function addRounding(program: LinearProgram, offers: readonly ItemColumns[], need: number, step: number): Fill {
  const fills: Fill[] = []
  const modes = offers.flatMap((offer) => modesOf(program, offer, step, fills))
  const roundings = [...new Set(modes.map(({ rounding }) => rounding))].sort((a, b) => a - b)
  const total = offers.flatMap(({ columns }) => columns.packs(columns.offer.pack / step))
  const [least = 1] = roundings
  let below = least
  for (const rounding of roundings.slice(1)) {
    const reaching = modes.filter((mode) => mode.rounding >= rounding)
    const reached = program.column(0, 0, 1, false)
    program.row(
      -Infinity,
      [term(reached), ...reaching.flatMap(({ used }) => used.map(({ column, factor }) => term(column, -factor)))],
      0,
    )
    fills.push((values, packs) => {
      values[reached] = reaching.some((mode) => mode.isUsed(packs[mode.number] ?? 0)) ? 1 : 0
    })
    total.push(term(reached, below - rounding))
    below = rounding
  }
  program.row(-Infinity, total, need + least - 1)
  return (values, packs) => {
    for (const fill of fills) fill(values, packs)
  }
}

/** A line at the supplier's minimum counts whole, one above it by its last pack. */
function modesOf(program: LinearProgram, { columns, number }: ItemColumns, step: number, fills: Fill[]): Mode[] {
  const { pack, minimum, segments } = columns.offer
  const size = pack / step
  const whenUsed = { number, used: columns.used(), isUsed: (packs: number) => packs > 0 }
  if (minimum === 1 || segments[0]?.low !== minimum) return [{ ...whenUsed, rounding: size }]
  const high = most(columns.offer)
  if (high === minimum) return [{ ...whenUsed, rounding: minimum * size }]
  const atMinimum = program.column(0, 0, 1)
  program.row(0, [...columns.used(), term(atMinimum, -1)], Infinity)
  program.row(-Infinity, [...columns.packs(1), term(atMinimum, high - minimum)], high)
  fills.push((values, packs) => {
    values[atMinimum] = packs[number] === minimum ? 1 : 0
  })
  return [
    { ...whenUsed, rounding: size },
    { number, rounding: minimum * size, used: [term(atMinimum)], isUsed: (packs) => packs === minimum },
  ]
}
