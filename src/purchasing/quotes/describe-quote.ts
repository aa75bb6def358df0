import { formatMoney } from '../../platform/decimal.js'
import type { QuoteContent } from './quote.js'

const methods: Readonly<Record<QuoteContent['method'], string>> = {
  enumeration: 'every combination tried',
  integer_program: 'integer program',
  local_search: 'local search',
}

/** How a quote's basket was chosen and what others would have cost, a line each. All amounts are goods and shipping, net. */
export function describeQuote({ orders, comparison, orderEffortMinor, method, gap, solveMs }: QuoteContent): string[] {
  const [first] = orders
  if (first === undefined) return []
  const { landedMinor, cheapestPackPerItemMinor, bestSingleSupplier } = comparison
  const money = (amountMinor: number) => formatMoney(amountMinor, first.currency)
  const other = (what: string, amountMinor: number) =>
    `${what}: ${money(amountMinor)} (${difference(amountMinor, landedMinor)})`
  return [
    `the basket: ${money(landedMinor)} of goods and shipping from ${orders.length === 1 ? '1 supplier' : `${orders.length} suppliers`}, ${proofInWords(gap, orderEffortMinor > 0)} (${methods[method]}, ${(solveMs / 1000).toFixed(1)} s)`,
    ...(orderEffortMinor === 0
      ? []
      : [`one order fewer was worth ${money(orderEffortMinor)}, which is weighed and not paid (order_effort)`]),
    ...(cheapestPackPerItemMinor === null
      ? []
      : [other('each item where its packs cost the least', cheapestPackPerItemMinor)]),
    ...(bestSingleSupplier === null
      ? ['nobody has all of it']
      : [other(`all of it from ${bestSingleSupplier.supplier}`, bestSingleSupplier.landedMinor)]),
  ]
}

function proofInWords(gap: number | null, isEffortWeighed: boolean): string {
  if (gap === null) return 'the best found in time'
  const best = isEffortWeighed ? 'the best with its effort' : 'the cheapest'
  return gap === 0 ? `proven ${best}` : `at most ${(gap * 100).toFixed(2)} % above ${best}`
}

function difference(amountMinor: number, landedMinor: number): string {
  if (amountMinor === landedMinor) return 'the same'
  const percent =
    landedMinor === 0 ? '' : `, ${((Math.abs(amountMinor - landedMinor) / landedMinor) * 100).toFixed(1)} %`
  return amountMinor > landedMinor ? `more${percent}` : `less${percent}`
}
