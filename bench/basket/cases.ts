import type { BasketProblem } from '../../src/purchasing/solver/basket.js'
import { classical, ishop, restock, wide } from './families.js'

/** What is promised of one kind of basket: time and certified gap, median and worst. */
export interface Promised {
  readonly medianMs: number | null
  readonly isProven: boolean
  readonly medianGap: number | null
  readonly worstGap: number | null
}

export interface BasketCase {
  readonly family: 'restock' | 'ishop' | 'classical' | 'wide'
  readonly name: string
  readonly seeds: number
  readonly timeLimitMs: number
  readonly make: (seed: number) => BasketProblem
  readonly promised: Promised
}

const proven = (medianMs: number | null): Promised => ({ medianMs, isProven: true, medianGap: 0, worstGap: 0 })
const within = (medianGap: number | null, worstGap: number): Promised => ({
  medianMs: null,
  isProven: false,
  medianGap,
  worstGap,
})

const restockSizes = [
  { items: 10, suppliers: 5, seeds: 12, timeLimitMs: 10_000, promised: proven(200) },
  { items: 50, suppliers: 10, seeds: 12, timeLimitMs: 10_000, promised: proven(1000) },
  { items: 100, suppliers: 20, seeds: 4, timeLimitMs: 10_000, promised: within(0.0005, 0.005) },
  { items: 200, suppliers: 40, seeds: 2, timeLimitMs: 20_000, promised: within(0.002, 0.005) },
]

export const basketCases: readonly BasketCase[] = [
  ...restockSizes.flatMap(({ items, suppliers, ...rest }) =>
    (['bulk', 'lean'] as const).map((regime) => ({
      family: 'restock' as const,
      name: `restock ${items}×${suppliers} ${regime}`,
      make: (seed: number) => restock(items, suppliers, seed, regime),
      ...rest,
    })),
  ),
  ...[
    [10, 25],
    [25, 50],
    [50, 100],
  ].map(([items = 0, shops = 0]) => ({
    family: 'ishop' as const,
    name: `ishop-u ${items}×${shops}`,
    seeds: 5,
    timeLimitMs: 10_000,
    make: (seed: number) => ishop(items, shops, seed),
    promised: proven(300),
  })),
  ...[20, 50, 100].map((items) => ({
    family: 'classical' as const,
    name: `classical ${items}×20`,
    seeds: 4,
    timeLimitMs: 10_000,
    make: (seed: number) => classical(items, 20, seed),
    promised: within(null, 0.001),
  })),
  ...[1, 100].map((items) => ({
    family: 'wide' as const,
    name: `10,000 offers, ${items}×50`,
    seeds: 1,
    timeLimitMs: 10_000,
    make: (seed: number) => wide(items, 50, seed),
    promised: { medianMs: null, isProven: false, medianGap: null, worstGap: null },
  })),
]
