/** Which lines of a plan a limit forbids whatever a person says, so that a quote can do without them. Pure. */
import { groupBy } from '../group-by.js'
import type { Limits } from '../limits/limits.js'
import { checkLines, type LineToCheck } from '../limits/line-limits.js'
import type { QuoteLine, QuoteOrder } from './quote.js'

export interface RefusedLine {
  readonly itemId: string
  readonly offerId: string
  readonly code: string
  readonly text: string
}

export function findRefusedLines(
  limits: Limits,
  orders: readonly QuoteOrder[],
  withFacts: (supplierId: string, lines: readonly QuoteLine[]) => LineToCheck[],
): RefusedLine[] {
  return orders.flatMap((order) =>
    [...groupBy(order.lines, (line) => line.itemId).values()].flatMap((lines) => {
      const alone = lines.flatMap((line) => refusalOf(limits, order, [line], withFacts))
      // Several lines that only together are too much: the smallest goes.
      return alone.length > 0 ? alone : refusalOf(limits, order, smallestFirst(lines), withFacts)
    }),
  )
}

function refusalOf(
  limits: Limits,
  order: QuoteOrder,
  lines: readonly QuoteLine[],
  withFacts: (supplierId: string, lines: readonly QuoteLine[]) => LineToCheck[],
): RefusedLine[] {
  const { currency, supplierId, supplierName } = order
  const { refusals } = checkLines(limits, { currency, supplierName, lines: withFacts(supplierId, lines) })
  const [line] = lines
  const [first] = refusals
  if (line === undefined || first === undefined) return []
  return [{ itemId: line.itemId, offerId: line.offerId, code: first.code, text: first.text }]
}

function smallestFirst(lines: readonly QuoteLine[]): QuoteLine[] {
  return lines.toSorted((a, b) => a.lineTotalMinor - b.lineTotalMinor)
}
