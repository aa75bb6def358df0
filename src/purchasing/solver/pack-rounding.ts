import type { Portions } from './basket.js'

/**
 * Whole packs may go past the need, a pack that could be left out may not. What is bought beyond the need must be less
 * than every line's last pack; a line at the supplier's minimum can only be left out whole, so all of it counts. Orders
 * are held to the same rule when they are placed (`checkNeed`).
 */
export interface RoundedLine {
  readonly packs: number
  readonly pack: number
  /** The fewest packs that the supplier sells. */
  readonly minimum: number
}

/** Quantities in thousandths. Nothing bought is fine, and so is less than the need. */
export function isPackRounding(need: number, lines: readonly RoundedLine[]): boolean {
  let bought = 0
  let least = Infinity
  for (const line of lines) {
    bought += line.packs * line.pack
    if (line.packs > 0) least = Math.min(least, roundingOf(line))
  }
  return bought <= need || bought - need < least
}

/** Whether a top-up is bought in a quantity that its item allows, if at all. Others may be bought in any. */
export function isPortion(portions: Portions | null, bought: number): boolean {
  if (portions === null || bought === 0) return true
  const { least, multiple, most } = portions
  return bought >= least && bought % multiple === 0 && bought <= (most ?? Infinity)
}

/** What leaving out one pack, or the whole line where that isn't possible, would take away. */
export function roundingOf(line: RoundedLine): number {
  return line.packs > line.minimum ? line.pack : line.packs * line.pack
}
