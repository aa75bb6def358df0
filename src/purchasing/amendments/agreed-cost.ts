/**
 * What an amended order would come to at the terms that were agreed on: those it was ordered at, or those that a person
 * took since. It is what a tolerance is a part of. Against the order as it stands, which earlier changes within the
 * tolerance are part of already, many small rises would pass, and half of the goods could cost as much as all of them.
 */
import { rateOf } from '../../platform/decimal.js'
import type { Amendment } from './amendment.js'

export interface AgreedTerms {
  readonly totalMinor: number
  readonly lines: readonly AgreedLine[]
}

export interface AgreedLine {
  readonly lineId: string
  readonly packs: number
  readonly packQuantity: number
  readonly packPriceMinor: number
  readonly lineTotalMinor: number
  readonly taxRate: number
  readonly taxMinor: number
}

/** Never more than was agreed on in all: more goods than that are dearer, too. Pure. */
export function agreedCost(agreed: AgreedTerms, amendment: Pick<Amendment, 'lines'>): number {
  let costMinor = agreed.totalMinor
  for (const line of agreed.lines) {
    const after = amendment.lines.find(({ lineId }) => lineId === line.lineId)
    if (after === undefined) continue
    const goodsMinor = goodsAt(line, after)
    const taxMinor = goodsMinor === line.lineTotalMinor ? line.taxMinor : rateOf(goodsMinor, line.taxRate)
    costMinor += goodsMinor - line.lineTotalMinor + (taxMinor - line.taxMinor)
  }
  return Math.min(agreed.totalMinor, Math.max(0, costMinor))
}

/** Packs of another size by what is in them, rounded up, so that a cent of rounding is nobody's rise. */
function goodsAt(line: AgreedLine, after: Amendment['lines'][number]): number {
  if (after.packQuantity === line.packQuantity) return after.packs * line.packPriceMinor
  const thousandths = (quantity: number) => BigInt(Math.round(quantity * 1000))
  const goods = BigInt(after.packs) * thousandths(after.packQuantity) * BigInt(line.packPriceMinor)
  const pack = thousandths(line.packQuantity)
  return Number((goods + pack - 1n) / pack)
}
