import { describe, expect, it } from 'vitest'
import { spareApprovals } from '../../src/purchasing/quotes/spare-approvals.js'
import type { BasketProblem } from '../../src/purchasing/solver/basket.js'
import { solveBasket } from '../../src/purchasing/solver/solve-basket.js'
import { buildNeed, buildOffer, buildSupplier } from '../helpers/solver-baskets.js'

const price = (packPriceMinor: number) => ({ tiers: [{ minPacks: 1, packPriceMinor }] })

/** Milk is sure at `a`; soap is a guess wherever it comes from. */
function buildProblem(soapAtA: number, soapAtB: number): BasketProblem {
  return {
    needs: [buildNeed('milk', 1), buildNeed('soap', 1), buildNeed('cloth', 1)],
    offers: [
      buildOffer({ offerId: 'milk-a', ...price(5_000) }),
      buildOffer({ offerId: 'soap-a', itemId: 'soap', ...price(soapAtA) }),
      buildOffer({ offerId: 'soap-b', supplierId: 'b', itemId: 'soap', ...price(soapAtB) }),
      buildOffer({ offerId: 'cloth-b', supplierId: 'b', itemId: 'cloth', ...price(300) }),
    ],
    suppliers: [buildSupplier('a'), buildSupplier('b')],
    budgetMinor: null,
  }
}

const isGuess = ({ itemId }: { readonly itemId: string }) => itemId === 'soap'

async function spare(problem: BasketProblem, waits = isGuess) {
  const plan = await solveBasket(problem)
  const spared = await spareApprovals(problem, plan, waits, (without) => solveBasket(without))
  return spared.lines.map(({ offerId }) => offerId)
}

describe('an order that a single guess would hold back', () => {
  it('does without it where that costs hardly more', async () => {
    expect(await spare(buildProblem(200, 220), ({ itemId }) => itemId !== 'milk')).toEqual([
      'cloth-b',
      'milk-a',
      'soap-b',
    ])
  })

  it('waits where it would cost more than it is worth', async () => {
    expect(await spare(buildProblem(200, 900), ({ itemId }) => itemId !== 'milk')).toEqual([
      'cloth-b',
      'milk-a',
      'soap-a',
    ])
  })

  it('waits where nobody else has it', async () => {
    const problem = buildProblem(200, 220)
    const alone = { ...problem, offers: problem.offers.filter(({ offerId }) => offerId !== 'soap-b') }
    expect(await spare(alone)).toContain('soap-a')
  })

  it('stays as it is where another order would wait in its place', async () => {
    expect(await spare(buildProblem(200, 220))).toEqual(['cloth-b', 'milk-a', 'soap-a'])
  })
})
