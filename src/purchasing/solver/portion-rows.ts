/**
 * In which quantities a top-up may be bought (`isPortion`) as rows of the program: `least · u ≤ bought ≤ most · u`, and
 * bought is `multiple · k`, where u says whether any is bought and k is a whole number.
 */
import { greatestCommonDivisor, type Portions } from './basket.js'
import { most as mostPacks } from './covers.js'
import type { LinearProgram } from './linear-program.js'
import { term } from './model-columns.js'
import type { Fill, ItemColumns } from './rounding-rows.js'

export function addPortions(program: LinearProgram, offers: readonly ItemColumns[], portions: Portions): Fill {
  const { least, multiple } = portions
  const all = offers.reduce((sum, { columns }) => sum + mostPacks(columns.offer) * columns.offer.pack, 0)
  const most = Math.min(all, portions.most ?? Infinity)
  // Whole numbers as small as they can be keep the program within its tolerances.
  const unit = offers.reduce((common, { columns }) => greatestCommonDivisor(columns.offer.pack, common), multiple)
  const bought = offers.flatMap(({ columns }) => columns.packs(columns.offer.pack / unit))
  const isBought = program.column(0, 0, 1)
  program.row(0, [...bought, term(isBought, -Math.ceil(least / unit))], Infinity)
  program.row(-Infinity, [...bought, term(isBought, -Math.floor(most / unit))], 0)
  const count = multiple === unit ? null : program.column(0, 0, Math.floor(most / multiple))
  if (count !== null) program.row(0, [...bought, term(count, -multiple / unit)], 0)
  return (values, packs) => {
    const quantity = offers.reduce((sum, { columns, number }) => sum + (packs[number] ?? 0) * columns.offer.pack, 0)
    values[isBought] = quantity > 0 ? 1 : 0
    if (count !== null) values[count] = quantity / multiple
  }
}
