import type { BasketPlan } from '../../src/purchasing/solver/basket.js'
import { median } from '../table.js'
import type { BasketCase } from './cases.js'
import type { LoopDelay } from './watch-loop.js'

/** A basket that was solved, and what others would have paid for the same; null: nobody could, or it can't be compared. */
export interface SolvedBasket {
  readonly plan: BasketPlan
  /** Everything from one supplier, had it all in stock. */
  readonly singleMinor: number | null
  /** The local search alone. */
  readonly searchedMinor: number | null
  readonly delay: LoopDelay
  readonly processorMs: number
}

const columns: readonly {
  readonly title: string
  readonly width: number
  readonly show: (solved: readonly SolvedBasket[], basketCase: BasketCase) => string
}[] = [
  { title: 'baskets', width: 25, show: (solved, { name }) => `${name} (${solved.length})` },
  {
    title: 'lowest unit price',
    width: 17,
    show: (solved) => ratios(solved, ({ plan }) => plan.comparison.lowestUnitPricePerItemMinor),
  },
  {
    title: 'cheapest packs',
    width: 14,
    show: (solved) => ratios(solved, ({ plan }) => plan.comparison.cheapestPackPerItemMinor),
  },
  { title: 'one supplier', width: 13, show: (solved) => ratios(solved, ({ singleMinor }) => singleMinor) },
  { title: 'local search', width: 13, show: (solved) => ratios(solved, ({ searchedMinor }) => searchedMinor) },
  { title: 'proven', width: 6, show: (solved) => `${provenIn(solved)}/${solved.length}` },
  {
    title: 'gap',
    width: 15,
    show: (solved) => pair(gapsOf(solved), (gap) => (gap === 0 ? '0' : `${(gap * 100).toFixed(3)}%`)),
  },
  { title: 'time', width: 15, show: (solved) => pair(timesOf(solved), (ms) => `${(ms / 1000).toFixed(2)}s`) },
  {
    title: 'processor',
    width: 15,
    show: (solved) =>
      pair(
        solved.map(({ processorMs }) => processorMs),
        (ms) => `${(ms / 1000).toFixed(2)}s`,
      ),
  },
  { title: 'promised', width: 26, show: (solved, { promised }) => verdictOn(solved, promised) },
  { title: 'loop held up', width: 14, show: heldUp },
]

export function headOf(): string {
  return columns.map(({ title, width }) => title.padEnd(width)).join('  ')
}

export function rowOf(basketCase: BasketCase, solved: readonly SolvedBasket[]): string {
  return columns.map(({ width, show }) => show(solved, basketCase).padEnd(width)).join('  ')
}

/** Median and, in brackets, worst of what it cost beside the plan: 1.050 is 5 % more. */
function ratios(solved: readonly SolvedBasket[], costOf: (each: SolvedBasket) => number | null): string {
  const found = solved.flatMap((each) => {
    const cost = costOf(each)
    return cost === null || each.plan.landedMinor === 0 ? [] : [cost / each.plan.landedMinor]
  })
  return found.length === 0 ? '-' : pair(found, (ratio) => ratio.toFixed(3))
}

function pair(values: readonly number[], show: (value: number) => string): string {
  return `${show(median(values))} (${show(Math.max(...values))})`
}

function verdictOn(solved: readonly SolvedBasket[], promised: BasketCase['promised']): string {
  const { medianMs, isProven, medianGap, worstGap } = promised
  const broken = [
    ...(isProven && provenIn(solved) < solved.length ? ['not all proven'] : []),
    ...(medianGap !== null && median(gapsOf(solved)) > medianGap ? [`gap above ${medianGap * 100}%`] : []),
    ...(worstGap !== null && Math.max(...gapsOf(solved)) > worstGap ? [`a gap above ${worstGap * 100}%`] : []),
    ...(medianMs !== null && median(timesOf(solved)) > medianMs ? [`above ${medianMs / 1000}s`] : []),
  ]
  const isPromised = isProven || medianGap !== null || worstGap !== null || medianMs !== null
  return broken.length > 0 ? `NOT KEPT: ${broken.join(', ')}` : isPromised ? 'kept' : '-'
}

function heldUp(solved: readonly SolvedBasket[]): string {
  const longest = Math.max(...solved.map(({ delay }) => delay.longestMs))
  const own = solved.flatMap(({ delay }) => delay.ownMs ?? [])
  return `${longest.toFixed(0)} ms${own.length === 0 ? '' : ` (own ${Math.max(...own).toFixed(0)})`}`
}

function provenIn(solved: readonly SolvedBasket[]): number {
  return solved.filter(({ plan }) => plan.status === 'optimal').length
}

function gapsOf(solved: readonly SolvedBasket[]): number[] {
  return solved.map(({ plan }) => plan.gap ?? 1)
}

function timesOf(solved: readonly SolvedBasket[]): number[] {
  return solved.map(({ plan }) => plan.timeMs)
}
