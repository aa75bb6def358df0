/**
 * The rule on pack rounding (`isPackRounding`) as rows of the program: what is bought of an item beyond its need is less
 * than the rounding of every line.
 *
 * With r₁ < r₂ < … < rₙ the roundings that lines of the item can have: `excess < rₙ − Σ (rₖ₊₁ − rₖ) · uₖ`, and uₖ is 1 where
 * a line is used whose rounding is rₖ or less.
 */
import { most } from './covers.js'
import type { LinearProgram } from './linear-program.js'
import { type OfferColumns, term } from './model-columns.js'

export interface ItemColumns {
  readonly columns: OfferColumns
  /** Its number among the offers of the instance. */
  readonly number: number
}

/** A way for an offer to be used: with more than `above` packs. */
interface Mode extends ItemColumns {
  readonly above: number
  /** In steps of the item. */
  readonly rounding: number
}

/** Writes the columns that follow from the packs of each offer into a solution. */
export type Fill = (values: Float64Array, packs: ArrayLike<number>) => void

/** `need` is in steps of the item, rounded up, and every pack is a whole number of `step`s. */
export function addRounding(program: LinearProgram, offers: readonly ItemColumns[], need: number, step: number): Fill {
  const modes = offers.flatMap((offer) => modesOf(offer, step))
  const roundings = [...new Set(modes.map(({ rounding }) => rounding))].sort((a, b) => a - b)
  const total = offers.flatMap(({ columns }) => columns.packs(columns.offer.pack / step))
  const fills: Fill[] = []
  for (const [index, rounding] of roundings.slice(0, -1).entries()) {
    const binding = modes.filter((mode) => mode.rounding <= rounding)
    const isBound = program.column(0, 0, 1)
    for (const { columns, above } of binding) {
      program.row(-Infinity, [...columns.packs(1), term(isBound, above - most(columns.offer))], above)
    }
    fills.push((values, packs) => {
      values[isBound] = binding.some((mode) => (packs[mode.number] ?? 0) > mode.above) ? 1 : 0
    })
    total.push(term(isBound, (roundings[index + 1] ?? rounding) - rounding))
  }
  program.row(-Infinity, total, need + (roundings.at(-1) ?? 1) - 1)
  return (values, packs) => {
    for (const fill of fills) fill(values, packs)
  }
}

/** A line at the supplier's minimum counts whole, one above it by its last pack. */
function modesOf({ columns, number }: ItemColumns, step: number): Mode[] {
  const { pack, minimum, segments } = columns.offer
  const size = pack / step
  const whenUsed = { columns, number, above: 0 }
  if (minimum === 1 || segments[0]?.low !== minimum) return [{ ...whenUsed, rounding: size }]
  const atMinimum = { ...whenUsed, rounding: minimum * size }
  return most(columns.offer) === minimum
    ? [atMinimum]
    : [{ columns, number, above: minimum, rounding: size }, atMinimum]
}
